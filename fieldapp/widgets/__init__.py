"""Widgets of more than one screen, built of the theme's: properties in, events out, no rule and no text."""
