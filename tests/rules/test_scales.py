"""Limits of scales: the tables of the norms, and what must hold for any scale."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import LoadOutOfRange, NoRule
from shared.rules import rules_on
from shared.rules.rows import WeightMpe
from shared.scales import Scale, permissible_error, weights_doubt_mg
from tests.builders import a_scale, todays_rules
from tests.rules.tables import rows
from tests.strategies import scales

RULES = todays_rules()
# OIML R 76-1:2006, table 6, once more and apart from the product: upper bound in e, limit in e.
TABLE_6 = {
    "III": [(500, Fraction(1, 2)), (2000, Fraction(1)), (10_000, Fraction(3, 2))],
    "IIII": [(50, Fraction(1, 2)), (200, Fraction(1)), (1000, Fraction(3, 2))],
}


def limit_mg(scale: Scale, load_mg: int, *, in_service: bool) -> int | str:
    try:
        return permissible_error(scale, load_mg, RULES, in_service=in_service).limit_mg
    except LoadOutOfRange:
        return "refused"


@pytest.mark.parametrize("row", rows("scale_limits"), ids=lambda row: f"{row['class']} {row['load_mg']}")
def test_the_limit_at_every_boundary(row: dict[str, str]) -> None:
    scale = a_scale(e_g=5, max_kg=2000, accuracy_class=row["class"])
    load_mg = int(row["load_mg"])
    assert str(limit_mg(scale, load_mg, in_service=False)) == row["at_verification_mg"]
    assert str(limit_mg(scale, load_mg, in_service=True)) == row["in_service_mg"]


@pytest.mark.parametrize("row", rows("worked_points"), ids=lambda row: row["point"])
def test_the_worked_points_of_a_market_scale(row: dict[str, str]) -> None:
    scale = a_scale(e_g=10, max_kg=30)
    load_mg = int(row["load_g"]) * 1000
    assert limit_mg(scale, load_mg, in_service=False) == int(row["at_verification_g"]) * 1000
    assert limit_mg(scale, load_mg, in_service=True) == int(row["in_service_g"]) * 1000


def test_nothing_is_said_above_max() -> None:
    assert limit_mg(a_scale(max_kg=15), 15_000_000, in_service=True) == 15_000
    assert limit_mg(a_scale(max_kg=15), 15_000_001, in_service=True) == "refused"


def test_half_a_milligram_is_refused_not_rounded() -> None:
    fine = Scale(max_mg=1000, min_mg=20, e_mg=1, d_mg=1, accuracy_class="III")
    assert limit_mg(fine, 100, in_service=False) == "refused"
    assert limit_mg(fine, 100, in_service=True) == 1


@given(scales(), st.data())
def test_a_heavier_load_never_has_a_smaller_limit(scale: Scale, data: st.DataObject) -> None:
    light, heavy = sorted(data.draw(st.tuples(*2 * [st.integers(0, scale.max_mg)])))
    lighter = permissible_error(scale, light, RULES, in_service=True).limit_mg
    assert lighter <= permissible_error(scale, heavy, RULES, in_service=True).limit_mg


@given(scales(), st.data())
def test_any_limit_is_that_of_the_table(scale: Scale, data: st.DataObject) -> None:
    load_mg = data.draw(st.integers(0, scale.max_mg))
    halves = next(half for up_to, half in TABLE_6[scale.accuracy_class] if load_mg <= up_to * scale.e_mg)
    for in_service in (False, True):
        assert limit_mg(scale, load_mg, in_service=in_service) == halves * scale.e_mg * (1 + in_service)


@pytest.mark.parametrize("row", rows("regulations"), ids=lambda row: f"{row['day']} {row['price_computing']}")
def test_each_day_has_its_document(row: dict[str, str]) -> None:
    rules = rules_on(date.fromisoformat(row["day"]))
    scale = a_scale(price_computing=row["price_computing"] == "yes")
    if row["id"] == "none":
        with pytest.raises(NoRule):
            permissible_error(scale, 1_000_000, rules, in_service=True)
        return
    limit = permissible_error(scale, 1_000_000, rules, in_service=True)
    assert limit.regulation.id == row["id"]
    assert limit.is_confirmed == (row["is_confirmed"] == "yes")
    assert row["document"].split("-")[0] in limit.regulation.document


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2006, 9, 30), date(2016, 11, 21)])
def test_a_day_before_any_rule_has_no_rule_rather_than_a_load_out_of_range(day: date) -> None:
    with pytest.raises(NoRule):
        permissible_error(a_scale(), 1_000_000, rules_on(day), in_service=True)


@pytest.mark.parametrize("accuracy_class", ["V", "IV", "iii", ""])
def test_a_class_without_a_table_has_no_rule(accuracy_class: str) -> None:
    with pytest.raises(NoRule):
        permissible_error(a_scale(accuracy_class=accuracy_class), 1_000_000, RULES, in_service=True)


def test_the_table_of_m1_weights_is_whole_and_exact() -> None:
    held = {row.nominal_mg: row.mpe_ug for row in RULES.all_of(WeightMpe) if row.weight_class == "M1"}
    assert held == {int(row["nominal_g"]) * 1000: int(row["mpe_ug"]) for row in rows("weights_m1")}


@pytest.mark.parametrize("row", rows("weights_on_the_pan"), ids=lambda row: row["load_g"])
def test_the_doubt_of_the_weights_on_the_pan(row: dict[str, str]) -> None:
    assert weights_doubt_mg(int(row["load_g"]) * 1000, RULES) == int(row["doubt_mg"])


def test_a_part_that_no_weight_covers_is_doubted_too() -> None:
    assert weights_doubt_mg(0, RULES) == 0
    assert weights_doubt_mg(1, RULES) == 1
    assert weights_doubt_mg(1_000_001, RULES) == 51
