"""Evidence: files known by their SHA-256, how they come (tus 1.0.0), who may see them, and their public copies."""
