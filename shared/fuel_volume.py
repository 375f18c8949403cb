"""What a metal measure held: the reading of its neck, and the volume at the temperature of the dispenser.

Source: JJG 443-2006, 7.5.3 and 7.6, as quoted at http://m.nwxiwst.cn/news/169.html; the same formula in a paper on JJG
443-2015 (http://jizihe.com/page/2016/0514/8771716.shtml); the text of 2023 was not read. Volumes are whole microlitres
or fractions of them, heights micrometres, temperatures thousandths of a degree Celsius, ratios plain fractions.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> held_ul = neck_volume_ul(Neck(reference_ul=20_000_000, reference_um=69_000, ul_per_mm=2_000), 38_000)
>>> held_ul
Fraction(19938000, 1)
>>> oil = Oil(fuel=Fuel.GASOLINE, material=Material.STAINLESS_STEEL, dispenser_mk=24_000, measure_mk=23_000)
>>> true_ul = volume_at_dispenser_ul(held_ul, oil, rules)
>>> true_ul, decimal_text(error_of(20_000_000, true_ul) * 100, 3)
(Fraction(199649163, 10), '0.176')
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import decimal_text, length_um, temperature_mk, volume_ul
from shared.errors import (
    FinerThanDispenser,
    NeckOutOfRange,
    NoRule,
    NothingDelivered,
    PlateNotPositive,
    PriceNotPositive,
    TemperatureOutOfRange,
    UnknownUnit,
)
from shared.quantities import money_fen, money_text
from shared.rules import Rules
from shared.rules.rows import FuelExpansion, FuelPlausible, MeasureExpansion

PPM = 1_000_000
MK_PER_K = 1_000
UM_PER_MM = 1_000
UL_PER_L = 1_000_000
REFERENCE_MK = 20_000
PRICE_UNIT = "yuan/L"


class Fuel(StrEnum):
    """What is sold."""

    GASOLINE = "gasoline"
    DIESEL = "diesel"
    KEROSENE = "kerosene"


class Material(StrEnum):
    """What the measure is made of."""

    STAINLESS_STEEL = "stainless_steel"
    CARBON_STEEL = "carbon_steel"


@dataclass(frozen=True, kw_only=True)
class Neck:
    """The neck scale of a measure, from its certificate: the volume at one mark, and microlitres for each millimetre.

    ``lowest_um`` and ``highest_um`` are the ends of the scale; ``highest_um`` 0: not known.
    """

    reference_ul: int
    reference_um: int
    ul_per_mm: int
    lowest_um: int = 0
    highest_um: int = 0


@dataclass(frozen=True, kw_only=True)
class Oil:
    """What was measured, in what, and how warm it was at the dispenser and in the measure."""

    fuel: Fuel
    material: Material
    dispenser_mk: int
    measure_mk: int


def neck_volume_ul(neck: Neck, height_um: int) -> Fraction:
    """Return what the measure holds at 20 °C at a height of its neck: V_B = V_ref + (h - h_ref) k.

    Source: examination key at https://m.jhq8.cn/daan/2024/05/3458638.html. Raises NeckOutOfRange off the scale, never
    a guess.

    >>> neck = Neck(reference_ul=19_750_000, reference_um=68_300, ul_per_mm=2_100, highest_um=140_000)
    >>> neck_volume_ul(neck, 37_400)
    Fraction(19685110, 1)
    >>> neck_volume_ul(neck, 140_001)
    Traceback (most recent call last):
    shared.errors.NeckOutOfRange: ('neck_out_of_range', {'height': '140.001', 'lowest': '0', 'highest': '140'})
    """
    volume = neck.reference_ul + Fraction((height_um - neck.reference_um) * neck.ul_per_mm, UM_PER_MM)
    is_above = neck.highest_um > 0 and height_um > neck.highest_um
    if height_um < neck.lowest_um or is_above or neck.ul_per_mm <= 0 or volume <= 0:
        raise _off_scale(height_um, neck.lowest_um, neck.highest_um)
    return volume


def _off_scale(height_um: int, lowest_um: int, highest_um: int) -> NeckOutOfRange:
    height, lowest, highest = (decimal_text(Fraction(um, UM_PER_MM)) for um in (height_um, lowest_um, highest_um))
    return NeckOutOfRange(height=height, lowest=lowest, highest=highest if highest_um else "?")


def volume_at_dispenser_ul(held_ul: int | Fraction, oil: Oil, rules: Rules) -> Fraction:
    """Return V_Bt = V_B (1 + beta_Y (t_J - t_B) + beta_B (t_B - 20)): the volume as it passed the dispenser.

    Raises NothingDelivered for an empty measure, TemperatureOutOfRange for a figure no thermometer at a station shows,
    NoRule where no row knows the fuel or the material.
    """
    if held_ul <= 0:
        raise NothingDelivered()
    for mk in (oil.dispenser_mk, oil.measure_mk):
        plausible_mk(mk, rules)
    fuel, material = expansion_rows(oil, rules)
    parts = fuel.ppm_per_k * (oil.dispenser_mk - oil.measure_mk) + material.ppm_per_k * (oil.measure_mk - REFERENCE_MK)
    return Fraction(held_ul) * (1 + Fraction(parts, PPM * MK_PER_K))


def expansion_rows(oil: Oil, rules: Rules) -> tuple[FuelExpansion, MeasureExpansion]:
    """Return the rows of how far the fuel and the measure expand; raises NoRule."""
    fuels = [row for row in rules.all_of(FuelExpansion) if row.fuel == oil.fuel]
    materials = [row for row in rules.all_of(MeasureExpansion) if row.material == oil.material]
    if not fuels or not materials:
        raise NoRule(what=f"{oil.fuel} {oil.material}", day=rules.day.isoformat())
    return fuels[-1], materials[-1]


def plausible_mk(mk: int, rules: Rules) -> int:
    """Return a temperature that a thermometer at a station can show; raises TemperatureOutOfRange."""
    row = rules.one_of(FuelPlausible)
    if not row.from_mk <= mk <= row.to_mk:
        told, lowest, highest = (decimal_text(Fraction(value, MK_PER_K)) for value in (mk, row.from_mk, row.to_mk))
        raise TemperatureOutOfRange(value=told, lowest=lowest, highest=highest)
    return mk


def error_of(shown: int, true: int | Fraction) -> Fraction:
    """Return (V_J - V_Bt) / V_Bt as a plain fraction; more than nothing means that the buyer got less than was shown.

    >>> error_of(20_100, 20_000)
    Fraction(1, 200)
    >>> error_of(20_100, 0)
    Traceback (most recent call last):
    shared.errors.NothingDelivered: ('nothing_delivered', {})
    """
    if true <= 0:
        raise NothingDelivered()
    return Fraction(shown - Fraction(true)) / true


def shown_volume_ul(text: str, unit: str = "L", *, step_ul: int) -> int:
    """Return what a dispenser showed; raises NothingDelivered, or FinerThanDispenser rather than round.

    >>> shown_volume_ul("20.00", step_ul=10_000)
    20000000
    >>> shown_volume_ul("20.005", step_ul=10_000)
    Traceback (most recent call last):
    shared.errors.FinerThanDispenser: ('finer_than_dispenser', {'text': '20.005', 'step': '0.01 L'})
    """
    return checked_volume_ul(volume_ul(text, unit), step_ul=step_ul, text=text)


def checked_volume_ul(value_ul: int, *, step_ul: int, text: str = "") -> int:
    """Return a volume that a dispenser of smallest step ``step_ul`` can have shown; errors as shown_volume_ul.

    Raises PlateNotPositive where the step itself is nothing.
    """
    if step_ul <= 0:
        raise PlateNotPositive()
    if value_ul <= 0:
        raise NothingDelivered()
    if value_ul % step_ul:
        step = f"{decimal_text(Fraction(step_ul, UL_PER_L))} L"
        raise FinerThanDispenser(text=text or decimal_text(Fraction(value_ul, UL_PER_L)), step=step)
    return value_ul


def station_mk(text: str, rules: Rules) -> int:
    """Return a temperature read at a station in thousandths of a degree; raises TemperatureOutOfRange.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> station_mk("-5.5", rules_on(date(2026, 11, 21)))
    -5500
    """
    return plausible_mk(temperature_mk(text), rules)


def neck_um(text: str, unit: str = "mm") -> int:
    """Return a height on a neck in micrometres; below nothing it is NeckOutOfRange."""
    value = length_um(text, unit)
    if value < 0:
        raise _off_scale(value, 0, 0)
    return value


def price_fen(text: str, unit: str = PRICE_UNIT) -> int:
    """Return the fen for each litre; raises UnknownUnit, PriceNotPositive, NotANumber, or TooFine rather than round.

    >>> price_fen("7.89")
    789
    """
    if unit != PRICE_UNIT:
        raise UnknownUnit(unit=unit)
    return checked_price_fen(money_fen(text))


def checked_price_fen(fen: int) -> int:
    """Return a price that is more than nothing; raises PriceNotPositive."""
    if fen <= 0:
        raise PriceNotPositive(text=money_text(fen))
    return fen
