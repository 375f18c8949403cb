"""Amounts with their unit, exact inside and written for people: what every rule beside the scale's counts in.

An amount is a whole number or a fraction of the smallest unit kept: milligrams, microlitres, micrometres, square
millimetres, thousandths of a degree, fen, watt-hours, seconds, pieces; a ratio counts in ones (1 is 100 %). Where a
result does not end in decimals it is rounded when written, half to even (GB/T 8170-2008, 3.2), and never before
it is judged.

>>> Amount(volume_ul("19.938", "L"), Unit.VOLUME).decimal
'19.938'
>>> Amount(Fraction(43, 10_000), Unit.RATIO, places=2).decimal
'0.43'
>>> temperature_mk("-5.5")
-5500
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.errors import TooFine, UnknownUnit
from shared.quantities import plain_decimal

UL_PER = {"mL": 1_000, "L": 1_000_000}
UM_PER = {"mm": 1_000, "cm": 10_000, "m": 1_000_000}
MM2_PER = {"mm2": 1, "cm2": 100, "dm2": 10_000, "m2": 1_000_000}
MOST_PLACES = 6


class Unit(StrEnum):
    """What an amount counts."""

    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"
    AREA = "area"
    COUNT = "count"
    RATIO = "ratio"
    MONEY = "money"
    PRICE = "price"
    PRICE_PER_LITRE = "price_per_litre"
    TEMPERATURE = "temperature"
    ENERGY = "energy"
    TIME = "time"


# What the smallest unit is divided by to be written, and the unit written then: from this much on, most first.
WRITTEN: dict[Unit, list[tuple[int, int, str]]] = {
    Unit.MASS: [(1_000_000, 1_000_000, "kg"), (0, 1_000, "g")],
    Unit.VOLUME: [(1_000_000, 1_000_000, "l"), (0, 1_000, "ml")],
    Unit.LENGTH: [(1_000_000, 1_000_000, "m"), (10_000, 10_000, "cm"), (0, 1_000, "mm")],
    Unit.AREA: [(1_000_000, 1_000_000, "m2"), (100, 100, "cm2"), (0, 1, "mm2")],
    Unit.COUNT: [(0, 1, "count")],
    Unit.MONEY: [(0, 100, "yuan")],
    Unit.PRICE: [(0, 100, "yuan_per_kg")],
    Unit.PRICE_PER_LITRE: [(0, 100, "yuan_per_l")],
    Unit.TEMPERATURE: [(0, 1_000, "celsius")],
    Unit.ENERGY: [(0, 1_000, "kwh")],
    Unit.TIME: [(0, 1, "s")],
}
PERCENT = 100
# How a unit is written in every language; a count is the number alone.
SYMBOLS = {"l": "L", "ml": "mL", "kwh": "kWh", "m2": "m²", "cm2": "cm²", "mm2": "mm²"}


@dataclass(frozen=True)
class Amount:
    """``value`` in the smallest unit of ``unit``; ``places`` None: every digit it has, at most six."""

    value: int | Fraction
    unit: Unit
    places: int | None = None

    @property
    def exact(self) -> Fraction:
        """The value as a fraction."""
        return Fraction(self.value)

    @property
    def written_in(self) -> str:
        """The name of the unit it is written in: ``unit.<name>`` of the catalogues."""
        return self._written[1]

    @property
    def _written(self) -> tuple[Fraction, str]:
        if self.unit is Unit.RATIO:
            return self.exact * PERCENT, "percent"
        steps = WRITTEN[self.unit]
        divisor, name = next((by, name) for least, by, name in steps if abs(self.exact) >= least)
        return Fraction(self.exact, divisor), name

    @property
    def decimal(self) -> str:
        """The figure alone, as it is written."""
        return decimal_text(self._written[0], self.places)

    def __neg__(self) -> Amount:
        return Amount(-self.exact, self.unit, self.places)


def decimal_text(value: Fraction, places: int | None = None) -> str:
    """Write a fraction as a decimal, rounded half to even; without ``places`` no needless zeros, at most six digits.

    >>> decimal_text(Fraction(1, 8)), decimal_text(Fraction(1, 8), 2), decimal_text(Fraction(5), 2)
    ('0.125', '0.12', '5.00')
    """
    wanted = MOST_PLACES if places is None else places
    scaled = value * 10**wanted
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if 2 * rest > scaled.denominator or (2 * rest == scaled.denominator and whole % 2):
        whole += 1
    digits = f"{abs(whole):0{wanted + 1}d}"
    text = f"{digits[:-wanted]}.{digits[-wanted:]}" if wanted else digits
    if places is None:
        text = text.rstrip("0").rstrip(".")
    return f"-{text}" if whole < 0 else text


def with_symbol(amount: Amount) -> str:
    """Write an amount with the symbol of its unit, for the values of an error.

    >>> with_symbol(Amount(750_000, Unit.VOLUME)), with_symbol(Amount(12, Unit.COUNT))
    ('750 mL', '12')
    """
    if amount.unit is Unit.COUNT:
        return amount.decimal
    return f"{amount.decimal} {SYMBOLS.get(amount.written_in, amount.written_in)}"


def _whole(text: str, unit: str, table: dict[str, int], smallest: str) -> int:
    if unit not in table:
        raise UnknownUnit(unit=unit)
    value = Fraction(plain_decimal(text)) * table[unit]
    if value.denominator != 1:
        raise TooFine(text=text, smallest=smallest)
    return int(value)


def volume_ul(text: str, unit: str = "L") -> int:
    """Return whole microlitres; raises NotANumber, UnknownUnit, or TooFine rather than round."""
    return _whole(text, unit, UL_PER, "0.001 mL")


def length_um(text: str, unit: str) -> int:
    """Return whole micrometres; raises NotANumber, UnknownUnit, or TooFine rather than round."""
    return _whole(text, unit, UM_PER, "0.001 mm")


def temperature_mk(text: str) -> int:
    """Return thousandths of a degree Celsius; raises NotANumber, or TooFine rather than round."""
    return _whole(text, "C", {"C": 1_000}, "0.001")
