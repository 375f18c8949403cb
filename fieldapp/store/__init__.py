"""What the phone keeps: one encrypted database and encrypted photos.

``vault`` guards the key, ``database`` the one connection; the rest is one file for each kind of thing kept.
"""
