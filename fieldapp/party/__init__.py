"""One party within the visit: its instruments, what was found, what follows."""
