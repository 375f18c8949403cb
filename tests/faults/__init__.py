"""What happens when something is broken on purpose."""
