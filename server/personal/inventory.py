"""What is kept about people: each column of each table is on one of two lists, so that a new one is thought about.

The lists are ``inventory.toml``; the table of ``docs/personal-data.md`` is made from them:
``python -m server.personal.inventory docs/personal-data.md`` writes it anew.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

BEGIN, END = "<!-- made from server/personal/inventory.toml -->", "<!-- end -->"
HEAD = ("columns", "purpose", "basis", "confidence", "kept", "who reads", "protected by")
CONFIDENCES = ("sourced", "judgement", "not looked up")


@dataclass(frozen=True)
class Kept:
    """How long something is kept; ``lasts`` None: the retention job leaves it alone."""

    words: str
    lasts: timedelta | None


@dataclass(frozen=True)
class Personal:
    """Some columns of a table that hold personal data, and what holds for all of them."""

    table: str
    columns: tuple[str, ...]
    purpose: str
    basis: str
    confidence: str
    kept: str
    readers: str
    protection: str


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def personal() -> list[Personal]:
    """Return every row of personal columns."""
    return [Personal(**row | {"columns": tuple(row["columns"])}) for row in _read()["personal"]]


def kept() -> dict[str, Kept]:
    """Return the rules of how long something is kept, by name."""
    return {
        name: Kept(rule["words"], timedelta(days=rule["days"]) if "days" in rule else None)
        for name, rule in _read()["kept"].items()
    }


def listed() -> Counter[tuple[str, str]]:
    """Return table and column of everything listed, with how often."""
    told = [(row.table, name) for row in personal() for name in row.columns]
    return Counter(told + [(table, name) for table, names in _read()["not_personal"].items() for name in names])


def faults(metadata: MetaData) -> Iterator[str]:
    """Yield what is wrong with the lists: a column in none or in two, or one that no table has."""
    there = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    on_lists = listed()
    yield from (f"{table}.{name} is on no list" for table, name in sorted(there - set(on_lists)))
    yield from (f"{table}.{name} is no column" for table, name in sorted(set(on_lists) - there))
    yield from (f"{table}.{name} is listed twice" for (table, name), times in sorted(on_lists.items()) if times > 1)
    yield from (f"{row.table} is kept by no rule {row.kept}" for row in personal() if row.kept not in kept())
    yield from (f"{row.table}: {row.confidence}?" for row in personal() if row.confidence not in CONFIDENCES)


def table_text() -> str:
    """Return the inventory as the table of the page on personal data."""
    rules = kept()
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    for row in personal():
        columns = f"**{row.table}** {', '.join(row.columns)}"
        cells = (columns, row.purpose, row.basis, row.confidence, rules[row.kept].words, row.readers, row.protection)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_table(page: str) -> str:
    """Return a page with the table between its two marks made anew."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table_text()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    written = Path(sys.argv[1])
    written.write_text(with_table(written.read_text("utf-8")), "utf-8")
