"""What anyone may see without signing in."""
