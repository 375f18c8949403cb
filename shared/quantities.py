"""Quantities as whole numbers: milligrams and fen, parsed and shown exactly.

1 市斤 = 500 g and 1 市两 = 50 g: 国务院关于统一我国计量制度的命令 (1959-06-25). They are accepted on input because
people say them, and always echoed in kilograms: selling by 斤 is not in legal units (计量法 article 3).

>>> mass_mg("10.025", "kg")
10025000
>>> mass_mg("3", "斤")
1500000
>>> mass_text(10_025_000, d_mg=5_000)
'10.025'
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import count

from shared.errors import AboveMax, FinerThanDisplay, NegativeReading, NoLoad, NotANumber, TooFine, UnknownUnit

MG_PER = {"mg": 1, "g": 1_000, "kg": 1_000_000, "t": 1_000_000_000, "斤": 500_000, "两": 50_000}
MG_PER |= {"克": 1_000, "千克": 1_000_000, "公斤": 1_000_000}
MG_PER_PRICE = {unit: MG_PER[unit] for unit in ("kg", "公斤", "千克", "斤", "两", "g", "克")} | {"500g": 500_000}
SPOKEN_UNITS = ("公斤", "克", "斤", "两")
PRICE_UNITS = {f"元/{unit}": unit for unit in MG_PER_PRICE}
FEN_PER_YUAN = 100

_FULL_WIDTH = {code: code - 0xFEE0 for code in (0xFF0D, 0xFF0E, *range(0xFF10, 0xFF1A))}  # minus, point, figures
_PLAIN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


def plain_decimal(text: str) -> Decimal:
    """Read a plain decimal as people type it, full-width digits included; no other character passes for a digit.

    >>> plain_decimal("１０．５")
    Decimal('10.5')
    >>> plain_decimal("1e3")
    Traceback (most recent call last):
    shared.errors.NotANumber: ('not_a_number', {'text': '1e3'})
    """
    normal = text.translate(_FULL_WIDTH).strip()
    if not _PLAIN.fullmatch(normal):
        raise NotANumber(text=text)
    return Decimal(normal)


def _whole(text: str, factor: int, smallest: str) -> int:
    value = Fraction(plain_decimal(text)) * factor
    if value.denominator != 1:
        raise TooFine(text=text, smallest=smallest)
    return int(value)


def mass_mg(text: str, unit: str = "kg") -> int:
    """Return whole milligrams; raises NotANumber, UnknownUnit, or TooFine rather than round."""
    if unit not in MG_PER:
        raise UnknownUnit(unit=unit)
    return _whole(text, MG_PER[unit], "mg")


def money_fen(text: str) -> int:
    """Return whole fen of an amount in yuan; raises NotANumber, or TooFine rather than round.

    >>> money_fen("12.80")
    1280
    """
    return _whole(text, FEN_PER_YUAN, "0.01")


def money_text(fen: int) -> str:
    """Write an amount in yuan with both digits after the point.

    >>> money_text(-5)
    '-0.05'
    """
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def price_fen(text: str, unit: str = "kg") -> int:
    """Return whole fen a kilogram of a price in yuan for one kilogram, 斤, 500 g, 两 or gram.

    Raises NotANumber, UnknownUnit, or TooFine where a kilogram would not cost whole fen.

    >>> price_fen("3.5", "斤"), price_fen("7", "500g"), price_fen("12.80")
    (700, 1400, 1280)
    >>> price_fen("3.333")
    Traceback (most recent call last):
    shared.errors.TooFine: ('too_fine', {'text': '3.333', 'smallest': '0.01'})
    """
    unit_mg = MG_PER_PRICE.get(unit)
    if unit_mg is None:
        raise UnknownUnit(unit=unit)
    value = Fraction(plain_decimal(text)) * Fraction(FEN_PER_YUAN * MG_PER["kg"], unit_mg)
    if value.denominator != 1:
        raise TooFine(text=text, smallest="0.01")
    return int(value)


def mass_text(mg: int, *, unit: str = "kg", d_mg: int = 1) -> str:
    """Write a mass with the digits that a scale of interval ``d_mg`` shows; a finer part is never cut off.

    >>> mass_text(10_000_000, d_mg=5_000), mass_text(25_000, unit="g"), mass_text(1_500, unit="g")
    ('10.000', '25', '1.5')
    """
    if unit not in MG_PER:
        raise UnknownUnit(unit=unit)
    value = Fraction(mg, MG_PER[unit])
    places = max(_places(value), _places(Fraction(d_mg, MG_PER[unit])) if d_mg > 1 else 0)
    digits = f"{abs(int(value * 10**places)):0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if mg < 0 else text


def _places(value: Fraction) -> int:
    """Return how many digits after the point a figure of the trade has: every unit is a product of twos and fives."""
    return next(places for places in count() if 10**places % value.denominator == 0)


def shown_mg(text: str, *, unit: str, d_mg: int, e_mg: int, max_mg: int) -> int:
    """Return a reading in milligrams, exactly as the scale can have shown it.

    A weighing instrument shows nothing above Max + 9 e (OIML R 76-1:2006, 4.2.3; from memory). Raises
    NegativeReading, FinerThanDisplay or AboveMax; a finer reading is an error, never a rounding.

    >>> shown_mg("10.0253", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000)
    Traceback (most recent call last):
    shared.errors.FinerThanDisplay: ('finer_than_display', {'text': '10.0253', 'd': '5', 'unit': 'kg'})
    """
    value = mass_mg(text, unit)
    if value < 0:
        raise NegativeReading(text=text)
    if value % d_mg:
        raise FinerThanDisplay(text=text, d=mass_text(d_mg, unit="g"), unit=unit)
    if value > max_mg + 9 * e_mg:
        raise AboveMax(text=text, max=mass_text(max_mg), unit=unit)
    return value


def load_mg(text: str, *, unit: str, max_mg: int) -> int:
    """Return a test load in milligrams; raises NoLoad at or below nothing, AboveMax above the capacity."""
    value = mass_mg(text, unit)
    if value <= 0:
        raise NoLoad(text=text)
    if value > max_mg:
        raise AboveMax(text=text, max=mass_text(max_mg), unit=unit)
    return value
