"""Quantities: read exactly or refused, never rounded, and written as they can be read again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import (
    AboveMax,
    FinerThanDisplay,
    NegativeReading,
    NoLoad,
    NotANumber,
    RuleError,
    TooFine,
    UnknownUnit,
)
from shared.quantities import (
    MG_PER,
    load_mg,
    mass_mg,
    mass_text,
    money_fen,
    money_text,
    plain_decimal,
    price_fen,
    shown_mg,
)
from tests.strategies import masses_mg

UNITS = st.sampled_from(sorted(MG_PER))
PLATE: dict[str, Any] = {"unit": "kg", "d_mg": 5_000, "e_mg": 5_000, "max_mg": 15_000_000}


@given(st.integers(-(10**11), 10**11), UNITS, st.sampled_from([1, 1_000, 5_000, 20_000, 100_000]))
def test_a_written_mass_reads_back_the_same(mg: int, unit: str, d_mg: int) -> None:
    assert mass_mg(mass_text(mg, unit=unit, d_mg=d_mg), unit) == mg


@given(st.integers(-(10**13), 10**13))
def test_a_written_amount_reads_back_the_same(fen: int) -> None:
    assert money_fen(money_text(fen)) == fen
    assert money_text(fen)[-3] == "."


@given(st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", fullmatch=True), UNITS)
def test_a_mass_is_exact_or_too_fine(text: str, unit: str) -> None:
    exact = Fraction(text) * MG_PER[unit]
    try:
        assert mass_mg(text, unit) == exact
    except TooFine:
        assert exact.denominator != 1


@given(st.text(max_size=20) | st.text("0123456789.,-+eE_ ０１．²½①٣", max_size=12))
def test_no_text_is_misread(text: str) -> None:
    try:
        value = plain_decimal(text)
    except NotANumber:
        return
    plain = text.strip().translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    assert plain.isascii()
    assert value == Fraction(plain)


NO_NUMBERS = ["", "-", ".5", "5.", "1e3", "1_000", "1,000", "+5", "--5", "10²", "①", "½", "٣", "10 .5", "NaN", "0x1F"]


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1" * 13])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        plain_decimal(text)


def test_full_width_figures_are_read_as_people_type_them() -> None:
    assert mass_mg("　１０．０２５ ", "kg") == 10_025_000
    assert money_fen("－１２．８０") == -1280


def test_jin_and_liang_are_taken_and_other_units_are_not() -> None:
    assert mass_mg("3", "斤") == mass_mg("30", "两") == mass_mg("1.5", "kg") == 1_500_000
    for unit in ("KG", "lb", ""):
        with pytest.raises(UnknownUnit):
            mass_mg("1", unit)
        with pytest.raises(UnknownUnit):
            mass_text(1, unit=unit)


@given(masses_mg, st.sampled_from([1, 5_000, 200_000]))
def test_every_digit_the_scale_shows_is_written_and_none_is_cut(mg: int, d_mg: int) -> None:
    text = mass_text(mg, d_mg=d_mg)
    assert Fraction(text) * 1_000_000 == mg
    shown = len(text.partition(".")[2])
    assert shown >= {1: 0, 5_000: 3, 200_000: 1}[d_mg]


def test_a_reading_is_taken_exactly_as_the_scale_can_show_it() -> None:
    assert shown_mg("10.025", **PLATE) == 10_025_000
    assert shown_mg("0", **PLATE) == 0
    assert shown_mg("15.045", **PLATE) == 15_045_000  # Max + 9 e
    finer, above = {"d": "5", "unit": "kg"}, {"max": "15", "unit": "kg"}
    for text, error, more in [
        ("10.0253", FinerThanDisplay, finer),
        ("-0.005", NegativeReading, {}),
        ("15.050", AboveMax, above),
    ]:
        with pytest.raises(error) as told:
            shown_mg(text, **PLATE)
        assert told.value.values == {"text": text, **more}
    assert shown_mg("20.05", **PLATE | {"unit": "斤"}) == 10_025_000


def test_a_load_is_more_than_nothing_and_at_most_max() -> None:
    assert load_mg("15", unit="kg", max_mg=15_000_000) == 15_000_000
    assert load_mg("1", unit="mg", max_mg=15_000_000) == 1
    above = {"max": "15", "unit": "kg"}
    for text, error, more in [("0", NoLoad, {}), ("-1", NoLoad, {}), ("15.000001", AboveMax, above)]:
        with pytest.raises(error) as told:
            load_mg(text, unit="kg", max_mg=15_000_000)
        assert told.value.values == {"text": text, **more}


@pytest.mark.parametrize(
    ("read", "error", "values"),
    [
        (lambda: mass_mg("1", "lb"), UnknownUnit, {"unit": "lb"}),
        (lambda: mass_mg("0.0000001", "kg"), TooFine, {"text": "0.0000001", "smallest": "mg"}),
        (lambda: money_fen("0.001"), TooFine, {"text": "0.001", "smallest": "0.01"}),
        (lambda: price_fen("1", "lb"), UnknownUnit, {"unit": "lb"}),
        (lambda: price_fen("0.005", "kg"), TooFine, {"text": "0.005", "smallest": "0.01"}),
        (lambda: mass_text(1, unit="lb"), UnknownUnit, {"unit": "lb"}),
    ],
)
def test_what_cannot_be_read_is_told_with_what_was_typed(
    read: Callable[[], object], error: type[RuleError], values: dict[str, str]
) -> None:
    with pytest.raises(error) as told:
        read()
    assert told.value.values == values


def test_nothing_costs_nothing_and_has_no_sign() -> None:
    assert [money_text(fen) for fen in (0, 1, -1)] == ["0.00", "0.01", "-0.01"]


@given(st.text(max_size=30), st.text(max_size=3) | UNITS)
def test_no_typing_raises_anything_but_an_error_of_the_trade(text: str, unit: str) -> None:
    readers: list[Callable[[], int]] = [
        lambda: mass_mg(text, unit),
        lambda: money_fen(text),
        lambda: shown_mg(text, **PLATE | {"unit": unit}),
        lambda: load_mg(text, unit=unit, max_mg=15_000_000),
    ]
    for read in readers:
        with suppress(RuleError):
            assert type(read()) is int


def test_an_error_repeats_only_the_beginning_of_what_was_typed() -> None:
    for text, unit in (("x" * 10_000, "kg"), ("0." + "1" * 12, "mg")):
        with pytest.raises(RuleError) as caught:
            mass_mg(text, unit)
        assert str(caught.value.values["text"]) == text[:40]
