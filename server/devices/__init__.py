"""Phones of the bureau: enrolling them, letting them in for a while, and shutting them out."""
