"""Gas dispensers and chargers: every limit on both sides, the day of each edition, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conclusion import Code, Harmed
from shared.energy_dispensers import (
    EnergyCheck,
    EnergyGround,
    EnergyKind,
    EnergyRun,
    energy_limit,
    judge_clock,
    judge_energy,
)
from shared.errors import (
    FinerThanDispenser,
    NegativeDoubt,
    NoRule,
    NothingDelivered,
    PlateNotPositive,
    RuleError,
    UnknownClass,
)
from shared.rules import rules_on
from shared.sentences import error_sentence, ground_sentence, step_sentence
from shared.texts import LANGUAGES, load
from tests.builders import TODAY, todays_rules
from tests.rules.fuel_builders import codes_of
from tests.rules.tables import rows

RULES = todays_rules()
TEN = 10_000_000
FIRST_DAYS = [
    (EnergyKind.CNG, "", date(2013, 6, 3)),
    (EnergyKind.LPG, "", date(2016, 6, 7)),
    (EnergyKind.LNG, "", date(2015, 9, 15)),
    (EnergyKind.AC_CHARGER, "1", date(2018, 5, 27)),
    (EnergyKind.DC_CHARGER, "2", date(2018, 5, 27)),
]
PERIODS = [("cng_dispenser", 6), ("lpg_dispenser", 6), ("lng_dispenser", 0), ("ac_charger", 36), ("dc_charger", 36)]


def an_energy_check(*shown: int, **fields: Any) -> EnergyCheck:
    """Return a test of a CNG nozzle with a perfect standard: 10 kg delivered, three right runs unless given."""
    sound: dict[str, Any] = {
        "kind": EnergyKind.CNG,
        "runs": tuple(EnergyRun(one, TEN) for one in shown or (TEN, TEN, TEN)),
        "step": 10_000,
        "standard_ppm": 0,
    }
    return EnergyCheck(**sound | fields)


@pytest.mark.parametrize("row", rows("energy_edges"), ids=lambda row: f"{row['kind']} {row['class']} {row['shown']}")
def test_the_error_at_its_edges(row: dict[str, str]) -> None:
    check = EnergyCheck(
        kind=EnergyKind(row["kind"]),
        accuracy_class=row["class"],
        runs=(EnergyRun(int(row["shown"]), int(row["true"])),) * 3,
        step=int(row["step"]),
        standard_ppm=int(row["standard_ppm"]),
    )
    conclusion = judge_energy(check, rules_on(date.fromisoformat(row["day"])))
    assert codes_of(conclusion) == [f"energy_point_{row['outcome']}"]
    assert conclusion.grounds[0].harmed == row["harmed"]
    assert conclusion.is_confirmed == (row["is_confirmed"] == "yes")
    document, edition = row["document"].rsplit("-", 1)
    assert document in conclusion.grounds[0].documents[0]
    assert edition in conclusion.grounds[0].documents[0]


@pytest.mark.parametrize("row", rows("charger_clocks"), ids=lambda row: f"{row['kind']} {row['when']} {row['error_s']}")
def test_the_clock_at_its_edges(row: dict[str, str]) -> None:
    errors = [int(row["error_s"])] * 3
    conclusion = judge_clock(EnergyKind(row["kind"]), errors, RULES, is_new=row["when"] == "new")
    assert codes_of(conclusion) == [f"energy_clock_{row['outcome']}"]
    assert conclusion.code == row["code"]
    assert conclusion.harmed is Harmed.NOBODY
    assert conclusion.grounds[0].rows[0].clause == row["clause"]


def test_the_clock_is_judged_by_its_best_reading_and_never_by_one() -> None:
    assert judge_clock(EnergyKind.AC_CHARGER, [400, 400, 180], RULES).code is Code.WITHIN
    assert judge_clock(EnergyKind.AC_CHARGER, [400, 400], RULES).code is Code.INDETERMINATE
    assert codes_of(judge_clock(EnergyKind.AC_CHARGER, [400], RULES)) == ["energy_clock_open", "energy_too_few_runs"]
    assert codes_of(judge_clock(EnergyKind.AC_CHARGER, [], RULES)) == ["energy_too_few_runs"]


def test_a_gas_dispenser_has_no_clock_to_judge() -> None:
    assert codes_of(judge_clock(EnergyKind.CNG, [0, 0, 0], RULES)) == [EnergyGround.NO_RULE]
    with pytest.raises(NegativeDoubt):
        judge_clock(EnergyKind.AC_CHARGER, [0, 0, 0], RULES, doubt_s=-1)


@pytest.mark.parametrize(("kind", "accuracy_class", "first"), FIRST_DAYS)
def test_before_its_regulation_a_kind_has_no_rule(kind: EnergyKind, accuracy_class: str, first: date) -> None:
    assert energy_limit(kind, accuracy_class, rules_on(first)).valid_from == first
    before = rules_on(first.replace(day=first.day - 1))
    with pytest.raises(NoRule):
        energy_limit(kind, accuracy_class, before)
    check = an_energy_check(kind=kind, accuracy_class=accuracy_class)
    assert codes_of(judge_energy(check, before)) == [EnergyGround.NO_RULE]
    assert judge_energy(check, before).code is Code.INDETERMINATE


@pytest.mark.parametrize(("kind", "months"), PERIODS)
def test_how_long_a_verification_lasts(kind: str, months: int) -> None:
    period = RULES.period(kind)
    assert (period.months if period else 0) == months
    assert period is None or period.confidence.is_confirmed


@pytest.mark.parametrize(
    ("kind", "accuracy_class"),
    [(EnergyKind.AC_CHARGER, ""), (EnergyKind.DC_CHARGER, "0.5"), (EnergyKind.AC_CHARGER, "3"), (EnergyKind.CNG, "1")],
)
def test_a_class_the_kind_does_not_have_is_refused(kind: EnergyKind, accuracy_class: str) -> None:
    with pytest.raises(UnknownClass) as told:
        judge_energy(an_energy_check(kind=kind, accuracy_class=accuracy_class), RULES)
    assert all(error_sentence(load(language), told.value) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("check", "error"),
    [
        (an_energy_check(0, TEN, TEN), NothingDelivered),
        (an_energy_check(-TEN, TEN, TEN), NothingDelivered),
        (an_energy_check(runs=(EnergyRun(TEN, 0),)), NothingDelivered),
        (an_energy_check(TEN + 1, TEN, TEN), FinerThanDispenser),
        (an_energy_check(step=0), PlateNotPositive),
        (an_energy_check(standard_ppm=-1), NegativeDoubt),
    ],
)
def test_figures_that_cannot_be_right_are_refused(check: EnergyCheck, error: type[RuleError]) -> None:
    with pytest.raises(error):
        judge_energy(check, RULES)


@pytest.mark.parametrize(
    ("change", "hindrance"),
    [
        ({"runs": (EnergyRun(11_000_000, TEN),) * 2}, "energy_too_few_runs"),
        ({"runs": ()}, "energy_too_few_runs"),
        ({"standard_until": date(2026, 11, 20)}, "energy_standard_expired"),
        ({"standard_ppm": 3_334}, "energy_standard_coarse"),
    ],
)
def test_what_keeps_a_test_open(change: dict[str, Any], hindrance: str) -> None:
    bad = an_energy_check(*[11_000_000] * 3, standard_until=TODAY, standard_ppm=3_333)
    assert judge_energy(bad, RULES).code is Code.BEYOND
    conclusion = judge_energy(replace(bad, **change), RULES)
    assert conclusion.code is Code.INDETERMINATE
    assert conclusion.harmed is Harmed.NOBODY
    assert codes_of(conclusion)[-1] == hindrance


def test_without_a_plug_tested_three_times_nothing_good_is_said_either() -> None:
    assert judge_energy(an_energy_check(TEN, TEN), RULES).code is Code.INDETERMINATE


@given(shown=st.lists(st.integers(980, 1020).map(lambda n: n * 10_000), min_size=1, max_size=5), data=st.data())
def test_the_order_of_runs_never_matters(shown: list[int], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(shown))
    assert judge_energy(an_energy_check(*mixed), RULES) == judge_energy(an_energy_check(*shown), RULES)


@given(
    near=st.integers(0, 300), far=st.integers(0, 300), sign=st.sampled_from([1, -1]), kind=st.sampled_from(FIRST_DAYS)
)
def test_a_larger_error_is_never_judged_milder(near: int, far: int, sign: int, kind: tuple[Any, ...]) -> None:
    severity = [Code.WITHIN, Code.INDETERMINATE, Code.BEYOND]
    codes = []
    for steps in sorted((near, far)):
        runs = [TEN + sign * steps * 1_000] * 3
        check = an_energy_check(*runs, kind=kind[0], accuracy_class=kind[1], step=1_000, standard_ppm=2_000)
        codes.append(severity.index(judge_energy(check, RULES).code))
    assert codes == sorted(codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ground_and_step_has_its_sentence(language: str) -> None:
    texts, said = load(language), set()
    shown = [TEN, 10_150_000, 10_160_000, 11_000_000]
    checks = [an_energy_check(*[one] * 3, standard_ppm=3_000, step=10_000) for one in [*shown, 10_120_000]]
    checks += [an_energy_check(*[11_000_000] * 3, standard_ppm=5_000, standard_until=date(2026, 1, 1))]
    conclusions = [judge_energy(check, RULES) for check in [*checks, an_energy_check(TEN)]]
    conclusions += [judge_clock(EnergyKind.AC_CHARGER, [s] * 3, RULES) for s in (0, 181, 200)]
    conclusions += [judge_clock(kind, [200], RULES) for kind in (EnergyKind.AC_CHARGER, EnergyKind.CNG)]
    for conclusion in conclusions:
        for ground in conclusion.grounds:
            said.add(ground.code)
            assert ground_sentence(texts, ground)
        assert all(step_sentence(texts, step) for step in conclusion.steps)
    compared = (EnergyGround.POINT, EnergyGround.CLOCK)
    assert {ground.value for ground in EnergyGround if ground not in compared} <= said
    assert said >= {f"{ground}_{end}" for ground in compared for end in ("within", "in_doubt", "beyond", "open")}
