"""The ledger of credit events and the score folded from it."""
