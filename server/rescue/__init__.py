"""Rescue packages: what a phone could not send comes by another phone or by the desk."""
