"""The score: a fold that anybody can do again, moved by confirmed facts alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.credit import Entry, Grade, Score, State, faded, objection_until, score
from shared.errors import NoRule
from shared.rules.rows import CreditGrade, CreditPolicy, CreditTerm
from tests.builders import TODAY, an_id, todays_rules
from tests.strategies import ledgers

RULES = todays_rules()
POLICY = RULES.one_of(CreditPolicy)
WEIGHTS = {row.code: row for row in RULES.all_of(CreditTerm)}
TWO_CHECKS = (TODAY, TODAY - timedelta(days=1))


def an_entry(code: str, *, state: State = State.CONFIRMED, age_days: int = 0, number: int = 1, **fields: Any) -> Entry:
    return Entry(an_id(number), code, state, TODAY - timedelta(days=age_days), **fields)


def scored(*entries: Entry) -> Score:
    return score(entries, TWO_CHECKS, RULES)


def settled_state(entry: Entry, ledger: list[Entry]) -> State:
    later = sorted((line.happened_on, line.id, line.state) for line in ledger if line.settles == entry.id)
    return later[-1][2] if later else entry.state


@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_entries_never_matters(ledger: list[Entry], random: Any) -> None:
    shuffled = list(ledger)
    random.shuffle(shuffled)
    assert scored(*shuffled) == scored(*ledger)


@given(ledgers())
def test_a_score_is_what_its_confirmed_terms_explain(ledger: list[Entry]) -> None:
    found = scored(*ledger)
    counted = sum(term.points for term in found.terms if term.state is State.CONFIRMED)
    assert found.points == min(max(found.start + counted, POLICY.lowest), POLICY.highest)
    assert {term.id: term.state for term in found.terms} == {
        line.id: settled_state(line, ledger) for line in ledger if line.settles is None
    }
    assert scored(*ledger) == found, "rebuilding gives the same"


@given(ledgers())
def test_points_are_worked_out_apart_to_the_same_number(ledger: list[Entry]) -> None:
    sums: dict[str, int] = defaultdict(int)
    for line in ledger:
        if line.settles is None and settled_state(line, ledger) is State.CONFIRMED:
            weight, age = WEIGHTS[line.code], (TODAY - line.happened_on).days
            left = 1 if age <= weight.full_days else 0
            share = max(0, weight.fades_days - age), weight.fades_days - weight.full_days
            part = abs(weight.points) if left else abs(weight.points) * share[0] // share[1]
            sums[line.code] += part if weight.points > 0 else -part
    capped = sum(min(points, WEIGHTS[code].at_most or points) for code, points in sums.items())
    assert scored(*ledger).points == min(max(POLICY.start + capped, POLICY.lowest), POLICY.highest)


@given(ledgers())
def test_provisional_and_void_terms_never_move_the_score(ledger: list[Entry]) -> None:
    confirmed = [line for line in ledger if line.settles or settled_state(line, ledger) is State.CONFIRMED]
    without, whole = scored(*confirmed), scored(*ledger)
    assert (whole.points, whole.grade) == (without.points, without.grade)
    assert all(term.points == 0 for term in whole.terms if term.state is State.VOID)
    assert {term.state for term in whole.provisional} <= {State.PROVISIONAL}


def test_one_suspected_scale_shows_its_points_and_moves_nothing_until_confirmed() -> None:
    suspected = an_entry("beyond_limits", state=State.PROVISIONAL)
    before, provisional = scored(), scored(suspected)
    assert (provisional.points, provisional.grade) == (before.points, before.grade) == (80_000, Grade.GOOD)
    assert [term.points for term in provisional.provisional] == [-18_000]
    confirmed = scored(suspected, an_entry("beyond_limits", number=2, settles=suspected.id))
    assert (confirmed.points, confirmed.grade) == (62_000, Grade.FAIR)
    void = an_entry("beyond_limits", state=State.VOID, number=2, settles=suspected.id)
    assert scored(suspected, void).points == before.points


@pytest.mark.parametrize("first", [State.CONFIRMED, State.VOID])
def test_of_two_decisions_the_later_holds_in_whatever_order_they_are_read(first: State) -> None:
    suspected = an_entry("beyond_limits", state=State.PROVISIONAL, age_days=30)
    second = State.VOID if first is State.CONFIRMED else State.CONFIRMED
    decisions = [
        an_entry("beyond_limits", state=first, age_days=20, number=9, settles=suspected.id),
        an_entry("beyond_limits", state=second, age_days=10, number=5, settles=suspected.id),
    ]
    for ledger in ([suspected, *decisions], [suspected, *decisions[::-1]], [*decisions[::-1], suspected]):
        assert [term.state for term in scored(*ledger).terms] == [second]


def test_many_clean_checks_count_up_to_their_cap() -> None:
    checks = [an_entry("clean_check", number=number) for number in range(1, 11)]
    assert [scored(*checks[:count]).points for count in (0, 1, 3, 4, 10)] == [80_000, 84_000, 92_000, 92_000, 92_000]
    pledged = scored(*checks, an_entry("pledge_signed", number=20), an_entry("pledge_signed", number=21))
    assert pledged.points == 95_000


def test_a_score_stays_within_its_bounds() -> None:
    bad = [an_entry("beyond_limits", number=number) for number in range(1, 10)]
    assert scored(*bad).points == POLICY.lowest
    assert scored(*bad).grade is Grade.IMPROVE
    assert score([an_entry("clean_check")], TWO_CHECKS, with_start(99_000)).points == POLICY.highest


def test_too_few_or_too_old_checks_leave_it_unrated() -> None:
    for days in ((), (TODAY,), (TODAY, TODAY - timedelta(days=730)), (TODAY, TODAY + timedelta(days=1))):
        assert score([], days, RULES).grade is Grade.UNRATED
    assert score([], (TODAY, TODAY - timedelta(days=729)), RULES).grade is Grade.GOOD


@given(st.integers(-100_000, 100_000), st.integers(0, 800), st.integers(1, 800), st.integers(0, 2000))
def test_points_fade_evenly_and_never_grow_again(points: int, full_days: int, fading_days: int, age_days: int) -> None:
    fades_days = full_days + fading_days
    now, next_day = (faded(points, age, full_days, fades_days) for age in (age_days, age_days + 1))
    assert type(now) is int
    assert abs(next_day) <= abs(now) <= abs(points)
    assert now * points >= 0
    if age_days <= full_days:
        assert now == points
    if age_days >= fades_days:
        assert now == 0


def test_every_grade_is_reached_at_its_bound_and_not_a_thousandth_below() -> None:
    bounds = sorted(((row.at_least, Grade(row.grade)) for row in RULES.all_of(CreditGrade)), reverse=True)
    for place, (at_least, grade) in enumerate(bounds):
        assert score([], TWO_CHECKS, with_start(at_least)).grade is grade
        if place + 1 < len(bounds):
            assert score([], TWO_CHECKS, with_start(at_least - 1)).grade is bounds[place + 1][1]


def with_start(start: int) -> Any:
    rows = tuple(replace(row, start=start) if isinstance(row, CreditPolicy) else row for row in RULES.rows)
    return replace(RULES, rows=rows)


def test_an_event_that_no_rule_weighs_is_an_error_of_the_trade() -> None:
    with pytest.raises(NoRule):
        scored(an_entry("kindness"))


def test_a_bureaus_own_figures_go_before_the_national_ones() -> None:
    excellent = next(row for row in RULES.all_of(CreditGrade) if row.grade == "excellent")
    own = [
        replace(WEIGHTS["clean_check"], points=1_000, region="4116"),
        replace(POLICY, start=70_000, region="4116"),
        replace(excellent, at_least=71_000, region="4116"),
    ]
    for rows in ((*own, *RULES.rows), (*RULES.rows, *own)):
        found = score([an_entry("clean_check")], TWO_CHECKS, replace(RULES, region="411602", rows=rows))
        assert (found.points, found.grade) == (71_000, Grade.EXCELLENT)


def test_the_last_day_to_object_is_inclusive() -> None:
    assert objection_until(date(2026, 11, 21), POLICY) == date(2026, 12, 6)
