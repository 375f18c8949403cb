"""Two scales that changed places."""
