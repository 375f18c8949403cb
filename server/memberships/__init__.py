"""Who acts for which party: merchants and their families, and the ways in."""
