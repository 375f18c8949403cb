"""What can be wrong with what was asked of the keys."""

from __future__ import annotations

from server.mending import CannotDo


class KeysRefused(CannotDo):
    """It was not done, and nothing was changed; the message says why and what to do."""
