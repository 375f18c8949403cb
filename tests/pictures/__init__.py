"""``make pictures``: a demo city, a phone and a browser, and every screen and page that a person meets, as PNG files.

The story is told in order: a phone is enrolled and finds a scale beyond its limits, the desk reads of it, a consumer
scans the same label, the merchant signs. What a picture shows was put there by the services and the app themselves.
"""
