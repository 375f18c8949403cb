"""One record: its receipt, or why it was not accepted."""
