"""What is about to be filed, and filing it."""
