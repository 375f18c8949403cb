"""Physical seals (铅封, 一次性封签) of an instrument: what this phone knows of them, and what happens to one now."""
