"""Language, size of the text, light and dark, signing out."""
