"""Beginning a visit: who, why, with which standards, and what the law wants told first."""
