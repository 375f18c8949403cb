"""Inviting a merchant without a network: a QR that this phone signs."""
