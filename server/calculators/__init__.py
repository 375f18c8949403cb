"""Calculators for everyone: what the rules say of figures that anybody types in, with the arithmetic shown."""
