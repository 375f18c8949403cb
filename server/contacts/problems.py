"""What can be wrong when a sealed contact is opened."""

from __future__ import annotations

from server.problems import Problem


class WrongPassphrase(Problem):
    """The case group's passphrase is another one."""

    slug, status = "wrong-passphrase", 403


class PassphraseLocked(Problem):
    """The passphrase was wrong too often; for a while not even the right one opens."""

    slug, status, retry_after_s = "passphrase-locked", 429, 900


class WeakPassphrase(Problem):
    """A new passphrase is too short for what it guards."""

    slug, status = "weak-passphrase", 422

    def __init__(self, *, count: int = 12) -> None:
        super().__init__(count=count)
