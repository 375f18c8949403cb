"""Push and pull between phones and the server."""
