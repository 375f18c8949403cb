"""The tests of a scale beside its weighing points, its nameplate, its parts, and the loads proposed for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.amounts import Amount, Unit
from shared.conclusion import Conclusion, Harmed
from shared.errors import LoadOutOfRange, TooFine
from shared.rules.rows import ScaleClass
from shared.scale_loads import Why, propose_loads, wanted_loads
from shared.scale_tests import (
    ScaleGround,
    Trial,
    corner_load_mg,
    corners,
    discrimination,
    nameplate,
    spread,
    tare,
    zero,
)
from shared.scales import Part, Scale, permissible_error, weights_doubt_mg
from shared.sentences import ground_sentence
from shared.texts import LANGUAGES, load
from shared.verdict import Code, Reading, ReasonCode, ScaleCheck, Standard, judge, judge_point, loads_wanted
from tests.builders import TODAY, a_check, a_scale, todays_rules
from tests.rules.tables import rows
from tests.strategies import scales

RULES = todays_rules()
SCALE = a_scale()
THREE_PARTS = Scale(
    max_mg=15_000_000,
    min_mg=20_000,
    e_mg=10_000,
    d_mg=10_000,
    accuracy_class="III",
    lower=(Part(2_000_000, 1_000, 1_000), Part(5_000_000, 2_000, 2_000)),
)
GRAM = 1_000


def mg(text: str) -> int:
    return int(Decimal(text) * GRAM)


def run(row: dict[str, str]) -> Conclusion:
    load_mg, shown = mg(row["load_g"]), [mg(text) for text in row["shown_g"].split()]
    added = [mg(text) for text in row["added_g"].split()]
    match row["test"]:
        case "zero":
            return zero(SCALE, added, RULES)
        case "tare":
            return tare(SCALE, added, RULES)
        case "corners":
            return corners(SCALE, load_mg, shown, RULES)
        case "spread":
            return spread(SCALE, load_mg, shown, RULES)
        case "discrimination":
            return discrimination(SCALE, [Trial(shown[0], one, shown[1]) for one in added], RULES)
    raise AssertionError(row)


@pytest.mark.parametrize("row", rows("scale_tests"), ids=lambda row: f"{row['test']} {row['clause']}")
def test_the_tests_beside_the_weighing_points(row: dict[str, str]) -> None:
    found = run(row)
    assert found.code.value == row["outcome"]
    assert found.ruleset == RULES.ruleset
    for language in LANGUAGES:
        texts = load(language)
        assert all("{" not in ground_sentence(texts, ground) for ground in found.grounds)


@pytest.mark.parametrize("row", rows("nameplates"), ids=lambda row: f"{row['class']} {row['clause']}")
def test_a_nameplate_that_cannot_be_right_leaves_the_check_in_doubt(row: dict[str, str]) -> None:
    e_mg = int(row["e_mg"])
    scale = Scale(
        max_mg=int(row["max_mg"]), min_mg=int(row["min_mg"]), e_mg=e_mg, d_mg=e_mg, accuracy_class=row["class"]
    )
    assert nameplate(scale, RULES).code.value == row["outcome"]


def test_a_display_coarser_than_e_cannot_be_right() -> None:
    found = nameplate(replace(SCALE, d_mg=10_000), RULES)
    assert [ground.code for ground in found.grounds if ground.outcome is not Code.WITHIN] == [ScaleGround.FINER_E]


def test_every_part_of_a_multi_interval_scale_is_looked_at() -> None:
    assert nameplate(THREE_PARTS, RULES).code is Code.WITHIN
    too_many = replace(THREE_PARTS, lower=(Part(2_000_000, 199, 199), *THREE_PARTS.lower[1:]))
    assert nameplate(too_many, RULES).code is Code.INDETERMINATE


@pytest.mark.parametrize("row", rows("multi_interval"), ids=lambda row: row["load_mg"])
def test_a_multi_interval_scale_has_the_limits_of_the_part_in_use(row: dict[str, str]) -> None:
    load_mg = int(row["load_mg"])
    assert THREE_PARTS.part(load_mg).e_mg == int(row["e_mg"])
    if row["at_verification_mg"] == "refused":
        with pytest.raises(LoadOutOfRange):
            permissible_error(THREE_PARTS, load_mg, RULES, in_service=False)
        return
    limit_mg = permissible_error(THREE_PARTS, load_mg, RULES, in_service=False).limit_mg
    assert limit_mg == int(row["at_verification_mg"])
    assert permissible_error(THREE_PARTS, load_mg, RULES, in_service=True).limit_mg == 2 * limit_mg


def test_half_a_digit_of_the_part_shown_is_doubted() -> None:
    fine = judge_point(THREE_PARTS, Reading(1_000_000, 1_000_000), RULES)
    coarse = judge_point(THREE_PARTS, Reading(10_000_000, 10_000_000), RULES)
    assert fine.doubt_mg - fine.weights_mg == 500
    assert coarse.doubt_mg - coarse.weights_mg == 5_000


@given(scales(), st.data())
def test_a_scale_split_into_parts_is_never_judged_more_leniently(scale: Scale, data: st.DataObject) -> None:
    part_mg = data.draw(st.integers(1, scale.max_mg))
    finer = replace(scale, lower=(Part(part_mg, max(1, scale.e_mg // 2), max(1, scale.d_mg // 2)),))
    load_mg = data.draw(st.integers(0, part_mg))
    whole = permissible_error(scale, load_mg, RULES, in_service=True).limit_mg
    try:
        assert permissible_error(finer, load_mg, RULES, in_service=True).limit_mg <= whole * 3
    except LoadOutOfRange:
        assert load_mg > 1_000 * scale.e_mg // 2


def test_who_loses_by_what_is_beyond() -> None:
    assert judge(a_check(), RULES).harmed is Harmed.BUYER
    assert judge(a_check((1000, 1000), (5000, 5000), (10_000, 9_950)), RULES).harmed is Harmed.SELLER
    assert judge(a_check((1000, 1000), (5000, 5000), (10_000, 10_000)), RULES).harmed is Harmed.NOBODY
    both = judge(a_check((1000, 900), (5000, 5000), (10_000, 10_100)), RULES)
    assert both.harmed is Harmed.BUYER, "who is not behind the counter comes first"
    assert zero(SCALE, [0] * 3, RULES).harmed is Harmed.BUYER
    assert zero(SCALE, [5_000] * 3, RULES).harmed is Harmed.SELLER
    assert judge(a_check((1000, 1900)), RULES).harmed is Harmed.NOBODY, "one load says nothing of anybody"


def test_the_flash_point_says_where_between_two_figures_a_scale_stands() -> None:
    plain = judge_point(SCALE, Reading(10_000_000, 10_010_000), RULES)
    corrected = judge_point(SCALE, Reading(10_000_000, 10_010_000, 500), RULES)
    assert (plain.error_mg, plain.doubt_mg) == (10_000, 2_500 + 500)
    assert (corrected.error_mg, corrected.doubt_mg) == (12_000, 500)
    assert corrected.code is ReasonCode.POINT_BEYOND
    assert judge_point(SCALE, Reading(10_000_000, 10_010_000, 2_500), RULES).error_mg == 10_000
    with pytest.raises(TooFine):
        judge_point(replace(SCALE, d_mg=1), Reading(10_000_000, 10_000_000, 0), RULES)


def a_standard(weight_class: str = "M1", days: int = 0) -> Standard:
    return Standard(weight_class, TODAY + timedelta(days=days))


def test_weights_past_their_certificate_conclude_nothing() -> None:
    check = a_check()
    assert judge(replace(check, standards=(a_standard(),)), RULES).code is Code.BEYOND
    late = judge(replace(check, standards=(a_standard(), a_standard(days=-1))), RULES)
    assert late.code is Code.INDETERMINATE
    assert late.reasons[-1].code is ReasonCode.STANDARD_EXPIRED
    assert late.reasons[-1].value == 1


def test_weights_too_coarse_for_the_scale_conclude_nothing() -> None:
    check = a_check()
    assert judge(replace(check, standards=(a_standard("M2"),)), RULES).code is Code.BEYOND
    coarse = judge(replace(check, standards=(a_standard("M3"), a_standard("M1"))), RULES)
    assert coarse.code is Code.INDETERMINATE
    assert coarse.reasons[-1].code is ReasonCode.WEIGHTS_TOO_COARSE
    assert not coarse.is_confirmed, "the figures of M3 above 100 g are from memory"


@pytest.mark.parametrize(("e_mg", "code"), [(1_500, Code.WITHIN), (1_499, Code.INDETERMINATE)])
def test_a_third_of_the_limit_is_just_fine_enough(e_mg: int, code: Code) -> None:
    assert weights_doubt_mg(2_000_000, RULES, "M3") == 1_000
    scale = Scale(max_mg=6_000_000, min_mg=30_000, e_mg=e_mg, d_mg=2, accuracy_class="III")
    assert permissible_error(scale, 2_000_000, RULES, in_service=True).limit_mg == 2 * e_mg
    points = tuple(Reading(load_mg, load_mg) for load_mg in (500_000, 1_000_000, 2_000_000))
    assert judge(ScaleCheck(scale, points, (a_standard("M3"),)), RULES).code is code


@given(scales(), st.lists(st.sampled_from([10**5, 2 * 10**5, 5 * 10**5, 10**6, 2 * 10**6, 5 * 10**6]), max_size=12))
def test_only_loads_that_can_be_laid_on_are_proposed(scale: Scale, carried: list[int]) -> None:
    proposed = propose_loads(scale, carried, RULES)
    loads = [one.load_mg for one in proposed]
    assert loads == sorted(set(loads))
    for one in proposed:
        assert not Counter(one.weights_mg) - Counter(carried)
        assert sum(one.weights_mg) == one.load_mg
        assert scale.min_mg <= one.load_mg <= scale.max_mg
    reachable = {0}
    for weight in carried:
        reachable |= {mass + weight for mass in reachable}
    usable = {mass for mass in reachable if scale.min_mg <= mass <= scale.max_mg and mass}
    assert len(proposed) >= min(loads_wanted(RULES), len(usable))


def test_with_every_weight_at_hand_the_limits_decide_the_loads() -> None:
    loads = dict(wanted_loads(SCALE, RULES))
    assert loads[SCALE.max_mg] is Why.MOST
    assert loads[500 * SCALE.e_mg] is loads[2000 * SCALE.e_mg] is Why.LIMIT_CHANGES
    parts = dict(wanted_loads(THREE_PARTS, RULES))
    assert {2_000_000, 5_000_000, 500_000, 4_000_000} <= set(parts)


def test_the_spread_is_held_against_its_part_of_the_limit() -> None:
    """Today the whole limit, 10 g at 7 kg; were it two thirds, 10 g of spread would be in doubt."""
    two_thirds = tuple(
        replace(row, numerator=2, denominator=3) if getattr(row, "test", "") == "spread_of_limit" else row
        for row in RULES.rows
    )
    weighed = [7_000_000, 7_010_000, 7_000_000]
    assert spread(SCALE, 7_000_000, weighed, RULES).code is Code.WITHIN
    held = spread(SCALE, 7_000_000, weighed, replace(RULES, rows=two_thirds)).grounds[0]
    assert (held.outcome, held.limit) == (Code.INDETERMINATE, Amount(Fraction(20_000, 3), Unit.MASS))


def test_what_a_plate_cannot_be_is_told_in_whole_intervals() -> None:
    odd = nameplate(replace(SCALE, max_mg=3_000_000, e_mg=7_000, d_mg=7_000), RULES)
    counted = next(ground for ground in odd.grounds if ground.code is ScaleGround.INTERVALS)
    assert counted.facts["n"] == "429", "3000 g / 7 g = 428.57"


def test_the_load_for_the_corners_is_a_third_of_max() -> None:
    assert corner_load_mg(a_scale(e_g=1, max_kg=4), RULES) == (1_000_000, 2_000_000)
    assert corner_load_mg(SCALE, RULES) == (5_000_000, 5_000_000)
    assert corner_load_mg(a_scale(e_g=1, max_kg=2), RULES) == (666_000, 667_000)


def test_every_class_has_its_rows() -> None:
    assert {row.accuracy_class for row in RULES.all_of(ScaleClass)} == {"I", "II", "III", "IIII"}
