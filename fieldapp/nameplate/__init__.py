"""The nameplate of a scale, picked from lists, where the register does not have it."""
