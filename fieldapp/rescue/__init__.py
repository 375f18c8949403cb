"""Rescue: what this phone cannot send, carried out; and what others could not, carried for them."""
