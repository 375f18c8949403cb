"""A made-up prefecture whose labels are scanned, honestly or beside a copy: what the detector is tuned and proven on.

No public figures on scans of such labels are known to us, so every share below is a guess with its reason, and each
errs towards trouble. Every scan here has a place; in life most have none, and those can trouble nobody.

- 5,000 labels in 120 markets of a square of 80 km, 100,000 scans in 90 days, very unevenly: the number of scans of a
  label is log-normal with sigma 0.9, so that one in a hundred has eight times the middle one's.
- Of 100 labels 90 stay where they are, 7 are of a pool that serves one to three places, 3 are a hawker's who goes
  round four to eight pitches within 6 km, two a day. Markets are up to 1.5 km wide (wholesale), mostly 200 m.
- People scan while markets trade: 6 to 19 h, mostly in the morning and before supper.
- A label has its own share of scans from elsewhere, 2 to 5 %, each at first by a person of its own: seven of ten at
  home (a market's customers live 1 to 3 km away, some across the city: log-normal, middle 1.8 km), later that day or
  week; three of ten are somebody it was sent to, half in the same city (exponential, 8 km), half anywhere in China.
- Of those 15 % open the link up to three times more that evening, 5 % once more on another day.
- Two labels in a thousand are posted in a group: 10 to 30 people of the city open it on that day, a few on the next.
- Fixes: 86 % within 30 m, 12 % of 300 m (inside a hall), 2 % from masts of about 1 km, 1 of 1,000 a fix by network
  address alone, which is the same wrong spot for everyone (the page's script sends no fix that owns to be so poor; some
  do not); one in ten phones adds the 500 m of GCJ-02.

A copy is stuck on another scale 5 km away, in any direction, and scanned three times while markets trade, within ten
days; its people behave as the others do, as far as three scans can.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

from shared.cells import Cell
from shared.copied_labels import Belongs, Scan, Why

Detector = Callable[[list[Scan], Belongs], frozenset[Why]]
Point = tuple[float, float]  # kilometres north and east of the middle of the prefecture

LABELS, SCANS, DAYS, MARKETS = 5_000, 100_000, 90, 120
NORTH, EAST, KM_A_DEGREE = 33.60, 114.65, 111.2
FIRST_HOUR = 24 * 20_700  # midnight UTC of a day in 2026
TRADING = (6, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 11, 12, 13, 14, 15, 16, 16, 17, 17, 17, 18, 18, 19)
CAPITAL: Point = (130.0, -90.0)  # where a network address alone puts everybody


@dataclass
class Label:
    """One label: where the register has it, where it is from day to day, and how it was scanned."""

    kind: str
    pitches: list[Point]
    belongs: Belongs
    elsewhere: float
    scans: list[Scan] = field(default_factory=list)

    def at(self, rng: Random, day: int) -> Point:
        """Return where the instrument trades on a day: a pool's anywhere, a hawker's on two pitches."""
        if self.kind == "hawker":
            return self.pitches[(2 * day + rng.randrange(2)) % len(self.pitches)]
        return rng.choice(self.pitches) if self.kind == "pool" else self.pitches[0]


def cell_of(point: Point) -> Cell:
    """Return the square of a point on the flat map of the prefecture; what falls out of China is put on its rim."""
    north = NORTH + point[0] / KM_A_DEGREE
    east = EAST + point[1] / (KM_A_DEGREE * math.cos(math.radians(NORTH)))
    return Cell(min(max(round(north * 100), 380), 5360), min(max(round(east * 100), 7350), 13510))


def away_from(point: Point, km: float, rng: Random) -> Point:
    angle = rng.uniform(0, 2 * math.pi)
    return point[0] + km * math.sin(angle), point[1] + km * math.cos(angle)


def fix(point: Point, rng: Random) -> Cell:
    """Return the square that a phone at a point tells."""
    luck = rng.random()
    if luck < 0.001:
        return cell_of(CAPITAL)
    km = 0.03 if luck < 0.86 else 0.3 if luck < 0.98 else rng.expovariate(1.0)
    seen = away_from(point, abs(rng.gauss(0, km)), rng)
    return cell_of((seen[0] - 0.3, seen[1] + 0.4) if rng.random() < 0.1 else seen)


def trading_hour(rng: Random, day: int) -> int:
    """Return an hour since 1970 in UTC; the list is of hours in China."""
    return FIRST_HOUR + 24 * day + rng.choice(TRADING) - 8


def make_labels(rng: Random) -> list[Label]:
    markets = [(rng.uniform(-40, 40), rng.uniform(-40, 40)) for _ in range(MARKETS)]
    widths = [1.5 if rng.random() < 0.1 else 0.2 for _ in markets]
    labels = []
    for _ in range(LABELS):
        number, luck = rng.randrange(MARKETS), rng.random()
        home, stall = markets[number], lambda at: away_from(markets[at], rng.uniform(0, widths[at] / 2), rng)
        share = rng.uniform(0.02, 0.05)
        if luck < 0.90:
            labels.append(Label("fixed", [stall(number)], Belongs((cell_of(home),)), share))
        elif luck < 0.97:
            served = [number, *rng.sample(range(MARKETS), rng.randrange(3))]
            cells = tuple(cell_of(markets[one]) for one in served)
            labels.append(Label("pool", [stall(one) for one in served for _ in range(4)], Belongs(cells), share))
        else:
            pitches = [away_from(home, rng.uniform(0, 6), rng) for _ in range(rng.randint(4, 8))]
            labels.append(Label("hawker", pitches, Belongs(is_mobile=True), share))
    return labels


def honest_world(seed: int) -> list[Label]:
    """Return all labels with their 100,000 scans."""
    rng = Random(seed)
    labels = make_labels(rng)
    popular = [rng.lognormvariate(0, 0.9) for _ in labels]
    left = count(SCANS, -1)
    for label in rng.sample(labels, LABELS // 500):
        _post_in_a_group(label, rng, left)
    for label in rng.choices(labels, popular, k=SCANS):
        if next(left) <= 0:
            break
        _scan(label, rng, left)
    return labels


def _scan(label: Label, rng: Random, left: Iterator[int]) -> None:
    day = rng.randrange(DAYS)
    pitch = label.at(rng, day)
    if rng.random() >= label.elsewhere:
        label.scans.append(Scan(trading_hour(rng, day), fix(pitch, rng)))
        return
    where = _elsewhere(pitch, rng)
    day += rng.choice((0, 0, 0, 1, 2, 5))
    evening = FIRST_HOUR + 24 * day + rng.randint(17, 22) - 8
    hours = [evening]
    if (luck := rng.random()) < 0.15:
        hours += [evening + rng.randint(0, 2) for _ in range(rng.randint(1, 3))]
    elif luck < 0.20:
        hours.append(evening + 24 * rng.randint(1, 9))
    for number, hour in enumerate(hours):
        if number:
            next(left)
        label.scans.append(Scan(hour, fix(where, rng)))


def _elsewhere(pitch: Point, rng: Random) -> Point:
    if rng.random() < 0.7:
        return away_from(pitch, rng.lognormvariate(math.log(1.8), 0.8), rng)
    if rng.random() < 0.5:
        return away_from(pitch, rng.expovariate(1 / 8), rng)
    return rng.uniform(-1_200, 1_000), rng.uniform(-1_500, 800)


def _post_in_a_group(label: Label, rng: Random, left: Iterator[int]) -> None:
    day, pitch = rng.randrange(DAYS), label.pitches[0]
    for _ in range(rng.randint(10, 30)):
        next(left)
        hour = FIRST_HOUR + 24 * (day + rng.choice((0, 0, 0, 0, 1))) + rng.randint(7, 23) - 8
        label.scans.append(Scan(hour, fix(away_from(pitch, rng.expovariate(1 / 6), rng), rng)))


def with_copy(label: Label, rng: Random, *, km: float = 5.0, scans: int = 3) -> list[Scan]:
    """Return the scans of a label and of a copy of it."""
    day, stall = rng.randrange(DAYS - 10), away_from(label.at(rng, 0), km, rng)
    if label.kind == "pool":  # away from every place that the pool serves, or it is none that anybody could tell
        while any(math.dist(stall, pitch) < km - 0.8 for pitch in label.pitches):
            stall = away_from(rng.choice(label.pitches), km, rng)
    copied = [Scan(trading_hour(rng, day + rng.randrange(10)), fix(stall, rng)) for _ in range(scans)]
    return label.scans + copied
