"""Nothing is concluded from one reading, by any rule; and the order in which readings were taken never matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import scale_tests
from shared.conclusion import Code, Conclusion, Harmed
from shared.dispensers import judge_nozzle
from shared.energy_dispensers import EnergyKind, EnergyRun, judge_clock, judge_energy
from shared.errors import NegativeReading
from shared.fuel_check import Flow, FlowTest, Payment, Run
from shared.lot import judge_lot
from shared.phone_weight import Phone, try_phone
from shared.prepackages import judge_package
from shared.quantities import mass_mg
from shared.scale_tests import Trial
from shared.scales import Part, Scale, permissible_error
from shared.tare import net_by_mean
from shared.verdict import Reading, ReasonCode, ScaleCheck, Verdict, judge
from tests.builders import a_scale, todays_rules
from tests.rules.fuel_builders import LITRE, a_nozzle_check, a_run
from tests.rules.judges import MARKET, SALT, SCALE
from tests.rules.test_energy_dispensers import an_energy_check
from tests.rules.test_lot import a_lot

RULES = todays_rules()
THIRD = 5_000_000  # a third of Max of SCALE
masses = st.integers(0, 3_000).map(lambda digits: digits * 5_000)
small = st.integers(0, 20_000)
trials = st.builds(Trial, masses, small, masses)
runs = st.builds(a_run, st.integers(1, 4_000).map(lambda steps: steps * 10_000), st.integers(LITRE, 40 * LITRE))
energies = st.builds(EnergyRun, st.integers(1, 4_000).map(lambda steps: steps * 10_000), st.integers(1, 40_000_000))
payments = st.builds(Payment, st.integers(0, 99_999), st.just(20 * LITRE), st.just(789))


def corners(shown: Sequence[int]) -> Conclusion:
    return scale_tests.corners(SCALE, THIRD, shown, RULES)


def spread(shown: Sequence[int]) -> Conclusion:
    return scale_tests.spread(SCALE, THIRD, shown, RULES)


def points(readings: Sequence[Reading]) -> Verdict:
    return judge(ScaleCheck(SCALE, tuple(readings)), RULES)


def nozzle(made: Sequence[Run]) -> Conclusion:
    return judge_nozzle(a_nozzle_check(tests=(FlowTest(Flow.LARGEST, tuple(made)),)), RULES)


def nozzle_at_both_flows(made: Sequence[Run]) -> Conclusion:
    return judge_nozzle(a_nozzle_check(*made), RULES)


def gas(made: Sequence[EnergyRun]) -> Conclusion:
    return judge_energy(an_energy_check(runs=tuple(made)), RULES)


def clock(errors_s: Sequence[int]) -> Conclusion:
    return judge_clock(EnergyKind.DC_CHARGER, errors_s, RULES)


def package(contents: Sequence[int]) -> Conclusion:
    return judge_package(SALT, contents, RULES, doubt=0)


def lot(contents: Sequence[int]) -> Conclusion:
    return judge_lot(a_lot(tuple(contents), size=len(contents)), RULES)


def weighed(load_mg: int) -> st.SearchStrategy[Reading]:
    return st.builds(Reading, st.just(load_mg), masses)


# What judges readings, what one of them may be, and how many at most are still too few.
TOO_FEW: list[tuple[str, Callable[[Any], Verdict | Conclusion], st.SearchStrategy[Any], int]] = [
    ("scale", points, st.builds(Reading, masses, masses), 2),
    ("scale, one load", points, weighed(10_000_000), 9),
    ("zero", partial(scale_tests.zero, SCALE, rules=RULES), small, 2),
    ("tare", partial(scale_tests.tare, SCALE, rules=RULES), small, 2),
    ("corners", corners, masses, 3),
    ("spread", spread, masses, 2),
    ("discrimination", partial(scale_tests.discrimination, SCALE, rules=RULES), trials, 2),
    ("nozzle", nozzle, runs, 3),
    ("nozzle at both flows", nozzle_at_both_flows, runs, 2),
    ("gas", gas, energies, 2),
    ("clock", clock, st.integers(-9_999, 9_999), 2),
    ("package", package, st.integers(0, 600_000), 1),
    ("lot", lot, st.integers(0, 600_000), 1),
]  # fmt: skip
ORDERED = [(name, ask, one, 4) for name, ask, one, _ in TOO_FEW if not name.startswith(("nozzle", "lot"))]
ORDERED += [("nozzle", nozzle, runs, 3), ("lot", lot, st.integers(0, 600_000), 6)]


@pytest.mark.parametrize(("ask", "one", "most"), [case[1:] for case in TOO_FEW], ids=[case[0] for case in TOO_FEW])
@given(data=st.data())
def test_one_reading_or_too_few_conclude_nothing_and_blame_nobody(
    ask: Callable[[Any], Verdict | Conclusion], one: st.SearchStrategy[Any], most: int, data: st.DataObject
) -> None:
    for count in (1, most):
        told = ask(data.draw(st.lists(one, min_size=count, max_size=count)))
        assert (told.code, told.harmed) == (Code.INDETERMINATE, Harmed.NOBODY)
        if isinstance(told, Conclusion):
            assert Code.BEYOND not in {ground.outcome for ground in told.grounds}


@given(st.lists(payments, min_size=1, max_size=2))
def test_one_filling_says_nothing_of_what_is_to_be_paid(paid: list[Payment]) -> None:
    told = judge_nozzle(a_nozzle_check(payments=tuple(paid)), RULES)
    outcomes = {ground.outcome for ground in told.grounds if ground.code.startswith("fuel_paid")}
    assert Code.BEYOND not in outcomes
    assert told.harmed is Harmed.NOBODY


@given(masses, st.none() | st.integers(0, 5_000))
def test_a_phone_never_finds_anything_beyond(shown_mg: int, tolerance_mg: int | None) -> None:
    told = try_phone(Phone(206_000, tolerance_mg), MARKET, shown_mg, RULES)
    assert told.code is not Code.BEYOND
    assert told.harmed is Harmed.NOBODY


@pytest.mark.parametrize(("ask", "one", "most"), [case[1:] for case in ORDERED], ids=[case[0] for case in ORDERED])
@given(data=st.data())
def test_the_order_of_readings_never_matters(
    ask: Callable[[Any], Verdict | Conclusion], one: st.SearchStrategy[Any], most: int, data: st.DataObject
) -> None:
    taken = data.draw(st.lists(one, min_size=1, max_size=most))
    assert ask(data.draw(st.permutations(taken))) == ask(taken)


@given(st.lists(st.integers(0, 40_000), min_size=10, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_tares_never_matters(tares: list[int], random: Any) -> None:
    mixed = random.sample(tares, len(tares))
    assert net_by_mean(SALT, [510_000], mixed, RULES) == net_by_mean(SALT, [510_000], tares, RULES)


# The same mass, said in every way people say it.
SAID = [("斤", 2), ("两", 20), ("公斤", 1), ("千克", 1), ("kg", 1), ("g", 1_000), ("克", 1_000)]


@pytest.mark.parametrize(("unit", "times"), SAID, ids=[unit for unit, _ in SAID])
@given(loads=st.lists(st.integers(1, 3_000), min_size=3, max_size=3, unique=True), off=st.integers(-9, 9))
def test_an_answer_is_the_same_in_every_unit(unit: str, times: int, loads: list[int], off: int) -> None:
    def said(digits: int) -> int:
        thousandths = digits * 5 * times
        return mass_mg(f"{thousandths // 1000}.{thousandths % 1000:03d}", unit)

    readings = [Reading(said(load), said(load + off)) for load in loads if load + off >= 0]
    assert [reading.load_mg for reading in readings] == [load * 5_000 for load in loads if load + off >= 0]
    plain = [Reading(load * 5_000, (load + off) * 5_000) for load in loads if load + off >= 0]
    assert points(readings) == points(plain)


# The published scale of two intervals, and the stall of the worked example.
TWO = Scale(
    max_mg=15_000_000,
    min_mg=40_000,
    e_mg=5_000,
    d_mg=5_000,
    accuracy_class="III",
    lower=(Part(6_000_000, 2_000, 2_000),),
)


@pytest.mark.parametrize(
    ("load_mg", "limit_mg"),
    [(0, 2_000), (1_000_000, 2_000), (1_000_001, 4_000), (4_000_000, 4_000), (4_000_001, 6_000), (6_000_000, 6_000),
     (6_000_001, 10_000), (10_000_000, 10_000), (10_000_001, 15_000), (15_000_000, 15_000)],
)  # fmt: skip
def test_a_scale_of_6_and_15_kg_has_the_limits_of_the_part_in_use(load_mg: int, limit_mg: int) -> None:
    assert permissible_error(TWO, load_mg, RULES, in_service=True).limit_mg == limit_mg
    assert permissible_error(TWO, load_mg, RULES, in_service=False).limit_mg * 2 == limit_mg


def test_a_stall_that_shows_25_g_more_at_10_kg_is_beyond_by_15_g_once_three_loads_were_tried() -> None:
    bad = Reading(10_000_000, 10_025_000)
    few = judge(ScaleCheck(a_scale(), (bad,)), RULES)
    assert (few.code, few.reasons[-1].code) == (Code.INDETERMINATE, ReasonCode.TOO_FEW_POINTS)
    check = ScaleCheck(a_scale(), (bad, Reading(1_000_000, 1_000_000), Reading(5_000_000, 5_000_000)))
    told = judge(check, RULES)
    assert (told.code, told.harmed) == (Code.BEYOND, Harmed.BUYER)
    assert told.worst is not None
    assert (told.worst.error_mg, told.worst.limit_mg, told.worst.margin_mg) == (25_000, 10_000, -15_000)
    assert judge(replace(check, readings=check.readings[1:]), RULES).code is Code.INDETERMINATE


def test_weights_below_nothing_are_refused() -> None:
    for ask in (scale_tests.zero, scale_tests.tare):
        with pytest.raises(NegativeReading):
            ask(SCALE, [2_500, 2_500, -1], RULES)
    with pytest.raises(NegativeReading):
        scale_tests.discrimination(SCALE, [Trial(0, -1, 5_000)] * 3, RULES)
