"""The mark on a prepackage: the unit it is written in, and how high its characters are.

Source: 定量包装商品计量监督管理办法, SAMR Order 70 (2023), before it AQSIQ Order 75 (2005), annex (附表) 1 and 2. Annex
1 names no unit for counts, so the unit of a count is not judged. Heights are whole micrometres.

>>> from datetime import date
>>> from shared.prepackages import quantity
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> judge_mark(Mark(Package(quantity("500", "g")), "g", height_um=4_000), rules).code.value
'within'
>>> [ground.code.value for ground in judge_mark(Mark(Package(quantity("1500", "g")), "g", 4_000), rules).grounds]
['mark_unit_not_legal', 'mark_too_small']
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, conclude
from shared.errors import NegativeHeight, NoRule, UnknownPackageUnit
from shared.prepackages import PRINTED_ALSO, UNITS, Package, band_of
from shared.rules import Rules
from shared.rules.rows import PrepackageHeight, PrepackageUnit


class MarkGround(StrEnum):
    """What can be said of the mark."""

    UNIT_LEGAL = "mark_unit_legal"
    UNIT_NOT_LEGAL = "mark_unit_not_legal"
    HIGH_ENOUGH = "mark_high_enough"
    HEIGHT_IN_DOUBT = "mark_height_in_doubt"
    TOO_SMALL = "mark_too_small"
    HEIGHT_MISSING = "mark_height_missing"


@dataclass(frozen=True)
class Mark:
    """The package, the unit its mark is written in, and the height of its lowest character; None: not measured.

    ``doubt_um`` is how far the measured height may be from the truth.
    """

    package: Package
    unit: str
    height_um: int | None = None
    doubt_um: int = 0


def judge_mark(mark: Mark, rules: Rules) -> Conclusion:
    """Judge unit and height of the mark; without a height nothing is concluded where the unit is in order.

    Raises NoMarkedQuantity, DrainedWeight, UnknownPackageUnit, NegativeHeight, NoRule.
    """
    mark.package.sound()
    height = height_ground(mark, rules)
    if mark.package.kind is Unit.COUNT:
        return conclude([height], rules.ruleset)
    return conclude([unit_ground(mark, rules), height], rules.ruleset)


def unit_ground(mark: Mark, rules: Rules) -> Ground:
    """Compare the unit with those of annex 1 for this quantity. Raises UnknownPackageUnit, NoRule."""
    unit, marked = PRINTED_ALSO.get(mark.unit, mark.unit), mark.package.marked
    if unit not in UNITS[mark.package.kind]:
        raise UnknownPackageUnit(unit=mark.unit)
    rows = [
        row
        for row in rules.all_of(PrepackageUnit)
        if row.kind == mark.package.kind
        and row.at_least <= marked.exact
        and (not row.below or marked.exact < row.below)
    ]
    if not rows:
        raise NoRule(what=PrepackageUnit.__name__, day=rules.day.isoformat())
    is_legal = unit in [row.unit for row in rows]
    return Ground(
        code=MarkGround.UNIT_LEGAL if is_legal else MarkGround.UNIT_NOT_LEGAL,
        outcome=Code.WITHIN if is_legal else Code.BEYOND,
        rows=tuple(rows),
        facts={"marked": marked, "unit": unit, "legal": " / ".join(row.unit for row in rows)},
    )


def height_ground(mark: Mark, rules: Rules) -> Ground:
    """Compare the height with annex 2; ``value`` is what is missing. Raises NegativeHeight, NoRule."""
    row = band_of(rules.all_of(PrepackageHeight), mark.package)
    if row is None:
        raise NoRule(what=PrepackageHeight.__name__, day=rules.day.isoformat())
    least = Amount(row.least_um, Unit.LENGTH)
    if mark.height_um is None:
        code = MarkGround.HEIGHT_MISSING
        return Ground(code=code, outcome=Code.INDETERMINATE, rows=(row,), facts={"least": least})
    if mark.height_um < 0 or mark.doubt_um < 0:
        raise NegativeHeight(text=Amount(min(mark.height_um, mark.doubt_um), Unit.LENGTH).decimal)
    missing_um = row.least_um - mark.height_um
    if missing_um <= 0:
        code, outcome = MarkGround.HIGH_ENOUGH, Code.WITHIN
    elif missing_um <= mark.doubt_um:
        code, outcome = MarkGround.HEIGHT_IN_DOUBT, Code.INDETERMINATE
    else:
        code, outcome = MarkGround.TOO_SMALL, Code.BEYOND
    return Ground(
        code=code,
        outcome=outcome,
        value=Amount(max(missing_um, 0), Unit.LENGTH),
        limit=Amount(Fraction(0), Unit.LENGTH),
        rows=(row,),
        facts={
            "height": Amount(mark.height_um, Unit.LENGTH),
            "least": least,
            "doubt": Amount(mark.doubt_um, Unit.LENGTH),
        },
    )
