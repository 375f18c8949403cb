"""The public integrity pledge 诚信计量自我承诺."""
