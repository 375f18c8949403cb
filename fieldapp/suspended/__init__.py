"""What a phone shows that was suspended: what is gone, what is kept, and what can be done."""
