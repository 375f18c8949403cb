"""Figures for the evening bulletin."""
