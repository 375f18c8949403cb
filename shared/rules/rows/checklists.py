"""Rows about what an inspector looks at and tries, and how instruments are known to cheat."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class Asked(Row):
    """One thing to look at or to try, in both languages, at its place in the order (``step``, then ``id``).

    ``suggests`` is the code of what a failure may point to, "" where it only leads on; it never decides anything.
    """

    id: str
    kinds: tuple[str, ...]
    step: int
    zh: str
    en: str
    suggests: str


@dataclass(frozen=True, kw_only=True)
class ChecklistItem(Asked):
    """An item of the checklist; ``price_computing`` says for which scales, both values for any other kind."""

    price_computing: tuple[bool, ...] = (False, True)


@dataclass(frozen=True, kw_only=True)
class Cheat(Asked):
    """A known way to cheat and how to provoke it; ``maker`` and ``model`` "": met at any."""

    pattern: str
    maker: str = ""
    model: str = ""


TABLES: dict[str, type[Row]] = {
    "checklist": ChecklistItem,
    "cheat": Cheat,
}
