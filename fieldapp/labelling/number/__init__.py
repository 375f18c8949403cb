"""The serial of what is filed, and the stall it stands at."""
