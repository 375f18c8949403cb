"""The pictures that are on the phone already, as a port: whoever reads one does not know where it lay."""
