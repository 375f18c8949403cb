"""Scans of public labels, kept coarsely, and what they say of copies."""
