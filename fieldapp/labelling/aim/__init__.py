"""The camera of a labelling day: the label, the nameplate, the label in its place."""
