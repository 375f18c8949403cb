"""The desk of the bureau."""
