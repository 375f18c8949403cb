"""Sending codes by SMS: a port with an adapter over HTTP, and one for the demo's terminal."""
