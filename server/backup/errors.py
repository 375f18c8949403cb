"""What can stop a backup or a restore."""

from __future__ import annotations

from server.mending import CannotDo


class NoBackup(CannotDo):
    """No backup was made, and nothing was left that looks like one; the message says why and what to do."""


class NotRestored(CannotDo):
    """Nothing was restored, and nothing was left half restored; the message names every part that is not good."""
