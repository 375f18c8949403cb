"""Verifications: the acts of the verification body, entered with their document numbers."""
