"""The dated rule data: complete, sourced, free of contradictions, and named by its figures."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared import rules
from shared.credit import State
from shared.rules import first_days_between, name_of, rules_on, ruleset_name
from shared.rules.rows import TABLES, Confidence, CreditTerm, Period, Regulation, Row
from shared.words import InstrumentKind
from tests.builders import TODAY, todays_rules
from tests.rules.row_faults import KEYS, Tables, change_days, faults, read_tables

TYPED = read_tables()


def all_rows() -> list[Row]:
    """Return every row that holds on any day."""
    found: dict[int, Row] = {}
    for day in change_days(TYPED):
        found |= {id(row): row for row in rules_on(day, "").rows}
    return list(found.values())


def test_the_rule_data_has_no_fault() -> None:
    assert faults(TYPED) == []
    assert set(KEYS) == set(TABLES)
    assert len(all_rows()) == sum(len(rows) for rows in TYPED.values())


PLANTS: list[tuple[str, dict[str, Any], str]] = [
    ("regulation", {"document": ""}, "has no document"),
    ("regulation", {"confidence": "sure"}, "confidence = 'sure'"),
    ("regulation", {"source": "a friend"}, "names no address"),
    ("regulation", {"valid_to": date(1999, 1, 1)}, "ends before"),
    ("regulation", {"edition": "2030"}, "holds before its edition"),
    ("regulation", {"price_computing": [False, True]}, "two rows hold on 2017-05-25"),
    ("scale_mpe", {"half_e": 0.5}, "half_e = 0.5"),
    ("scale_mpe", {"half_e": True}, "half_e = True"),
    ("scale_mpe", {"half_e": 2}, "do not rise"),
    ("scale_mpe", {"up_to_e": 499}, "do not join"),
    ("scale_mpe", {"up_to_e": 501}, "do not join"),
    ("scale_mpe", {"valid_to": date(2026, 1, 1)}, "do not join"),
    ("scale_mpe", {"half": 1}, "unknown field half"),
    ("in_service", {"valid_from": "2006-10-01"}, "valid_from = '2006-10-01'"),
    ("credit_term", {"fades_days": 365}, "fades before"),
    ("credit_term", {"needs_document": True}, "needs a document"),
    ("credit_term", {"at_most": 1}, "capped below"),
    ("credit_policy", {"objection_clock": "working_day"}, "bounds or clock"),
    ("credit_grade", {"grade": "best"}, "credit_grade on"),
    ("credit_grade", {"at_least": 75000}, "bounds"),
    ("period", {"kind": "teapot"}, "teapot"),
]


@pytest.mark.parametrize(("table", "change", "told"), PLANTS, ids=[f"{table} {change}" for table, change, _ in PLANTS])
def test_a_planted_fault_is_told(table: str, change: dict[str, Any], told: str) -> None:
    tables: Tables = deepcopy(TYPED)
    tables[table][0] |= change
    assert any(told in fault for fault in faults(tables)), faults(tables)


def test_a_row_that_stands_twice_is_told() -> None:
    for table in TYPED:
        tables = deepcopy(TYPED)
        tables[table].append(tables[table][0])
        assert any("two rows hold" in fault for fault in faults(tables)), table


def other(value: Any) -> Any:
    """Return another value of the same type; None is a day that nobody knows yet."""
    if value is None:
        return date(2099, 1, 1)
    if isinstance(value, bool):
        return not value
    if isinstance(value, Confidence):
        return Confidence.MEMORY if value is not Confidence.MEMORY else Confidence.UNKNOWN
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, tuple):
        return tuple(not one for one in value)
    return value + 1 if isinstance(value, int) else f"{value}x"


def test_the_rulesets_name_changes_with_every_figure_and_with_nothing_else() -> None:
    rows = all_rows()
    assert name_of(rows) == ruleset_name() == todays_rules().ruleset
    assert name_of(random.Random(1).sample(rows, len(rows))) == ruleset_name()
    for place, row in enumerate(rows):
        for field in fields(row):
            changed = replace(row, **{field.name: other(getattr(row, field.name))})
            is_same = name_of([*rows[:place], changed, *rows[place + 1 :]]) == ruleset_name()
            assert is_same == (field.name in ("note", "source")), f"{row} {field.name}"
        assert name_of(rows[:place] + rows[place + 1 :]) != ruleset_name()


def test_rules_are_the_same_on_every_day_between_two_changes() -> None:
    days = sorted(change_days(TYPED))
    for first, following in pairwise(days):
        assert rules_on(first).rows == rules_on(following - timedelta(days=1)).rows
        assert rules_on(first).rows != rules_on(following).rows


def test_a_change_over_within_the_doubt_of_a_clock_is_seen() -> None:
    change = date(2027, 1, 8)
    assert first_days_between(date(2027, 1, 5), date(2027, 1, 9)) == [date(2027, 1, 5), change]
    assert first_days_between(date(2027, 1, 5), change) == [date(2027, 1, 5), change]
    assert first_days_between(change, date(2027, 1, 9)) == [change]
    assert first_days_between(date(2027, 1, 5), date(2027, 1, 7)) == [date(2027, 1, 5)]
    assert first_days_between(TODAY, TODAY) == [TODAY]


def test_a_regional_row_holds_in_its_region_alone_and_goes_before_the_national_one() -> None:
    national = todays_rules().all_of(Period)
    own = replace(national[0], months=6, region="4116", document="地方规定")
    assert own.holds(TODAY, "411602")
    assert not own.holds(TODAY, "411702")
    assert not own.holds(TODAY, "")
    for rows in ((own, *national), (*national, own)):
        period = replace(todays_rules(), rows=rows).period(own.kind)
        assert period is not None
        assert period.months == 6


def test_every_regulation_and_period_can_be_found_by_its_kind() -> None:
    known = {kind for kind in InstrumentKind if todays_rules().period(kind)}
    assert known == set(InstrumentKind)
    assert todays_rules().period("teapot") is None
    assert {row.id for row in todays_rules().all_of(Regulation)} == {"jjg-539", "jjg-539-price"}


def test_what_takes_points_starts_as_provisional() -> None:
    assert {row.code for row in todays_rules().all_of(CreditTerm) if row.needs_document} == {"beyond_limits"}
    assert State.PROVISIONAL.value == "provisional"


def test_the_data_is_read_once() -> None:
    assert rules_on(TODAY).rows[0] is rules.rules_on(TODAY).rows[0]
