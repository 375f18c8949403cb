"""Instants and civil days: one spelling, one zone, no naive time; and how long a verification lasts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dates import add_months, civil_day, instant_text, parse_instant
from shared.errors import BadInstant
from shared.validity import DUE_SOON_DAYS, Validity, is_due, state_on, valid_until
from shared.words import InstrumentStatus, Use
from tests.builders import TODAY
from tests.strategies import days, instants


@given(instants)
def test_an_instant_reads_back_the_same(at: datetime) -> None:
    assert parse_instant(instant_text(at)) == at


@given(st.text(max_size=24) | instants.map(instant_text).map(lambda text: text[:-1] + "z"))
def test_no_text_raises_anything_but_bad_instant(text: str) -> None:
    with pytest.raises(BadInstant):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 08:00:00Z",
        "2026-11-21T08:00:00",
        "2026-11-21T08:00:00+00:00",
        "2026-11-21T08:00:00.0Z",
        "2026-11-21T08:00Z",
        "2026-11-21T08:00:60Z",
        "2026-11-21T24:00:00Z",
        "2026-02-29T08:00:00Z",
        "２026-11-21T08:00:00Z",
        "2026-11-21T08:00:00Z\n",
        "0001-01-01T00:00:00Z",
        "9999-12-31T20:00:00Z",
    ],
)
def test_any_other_spelling_and_any_impossible_time_is_refused(text: str) -> None:
    with pytest.raises(BadInstant):
        parse_instant(text)


@given(instants)
def test_every_instant_of_the_wire_has_a_civil_day_even_corrected_by_the_largest_offset(at: datetime) -> None:
    for corrected in (at, at - timedelta(seconds=10**10), at + timedelta(seconds=10**10)):
        assert abs(civil_day(corrected) - corrected.date()) <= timedelta(days=1)


def test_a_naive_time_is_refused() -> None:
    for read in (civil_day, instant_text):
        with pytest.raises(BadInstant):
            read(datetime(2026, 11, 21))  # noqa: DTZ001


def test_the_civil_day_is_that_of_shanghai_wherever_the_clock_stands() -> None:
    assert civil_day(datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert civil_day(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
    urumqi = timezone(timedelta(hours=6))
    assert civil_day(datetime(2026, 11, 21, 22, 0, tzinfo=urumqi)) == date(2026, 11, 22)


@given(days, st.integers(0, 600))
def test_months_are_added_to_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    is_last = (later + timedelta(days=1)).day == 1
    assert later.day == day.day or (later.day < day.day and is_last)


@given(days, st.sampled_from([6, 12, 36]))
def test_a_verification_lasts_until_the_day_before(done_on: date, months: int) -> None:
    until = valid_until(done_on, months)
    assert state_on(until, until) is Validity.DUE_SOON
    assert state_on(until + timedelta(days=1), until) is Validity.OVERDUE
    assert state_on(until - timedelta(days=DUE_SOON_DAYS), until) is Validity.IN_DATE
    assert state_on(until - timedelta(days=DUE_SOON_DAYS - 1), until) is Validity.DUE_SOON
    assert state_on(until, None) is Validity.NEVER_VERIFIED


@pytest.mark.parametrize(
    ("done_on", "months", "until"),
    [("2026-06-15", 12, "2027-06-14"), ("2024-02-29", 12, "2025-02-28"), ("2026-01-01", 6, "2026-06-30")],
)
def test_worked_last_days(done_on: str, months: int, until: str) -> None:
    assert valid_until(date.fromisoformat(done_on), months) == date.fromisoformat(until)
    assert state_on(TODAY, TODAY + timedelta(days=400)) is Validity.IN_DATE


def test_only_trade_use_in_use_is_due() -> None:
    due = {(use.value, status.value) for use in Use for status in InstrumentStatus if is_due(use=use, status=status)}
    assert due == {("trade", "in_use"), ("fair_scale", "in_use")}
    assert not is_due(use=None, status="in_use")
