"""Drawn pictures of instruments: scenes and things painted once for each look, lettering for each instrument."""
