"""The card of one instrument: what a label belongs to, and whether it is in date."""
