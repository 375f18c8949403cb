"""Dated rules: what the law and the norms say, on one civil day, in one region.

The figures are rows of TOML under ``cn/``; each names its document, edition and clause, the days it holds, where it was
seen and how sure that is. Next year's edition is new rows, not new code. A ruleset is named by a label and the first
twelve hexadecimal digits of the SHA-256 of its canonical rows, so that a verdict can always be traced to its figures:
the name changes with any figure, day, clause or confidence, and not with a note, an address or the order of rows.

>>> rules_on(date(2026, 11, 21)).regulation("scale", price_computing=True).edition
'2016'
>>> rules_on(date(2027, 1, 8)).regulation("scale", price_computing=True).confidence
<Confidence.UNKNOWN: 'unknown'>
"""

from __future__ import annotations

import hashlib
import json
import pkgutil
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from typing import Any, TypeVar

import tomli

from shared.errors import NoRule
from shared.rules.rows import TABLES, Confidence, Period, Regulation, Row

LABEL = "cn-1"
# The files of ``cn/`` in the order in which they are read.
FILES = (
    "catalogue",
    "cheats",
    "checklists",
    "credit",
    "dispensers",
    "gas_chargers",
    "prepackages",
    "retail",
    "scales",
    "validity",
    "violations",
    "violations_chongqing",
    "violations_henan",
    "violations_shandong",
    "violations_shanghai",
    "violations_zhejiang",
    "weights",
)

R = TypeVar("R", bound=Row)


class Rows(tuple[Row, ...]):
    """Rows that hold together, mostly for years: sorted into their tables once for all those days."""

    @cached_property
    def tables(self) -> Mapping[type[Row], Sequence[Any]]:
        """The rows by table, national ones first."""
        tables: dict[type[Row], list[Any]] = {}
        for row in sorted(self, key=lambda row: len(row.region)):
            tables.setdefault(type(row), []).append(row)
        return tables


@dataclass(frozen=True, eq=False)
class Rules:
    """The rows that hold on ``day`` in ``region``; known by identity, so that what follows from them can be kept."""

    day: date
    region: str
    rows: tuple[Row, ...]

    @property
    def ruleset(self) -> str:
        """The name of the whole body of rules these come from."""
        return ruleset_name()

    def all_of(self, kind: type[R]) -> Sequence[R]:
        """Return the rows of one table, national ones first: of two rows about one thing the last one holds."""
        return self._tables.get(kind, [])

    @cached_property
    def _tables(self) -> Mapping[type[Row], Sequence[Any]]:
        return (self.rows if isinstance(self.rows, Rows) else Rows(self.rows)).tables

    def one_of(self, kind: type[R]) -> R:
        """Return the row of a table that has one; a regional row goes before a national one. Raises NoRule."""
        rows = self.all_of(kind)
        if not rows:
            raise NoRule(what=kind.__name__, day=self.day.isoformat())
        return rows[-1]

    def regulation(self, kind: str, *, price_computing: bool = False) -> Regulation:
        """Return the document that judges this kind of instrument; raises NoRule."""
        for row in reversed(self.all_of(Regulation)):
            if row.kind == kind and price_computing in row.price_computing:
                return row
        raise NoRule(what=kind, day=self.day.isoformat())

    def period(self, kind: str) -> Period | None:
        """Return how long a verification of this kind lasts; None where no rule is known."""
        return next((row for row in reversed(self.all_of(Period)) if row.kind == kind), None)


@lru_cache(maxsize=256)
def rules_on(day: date, region: str = "") -> Rules:
    """Return the rules of a civil day; ``region`` is a division code, "" for the national rows alone."""
    return Rules(day, region, _rows_since(bisect_right(_turning_days(), day), region))


@cache
def ruleset_name() -> str:
    """Return ``<label>-<12 hex>`` of the rules this program carries."""
    return name_of(_all_rows())


def first_days_between(first: date, last: date) -> list[date]:
    """Return ``first`` and each later day up to ``last`` on which a row begins or has just ended."""
    turning = _turning_days()
    return [first, *turning[bisect_right(turning, first) : bisect_right(turning, last)]]


def name_of(rows: Iterable[Row]) -> str:
    """Return ``<label>-<12 hex>`` of some rows."""
    canonical = "\n".join(sorted(_canonical(row) for row in rows))
    return f"{LABEL}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


def _canonical(row: Row) -> str:
    figures = {name: value for name, value in vars(row).items() if name not in ("note", "source")}
    table = type(row).__name__
    return json.dumps([table, figures], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


@cache
def _turning_days() -> Sequence[date]:
    """Return the days on which a row begins or has just ended, in order: between two of them nothing changes."""
    ended = {row.valid_to + timedelta(days=1) for row in _all_rows() if row.valid_to}
    return sorted(ended.union(row.valid_from for row in _all_rows()))


@lru_cache(maxsize=256)
def _rows_since(turns: int, region: str) -> Rows:
    """Return the rows that hold in a region after so many turning days; 0: before any row began."""
    day = _turning_days()[turns - 1] if turns else date.min
    return Rows(row for row in _all_rows() if row.holds(day, region))


@cache
def _all_rows() -> tuple[Row, ...]:
    return tuple(_row(table, values) for table, values in _tables())


def _tables() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in FILES:
        # What importlib.resources would bring along takes longer than reading all of them.
        text = (pkgutil.get_data(__package__, f"cn/{name}.toml") or b"").decode()
        yield from rows_of(tomli.loads(text))


def rows_of(file: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the rows of one file with their table; a row takes what it leaves out ``from`` an origin.

    >>> list(rows_of({"from": {"r76": {"edition": "2006"}}, "rows": {"mpe": [{"from": "r76", "e": 5}]}}))
    [('mpe', {'edition': '2006', 'e': 5})]
    """
    origins = file.get("from", {})
    for table, rows in file["rows"].items():
        for own in rows:
            row = {**origins[own["from"]], **own} if "from" in own else dict(own)
            row.pop("from", None)
            yield table, row


def _row(table: str, values: dict[str, Any]) -> Row:
    for name, value in values.items():
        if type(value) is list:
            values[name] = tuple(value)
    return TABLES[table](**values | {"confidence": Confidence(values["confidence"])})
