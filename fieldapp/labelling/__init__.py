"""The labelling day: a fresh label on each scale of a place, and the scale filed with it. One folder for each step."""
