"""Amounts: read exactly or refused, written in the unit people use, rounded only then."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.amounts import WRITTEN, Amount, Unit, decimal_text, length_um, temperature_mk, volume_ul
from shared.errors import NotANumber, RuleError, TooFine, UnknownUnit

BIG = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("text", "unit", "ul"),
    [("19.938", "L", 19_938_000), ("0.001", "mL", 1), ("5", "mL", 5_000), ("-0.5", "L", -500_000)],
)
def test_a_volume_is_read_to_the_microlitre(text: str, unit: str, ul: int) -> None:
    assert volume_ul(text, unit) == ul


def test_a_volume_without_unit_is_in_litres() -> None:
    assert volume_ul("2") == volume_ul("2", "L")


@pytest.mark.parametrize(
    ("text", "unit", "um"), [("2", "mm", 2_000), ("0.001", "mm", 1), ("1.5", "cm", 15_000), ("3", "m", 3_000_000)]
)
def test_a_length_is_read_to_the_micrometre(text: str, unit: str, um: int) -> None:
    assert length_um(text, unit) == um


def test_a_temperature_is_read_to_the_thousandth_of_a_degree() -> None:
    assert [temperature_mk(text) for text in ("20", "-5.5", "0.001")] == [20_000, -5_500, 1]


@pytest.mark.parametrize(
    ("read", "error", "values"),
    [
        (lambda: volume_ul("0.0001", "mL"), TooFine, {"text": "0.0001", "smallest": "0.001 mL"}),
        (lambda: volume_ul("0.0000001", "L"), TooFine, {"text": "0.0000001", "smallest": "0.001 mL"}),
        (lambda: volume_ul("1", "gallon"), UnknownUnit, {"unit": "gallon"}),
        (lambda: volume_ul("1e3", "L"), NotANumber, {"text": "1e3"}),
        (lambda: length_um("0.0001", "mm"), TooFine, {"text": "0.0001", "smallest": "0.001 mm"}),
        (lambda: length_um("1", "inch"), UnknownUnit, {"unit": "inch"}),
        (lambda: temperature_mk("20.0005"), TooFine, {"text": "20.0005", "smallest": "0.001"}),
        (lambda: temperature_mk("NaN"), NotANumber, {"text": "NaN"}),
    ],
)
def test_what_cannot_be_read_is_told_with_what_was_typed(
    read: object, error: type[RuleError], values: dict[str, str]
) -> None:
    assert callable(read)
    with pytest.raises(error) as told:
        read()
    assert told.value.values == values


@pytest.mark.parametrize(
    ("amount", "figure", "unit"),
    [
        (Amount(1_000_000, Unit.MASS), "1", "kg"),
        (Amount(999_999, Unit.MASS), "999.999", "g"),
        (Amount(-1_000_000, Unit.MASS), "-1", "kg"),
        (Amount(1_000_000, Unit.VOLUME), "1", "l"),
        (Amount(999_999, Unit.VOLUME), "999.999", "ml"),
        (Amount(1_000_000, Unit.LENGTH), "1", "m"),
        (Amount(999_999, Unit.LENGTH), "99.9999", "cm"),
        (Amount(10_000, Unit.LENGTH), "1", "cm"),
        (Amount(9_999, Unit.LENGTH), "9.999", "mm"),
        (Amount(1_000_000, Unit.AREA), "1", "m2"),
        (Amount(999_999, Unit.AREA), "9999.99", "cm2"),
        (Amount(100, Unit.AREA), "1", "cm2"),
        (Amount(99, Unit.AREA), "99", "mm2"),
        (Amount(3, Unit.COUNT), "3", "count"),
        (Amount(1_280, Unit.MONEY, 2), "12.80", "yuan"),
        (Amount(700, Unit.PRICE), "7", "yuan_per_kg"),
        (Amount(799, Unit.PRICE_PER_LITRE), "7.99", "yuan_per_l"),
        (Amount(-5_500, Unit.TEMPERATURE), "-5.5", "celsius"),
        (Amount(1_250, Unit.ENERGY), "1.25", "kwh"),
        (Amount(180, Unit.TIME), "180", "s"),
        (Amount(Fraction(43, 10_000), Unit.RATIO, 2), "0.43", "percent"),
        (Amount(1, Unit.RATIO), "100", "percent"),
    ],
)
def test_an_amount_is_written_in_the_unit_people_use(amount: Amount, figure: str, unit: str) -> None:
    assert (amount.decimal, amount.written_in) == (figure, unit)


def test_every_unit_can_be_written() -> None:
    assert set(WRITTEN) | {Unit.RATIO} == set(Unit)
    assert all(Amount(0, unit).decimal == "0" for unit in Unit)


@given(BIG, st.sampled_from(sorted(Unit)), st.none() | st.integers(0, 6))
def test_the_other_sign_is_the_same_amount_the_other_way(value: int, unit: Unit, places: int | None) -> None:
    amount = Amount(value, unit, places)
    assert (-amount).exact == -value
    assert ((-amount).unit, (-amount).places) == (unit, places)
    assert (-amount).__neg__() == Amount(Fraction(value), unit, places)


@pytest.mark.parametrize(
    ("value", "places", "told"),
    [
        (Fraction(1, 8), None, "0.125"),
        (Fraction(1, 8), 2, "0.12"),
        (Fraction(3, 8), 2, "0.38"),
        (Fraction(126, 1000), 2, "0.13"),
        (Fraction(1251, 10_000), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.12"),
        (Fraction(-3, 8), 2, "-0.38"),
        (Fraction(1, 2), 0, "0"),
        (Fraction(3, 2), 0, "2"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(5), 2, "5.00"),
        (Fraction(100), None, "100"),
        (Fraction(1, 3), None, "0.333333"),
        (Fraction(2, 3), None, "0.666667"),
        (Fraction(1, 10_000_000), None, "0"),
        (Fraction(5, 1_000), 3, "0.005"),
    ],
)
def test_a_figure_is_rounded_half_to_even_when_written(value: Fraction, places: int | None, told: str) -> None:
    """GB/T 8170-2008, 3.2."""
    assert decimal_text(value, places) == told


@given(st.fractions(-(10**9), 10**9), st.integers(0, 6))
def test_what_is_written_is_never_farther_off_than_half_a_digit(value: Fraction, places: int) -> None:
    assert abs(Fraction(decimal_text(value, places)) - value) <= Fraction(1, 2 * 10**places)
