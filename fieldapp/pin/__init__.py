"""Choosing the PIN that closes the phone's store."""
