"""The arithmetic of the measure: published readings, corrections worked out apart, and what must hold for any run."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.amounts import decimal_text, volume_ul
from shared.errors import (
    FinerThanDispenser,
    NeckOutOfRange,
    NoRule,
    NotANumber,
    NothingDelivered,
    PlateNotPositive,
    PriceNotPositive,
    RuleError,
    TemperatureOutOfRange,
    TooFine,
    UnknownUnit,
)
from shared.fuel_points import divisor_of, mean_of
from shared.fuel_volume import (
    Fuel,
    Material,
    Neck,
    Oil,
    checked_volume_ul,
    error_of,
    expansion_rows,
    neck_um,
    neck_volume_ul,
    plausible_mk,
    price_fen,
    shown_volume_ul,
    station_mk,
    volume_at_dispenser_ul,
)
from shared.rules import rules_on
from shared.rules.rows import FuelExpansion, MeasureExpansion
from tests.builders import todays_rules
from tests.rules.fuel_builders import LITRE
from tests.rules.tables import rows

RULES = todays_rules()
STEEL = Material.STAINLESS_STEEL
temperatures_mk = st.integers(-40_000, 60_000)
volumes_ul = st.integers(1, 200 * LITRE)


def an_oil(**fields: object) -> Oil:
    sound: dict[str, object] = {"fuel": Fuel.GASOLINE, "material": STEEL, "dispenser_mk": 20_000, "measure_mk": 20_000}
    return Oil(**sound | fields)  # type: ignore[arg-type]


def a_neck(**fields: int) -> Neck:
    return Neck(**{"reference_ul": 20 * LITRE, "reference_um": 69_000, "ul_per_mm": 2_000} | fields)


def published(row: dict[str, str]) -> tuple[Fraction, Fraction, Fraction]:
    """Return what the measure held, that volume at the dispenser, and the error, of a published reading."""
    neck = Neck(
        reference_ul=volume_ul(row["at_mark_l"]),
        reference_um=neck_um(row["mark_mm"]),
        ul_per_mm=volume_ul(row["factor_ml"], "mL"),
    )
    held_ul = neck_volume_ul(neck, neck_um(row["height_mm"]))
    warmth = {"dispenser_mk": station_mk(row["dispenser_c"], RULES), "measure_mk": station_mk(row["measure_c"], RULES)}
    true_ul = volume_at_dispenser_ul(held_ul, an_oil(**warmth), RULES)
    return held_ul, true_ul, error_of(shown_volume_ul(row["shown_l"], step_ul=10_000), true_ul)


@pytest.mark.parametrize("row", rows("fuel_published"), ids=lambda row: row["case"])
def test_a_published_reading_comes_out(row: dict[str, str]) -> None:
    held_ul, true_ul, error = published(row)
    assert held_ul == volume_ul(row["held_l"])
    assert true_ul == Fraction(row["true_l"]) * LITRE
    assert decimal_text(error * 100, 2) == row["error_pct"]
    assert decimal_text(error * 100, 2) != row["wrong_pct"]


def test_the_published_key_has_its_mean_and_its_repeatability() -> None:
    errors = [published(row)[2] for row in rows("fuel_published") if row["case"].startswith("key")]
    divisor = divisor_of(3, RULES)
    assert divisor is not None
    assert decimal_text(mean_of(errors) * 100, 2) == "0.46"
    spread = (max(errors) - min(errors)) * Fraction(100, divisor.hundredths)
    assert decimal_text(spread * 100, 2) == "0.13"
    assert decimal_text((max(errors) - min(errors)) * 100, 2) == "0.22"


def test_the_forums_example_is_not_what_the_forum_says() -> None:
    _, true_ul, error = published(rows("fuel_published")[-1])
    assert decimal_text(true_ul / LITRE, 4) == "19.9649"
    assert decimal_text(error * 100, 3) == "0.176"


@pytest.mark.parametrize(
    "row", rows("fuel_corrections"), ids=lambda row: f"{row['fuel']} {row['material']} {row['dispenser_c']}"
)
def test_the_volume_at_the_dispenser(row: dict[str, str]) -> None:
    oil = Oil(
        fuel=Fuel(row["fuel"]),
        material=Material(row["material"]),
        dispenser_mk=station_mk(row["dispenser_c"], RULES),
        measure_mk=station_mk(row["measure_c"], RULES),
    )
    assert volume_at_dispenser_ul(int(row["held_ul"]), oil, RULES) == Fraction(row["true_ul"])
    assert {found.document.split("《")[0].strip() for found in expansion_rows(oil, RULES)} == {"JJG 443"}


def test_every_fuel_and_material_has_its_row_and_its_confidence() -> None:
    assert {row.fuel: row.ppm_per_k for row in RULES.all_of(FuelExpansion)} == {
        "gasoline": 1200,
        "diesel": 900,
        "kerosene": 900,
    }
    assert {row.material: row.ppm_per_k for row in RULES.all_of(MeasureExpansion)} == {
        "stainless_steel": 50,
        "carbon_steel": 33,
    }


@given(held_ul=volumes_ul, fuel=st.sampled_from(Fuel), material=st.sampled_from(Material))
def test_at_twenty_degrees_nothing_is_corrected(held_ul: int, fuel: Fuel, material: Material) -> None:
    assert volume_at_dispenser_ul(held_ul, an_oil(fuel=fuel, material=material), RULES) == held_ul


@given(held_ul=volumes_ul, measure_mk=temperatures_mk, data=st.data())
def test_warmer_oil_at_the_dispenser_never_takes_less_room(held_ul: int, measure_mk: int, data: st.DataObject) -> None:
    cool, warm = sorted(data.draw(st.tuples(temperatures_mk, temperatures_mk)))
    less, more = (
        volume_at_dispenser_ul(held_ul, an_oil(dispenser_mk=mk, measure_mk=measure_mk), RULES) for mk in (cool, warm)
    )
    assert less <= more
    assert (less == more) == (cool == warm)


@given(held_ul=volumes_ul, factor=st.integers(1, 100), at=temperatures_mk, other=temperatures_mk)
def test_the_unit_of_the_volume_does_not_matter(held_ul: int, factor: int, at: int, other: int) -> None:
    oil = an_oil(dispenser_mk=at, measure_mk=other)
    assert volume_at_dispenser_ul(held_ul * factor, oil, RULES) == volume_at_dispenser_ul(held_ul, oil, RULES) * factor


@given(shown=volumes_ul, true=volumes_ul)
def test_an_error_leads_back_to_what_was_shown(shown: int, true: int) -> None:
    assert true * (1 + error_of(shown, true)) == shown


@given(low=st.integers(0, 200_000), high=st.integers(0, 200_000))
def test_a_higher_neck_holds_more(low: int, high: int) -> None:
    assert (neck_volume_ul(a_neck(), low) < neck_volume_ul(a_neck(), high)) == (low < high)


def test_the_mark_of_the_neck_holds_what_the_certificate_says() -> None:
    assert neck_volume_ul(a_neck(), 69_000) == 20 * LITRE
    assert neck_volume_ul(a_neck(), 69_001) == 20 * LITRE + 2
    assert neck_volume_ul(a_neck(), 68_999) == 20 * LITRE - 2


@pytest.mark.parametrize("height_um", [9_999, 120_001, -1])
def test_a_height_off_the_scale_is_no_guess(height_um: int) -> None:
    neck = a_neck(lowest_um=10_000, highest_um=120_000)
    assert neck_volume_ul(neck, 10_000) == 20 * LITRE - 118_000
    assert neck_volume_ul(neck, 120_000) == 20 * LITRE + 102_000
    with pytest.raises(NeckOutOfRange):
        neck_volume_ul(neck, height_um)


@pytest.mark.parametrize("fields", [{"ul_per_mm": 0}, {"ul_per_mm": -1}, {"reference_ul": 138_000}])
def test_a_neck_that_makes_no_sense_is_refused(fields: dict[str, int]) -> None:
    with pytest.raises(NeckOutOfRange):
        neck_volume_ul(a_neck(**fields), 0)


def test_an_unknown_end_of_the_scale_is_told_as_unknown() -> None:
    with pytest.raises(NeckOutOfRange) as told:
        neck_um("-0.5")
    assert told.value.values == {"height": "-0.5", "lowest": "0", "highest": "?"}


def test_a_full_width_reading_is_a_reading() -> None:
    assert shown_volume_ul("２０．００", step_ul=10_000) == 20 * LITRE
    assert shown_volume_ul("20000", "mL", step_ul=10_000) == 20 * LITRE
    assert station_mk("－５．５", RULES) == -5_500
    assert price_fen("７．８９") == 789
    assert neck_um("6.83", "cm") == 68_300


@pytest.mark.parametrize(
    ("text", "unit", "error"),
    [
        ("", "L", NotANumber),
        ("NaN", "L", NotANumber),
        ("2e1", "L", NotANumber),
        ("20,5", "L", NotANumber),
        ("Infinity", "L", NotANumber),
        ("20", "gallon", UnknownUnit),
        ("20.0000001", "L", TooFine),
        ("20.005", "L", FinerThanDispenser),
        ("0", "L", NothingDelivered),
        ("-20", "L", NothingDelivered),
    ],
)
def test_a_volume_that_cannot_have_been_shown_is_refused(text: str, unit: str, error: type[RuleError]) -> None:
    with pytest.raises(error):
        shown_volume_ul(text, unit, step_ul=10_000)


@pytest.mark.parametrize("step_ul", [0, -1])
def test_a_display_without_a_step_is_refused(step_ul: int) -> None:
    with pytest.raises(PlateNotPositive):
        checked_volume_ul(LITRE, step_ul=step_ul)


@pytest.mark.parametrize(
    ("text", "unit", "error"),
    [("7.891", "yuan/L", TooFine), ("0", "yuan/L", PriceNotPositive), ("-7.89", "yuan/L", PriceNotPositive),
     ("7.89", "yuan/kg", UnknownUnit), ("seven", "yuan/L", NotANumber)],
)  # fmt: skip
def test_a_price_that_makes_no_sense_is_refused(text: str, unit: str, error: type[RuleError]) -> None:
    with pytest.raises(error):
        price_fen(text, unit)


@pytest.mark.parametrize("mk", [-40_001, 60_001, 245_000])
def test_a_temperature_no_station_has_is_refused(mk: int) -> None:
    assert [plausible_mk(edge, RULES) for edge in (-40_000, 60_000)] == [-40_000, 60_000]
    for fields in ({"dispenser_mk": mk}, {"measure_mk": mk}):
        with pytest.raises(TemperatureOutOfRange):
            volume_at_dispenser_ul(LITRE, an_oil(**fields), RULES)


def test_a_missing_temperature_is_no_number() -> None:
    with pytest.raises(NotANumber):
        station_mk("", RULES)


@pytest.mark.parametrize("held_ul", [0, -1, Fraction(-1, 2)])
def test_an_empty_measure_has_no_error(held_ul: int | Fraction) -> None:
    with pytest.raises(NothingDelivered):
        volume_at_dispenser_ul(held_ul, an_oil(), RULES)
    with pytest.raises(NothingDelivered):
        error_of(LITRE, held_ul)


def test_before_the_first_row_nothing_is_corrected() -> None:
    with pytest.raises(NoRule):
        volume_at_dispenser_ul(LITRE, an_oil(), rules_on(date(2015, 5, 31)))
