"""The verification of what is filed, entered by a verifier."""
