"""Tasks: who is asked to do what, by when."""
