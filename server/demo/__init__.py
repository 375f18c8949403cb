"""The demo city: invented people, places and two years of work, drawn from a seed."""
