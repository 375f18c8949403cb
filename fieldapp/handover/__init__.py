"""Agreeing, by the PIN, that a colleague takes the phone over."""
