"""The stock of labels, and which instrument each belongs to."""
