"""The party's signature, or that it was refused."""
