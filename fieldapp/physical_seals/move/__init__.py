"""What happened to the seal at one position, as it is filled in."""
