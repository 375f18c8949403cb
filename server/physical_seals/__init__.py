"""Physical seals: what happened to the lead seals and one-off seals of each instrument."""
