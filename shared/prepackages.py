"""Prepackaged goods: how much a package may be short of its marked quantity, and how that quantity is marked.

Source: 定量包装商品计量监督管理办法, SAMR Order 70 (2023), before it AQSIQ Order 75 (2005), annexes (附表) 1 units, 2
height of characters, 3 allowed shortage T. T of mass and volume is rounded to 0.1 g (mL) up to 1 kg (L) and to 1 g
(mL) above; the page read does not say in which direction. Both known ways are computed (GB/T 8170 and upwards, as in
OIML R 87, from memory): where they differ T is unconfirmed, and a shortage between them is indeterminate. T of counts
goes up to the next whole. Nothing is said above 50 kg or 50 L, nor of drained weight.

Quantities are whole milligrams, microlitres, micrometres, square millimetres or pieces; a content may be a fraction.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> rice = Package(quantity("5", "kg"))
>>> allowed_shortage(rice, rules).most
Fraction(75000, 1)
>>> judge_package(rice, [quantity("4.92", "kg").value] * 2, rules, doubt=1_000).code.value
'beyond'
>>> allowed_shortage(Package(quantity("60", "kg")), rules)
Traceback (most recent call last):
shared.errors.MarkedAboveTable: ('marked_above_table', {'text': '60 kg', 'most': '50 kg'})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol, TypeVar

from shared.amounts import MM2_PER, UL_PER, UM_PER, Amount, Unit, with_symbol
from shared.conclusion import Code, Conclusion, Ground, Step, conclude, undecided
from shared.errors import (
    DrainedWeight,
    MarkedAboveTable,
    NegativeContent,
    NoMarkedQuantity,
    NoRule,
    TooFine,
    UnknownPackageUnit,
)
from shared.outcomes import harmed_by
from shared.quantities import MG_PER, plain_decimal
from shared.rules import Rules
from shared.rules.rows import FieldTest, PrepackageRounding, PrepackageShortage, PrepackageStep, Row

TWICE = 2
PER_THOUSAND = 1_000
COUNT = "count"
# The units a quantity may be typed in. The traditional ones are read so that their mark can be called not legal.
UNITS: Mapping[Unit, Mapping[str, int]] = {
    Unit.MASS: {unit: mg for unit, mg in MG_PER.items() if unit not in ("mg", "t")},
    Unit.VOLUME: UL_PER,
    Unit.LENGTH: UM_PER,
    Unit.AREA: MM2_PER,
    Unit.COUNT: {COUNT: 1},
}
PRINTED_ALSO = {"ml": "mL", "l": "L"}

Content = int | Fraction


class PackageGround(StrEnum):
    """What can be said of one package."""

    ENOUGH = "package_enough"
    SHORT_WITHIN = "package_short_within"
    SHORT_ROUNDING = "package_short_rounding"
    SHORT_IN_DOUBT = "package_short_in_doubt"
    SHORT_BEYOND = "package_short_beyond"
    SHORT_TWICE = "package_short_twice"
    WEIGHINGS_DIFFER = "package_weighings_differ"
    TOO_FEW_WEIGHINGS = "package_too_few_weighings"


_BY_HEAVIEST = {PackageGround.SHORT_IN_DOUBT, PackageGround.SHORT_BEYOND, PackageGround.SHORT_TWICE}


class PackageStep(StrEnum):
    """The arithmetic of one package."""

    ALLOWED = "package_allowed"
    ALLOWED_EITHER = "package_allowed_either"
    SHORTAGE = "package_shortage"


def quantity(text: str, unit: str) -> Amount:
    """Return a marked or measured quantity; "count" counts pieces.

    Raises NotANumber, UnknownPackageUnit, NegativeContent, or TooFine rather than round.

    >>> quantity("2", "dm2")
    Amount(value=20000, unit=<Unit.AREA: 'area'>, places=None)
    >>> quantity("1.5", "count")
    Traceback (most recent call last):
    shared.errors.TooFine: ('too_fine', {'text': '1.5', 'smallest': '1'})
    """
    printed = PRINTED_ALSO.get(unit, unit)
    kind = next((kind for kind, units in UNITS.items() if printed in units), None)
    if kind is None:
        raise UnknownPackageUnit(unit=unit)
    factor = UNITS[kind][printed]
    value = Fraction(plain_decimal(text)) * factor
    if value < 0:
        raise NegativeContent(text=text)
    if value.denominator != 1:
        raise TooFine(text=text, smallest=with_symbol(Amount(1, kind)))
    return Amount(int(value), kind)


@dataclass(frozen=True)
class Package:
    """A package by its mark; ``is_drained`` where the mark is drained weight, which these rules do not cover."""

    marked: Amount
    is_drained: bool = False

    @property
    def kind(self) -> Unit:
        return self.marked.unit

    def sound(self) -> Package:
        """Return itself; raises NoMarkedQuantity at or below nothing, DrainedWeight."""
        if self.is_drained:
            raise DrainedWeight()
        if self.marked.exact <= 0 or self.marked.exact.denominator != 1:
            raise NoMarkedQuantity(text=self.marked.decimal)
        return self

    def amount(self, value: Content) -> Amount:
        """Return a quantity of the kind of this package."""
        return Amount(value, self.kind)


@dataclass(frozen=True)
class AllowedShortage:
    """T by each way to round: ``least`` and ``most`` differ where the law does not say which; the rows it rests on."""

    least: Fraction
    most: Fraction
    rows: tuple[Row, ...]


class Band(Protocol):
    """A row that speaks of quantities above one bound and up to another, 0 for none."""

    @property
    def kind(self) -> str: ...
    @property
    def above(self) -> int: ...
    @property
    def up_to(self) -> int: ...


B = TypeVar("B", bound=Band)


def band_of(bands: Iterable[B], package: Package) -> B | None:
    """Return the band the marked quantity falls in; None outside all of them."""
    marked = package.marked.exact
    found = [band for band in bands if band.kind == package.kind and band.above < marked <= (band.up_to or marked)]
    return found[-1] if found else None


def allowed_shortage(package: Package, rules: Rules) -> AllowedShortage:
    """Return T of annex 3, with its rounding; no shortage at all is a T of nothing.

    Raises NoMarkedQuantity, DrainedWeight, NoRule where no table of this kind holds on the day, MarkedAboveTable.
    """
    bands = [band for band in rules.all_of(PrepackageShortage) if band.kind == package.sound().kind]
    if not bands:
        raise NoRule(what=PrepackageShortage.__name__, day=rules.day.isoformat())
    band = band_of(bands, package)
    if band is None:
        most = package.amount(max(band.up_to for band in bands))
        raise MarkedAboveTable(text=with_symbol(package.marked), most=with_symbol(most))
    exact = Fraction(package.marked.exact * band.thousandths, PER_THOUSAND) + band.fixed
    return _rounded(exact, band, package, rules)


def _rounded(exact: Fraction, band: PrepackageShortage, package: Package, rules: Rules) -> AllowedShortage:
    step = band_of(rules.all_of(PrepackageStep), package)
    ways = [way for way in rules.all_of(PrepackageRounding) if way.kind == package.kind]
    if step is None or not ways:
        return AllowedShortage(exact, exact, (band,))
    found = {way.direction: rounded(exact, step.step, way.direction) for way in ways}
    least, most = min(found.values()), max(found.values())
    is_told = len(found) == 1 or least != most
    return AllowedShortage(least, most, (band, step, *(ways if is_told else ())))


def rounded(exact: Fraction, step: int, direction: str) -> Fraction:
    """Round to a multiple of ``step``: "up", or to the nearest with halves to the even one (GB/T 8170-2008, 3.2).

    >>> [int(rounded(Fraction(value), 100, "half_even")) for value in (149, 150, 151, 250)]
    [100, 200, 200, 200]
    >>> int(rounded(Fraction(101), 100, "up"))
    200
    """
    steps, rest = divmod(exact, step)
    is_half_up = TWICE * rest > step or (TWICE * rest == step and steps % TWICE == 1)
    return Fraction((steps + (1 if (rest if direction == "up" else is_half_up) else 0)) * step)


def judge_package(package: Package, contents: Sequence[Content], rules: Rules, *, doubt: Content) -> Conclusion:
    """Judge one package by its content, weighed at least twice: from one weighing nothing is concluded.

    ``doubt`` is how far a weighing may be from the truth. Beyond is what every weighing and every way to round calls
    so, even with the doubt on the package's side. The order of weighings never matters. Raises NegativeContent, and
    as ``allowed_shortage``.
    """
    allowed = allowed_shortage(package, rules)
    refuse_negative(package, (*contents, doubt))
    grounds = [_short_ground(package, min(contents), max(contents), allowed, doubt)] if contents else []
    wanted = weighings_wanted(rules)
    if len(contents) < wanted.min_points:
        facts: dict[str, Amount | int | str] = {"count": len(contents), "wanted": wanted.min_points}
        few = Ground(code=PackageGround.TOO_FEW_WEIGHINGS, outcome=Code.INDETERMINATE, rows=(wanted,), facts=facts)
        grounds = [*map(undecided, grounds), few]
    return conclude(grounds, rules.ruleset, steps_of(package, contents, allowed), [wanted])


def weighings_wanted(rules: Rules) -> FieldTest:
    """Return the row that says how many weighings a verdict needs; raises NoRule."""
    rows = [row for row in rules.all_of(FieldTest) if row.kind == "prepackage"]
    if not rows:
        raise NoRule(what=FieldTest.__name__, day=rules.day.isoformat())
    return rows[-1]


def refuse_negative(package: Package, values: Iterable[Content]) -> None:
    """Raise NegativeContent for the first value below nothing."""
    for value in values:
        if value < 0:
            raise NegativeContent(text=with_symbol(package.amount(value)))


def _short_ground(package: Package, least: Content, most: Content, allowed: AllowedShortage, doubt: Content) -> Ground:
    small, large = package.marked.exact - most, package.marked.exact - least
    code, outcome = _said(small, large, allowed, doubt)
    # Each code is told by the weighing that it was found by: what passes the limit by the heaviest one.
    short = small if code in _BY_HEAVIEST else large
    return Ground(
        code=code,
        outcome=outcome,
        value=package.amount(max(short, Fraction(0))),
        limit=package.amount(allowed.least if outcome is Code.WITHIN else allowed.most),
        harmed=harmed_by(short),
        rows=allowed.rows,
        facts={
            "marked": package.marked,
            "content": package.amount(package.marked.exact - short),
            "least": package.amount(allowed.least),
            "doubt": package.amount(doubt),
            "first": package.amount(least),
            "last": package.amount(most),
        },
    )


def _said(small: Fraction, large: Fraction, allowed: AllowedShortage, doubt: Content) -> tuple[PackageGround, Code]:
    if large <= 0:
        return PackageGround.ENOUGH, Code.WITHIN
    if large <= allowed.least:
        return PackageGround.SHORT_WITHIN, Code.WITHIN
    if large <= allowed.most:
        return PackageGround.SHORT_ROUNDING, Code.INDETERMINATE
    if small <= allowed.most:
        return PackageGround.WEIGHINGS_DIFFER, Code.INDETERMINATE
    if small - doubt <= allowed.most:
        return PackageGround.SHORT_IN_DOUBT, Code.INDETERMINATE
    if allowed.most and small - doubt > TWICE * allowed.most:
        return PackageGround.SHORT_TWICE, Code.BEYOND
    return PackageGround.SHORT_BEYOND, Code.BEYOND


def steps_of(package: Package, contents: Iterable[Content], allowed: AllowedShortage) -> tuple[Step, ...]:
    """Return the arithmetic of T and of each shortage, least content first."""
    return (allowed_step(package, allowed), *(_shortage_step(package, content) for content in sorted(contents)))


def allowed_step(package: Package, allowed: AllowedShortage) -> Step:
    """Return the line that tells T, or both where the ways to round differ."""
    facts: dict[str, Amount | int | str] = {"marked": package.marked, "limit": package.amount(allowed.most)}
    if allowed.least == allowed.most:
        return Step(code=PackageStep.ALLOWED, facts=facts)
    return Step(code=PackageStep.ALLOWED_EITHER, facts=facts | {"least": package.amount(allowed.least)})


def _shortage_step(package: Package, content: Content) -> Step:
    short = package.amount(package.marked.exact - content)
    facts = {"marked": package.marked, "content": package.amount(content), "short": short}
    return Step(code=PackageStep.SHORTAGE, facts=facts)
