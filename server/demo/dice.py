"""Chance from a seed: one stream for each topic, so that a longer list of one thing never moves another.

The same seed and day give the same draws in every process; nothing here looks at a clock or at the order of a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from shared.dates import SHANGHAI
from shared.ids import uuid7

T = TypeVar("T")


@dataclass(frozen=True)
class Dice:
    """The seed, and the civil day on which the drawn city stands."""

    seed: int
    as_of: date

    def stream(self, topic: str) -> Random:
        """Return the stream of a topic, always from its beginning."""
        return Random(f"{self.seed}/{topic}")

    def ago(self, days: int) -> date:
        """Return the day so many days before the city's."""
        return self.as_of - timedelta(days=days)


def at(day: date, hour: int = 8, minute: int = 0, second: int = 0) -> datetime:
    """Return the instant of a wall clock in the city, in UTC."""
    return datetime.combine(day, time(hour, minute, second), SHANGHAI).astimezone(UTC)


def new_id(rng: Random, born: datetime) -> str:
    """Return a UUIDv7 born within the second of an instant."""
    return uuid7(int(born.timestamp()) * 1000 + rng.randrange(1000), rng.randbytes(10))


def workday(day: date) -> date:
    """Return the day itself, or the Friday before a weekend.

    >>> workday(date(2026, 11, 22)).isoformat()
    '2026-11-20'
    """
    return day - timedelta(days=max(0, day.weekday() - 4))


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Share a whole number out by weights, by largest remainders; the parts sum to it.

    >>> apportion(10, [0.62, 0.31, 0.07])
    [6, 3, 1]
    """
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def deck(rng: Random, shares: Sequence[tuple[T, float]], size: int) -> list[T]:
    """Return a shuffled list that holds each value in its share, as exactly as whole numbers allow."""
    counts = apportion(size, [share for _, share in shares])
    cards = [value for (value, _), count in zip(shares, counts, strict=True) for _ in range(count)]
    rng.shuffle(cards)
    return cards


def pick(rng: Random, shares: Sequence[tuple[T, float]]) -> T:
    """Return one value, by its share."""
    return rng.choices([value for value, _ in shares], [share for _, share in shares])[0]


def split(rng: Random, total: int, typical: int) -> list[int]:
    """Split a number into parts of about a typical size, each at least one; [] for nothing."""
    count = max(1, round(total / typical))
    if total < 1:
        return []
    return [1 + part for part in apportion(total - count, [rng.uniform(0.65, 1.35) for _ in range(count)])]
