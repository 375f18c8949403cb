"""The append-only log that anyone can check."""
