"""Maximum permissible error of non-automatic weighing instruments, classes I to IIII.

Source: OIML R 76-1 (2006), 3.5.1 table 6 (at verification) and 3.5.2 (in service: twice that), whose limits JJG
539-2016 takes over for classes III and IIII. Price-computing scales move to JJG 1204-2025 on 2027-01-08; that document
was not read, its limits are taken as the same and every answer says so. Masses are whole milligrams, loads are counted
in intervals ``e``: a multi-interval scale has one for each part of its range (3.3), a multiple-range scale is judged as
the scale of the range in use (3.4).

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> permissible_error(scale, 10_000_000, rules, in_service=True).limit_mg
10000
>>> permissible_error(scale, 1_000_000, rules, in_service=False).limit_mg
2500
>>> two = Scale(max_mg=15_000_000, min_mg=40_000, e_mg=5_000, d_mg=5_000, accuracy_class="III",
...             lower=(Part(6_000_000, 2_000, 2_000),))
>>> permissible_error(two, 6_000_000, rules, in_service=True).limit_mg
6000
>>> permissible_error(two, 15_000_001, rules, in_service=True)
Traceback (most recent call last):
shared.errors.LoadOutOfRange: ('load_out_of_range', {'load_mg': 15000001, 'e_mg': 5000})
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from shared.errors import LoadOutOfRange, NoRule
from shared.rules import Rules
from shared.rules.rows import InService, Regulation, ScaleMpe, WeightMpe

M1 = "M1"


class Part(NamedTuple):
    """A partial weighing range: up to ``max_mg`` the scale counts in ``e_mg`` and shows ``d_mg``."""

    max_mg: int
    e_mg: int
    d_mg: int


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What the nameplate says; masses in milligrams, ``e`` the verification and ``d`` the actual interval.

    ``lower`` are the lower partial ranges of a multi-interval scale, finest first; ``max``, ``e`` and ``d`` are those
    of the highest. A multiple-range scale is given as the range in use, without ``lower``.
    """

    max_mg: int
    min_mg: int
    e_mg: int
    d_mg: int
    accuracy_class: str
    price_computing: bool = False
    lower: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every partial range, finest first."""
        return (*self.lower, Part(self.max_mg, self.e_mg, self.d_mg))

    def part(self, mg: int) -> Part:
        """Return the partial range that a load or an indication falls in; beyond Max that is the highest."""
        return next((part for part in self.lower if mg <= part.max_mg), Part(self.max_mg, self.e_mg, self.d_mg))


@dataclass(frozen=True)
class Limit:
    """A limit with the rows it comes from: its band, the regulation that applies it, the multiplier in service."""

    limit_mg: int
    band: ScaleMpe
    regulation: Regulation
    service: InService | None = None

    @property
    def clause(self) -> str:
        """Where the figure stands."""
        return f"{self.band.document} {self.band.clause}"

    @cached_property
    def is_confirmed(self) -> bool:
        rows = (self.band, self.regulation, self.service)
        return all(row.confidence.is_confirmed for row in rows if row)


def permissible_error(scale: Scale, load_mg: int, rules: Rules, *, in_service: bool) -> Limit:
    """Return the largest error allowed at a load, as an absolute value.

    Raises NoRule where no regulation or no table covers the scale, and LoadOutOfRange beyond the table: never a guess.
    """
    for up_to_mg, limit in _limits(scale, rules, in_service):
        if load_mg <= up_to_mg:
            if load_mg < 0 or limit is None:
                break
            return limit
    raise LoadOutOfRange(load_mg=load_mg, e_mg=scale.part(load_mg).e_mg)


@lru_cache(maxsize=1024)
def _limits(scale: Scale, rules: Rules, in_service: bool) -> tuple[tuple[int, Limit | None], ...]:
    """Return each limit of a scale with the load up to which it holds; None where it is no whole milligram."""
    regulation = rules.regulation("scale", price_computing=scale.price_computing)
    service = rules.one_of(InService) if in_service else None
    bands = bands_of(scale.accuracy_class, rules)
    if not bands:
        raise NoRule(what=f"class {scale.accuracy_class}", day=rules.day.isoformat())
    found: list[tuple[int, Limit | None]] = []
    reached_mg = -1
    for part in scale.parts:
        for band in bands:
            up_to_mg = min(part.max_mg, band.up_to_e * part.e_mg) if band.up_to_e else part.max_mg
            if up_to_mg > reached_mg:
                limit_mg, rest = divmod(band.half_e * (service.multiplier if service else 1) * part.e_mg, 2)
                found.append((up_to_mg, None if rest else Limit(limit_mg, band, regulation, service)))
                reached_mg = up_to_mg
    return tuple(found)


@lru_cache(maxsize=1024)
def bands_of(accuracy_class: str, rules: Rules) -> tuple[ScaleMpe, ...]:
    """Return the bands of a class from the lightest loads up; none where the class has no table."""
    bands = [band for band in rules.all_of(ScaleMpe) if band.accuracy_class == accuracy_class]
    return tuple(sorted(bands, key=lambda band: band.above_e))


def weights_doubt_mg(load_mg: int, rules: Rules, weight_class: str = M1) -> int:
    """Return how far a load of the fewest verified weights may be from its nominal mass, rounded up.

    Source: OIML R 111-1 (2004), table 1. What no weight of the table covers counts as one gram's weight. Raises NoRule
    for a class without a table.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> weights_doubt_mg(10_000_000, rules_on(date(2026, 11, 21)))
    500
    """
    return -(-sum(count * row.mpe_ug for row, count in fewest_weights(load_mg, rules, weight_class)) // 1000)


def fewest_weights(load_mg: int, rules: Rules, weight_class: str = M1) -> list[tuple[WeightMpe, int]]:
    """Return the fewest weights of a class that make up a load, heaviest first, with how many of each."""
    weights = weights_of(weight_class, rules)
    if not weights:
        raise NoRule(what=f"weights {weight_class}", day=rules.day.isoformat())
    found, rest = [], load_mg
    for row in weights:
        if rest >= row.nominal_mg:
            count, rest = divmod(rest, row.nominal_mg)
            found.append((row, count))
    return [*found, (weights[-1], 1)] if rest else found


@lru_cache(maxsize=1024)
def weights_of(weight_class: str, rules: Rules) -> tuple[WeightMpe, ...]:
    """Return the weights of a class, heaviest first."""
    weights = [row for row in rules.all_of(WeightMpe) if row.weight_class == weight_class]
    return tuple(sorted(weights, key=lambda row: -row.nominal_mg))
