"""The wording of the pledges: what is signed is this text, byte for byte, named by its SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import tomli

from shared.words import PlaceKind


@dataclass(frozen=True)
class Wording:
    """One wording in both languages; the Chinese one is signed, the English one explains it."""

    id: str
    title: str
    opening: str
    lines: tuple[str, ...]
    title_en: str
    lines_en: tuple[str, ...]

    @property
    def text(self) -> str:
        """The signed text: the title, the opening words, and one promise a line."""
        return "\n".join((self.title, self.opening, *self.lines))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def _all() -> dict[str, tuple[Wording, tuple[str, ...]]]:
    table = tomli.loads(files(__package__).joinpath("texts.toml").read_text("utf-8"))
    return {
        name: (
            Wording(
                name, row["title"], row["opening"], tuple(row["lines"]), row["en"]["title"], tuple(row["en"]["lines"])
            ),
            tuple(row["for"]),
        )
        for name, row in table.items()
    }


def wording(text_id: str) -> Wording:
    """Return a wording by its id."""
    return _all()[text_id][0]


def wording_for(kind: PlaceKind) -> Wording:
    """Return the wording a merchant of a kind of place is asked to sign."""
    return next(wording for wording, kinds in _all().values() if kind.value in kinds)
