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

from shared.errors import LoadOutOfRange, NoRule
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
    """A limit with the rows it comes from: its band, the regulation that applies it, the multiplier in service."""

    limit_mg: int
    band: ScaleMpe
    regulation: Regulation
    service: InService | None = None

    @property
    def is_confirmed(self) -> bool:
        rows = (self.band, self.regulation, self.service)
        return all(row.confidence.is_confirmed for row in rows if row)


def permissible_error(scale: Scale, load_mg: int, rules: Rules, *, in_service: bool) -> Limit:
    """Return the largest error allowed at a load, as an absolute value.

    Raises NoRule where no regulation or no table covers the scale, and LoadOutOfRange beyond the table: never a guess.
    """
    regulation = rules.regulation("scale", price_computing=scale.price_computing)
    band = _band(scale, load_mg, rules)
    service = rules.one_of(InService) if in_service else None
    limit_mg, rest = divmod(band.half_e * (service.multiplier if service else 1) * scale.e_mg, 2)
    if rest:
        raise LoadOutOfRange(load_mg=load_mg, e_mg=scale.e_mg)
    return Limit(limit_mg, band, regulation, service)


def _band(scale: Scale, load_mg: int, rules: Rules) -> ScaleMpe:
    bands = [band for band in rules.all_of(ScaleMpe) if band.accuracy_class == scale.accuracy_class]
    if not bands:
        raise NoRule(what=f"class {scale.accuracy_class}", day=rules.day.isoformat())
    reaching = [band for band in bands if load_mg <= band.up_to_e * scale.e_mg]
    if not reaching or not 0 <= load_mg <= scale.max_mg:
        raise LoadOutOfRange(load_mg=load_mg, e_mg=scale.e_mg)
    return min(reaching, key=lambda band: band.up_to_e)


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
