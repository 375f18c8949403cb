"""Signing in with the PIN."""
