"""The field test of one scale: loads, readings, limits, the verdict as it stands."""
