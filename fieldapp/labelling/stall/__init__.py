"""The stalls of the place, and the terms on which a scale is used there."""
