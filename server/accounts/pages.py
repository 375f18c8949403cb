"""Every page of signing in; each stands in the file of its name."""

from __future__ import annotations

from server.accounts import account, codes, joining, signing_in
from server.accounts.routes import blueprint

__all__ = ["account", "blueprint", "codes", "joining", "signing_in"]
