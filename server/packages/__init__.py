"""Evidence packages: one zip for one record, which a stranger checks without us."""
