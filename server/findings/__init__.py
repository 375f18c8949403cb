"""What field tests suspect, and what documents later confirm or withdraw."""
