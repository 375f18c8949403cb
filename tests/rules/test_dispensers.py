"""The verdict on a fuel nozzle: every edge on both sides, what keeps it open, and what never changes it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.amounts import volume_ul
from shared.conclusion import Code, Harmed
from shared.dispensers import judge_nozzle, mean_limit, neck_step
from shared.errors import NegativeDoubt, PlateNotPositive, PriceNotPositive, RuleError
from shared.fuel_check import Flow, FlowTest, FuelGround, NozzleCheck, Payment, Run
from shared.fuel_points import point_of
from shared.fuel_volume import Neck, price_fen, shown_volume_ul, station_mk
from shared.quantities import money_fen
from shared.rules import Rules, rules_on
from shared.rules.rows import Confidence, FuelMpe, FuelRepeatability
from shared.sentences import error_sentence, ground_sentence, step_sentence
from shared.texts import LANGUAGES, load
from tests.builders import TODAY, todays_rules
from tests.rules.fuel_builders import LITRE, a_measure, a_nozzle_check, a_run, codes_of, ground_of
from tests.rules.tables import rows

RULES = todays_rules()
KEY = [(19_770_000, 19_685_110), (19_820_000, 19_748_530), (20_000_000, 19_884_190)]


def the_key(**fields: Any) -> NozzleCheck:
    """Return the published examination key at both flows."""
    return a_nozzle_check(*(a_run(shown, held) for shown, held in KEY), **fields)


@pytest.mark.parametrize("row", rows("fuel_mean_edges"), ids=lambda row: f"{row['shown_ul']} of {row['held_ul']}")
def test_the_mean_error_at_its_edges(row: dict[str, str]) -> None:
    run = a_run(int(row["shown_ul"]), int(row["held_ul"]))
    measure = a_measure(doubt_ul=int(row["doubt_ul"]))
    check = a_nozzle_check(run, run, run, measure=measure, step_ul=int(row["step_ul"]), least_ul=1)
    conclusion = judge_nozzle(check, RULES)
    outcome = row["outcome"]
    assert codes_of(conclusion) == [f"fuel_point_{outcome}", "fuel_spread_within"] * 2
    assert conclusion.code == row["code"]
    assert ground_of(conclusion, "fuel_point").harmed == row["harmed"]
    assert conclusion.harmed == (row["harmed"] if outcome == "beyond" else Harmed.NOBODY)


@pytest.mark.parametrize("row", rows("fuel_spreads"), ids=lambda row: f"{row['case']} {row['held_ul']}")
def test_the_repeatability_at_its_edges(row: dict[str, str]) -> None:
    shown = [int(row[name]) for name in ("first_ul", "second_ul", "third_ul")]
    runs = [a_run(one, int(row["held_ul"])) for one in shown]
    conclusion = judge_nozzle(a_nozzle_check(*runs, step_ul=int(row["step_ul"])), RULES)
    assert [code for code in codes_of(conclusion) if "spread" in code] == [f"fuel_spread_{row['outcome']}"] * 2
    assert ground_of(conclusion, "fuel_spread").harmed is Harmed.NOBODY


@pytest.mark.parametrize("row", rows("fuel_payments"), ids=lambda row: f"{row['case']} {row['shown_yuan']}")
def test_the_amount_to_pay_at_its_edges(row: dict[str, str]) -> None:
    volume = shown_volume_ul(row["volume_l"], step_ul=10_000)
    payment = Payment(money_fen(row["shown_yuan"]), volume, price_fen(row["price"]))
    check = a_nozzle_check(payments=(payment,) * 3, pay_step_fen=int(row["pay_step_fen"]))
    conclusion = judge_nozzle(check, RULES)
    paid = ground_of(conclusion, "fuel_paid")
    assert paid.code == f"fuel_paid_{row['outcome']}"
    assert paid.harmed == row["harmed"]
    assert codes_of(conclusion).count(paid.code) == 3
    few = judge_nozzle(replace(check, payments=(payment,) * 2), RULES)
    assert few.code is (Code.WITHIN if row["outcome"] == "within" else Code.INDETERMINATE)


def changed(change: str, value: str) -> tuple[NozzleCheck, Rules]:
    """Return a complete test, every run 1 % too much, with one thing otherwise."""
    litres = volume_ul(value) if change == "litres" else 20 * LITRE
    shown_ul = volume_ul(value) if change == "shown_l" else litres * 101 // 100
    at_mk = station_mk(value, RULES) if change == "both_c" and value not in ("245", "-40.001") else 20_000
    at_mk = {"245": 245_000, "-40.001": -40_001}.get(value, at_mk) if change == "both_c" else at_mk
    in_measure_mk = station_mk(value, RULES) if change == "measure_c" else at_mk
    run = a_run(shown_ul, litres, dispenser_mk=at_mk, measure_mk=in_measure_mk)
    counts = [int(count) for count in value.split()] if change == "runs" else [3, 3]
    fields: dict[str, Any] = {
        "tests": tuple(FlowTest(flow, (run,) * count) for flow, count in zip(Flow, counts, strict=True))
    }
    if change == "ambient_c":
        fields["ambient_mk"] = tuple(int(Fraction(text) * 1000) for text in value.split())
    if change == "least_l":
        fields["least_ul"] = volume_ul(value)
    if change == "until":
        fields["measure"] = a_measure(valid_until=date.fromisoformat(value))
    if change == "doubt_ul":
        fields["measure"] = a_measure(doubt_ul=int(value))
    return a_nozzle_check(**fields), rules_on(date.fromisoformat(value) if change == "day" else TODAY)


@pytest.mark.parametrize("row", rows("fuel_conditions"), ids=lambda row: row["case"])
def test_what_keeps_a_test_open(row: dict[str, str]) -> None:
    check, rules = changed(row["change"], row["value"])
    if row["hindrance"].startswith("refused "):
        with pytest.raises(RuleError) as told:
            judge_nozzle(check, rules)
        assert told.value.code == row["hindrance"].removeprefix("refused ")
        return
    conclusion = judge_nozzle(check, rules)
    assert conclusion.code == row["code"]
    hindrances = {code for code in codes_of(conclusion) if not code.startswith(("fuel_point", "fuel_spread"))}
    assert hindrances >= ({row["hindrance"]} if row["hindrance"] else set())
    assert bool(hindrances) == bool(row["hindrance"])
    assert not any(code.endswith("beyond") for code in codes_of(conclusion)) or row["code"] == "beyond"
    assert conclusion.harmed is (Harmed.BUYER if row["code"] == "beyond" else Harmed.NOBODY)


def test_the_published_key_is_beyond_both_limits_at_both_flows() -> None:
    conclusion = judge_nozzle(the_key(measure=a_measure(doubt_ul=10_000)), RULES)
    assert codes_of(conclusion) == ["fuel_point_beyond", "fuel_spread_beyond"] * 2
    assert [ground.value.decimal for ground in conclusion.grounds[:2] if ground.value] == ["0.459", "0.130"]
    assert conclusion.harmed is Harmed.BUYER
    assert conclusion.is_confirmed


def test_without_a_certificate_the_measure_is_doubted_and_the_answer_unconfirmed() -> None:
    run = a_run(20_060_000, 19_994_000)
    known = judge_nozzle(a_nozzle_check(run, run, run), RULES)
    unknown = judge_nozzle(a_nozzle_check(run, run, run, measure=a_measure(doubt_ul=None)), RULES)
    assert (known.code, unknown.code) == (Code.BEYOND, Code.INDETERMINATE)
    assert known.is_confirmed
    assert not unknown.is_confirmed
    warm = judge_nozzle(a_nozzle_check(run, run, run, measure=a_measure(thermometer_mk=None)), RULES)
    assert (warm.code, warm.is_confirmed) == (Code.INDETERMINATE, True)


def test_thermometers_are_doubted_by_how_far_the_fuel_expands() -> None:
    point = point_of(a_nozzle_check(measure=a_measure(thermometer_mk=100)), Flow.LARGEST, RULES)
    assert point is not None
    # Half of 0.01 L on 20 L; two thermometers of 0.1 K on 0.0012 / K, one of them on 0.00005 / K too.
    assert point.doubt == Fraction(25, 100_000) + Fraction(1, 10) * Fraction(2 * 1200 + 50, 10**6)


def test_a_test_within_every_limit_is_within_and_confirmed() -> None:
    conclusion = judge_nozzle(a_nozzle_check(payments=(Payment(15_780, 20 * LITRE, 789),)), RULES)
    assert conclusion.code is Code.WITHIN
    assert conclusion.is_confirmed
    assert conclusion.harmed is Harmed.NOBODY
    assert {ground.harmed for ground in conclusion.grounds} == {Harmed.NOBODY}


def test_the_edition_of_2015_judges_in_use_from_memory_only() -> None:
    conclusion = judge_nozzle(the_key(), rules_on(date(2024, 4, 30)))
    assert conclusion.code is Code.BEYOND
    assert not conclusion.is_confirmed
    assert any("2015" in document for document in conclusion.grounds[0].documents)


@pytest.mark.parametrize(("day", "edition"), [("2015-06-01", "2015"), ("2024-04-30", "2015"), ("2024-05-01", "2023")])
def test_each_day_has_its_edition(day: str, edition: str) -> None:
    rules = rules_on(date.fromisoformat(day))
    assert mean_limit(rules) == Fraction(3, 1000)
    assert {rules.one_of(FuelMpe).edition, rules.one_of(FuelRepeatability).edition} == {edition}
    assert rules.one_of(FuelRepeatability).limit_ppm == 1000
    assert rules.one_of(FuelMpe).confidence is Confidence.SOURCED


def test_a_dispenser_that_shows_less_than_it_gives_harms_the_seller() -> None:
    run = a_run(19_800_000)
    conclusion = judge_nozzle(a_nozzle_check(run, run, run), RULES)
    assert (conclusion.code, conclusion.harmed) == (Code.BEYOND, Harmed.SELLER)


def test_one_bad_flow_is_enough_and_is_told_alone() -> None:
    good, bad = (a_run(),) * 3, (a_run(20_200_000),) * 3
    tests = (FlowTest(Flow.LARGEST, good), FlowTest(Flow.SECOND, bad))
    conclusion = judge_nozzle(a_nozzle_check(tests=tests), RULES)
    assert codes_of(conclusion)[::2] == ["fuel_point_within", "fuel_point_beyond"]
    assert [ground.facts["flow"] for ground in conclusion.grounds[::2]] == ["Q1", "Q2"]


def test_a_payment_beyond_alone_is_beyond_and_harms_the_buyer() -> None:
    payments = (Payment(15_800, 20 * LITRE, 789),) * 3
    conclusion = judge_nozzle(a_nozzle_check(payments=payments, pay_step_fen=8), RULES)
    assert (conclusion.code, conclusion.harmed) == (Code.BEYOND, Harmed.BUYER)


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"pay_step_fen": 0}, PlateNotPositive), ({"step_ul": 0}, PlateNotPositive),
     ({"payments": (Payment(15_780, 20 * LITRE, 0),)}, PriceNotPositive)],
)  # fmt: skip
def test_a_plate_or_price_that_makes_no_sense_is_refused(fields: dict[str, Any], error: type[RuleError]) -> None:
    with pytest.raises(error):
        judge_nozzle(a_nozzle_check(**{"payments": (Payment(15_780, 20 * LITRE, 789),)} | fields), RULES)


@pytest.mark.parametrize("fields", [{"doubt_ul": -1}, {"thermometer_mk": -1}])
def test_a_standard_cannot_be_better_than_sure(fields: dict[str, int]) -> None:
    with pytest.raises(NegativeDoubt):
        a_measure(**fields)


def test_an_example_of_fifty_litres_goes_with_every_mean() -> None:
    run = a_run(20_100_000)
    ground = ground_of(judge_nozzle(a_nozzle_check(run, run, run), RULES), "fuel_point")
    off = ground.facts["off"]
    assert not isinstance(off, int | str)
    assert off.exact == 50 * LITRE - Fraction(50 * LITRE * 20_000_000, 20_100_000)


runs_near = st.builds(
    a_run,
    st.integers(1_980, 2_020).map(lambda hundredths: hundredths * 10_000),
    st.integers(19_900_000, 20_100_000),
    dispenser_mk=st.integers(10_000, 30_000),
    measure_mk=st.integers(10_000, 30_000),
)


@given(first=st.lists(runs_near, max_size=3), second=st.lists(runs_near, max_size=3), seed=st.integers(0, 999))
def test_the_order_of_runs_flows_and_payments_never_matters(first: list[Run], second: list[Run], seed: int) -> None:
    payments = [Payment(15_780 + fen, 20 * LITRE, 789) for fen in (0, 5, 40)]
    check = a_nozzle_check(
        tests=(FlowTest(Flow.LARGEST, tuple(first)), FlowTest(Flow.SECOND, tuple(second))),
        payments=tuple(payments),
        ambient_mk=(18_000, 25_000),
    )
    chance = random.Random(seed)
    # One test of three runs and three tests of one run each are the same.
    single = [FlowTest(flow, (run,)) for flow, runs in ((Flow.LARGEST, first), (Flow.SECOND, second)) for run in runs]
    for mixed in (list(check.tests), single):
        chance.shuffle(mixed)
        chance.shuffle(payments)
        turned = replace(check, tests=tuple(mixed), payments=tuple(payments), ambient_mk=check.ambient_mk[::-1])
        assert judge_nozzle(turned, RULES) == judge_nozzle(check, RULES)


@given(near=st.integers(0, 400), far=st.integers(0, 400), sign=st.sampled_from([1, -1]))
def test_a_larger_error_is_never_judged_milder(near: int, far: int, sign: int) -> None:
    severity = [Code.WITHIN, Code.INDETERMINATE, Code.BEYOND]
    codes = []
    for steps in sorted((near, far)):
        run = a_run(20 * LITRE + sign * steps * 1_000)
        check = a_nozzle_check(run, run, run, step_ul=1_000, measure=a_measure(doubt_ul=7_000))
        codes.append(severity.index(judge_nozzle(check, RULES).code))
    assert codes == sorted(codes)


@given(doubt=st.integers(0, 20_000), more=st.integers(0, 20_000), steps=st.integers(-200, 200))
def test_more_doubt_never_accuses(doubt: int, more: int, steps: int) -> None:
    run = a_run(20 * LITRE + steps * 10_000)
    checks = [a_nozzle_check(run, run, run, measure=a_measure(doubt_ul=doubt_ul)) for doubt_ul in sorted((doubt, more))]
    sure, unsure = (judge_nozzle(check, RULES).code for check in checks)
    assert sure is unsure or (sure, unsure) == (Code.BEYOND, Code.INDETERMINATE)


@given(dropped=st.integers(1, 6), run=runs_near)
def test_with_a_run_missing_nothing_is_ever_beyond(dropped: int, run: Run) -> None:
    count = 6 - dropped
    tests = (FlowTest(Flow.LARGEST, (run,) * min(3, count)), FlowTest(Flow.SECOND, (run,) * max(0, count - 3)))
    conclusion = judge_nozzle(a_nozzle_check(tests=tests), RULES)
    assert conclusion.code is Code.INDETERMINATE
    assert conclusion.harmed is Harmed.NOBODY


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ground_and_step_has_its_sentence(language: str) -> None:
    texts, said = load(language), set()
    checks = [
        changed(row["change"], row["value"]) for row in rows("fuel_conditions") if "refused" not in row["hindrance"]
    ]
    checks += [(the_key(measure=a_measure(doubt_ul=doubt)), RULES) for doubt in (0, 19_000, 21_000)]
    checks += [(a_nozzle_check(a_run(), a_run(), a_run(20_040_000), step_ul=step), RULES) for step in (10_000, 40_000)]
    odd = (Payment(15_790, 20 * LITRE, 789), Payment(15_800, 20 * LITRE, 789), Payment(15_780, 20 * LITRE, 789))
    checks += [(a_nozzle_check(payments=odd + odd[:extra], pay_step_fen=8), RULES) for extra in (0, 1)]
    checks += [(a_nozzle_check(payments=odd[1:2], pay_step_fen=8), RULES)]
    checks += [(a_nozzle_check(*[a_run(20_060_000, 19_996_000)] * 3), RULES)]
    for check, rules in checks:
        conclusion = judge_nozzle(check, rules)
        for ground in conclusion.grounds:
            said.add(ground.code)
            assert ground_sentence(texts, ground)
        for step in conclusion.steps:
            assert step_sentence(texts, step)
    compared = (FuelGround.POINT, FuelGround.SPREAD, FuelGround.PAID)
    assert {ground.value for ground in FuelGround if ground not in compared} <= said
    assert said >= {f"{ground}_{end}" for ground in compared for end in ("within", "in_doubt", "beyond", "open")}


def test_a_nozzle_beyond_its_limit_is_told_in_plain_words() -> None:
    texts = load("zh-CN")
    conclusion = judge_nozzle(the_key(measure=a_measure(doubt_ul=5_000)), RULES)
    told = ground_sentence(texts, conclusion.grounds[0]).replace("\N{THIN SPACE}", " ")
    assert told == "流量 Q1：平均误差 0.459 %，超出允许 ±0.300 %，超出 0.159 %；每显示 50 升 相差 228.214 毫升"
    assert step_sentence(texts, conclusion.steps[4]) == "流量 Q1：（0.582 % − 0.362 %）÷ 1.69 = 重复性 0.130 %"


def test_the_reading_of_the_neck_is_shown() -> None:
    neck = Neck(reference_ul=19_750_000, reference_um=68_300, ul_per_mm=2_100)
    told = step_sentence(load("en"), neck_step(neck, 37_400))
    assert "19.68511 L in the measure" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    texts = load(language)
    for row in rows("fuel_conditions"):
        if row["hindrance"].startswith("refused "):
            check, rules = changed(row["change"], row["value"])
            with pytest.raises(RuleError) as told:
                judge_nozzle(check, rules)
            assert error_sentence(texts, told.value)
