"""What an album is: it is asked for one picture, and answers once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Protocol

MOST_BYTES = 64 << 20


class PictureFault(StrEnum):
    """Why a picture of the album says nothing; the sentences are ``picture.<fault>`` and ``picture.advice_<fault>``."""

    NO_ALBUM = "no_album"
    GONE = "gone"
    DAMAGED = "damaged"
    TOO_BIG = "too_big"
    NOTHING = "nothing"


class NoAlbum(Exception):
    """No album can be opened on this machine."""


@dataclass(frozen=True)
class Picture:
    """A picture that was chosen. ``open`` may wait for a disk or a network, and raises OSError where it is gone."""

    open: Callable[[], IO[bytes]]


Answer = Picture | NoAlbum | None
Told = Callable[[Answer], None]


class Album(Protocol):
    """An album. ``ask`` and ``close`` are called on the UI thread, ``told`` on any."""

    def ask(self, told: Told) -> None:
        """Let the person choose; ``told`` gets None where they chose nothing. A second question replaces the first."""

    def close(self) -> None:
        """End the question without an answer; nothing happens where none is open."""
