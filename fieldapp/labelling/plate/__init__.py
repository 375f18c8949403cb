"""The nameplate of what is filed, from lists that begin with what was used last."""
