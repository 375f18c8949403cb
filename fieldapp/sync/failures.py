"""Every failure of the network sorted once, by what has to be done about it."""

from __future__ import annotations

LONGEST_SENTENCE = 400
SUSPENDED = "device-suspended"
TOO_OLD = "app-too-old"


class SyncFailure(Exception):
    """A sync could not go on. Nothing that was recorded is ever lost by it."""


class Unreachable(SyncFailure):
    """Try later: no network, a server that is busy, or an answer that is not from our server.

    ``retry_after_s`` is the server's own wish and wins over ours; ``sentence`` is what our server says of itself, ""
    when it was not reached at all.
    """

    def __init__(self, why: str, retry_after_s: int | None = None, sentence: str = "") -> None:
        super().__init__(why)
        self.retry_after_s, self.sentence = retry_after_s, sentence[:LONGEST_SENTENCE]


class SignInAgain(SyncFailure):
    """The token is over and no new one was given; everything stays on the phone."""


class Refused(SyncFailure):
    """The server understood and refused; ``title`` and ``detail`` are its sentences."""

    def __init__(self, status: int, slug: str, title: str, detail: str) -> None:
        super().__init__(f"{status} {slug}")
        self.status, self.slug, self.title, self.detail = status, slug, title, detail

    @property
    def sentence(self) -> str:
        """The server's own words, at most a few lines of them."""
        return (self.detail or self.title)[:LONGEST_SENTENCE]

    @property
    def problem(self) -> dict[str, str | int]:
        """The problem as it is kept beside an operation."""
        return {"type": f"/problems/{self.slug}", "title": self.title, "detail": self.detail, "status": self.status}


def is_suspension(failure: SyncFailure) -> bool:
    """Say whether our server refused because this phone is suspended."""
    return isinstance(failure, Refused) and failure.slug == SUSPENDED


class InsecureAddress(ValueError):
    """The address is neither HTTPS nor this machine's own."""
