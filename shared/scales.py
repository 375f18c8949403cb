"""Maximum permissible error of non-automatic weighing instruments, classes III and IIII.

Source: OIML R 76-1 (2006), 3.5.1 table 6 (at verification) and 3.5.2 (in service: twice that), whose limits JJG
539-2016 takes over. Price-computing scales move to JJG 1204-2025 on 2027-01-08; that document was not read, its
limits are taken as the same and every answer says so. Masses are whole milligrams, loads are counted in intervals
``e``.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> permissible_error(scale, 10_000_000, rules, in_service=True).limit_mg
10000
>>> permissible_error(scale, 1_000_000, rules, in_service=False).limit_mg
2500
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import LoadOutOfRange
from shared.rules import Rules
from shared.rules.rows import InService, Regulation, ScaleMpe, WeightMpe


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What the nameplate says; masses in milligrams, ``e`` the verification and ``d`` the actual interval."""

    max_mg: int
    min_mg: int
    e_mg: int
    d_mg: int
    accuracy_class: str
    price_computing: bool = False


@dataclass(frozen=True)
class Limit:
    """A limit with the row it comes from, and the regulation that applies it."""

    limit_mg: int
    band: ScaleMpe
    regulation: Regulation

    @property
    def is_confirmed(self) -> bool:
        return self.band.confidence.is_confirmed and self.regulation.confidence.is_confirmed


def permissible_error(scale: Scale, load_mg: int, rules: Rules, *, in_service: bool) -> Limit:
    """Return the largest error allowed at a load, as an absolute value.

    Raises LoadOutOfRange beyond the table, and NoRule where no regulation covers the scale: never a guess.
    """
    band = _band(scale, load_mg, rules)
    halves = band.half_e * (rules.one_of(InService).multiplier if in_service else 1)
    limit_mg, rest = divmod(halves * scale.e_mg, 2)
    if rest:
        raise LoadOutOfRange(load_mg=load_mg, e_mg=scale.e_mg)
    return Limit(limit_mg, band, rules.regulation("scale", price_computing=scale.price_computing))


def _band(scale: Scale, load_mg: int, rules: Rules) -> ScaleMpe:
    if 0 <= load_mg <= scale.max_mg:
        for band in rules.all_of(ScaleMpe):
            if band.accuracy_class == scale.accuracy_class and load_mg <= band.up_to_e * scale.e_mg:
                return band
    raise LoadOutOfRange(load_mg=load_mg, e_mg=scale.e_mg)


def weights_doubt_mg(load_mg: int, rules: Rules, weight_class: str = "M1") -> int:
    """Return how far a load of the fewest verified weights may be from its nominal mass, rounded up.

    Source: OIML R 111-1 (2004), table 1. What no weight of the table covers counts as one gram's weight.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> weights_doubt_mg(10_000_000, rules_on(date(2026, 11, 21)))
    500
    """
    total_ug, rest = 0, load_mg
    weights = [row for row in rules.all_of(WeightMpe) if row.weight_class == weight_class]
    for row in sorted(weights, key=lambda row: -row.nominal_mg):
        count, rest = divmod(rest, row.nominal_mg)
        total_ug += count * row.mpe_ug
    if rest and weights:
        total_ug += min(row.mpe_ug for row in weights)
    return -(-total_ug // 1000)
