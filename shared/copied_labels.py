"""Does the way a label is scanned look like one label, or like copies of it? A hint to compare, never an accusation.

A photographed copy of a label verifies as the original does (``docs/seal.md``); what gives it away is being read in
two places. No law or standard says how to see that: the rules are our own judgement, tuned on the made-up prefecture
of ``tests/rules/scan_world.py`` and open to be tuned on what a bureau sees. Only scans whose person gave a place count,
in squares of about 1 km and whole hours.

What honest scans look like, and what the rules make of it:

- A person opens the link again at home, or a friend far away does: 2 to 5 of 100 scans come from elsewhere, each from
  another place. So a place elsewhere counts from the third scan there on, and from more where a label is scanned often
  enough for chance to bring strangers together: ``wanted`` says from how many.
- Somebody shows the page around at home for an evening: one day, from 4 in the morning in China, gives a place at most
  two scans of the three.
- Somebody posts it in a group of people: a day on which a label is read in ``BURST`` places elsewhere is such a post,
  and it with the day after gives a place at most one scan.
- Squares, hours cut off, poor fixes: what lies within ``HERE_M`` of where a label belongs is there; what lies within
  ``SPOT_M`` of each other is one spot.
- An instrument of a pool goes from stall to stall and place to place of its market: each is where it belongs.
- A hawker's instrument belongs nowhere: it is judged by its speed alone. Copies that stay within reach of a vehicle
  are not told from a hawker who moves; this is a limit of coarse data, and stands in ``docs/copied-labels.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import NamedTuple

from shared.cells import Cell, distance_m
from shared.words import CustodyKind

HERE_M = 3_000  # a square is 1.4 km across and a fix from masts 1 km off: 3 km is surely not further than here
SPOT_M = 2_000  # two neighbouring squares, corner to corner, and a poor fix
SLACK_M = 3_000  # what squares and fixes can add to the distance of two scans
ROAD_M_PER_HOUR = 60_000  # nobody carries an instrument faster from trade to trade, a city's streets on the way
SETTING_UP_H = 1  # a scale that trades at a stall is packed, carried, set up and levelled: not within the hour
WINDOWS_DAYS = (7, 14, 30)
DAY_MOST = 2  # of one day count so many scans of one place
BURST = 3  # places elsewhere in a day: a link was passed around
LEAST = 3
# The honest base that chance is reckoned from: 1 of 20 scans from elsewhere, 1 of 20 of these in the same spot.
ELSEWHERE = Fraction(1, 20)
SAME_SPOT = Fraction(1, 20)
CHANCE = Fraction(1, 1_500)  # that an honest label shows so many in one spot by chance, in one window
SCATTER_LEAST = 6
SCATTER_CHANCE = Fraction(1, 1_000_000)
DAY_H, DAY_BEGINS_H = 24, 4 - 8  # 4 in the morning in China, in hours of UTC
POOLED = (CustodyKind.ROTATION_POOL, CustodyKind.SHARED, CustodyKind.BORROWED, CustodyKind.SPARE)


class Why(StrEnum):
    """What does not fit one label. Both ask for the same: compare the photo."""

    IMPOSSIBLE_MOVEMENT = "impossible_movement"
    TOO_MANY_PLACES = "too_many_places"


class Scan(NamedTuple):
    """Somebody scanned the label within an hour, counted since 1970 in UTC, and gave a place."""

    hour: int
    cell: Cell


@dataclass(frozen=True)
class Belongs:
    """Where an instrument belongs: the squares of its market, or of every place that its pool serves.

    None at all with ``is_mobile`` False: the register does not know. Then most of its own scans say where that is.
    """

    cells: tuple[Cell, ...] = ()
    is_mobile: bool = False


def is_pooled(kinds: Iterable[str]) -> bool:
    """Say whether an instrument in such custody may change its place without anything being wrong."""
    return not set(kinds).isdisjoint(POOLED)


def flags(scans: Iterable[Scan], belongs: Belongs) -> frozenset[Why]:
    """Return what does not fit one label; nothing for a label of which too little is known. The order is no matter.

    A scan stands there as often as it happened: two within one hour and square are two.
    """
    known = sorted(scans)
    home = _home(known, belongs)
    away = [scan for scan in known if all(distance_m(scan.cell, cell) > HERE_M for cell in home)]
    if len(away) < LEAST:
        return frozenset()
    found: set[Why] = set()
    judged = _Judged(bool(home), 0 if belongs.is_mobile else SETTING_UP_H, frozenset(away), _bursts(away))
    for days in WINDOWS_DAYS:
        for some in _windows(known, days * DAY_H):
            found.update(judged.window(some))
    return frozenset(found)


def wanted(scans: int) -> int:
    """Return from how many scans in one spot elsewhere chance is no explanation, for a label of so many in the window.

    The number of ways to choose them, times the chance that all come from elsewhere and into one spot.

    >>> [wanted(number) for number in (3, 20, 50, 100, 300)]
    [3, 3, 4, 5, 7]
    """
    return _wanted(scans)


@lru_cache(maxsize=4096)
def _wanted(scans: int) -> int:
    number = LEAST
    while comb(scans, number) * ELSEWHERE**number * SAME_SPOT ** (number - 1) > CHANCE:
        number += 1
    return number


@lru_cache(maxsize=4096)
def _scatter_wanted(scans: int) -> int:
    """Return from how many scans elsewhere, wherever, the honest share is no explanation: a binomial tail."""
    tail, number = Fraction(0), scans
    while number > SCATTER_LEAST:
        tail += comb(scans, number) * ELSEWHERE**number * (1 - ELSEWHERE) ** (scans - number)
        if tail > SCATTER_CHANCE:
            return number + 1
        number -= 1
    return SCATTER_LEAST


def _home(scans: Sequence[Scan], belongs: Belongs) -> tuple[Cell, ...]:
    """Return the squares where the label belongs; where nobody knows them, the one that half its scans name."""
    if belongs.cells or belongs.is_mobile:
        return belongs.cells
    cell, _ = max(Counter(scan.cell for scan in scans).items(), key=lambda item: (item[1], item[0]))
    near = sum(distance_m(scan.cell, cell) <= HERE_M for scan in scans)
    return (cell,) if 2 * near >= len(scans) else ()


def _windows(scans: Sequence[Scan], hours: int) -> Iterable[Sequence[Scan]]:
    """Yield the scans of each span that ends with one of them and does not lie within the one before or after."""
    first = 0
    for last in range(len(scans)):
        is_end = last + 1 == len(scans) or scans[last + 1].hour - scans[first].hour > hours
        if is_end and last - first + 1 >= LEAST:
            yield scans[first : last + 1]
        if last + 1 < len(scans):
            while scans[last + 1].hour - scans[first].hour > hours:
                first += 1


@dataclass(frozen=True)
class _Judged:
    """What is the same for every window of a label's scans."""

    has_home: bool
    setting_up_h: int
    elsewhere: frozenset[Scan]
    bursts: frozenset[int]

    def window(self, scans: Sequence[Scan]) -> Iterator[Why]:
        away = [scan for scan in scans if scan in self.elsewhere]
        if len(away) < LEAST:
            return
        number = wanted(len(scans))
        for spot, inside in _spots(away):
            if self.has_home and self.weight(inside) >= number:
                yield Why.TOO_MANY_PLACES
            if len(inside) >= number and self.clashes(spot, inside, scans) >= number:
                yield Why.IMPOSSIBLE_MOVEMENT
        if self.has_home and self.weight(away) >= _scatter_wanted(len(scans)):
            yield Why.TOO_MANY_PLACES

    def weight(self, scans: Sequence[Scan]) -> int:
        """Count scans of one place, of each day as many as may count."""
        by_day = Counter(self._day(scan) for scan in scans)
        return sum(min(count, 1 if day in self.bursts else DAY_MOST) for day, count in by_day.items())

    def _day(self, scan: Scan) -> int:
        """Return the day of a scan; the day after a post in a group goes with it."""
        day = _day_of(scan)
        return day - 1 if day - 1 in self.bursts else day

    def clashes(self, spot: Cell, inside: Sequence[Scan], scans: Sequence[Scan]) -> int:
        """Count the scans at a spot which cannot be those of an instrument that was read elsewhere at its own hour.

        Two scans have at most the hours between theirs and one more; of these setting up takes its part, the road the
        rest. A scan within the very hour of another one elsewhere counts always, others as their day lets them.
        """
        others = [(scan.hour, far) for scan in scans if (far := distance_m(scan.cell, spot)) > HERE_M]
        at_once = {hour for hour, _ in others}
        clashing = [
            scan
            for scan in inside
            if any(
                (abs(scan.hour - at) + 1 - self.setting_up_h) * ROAD_M_PER_HOUR < far - SLACK_M for at, far in others
            )
        ]
        return max(self.weight(clashing), len({scan.hour for scan in clashing} & at_once))


def _day_of(scan: Scan) -> int:
    return (scan.hour - DAY_BEGINS_H) // DAY_H


def _bursts(away: Sequence[Scan]) -> frozenset[int]:
    """Return the days on which a label was read in so many places elsewhere that a link was passed around."""
    squares: dict[int, list[Cell]] = {}
    for scan in away:
        apart = squares.setdefault(_day_of(scan), [])
        if all(distance_m(scan.cell, cell) > SPOT_M for cell in apart):
            apart.append(scan.cell)
    return frozenset(day for day, apart in squares.items() if len(apart) >= BURST)


def _spots(away: Sequence[Scan]) -> Iterator[tuple[Cell, list[Scan]]]:
    """Yield each square in which the label was read, with the scans in it and around it; neighbours overlap."""
    squares = sorted({scan.cell for scan in away})
    for cell in squares:
        near = {other for other in squares if distance_m(cell, other) <= SPOT_M}
        yield cell, [scan for scan in away if scan.cell in near]
