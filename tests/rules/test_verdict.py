"""The verdict of a field test: it suspects nobody for a rounding, and never depends on the order of readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import verdict as verdicts
from shared.errors import NoRule, TooFine
from shared.rules import Rules, rules_on, ruleset_name
from shared.rules.rows import Confidence, InService, ScaleTest, WeightMpe
from shared.scales import Scale, weights_doubt_mg
from shared.verdict import (
    Code,
    Harmed,
    Reading,
    ReasonCode,
    ScaleCheck,
    Standard,
    Verdict,
    judge,
    judge_between,
    judge_point,
    loads_wanted,
    scale_test,
)
from tests.builders import TODAY, a_check, a_scale, todays_rules
from tests.rules.tables import rows
from tests.rules.test_scales import TABLE_6
from tests.strategies import scales

RULES = todays_rules()
CHANGE = date(2027, 1, 8)


@st.composite
def checks(draw: st.DrawFn, *, most: int = 6) -> ScaleCheck:
    """A check whose readings crowd around the limits."""
    scale: Scale = draw(scales())
    loads = st.one_of(
        st.integers(0, scale.max_mg),
        st.sampled_from([up_to * scale.e_mg for up_to, _ in TABLE_6[scale.accuracy_class]] + [scale.max_mg]),
    ).map(lambda load: min(load, scale.max_mg))
    errors = st.integers(-8, 8).map(lambda halves: halves * scale.e_mg // 2) | st.integers(-5000, 5000)
    points = draw(st.lists(st.tuples(loads, errors), max_size=most))
    return ScaleCheck(scale, tuple(Reading(load, load + error) for load, error in points))


def expected(check: ScaleCheck) -> Code:
    """Conclude from table 6 and the weights alone."""
    if len({reading.load_mg for reading in check.readings} - {0}) < 3:
        return Code.INDETERMINATE
    excesses = []
    for reading in check.readings:
        bands = TABLE_6[check.scale.accuracy_class]
        half = next(half for up_to, half in bands if reading.load_mg <= up_to * check.scale.e_mg)
        excess = abs(reading.shown_mg - reading.load_mg) - 2 * half * check.scale.e_mg
        doubt_mg = check.scale.d_mg // 2 + weights_doubt_mg(reading.load_mg, RULES)
        excesses.append("beyond" if excess > doubt_mg else "doubt" if excess > 0 else "within")
    if "beyond" in excesses:
        return Code.BEYOND
    return Code.INDETERMINATE if "doubt" in excesses else Code.WITHIN


@given(checks())
def test_a_check_is_within_or_beyond_or_in_doubt_as_the_table_says(check: ScaleCheck) -> None:
    assert judge(check, RULES).code is expected(check)


@given(checks(), st.randoms(use_true_random=False))
def test_the_order_of_readings_never_matters(check: ScaleCheck, random: Any) -> None:
    shuffled = list(check.readings)
    random.shuffle(shuffled)
    assert judge(replace(check, readings=tuple(shuffled)), RULES) == judge(check, RULES)


@given(checks(most=2) | checks().map(lambda check: replace(check, readings=check.readings[:1] * 5)))
def test_fewer_than_three_loads_conclude_nothing(check: ScaleCheck) -> None:
    verdict = judge(check, RULES)
    assert verdict.code is Code.INDETERMINATE
    assert verdict.reasons[-1].code is ReasonCode.TOO_FEW_POINTS
    assert verdict.reasons[-1].limit == 3


@given(checks())
def test_every_reading_is_explained_with_its_figures(check: ScaleCheck) -> None:
    verdict = judge(check, RULES)
    points = [reason for reason in verdict.reasons if reason.code is not ReasonCode.TOO_FEW_POINTS]
    assert sorted((point.load_mg, point.shown_mg) for point in points) == [
        (reading.load_mg, reading.shown_mg) for reading in sorted(check.readings)
    ]
    assert all(point.margin_mg == point.limit_mg - abs(point.error_mg) for point in points)
    assert all(point.document and point.clause for point in points)
    assert verdict.ruleset == ruleset_name()
    worst = verdict.worst
    assert (worst.margin_mg if worst else None) == min((point.margin_mg for point in points), default=None)


@pytest.mark.parametrize("row", rows("field_cases"), ids=lambda row: row["case"])
def test_the_worked_field_cases(row: dict[str, str]) -> None:
    scale = a_scale(e_g=int(row["e_g"]), max_kg=int(row["max_kg"]), accuracy_class=row["class"])
    points = [tuple(int(gram) for gram in point.split("=")) for point in row["points_g"].split()]
    check = a_check(*[(load, shown) for load, shown in points], scale=scale)
    assert judge(check, RULES).code.value == row["verdict"]
    assert judge(check, RULES).is_confirmed


def test_the_journeys_scale_is_beyond_at_ten_kilograms_by_fifteen_grams() -> None:
    verdict = judge(a_check(), RULES)
    assert verdict.code is Code.BEYOND
    worst = verdict.worst
    assert worst is not None
    assert (worst.load_mg, worst.error_mg, worst.limit_mg, worst.margin_mg) == (10_000_000, 25_000, 10_000, -15_000)


def test_between_limit_and_doubt_nobody_is_suspected() -> None:
    scale = a_scale(d_mg=1000)
    for shown_mg, code in [
        (10_010_000, ReasonCode.POINT_WITHIN),
        (10_010_001, ReasonCode.POINT_IN_DOUBT),
        (10_011_000, ReasonCode.POINT_IN_DOUBT),
        (10_011_001, ReasonCode.POINT_BEYOND),
        (9_989_000, ReasonCode.POINT_IN_DOUBT),
        (9_988_999, ReasonCode.POINT_BEYOND),
    ]:
        assert judge_point(scale, Reading(10_000_000, shown_mg), RULES).code is code


def test_a_wrong_zero_beside_good_loads_is_the_worst_point() -> None:
    verdict = judge(a_check((0, 25), (1_000, 1_000), (5_000, 5_000), (10_000, 10_000)), RULES)
    assert verdict.code is Code.BEYOND
    assert verdict.worst is not None
    assert (verdict.worst.load_mg, verdict.worst.error_mg) == (0, 25_000)


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2006, 9, 30), date(2016, 11, 21)])
def test_without_a_rule_nothing_is_concluded(day: date) -> None:
    verdict = judge(a_check(), rules_on(day))
    assert verdict.code is Code.INDETERMINATE
    assert [reason.code for reason in verdict.reasons] == [ReasonCode.NO_RULE]
    assert not verdict.is_confirmed
    assert judge(replace(a_check(), readings=()), rules_on(day)).code is Code.INDETERMINATE


def test_limits_of_an_unread_document_are_never_shown_as_confirmed() -> None:
    check = a_check(scale=a_scale(price_computing=True))
    assert judge(check, rules_on(CHANGE - timedelta(days=1))).is_confirmed
    assert not judge(check, rules_on(CHANGE)).is_confirmed
    assert judge(a_check(), rules_on(CHANGE)).is_confirmed


def test_a_multiplier_from_memory_is_never_shown_as_confirmed() -> None:
    rows_with_doubt = tuple(
        replace(row, confidence=Confidence.MEMORY) if isinstance(row, InService) else row for row in RULES.rows
    )
    assert not judge(a_check(), replace(RULES, rows=rows_with_doubt)).is_confirmed


def between(check: ScaleCheck, first: date, last: date) -> Verdict:
    return judge_between(check, first, last)


def test_a_doubtful_clock_concludes_only_what_every_possible_day_concludes() -> None:
    price = a_check(scale=a_scale(price_computing=True))
    assert between(price, CHANGE - timedelta(days=3), CHANGE + timedelta(days=3)).code is Code.BEYOND
    assert between(price, TODAY, TODAY) == judge(price, RULES)
    over_the_beginning = between(price, date(2017, 5, 20), date(2017, 5, 30))
    assert over_the_beginning.code is Code.INDETERMINATE
    assert over_the_beginning.reasons[-1].code is ReasonCode.RULE_CHANGES
    assert not over_the_beginning.is_confirmed


@given(checks(), st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 6000))
def test_a_doubtful_clock_never_adds_a_conclusion(check: ScaleCheck, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    verdict = between(check, first, last)
    if verdict.code is not Code.INDETERMINATE:
        assert {judge(check, rules_on(day)).code for day in (first, last)} == {verdict.code}


def test_a_clock_in_doubt_over_several_changes_is_judged_by_each_of_them() -> None:
    price = a_check(scale=a_scale(price_computing=True))
    over_two = between(price, date(2000, 1, 1), CHANGE)
    newest = judge(price, rules_on(CHANGE))
    assert over_two.reasons[:-1] == newest.reasons, "told by the newest of them"
    assert over_two.ruleset == newest.ruleset
    assert over_two.reasons[-1].is_confirmed is False


def test_a_clock_in_doubt_is_judged_by_the_rules_of_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def asking(day: date, region: str = "") -> Rules:
        asked.append(region)
        return rules_on(day, region)

    monkeypatch.setattr(verdicts, "rules_on", asking)
    judge_between(a_check(), TODAY, TODAY, "411602")
    judge_between(a_check(), TODAY, TODAY)
    assert asked == ["411602", ""]


@pytest.mark.parametrize("unsure", [0, 1])
def test_of_days_that_conclude_alike_an_unconfirmed_one_is_told(monkeypatch: pytest.MonkeyPatch, unsure: int) -> None:
    days = [date(2026, 11, 20), date(2026, 11, 21)]
    memory = tuple(replace(row, confidence=Confidence.MEMORY) for row in RULES.rows)
    by_day = {day: replace(RULES, rows=memory) if place == unsure else RULES for place, day in enumerate(days)}
    monkeypatch.setattr(verdicts, "first_days_between", lambda first, last: days)
    monkeypatch.setattr(verdicts, "rules_on", lambda day, region: by_day[day])
    told = judge_between(a_check(), *days)
    assert (told.code, told.is_confirmed) == (Code.BEYOND, False)


@pytest.mark.parametrize(
    ("find", "what"),
    [(loads_wanted, "field_test"), (lambda rules: scale_test("weights_of_limit", rules), "weights_of_limit")],
)
def test_what_is_missing_is_named(find: Callable[[Rules], object], what: str) -> None:
    with pytest.raises(NoRule) as told:
        find(rules_on(date(1990, 1, 1)))
    assert told.value.values == {"what": what, "day": "1990-01-01"}


def test_a_milligram_too_much_harms_the_buyer_and_one_too_little_the_seller() -> None:
    point = judge(a_check(), RULES).reasons[0]
    assert replace(point, error_mg=1).harmed is Harmed.BUYER
    assert replace(point, error_mg=-1).harmed is Harmed.SELLER
    assert replace(point, error_mg=0).harmed is Harmed.NOBODY


def test_who_loses_by_a_whole_check_is_a_word_even_where_nobody_does() -> None:
    assert judge(a_check((1_000, 1_000), (5_000, 5_000), (10_000, 10_000)), RULES).harmed is Harmed.NOBODY
    assert judge(a_check(), RULES).harmed is Harmed.BUYER
    assert judge(a_check((1_000, 1_000), (5_000, 5_000), (10_000, 9_950)), RULES).harmed is Harmed.SELLER


def test_weights_of_a_class_nobody_wrote_down_conclude_nothing() -> None:
    check = replace(a_check(), standards=(Standard("Z9", TODAY),))
    verdict = judge(check, RULES)
    assert (verdict.code, verdict.ruleset) == (Code.INDETERMINATE, RULES.ruleset)
    assert [(reason.code, reason.is_confirmed) for reason in verdict.reasons] == [(ReasonCode.NO_RULE, False)]


@pytest.mark.parametrize("names", [("M1", "M3", "F1"), ("F1", "M1", "M3"), ("M3", "F1", "M1")])
def test_the_coarsest_of_several_weights_counts(names: tuple[str, ...]) -> None:
    standards = tuple(Standard(name, TODAY) for name in names)
    coarse = judge(replace(a_check(), standards=standards), RULES)
    only = judge(replace(a_check(), standards=(Standard("M3", TODAY),)), RULES)
    assert coarse == only
    assert coarse.reasons[0].weights_mg == weights_doubt_mg(coarse.reasons[0].load_mg, RULES, "M3")


def test_a_standard_too_old_and_too_coarse_and_too_few_loads_are_all_told() -> None:
    weights = (Standard("M3", TODAY - timedelta(days=1)), Standard("M3", TODAY - timedelta(days=2)))
    verdict = judge(replace(a_check((10_000, 10_000)), standards=weights), RULES)
    point, *told = verdict.reasons
    codes = [ReasonCode.STANDARD_EXPIRED, ReasonCode.WEIGHTS_TOO_COARSE, ReasonCode.TOO_FEW_POINTS]
    assert [reason.code for reason in told] == codes
    assert (told[0].value, told[0].limit) == (2, 0)
    assert told[1] == replace(point, code=ReasonCode.WEIGHTS_TOO_COARSE, is_confirmed=told[1].is_confirmed)
    assert (told[2].value, told[2].limit) == (1, loads_wanted(RULES))


@pytest.mark.parametrize(
    ("share", "weights", "is_confirmed"),
    [
        (Confidence.SOURCED, Confidence.SOURCED, True),
        (Confidence.MEMORY, Confidence.SOURCED, False),
        (Confidence.SOURCED, Confidence.MEMORY, False),
    ],
)
def test_too_coarse_is_confirmed_when_all_it_rests_on_is(
    share: Confidence, weights: Confidence, is_confirmed: bool
) -> None:
    sure = {ScaleTest: share, WeightMpe: weights}
    rows = tuple(replace(row, confidence=sure.get(type(row), row.confidence)) for row in RULES.rows)
    check = replace(a_check(), standards=(Standard("M3", TODAY),))
    told = judge(check, replace(RULES, rows=rows)).reasons[-1]
    assert (told.code, told.is_confirmed) == (ReasonCode.WEIGHTS_TOO_COARSE, is_confirmed)


def test_with_a_flash_point_only_the_weights_are_doubted_even_if_nothing_was_added() -> None:
    scale = a_scale()
    at_once = judge_point(scale, Reading(10_000_000, 10_010_000, 0), RULES)
    assert (at_once.error_mg, at_once.doubt_mg, at_once.weights_mg) == (12_500, 500, 500)
    unlooked = judge_point(scale, Reading(10_000_000, 10_010_000), RULES)
    assert (unlooked.error_mg, unlooked.doubt_mg) == (10_000, 3_000)
    assert type(unlooked.doubt_mg) is type(unlooked.weights_mg) is int


def test_half_of_an_odd_digit_is_rounded_down_and_refused_with_a_flash_point() -> None:
    odd = replace(a_scale(), d_mg=4_999)
    assert judge_point(odd, Reading(1_000_000, 4_999 * 200), RULES).doubt_mg == 2_499 + 50
    with pytest.raises(TooFine) as told:
        judge_point(odd, Reading(1_000_000, 4_999 * 200, 0), RULES)
    assert told.value.values == {"text": "4.999", "smallest": "2 mg"}
