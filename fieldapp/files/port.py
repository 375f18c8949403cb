"""What keeps files for a person outside of the app: it saves one, and lets one be chosen; each is answered once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol


class NoFiles(Exception):
    """Files cannot be saved or chosen: there is no place for them, or it took none. Nothing half written is left."""


@dataclass(frozen=True)
class Saved:
    """A file was saved for good. ``where`` tells a person the place, "" where the system does not say."""

    where: str


@dataclass(frozen=True)
class Chosen:
    """A file that was chosen. ``open`` may wait for a disk or a network, and raises OSError where it is gone."""

    open: Callable[[], IO[bytes]]


SavedAnswer = Saved | NoFiles | None
ChosenAnswer = Chosen | NoFiles | None


class Files(Protocol):
    """A person's files. ``save``, ``choose`` and ``close`` are called on the UI thread, ``told`` on any."""

    def save(self, source: Path, told: Callable[[SavedAnswer], None]) -> None:
        """Save a copy of a file of ours under its name; ``told`` gets None where the person would not have it saved."""

    def choose(self, told: Callable[[ChosenAnswer], None]) -> None:
        """Let the person choose a rescue file; ``told`` gets None where they chose none."""

    def close(self) -> None:
        """End what was asked without an answer; nothing happens where nothing was."""
