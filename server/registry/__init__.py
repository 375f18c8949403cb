"""The register: regions, places, parties, instruments and who uses them."""
