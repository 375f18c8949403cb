"""Files that a person keeps outside of the app, as a port: whoever saves or opens one does not know where it lies."""
