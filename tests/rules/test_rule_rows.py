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
REGIONS = sorted({row.get("region", "") for rows in TYPED.values() for row in rows})


def all_rows() -> list[Row]:
    """Return every row that holds on any day, in any region."""
    found: dict[int, Row] = {}
    for day in change_days(TYPED):
        for region in REGIONS:
            found |= {id(row): row for row in rules_on(day, region).rows}
    return list(found.values())


def test_on_each_day_hold_the_rows_that_say_so() -> None:
    """Rows are sorted out once for all the days between two changes: no such day may get another one's rows."""
    changes = [change for change in change_days(TYPED) if date.min < change < date.max]
    days = {change + timedelta(days=off) for change in changes for off in (-1, 0, 1)} | {date.min, date.max, TODAY}
    for region in REGIONS:
        for day in days:
            held = tuple(row for row in rules._all_rows() if row.holds(day, region))
            assert rules_on(day, region).rows == held, (day, region)


def test_the_rule_data_has_no_fault() -> None:
    assert faults(TYPED) == []
    assert set(KEYS) == set(TABLES)
    assert len(all_rows()) == sum(len(rows) for rows in TYPED.values())


PLANTS: list[tuple[str, dict[str, Any], str]] = [
    ("regulation", {"document": ""}, "has no document"),
    ("regulation", {"confidence": "sure"}, "confidence = 'sure'"),
    ("regulation", {"source": "a friend"}, "names no address"),
    ("regulation", {"valid_to": date(1999, 1, 1)}, "ends before"),
    ("regulation", {"valid_to": date(2020, 1, 1)}, "ends on 2020-01-01 and nothing follows"),
    ("violation", {"valid_to": date(2029, 1, 1)}, "ends on 2029-01-01 and nothing follows"),
    ("fuel_mpe", {"valid_to": date(2024, 4, 29)}, "no row between 2024-04-29 and 2024-05-01"),
    ("prepackage_shortage", {"valid_to": date(2023, 5, 30)}, "no row between 2023-05-30 and 2023-06-01"),
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
    ("period", {"months": 0}, "period: cng_dispenser 0"),
    ("catalogue", {"mode": "now and then"}, "now and then"),
    ("catalogue", {"uses": ["weighing"]}, "weighing"),
    ("catalogue", {"uses": []}, "catalogue: scale"),
    ("catalogue", {"uses": "trade"}, "uses = 'trade'"),
    ("catalogue", {"item": ""}, "no name or place"),
    ("catalogue", {"valid_to": date(2027, 1, 8)}, "two rows hold on 2027-01-08"),
    ("transition", {"kind": "teapot"}, "transition: teapot"),
    ("checklist", {"kinds": ["teapot"]}, "kinds ['teapot']"),
    ("checklist", {"kinds": []}, "kinds []"),
    ("checklist", {"suggests": "guilty"}, "suggests guilty"),
    ("checklist", {"id": "certificate"}, "two rows hold on 2017-05-25"),
    ("checklist", {"step": 0}, "step 0"),
    ("checklist", {"zh": " "}, "words"),
    ("checklist", {"zh": "看合格证"}, "words"),
    ("checklist", {"id": "memory_keys"}, "an item and a cheat"),
    ("cheat", {"pattern": "magic"}, "no such pattern magic"),
    ("cheat", {"model": "ACS-15"}, "a model without its maker"),
    ("cheat", {"step": 79}, "outside the steps"),
    ("violation", {"when": ["bad_mood"]}, "bad_mood is no when"),
    ("violation", {"parties": ["neighbour"]}, "neighbour is no parties"),
    ("violation", {"places": ["moon"]}, "moon is no places"),
    ("violation", {"needs": ["luck"]}, "luck is no needs"),
    ("violation", {"cautions": ["beware"]}, "beware is no cautions"),
    ("violation", {"kind": "crime"}, "kind crime"),
    ("violation", {"severity": "grave"}, "severity grave"),
    ("violation", {"name_en": "检定"}, "both languages"),
    ("violation", {"code": "M01", "document": "x"}, "2 names"),
    ("violation_basis", {"code": "M99"}, "M99: belongs to no entry"),
    ("penalty", {"region": "99"}, "belongs to no entry"),
    ("penalty", {"text_zh": "Stop use"}, "both languages"),
    ("penalty", {"fine_to_yuan": 100}, "100 is not in the Chinese text"),
    ("penalty", {"text_en": "Stop use; fine up to 10,000 yuan."}, "1000 is not in the English text"),
    ("penalty", {"fine_from_yuan": 2000}, "fine from 2000 to 1000"),
    ("penalty", {"measures": ["flog"]}, "flog is no measure"),
    ("leniency", {"unless": ["mercy"]}, "mercy is no unless"),
    ("retail_goods", {"goods": "teapot"}, "not the goods"),
    ("retail_goods", {"tier": "food_9"}, "in no tier"),
    ("retail_tier", {"up_to_fen": 599}, "prices"),
    ("retail_tier", {"by_price": False}, "prices"),
    ("retail_tier", {"number": 2}, "not numbered by price"),
    ("retail_tier", {"valid_to": date(2026, 1, 1)}, "prices"),
    ("retail_limit", {"up_to_mg": 1_000_001}, "do not join"),
    ("retail_limit", {"limit_mg": 0}, "do not rise"),
    ("retail_limit", {"limit_mg": 40_000}, "do not rise"),
    ("retail_limit", {"tier": "food_9"}, "bands for"),
    ("retail_method", {"multiplier": 0}, "less than the limit"),
    ("retail_method", {"method": "guess"}, "not the methods"),
    ("retail_reference", {"part": 0}, "more than the limit"),
    ("retail_scale", {"part": 0}, "more than the limit"),
    ("phone_tolerance", {"basis": "guess"}, "not for what a maker states"),
    ("phone_tolerance", {"permille": 0}, "without a tolerance"),
    ("fuel_mpe", {"mpe_ppm": 0}, "below one"),
    ("fuel_mpe", {"valid_to": date(2020, 1, 1)}, "nothing holds on 2020-01-02"),
    ("fuel_in_service", {"valid_to": date(2099, 1, 1)}, "two rows hold on 2024-05-01"),
    ("fuel_repeatability", {"limit_ppm": 1500}, "edition of 2006"),
    ("fuel_repeatability", {"valid_to": date(2024, 4, 29)}, "nothing holds on 2024-04-30"),
    ("fuel_divisor", {"hundredths": 100}, "plain range"),
    ("fuel_divisor", {"runs": 2}, "no divisor for 3 runs"),
    ("fuel_test", {"valid_from": date(2016, 1, 1)}, "nothing holds on 2015-06-01"),
    ("fuel_expansion", {"fuel": "water"}, "water is not known"),
    ("fuel_expansion", {"fuel": "water"}, "nothing for ['gasoline']"),
    ("measure_expansion", {"ppm_per_k": 0}, "below one"),
    ("fuel_condition", {"condition": "wind"}, "wind is not known"),
    ("energy_mpe", {"quantity": "length"}, "length is not counted"),
    ("energy_mpe", {"kind": "teapot"}, "teapot is not known"),
    ("clock_mpe", {"initial_s": 181}, "stricter later"),
    ("standard_share", {"divisor": 0}, "below one"),
    ("dispenser_item", {"group": "thing"}, "group thing"),
    ("prepackage_shortage", {"up_to": 50_001}, "prepackage_shortage mass: bands"),
    ("prepackage_shortage", {"above": 1}, "prepackage_shortage mass: bands"),
    ("prepackage_shortage", {"thousandths": 91}, "T falls at 50000"),
    ("prepackage_shortage", {"fixed": 1}, "both a share"),
    ("prepackage_shortage", {"fixed": -1}, "both a share"),
    ("prepackage_step", {"step": 0}, "no step"),
    ("prepackage_step", {"up_to": 999_999}, "prepackage_step mass: bands"),
    ("prepackage_rounding", {"direction": "down"}, "no such direction"),
    ("prepackage_rounding", {"kind": "length"}, "are rounded"),
    ("prepackage_unit", {"below": 999_999}, "prepackage_unit mass: bands"),
    ("prepackage_unit", {"at_least": 1}, "prepackage_unit mass: bands"),
    ("prepackage_height", {"least_um": 3_000}, "do not rise"),
    ("prepackage_height", {"up_to": 50_001}, "prepackage_height mass: bands"),
    ("prepackage_height", {"kind": "time"}, "prepackage_height: ["),
    ("prepackage_sampling", {"lot_to": 9}, "lots do not join at 11"),
    ("prepackage_sampling", {"lot_from": 2}, "do not begin at 1"),
    ("prepackage_sampling", {"sample": 10}, "samples do not rise at 11"),
    ("prepackage_sampling", {"over_t": 1}, "samples do not rise at 11"),
    ("prepackage_sampling", {"over_2t": 1}, "more than 2 T is allowed"),
    ("prepackage_sampling", {"lambda_thousandths": 1000}, "lambda does not fall at 11"),
    ("prepackage_tare", {"many": 10}, "prepackage_tare: figures"),
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
        return tuple(other(one) for one in value) or ("x",)
    return value + 1 if isinstance(value, int) else f"{value}x"


def test_the_rulesets_name_changes_with_every_figure_and_with_nothing_else() -> None:
    rows = all_rows()
    assert name_of(rows) == ruleset_name() == todays_rules().ruleset
    assert name_of(random.Random(1).sample(rows, len(rows))) == ruleset_name()
    for row in rows:
        for field in fields(row):
            changed = replace(row, **{field.name: other(getattr(row, field.name))})
            is_same = name_of([changed]) == name_of([row])
            assert is_same == (field.name in ("note", "source")), f"{row} {field.name}"
    for place in range(0, len(rows), 40):
        assert name_of(rows[:place] + rows[place + 1 :]) != ruleset_name()


def test_rules_are_the_same_on_every_day_between_two_changes() -> None:
    days = sorted(change_days(TYPED))
    for first, following in pairwise(days):
        before, after = ([rules_on(day, region).rows for region in REGIONS] for day in (first, following))
        assert before == [rules_on(following - timedelta(days=1), region).rows for region in REGIONS]
        assert before != after


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
