"""Talking to the server: push what was recorded, pull what changed, check every signature that comes back.

Nothing here runs on the UI thread, and no transaction is open while the network is waited for.
"""
