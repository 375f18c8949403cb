"""The table that a benchmark prints."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True)
class Line:
    """One measure: its figures, the limit, and whether it holds."""

    what: str
    median: float
    runs: tuple[float, ...]
    unit: str
    limit: float
    is_at_least: bool = False

    @classmethod
    def of(cls, what: str, runs: list[float], unit: str, limit: float, *, is_at_least: bool = False) -> Line:
        """Take the median of some runs; the limit is what it may be at most, or must be at least."""
        return cls(what, statistics.median(runs), tuple(runs), unit, limit, is_at_least)

    @property
    def holds(self) -> bool:
        return self.median >= self.limit if self.is_at_least else self.median <= self.limit

    def __str__(self) -> str:
        spread = f"{min(self.runs):.3g}-{max(self.runs):.3g}"
        mark = "ok" if self.holds else "MISSED"
        limit = f"{'at least' if self.is_at_least else 'limit'} {self.limit:g}"
        return f"{self.what:<62} {self.median:>9.3g} {self.unit:<3} ({spread})  {limit}  {mark}"


def measure(what: str, once: Callable[[], float], *, unit: str, limit: float, runs: int = RUNS) -> Line:
    """Do it some times."""
    return Line.of(what, [once() for _ in range(runs)], unit, limit)
