"""One walk through a place: who is there, which parties were looked at, and what a record still lacks."""
