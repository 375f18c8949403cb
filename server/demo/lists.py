"""The word lists from which invented names are composed; they stand in ``lists.toml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import tomli


def words(topic: str, name: str) -> tuple[str, ...]:
    """Return one list; raises KeyError for a list that is not there."""
    return _tables()[topic][name]


@cache
def pairs(topic: str, name: str) -> tuple[tuple[str, str], ...]:
    """Return a list of characters with their pinyin.

    >>> pairs("people", "surnames")[0]
    ('卞', 'bian')
    """
    return tuple((text[0], text[2:]) for text in words(topic, name))


def makes(kind: str) -> tuple[tuple[str, str], ...]:
    """Return the makers of a kind of instrument, each with its model."""
    return tuple(zip(words("makers", kind), words("models", kind), strict=True))


@cache
def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    tables = tomli.loads(files(__package__).joinpath("lists.toml").read_text("utf-8"))
    return {topic: {name: tuple(entries) for name, entries in table.items()} for topic, table in tables.items()}
