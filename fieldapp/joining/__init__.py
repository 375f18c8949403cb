"""Registering the phone with the server, and the first download."""
