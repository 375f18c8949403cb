"""The server judges again: when it agrees, when it differs, and when the phone's clock cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared.rules
from server.campaigns.models import Task
from server.credit.models import CreditEvent
from server.database import db
from server.findings.models import Finding
from server.inspections.judging import CLOCK_SLACK, rule_days
from server.inspections.kept import reasons_of
from server.inspections.models import Check, Visit
from server.public.models import PublicRecord
from server.sync.models import Change
from shared.dates import civil_day, instant_text
from shared.ops import Status
from shared.rules import ruleset_name
from shared.rules.rows import InService
from tests.server.conftest import TODAY, TestClock
from tests.server.protocol import statuses
from tests.server.world import BEYOND, GOOD, World

CHANGE_OVER = date(2027, 1, 8)
TEN_YEARS_S = 10 * 365 * 86_400


def take_in(world: World, check: dict[str, Any], **fields: Any) -> Check:
    """Push a visit with one check and return the check as stored."""
    phone = world.phone()
    body = world.visit(check, **fields)
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    return db.session.get_one(Check, check["id"])


def counts() -> dict[str, int]:
    return {table.__tablename__: db.session.query(table).count() for table in (Finding, CreditEvent, Task)}


def test_where_both_say_beyond_a_suspicion_and_a_verification_follow(world: World) -> None:
    check = take_in(world, world.check(BEYOND))
    assert (check.device_verdict, check.verdict, check.is_disputed) == ("beyond", "beyond", False)
    assert counts() == {"finding": 1, "credit_event": 1, "task": 1}
    task = db.session.query(Task).one()
    assert (task.kind, task.subject_id, task.region) == ("verify", check.id, "411602")


@pytest.mark.parametrize(
    ("readings", "phone_says"),
    [(GOOD, "beyond"), (BEYOND, "within"), (BEYOND, "indeterminate"), (GOOD, "indeterminate")],
)
def test_where_they_differ_only_a_supervisor_hears_of_it(
    world: World, readings: list[tuple[int, int]], phone_says: str
) -> None:
    public = {row.serial: row.body for row in db.session.query(PublicRecord)}
    feed = {row.id for row in db.session.query(Change)}
    check = take_in(world, world.check(readings, verdict=phone_says, ruleset="cn-1-000000000000"))
    assert check.is_disputed
    assert (check.device_verdict, check.device_ruleset) == (phone_says, "cn-1-000000000000")
    assert (check.verdict, check.ruleset) == ("within" if readings is GOOD else "beyond", ruleset_name())
    assert counts() == {"finding": 0, "credit_event": 0, "task": 1}
    assert {row.serial: row.body for row in db.session.query(PublicRecord)} == public
    task = db.session.query(Task).one()
    assert (task.kind, task.subject_id) == ("review_dispute", check.id)
    assert {row.id for row in db.session.query(Change)} - feed == {task.id}


@pytest.mark.parametrize(
    ("weight_class", "days", "says"),
    [("M1", 0, "beyond"), ("M1", -1, "indeterminate"), ("M3", 90, "indeterminate"), ("Z9", 90, "indeterminate")],
)
def test_the_server_judges_by_the_weights_too(world: World, weight_class: str, days: int, says: str) -> None:
    """A certificate that has ended, a class too coarse or unknown: nothing is concluded, whatever the phone said."""
    until = (civil_day(TODAY) + timedelta(days=days)).isoformat()
    carried = {"weight_class": weight_class, "certificate_no": "F1-2026-022", "valid_until": until}
    fine = {"weight_class": "F1", "certificate_no": "F1-2026-023", "valid_until": "2027-03-01"}
    check = take_in(world, world.check(BEYOND, verdict=says), standards=[fine, carried])
    assert (check.verdict, check.is_disputed) == (says, False)
    visit = check.inspection.visit
    assert [(row.weight_class, row.valid_until.isoformat()) for row in visit.standards] == [
        ("F1", "2027-03-01"),
        (weight_class, until),
    ]
    assert reasons_of(check, visit, "411602").code == says


def test_an_older_ruleset_that_agrees_is_no_dispute(sqlite_world: World) -> None:
    check = take_in(sqlite_world, sqlite_world.check(BEYOND, ruleset="cn-1-000000000000"))
    assert not check.is_disputed
    assert check.device_ruleset == "cn-1-000000000000"


def test_one_disputed_check_of_an_inspection_leaves_the_others_their_effects(sqlite_world: World) -> None:
    world = sqlite_world
    take_in(world, world.check(GOOD, verdict="beyond"))
    phone = world.phone()
    two = world.visit(world.check(GOOD, verdict="beyond"), world.check(BEYOND, instrument=1))
    assert statuses(world.app, phone, phone.op("visit.record/1", two)) == [Status.APPLIED]
    assert counts() == {"finding": 1, "credit_event": 1, "task": 3}
    assert db.session.query(CreditEvent).one().state == "provisional"


def test_fewer_than_three_loads_decide_nothing(sqlite_world: World) -> None:
    check = take_in(sqlite_world, sqlite_world.check(BEYOND[:2]))
    assert (check.verdict, check.is_disputed) == ("indeterminate", False)
    assert counts() == {"finding": 0, "credit_event": 0, "task": 0}


def test_what_no_table_covers_is_taken_in_and_concludes_nothing(sqlite_world: World) -> None:
    beyond_max, only_zero = [(20_000_000, 20_000_000)] * 3, [(0, -5_000), (0, 0), (0, 5_000)]
    for readings in (beyond_max, only_zero, [(10**12, 10**12), (1, 1), (7, -(10**12))]):
        check = take_in(sqlite_world, sqlite_world.check(GOOD) | a_body(readings) | {"verdict": "indeterminate"})
        assert (check.verdict, check.is_disputed) == ("indeterminate", False)


def test_a_nameplate_that_makes_no_sense_is_taken_in_and_concludes_nothing(sqlite_world: World) -> None:
    plate = {
        "max_mg": 1,
        "min_mg": 10**12,
        "e_mg": 3,
        "d_mg": 10**12,
        "accuracy_class": "IIII",
        "price_computing": False,
    }
    check = take_in(sqlite_world, sqlite_world.check(GOOD, nameplate=plate, verdict="indeterminate"))
    assert (check.verdict, check.is_disputed) == ("indeterminate", False)


def a_body(readings: list[tuple[int, int]]) -> dict[str, Any]:
    return {"readings": [{"load_mg": load, "shown_mg": shown} for load, shown in readings]}


# --- clocks ---------------------------------------------------------------------------------------------------------


CLOCKS: list[tuple[int, int | None, int | None, int, str]] = [
    (0, 0, 2, 0, ""),
    (-TEN_YEARS_S, TEN_YEARS_S, 60, 0, ""),
    (TEN_YEARS_S, -TEN_YEARS_S, 60, 0, ""),
    (TEN_YEARS_S, None, None, 0, "clock"),
    (TEN_YEARS_S, 0, 2, 0, "clock"),
    (-86_400, None, None, -1, "clock"),
    (-86_400, 0, 2, -1, ""),
    (3_600, 0, 2, 0, "clock"),
    (240, 0, 2, 0, ""),
]


def test_the_day_of_a_record_is_the_phones_corrected_and_never_later_than_the_receipt(sqlite_world: World) -> None:
    for wrong_by_s, offset_s, doubt_s, days_off, irregular in CLOCKS:
        made_at = instant_text(TODAY + timedelta(seconds=wrong_by_s))
        fields = {"made_at": made_at, "clock_offset_s": offset_s, "clock_doubt_s": doubt_s}
        check = take_in(sqlite_world, sqlite_world.check(BEYOND), **fields)
        visit, day = check.inspection.visit, TODAY.date() + timedelta(days=days_off)
        assert (check.civil_day, visit.civil_day, visit.irregular) == (day, day, irregular), wrong_by_s
        assert instant_text(visit.made_at) == made_at
        assert (visit.clock_offset_s, visit.clock_doubt_s) == (offset_s, doubt_s)
        assert db.session.query(Finding).where(Finding.check_id == check.id).one().suspected_on == day
        event = db.session.query(CreditEvent).where(CreditEvent.source_id == check.id).one()
        assert event.objection_until == day + timedelta(days=15)


def test_a_clock_years_behind_that_nobody_measured_is_no_reason_to_lose_the_record(world: World) -> None:
    phone, events = world.phone(), 0
    for years in (3, 6, 7, 8, 10, 30, 56):
        made_at = instant_text(TODAY.replace(year=TODAY.year - years))
        unmeasured: dict[str, Any] = {"made_at": made_at, "clock_offset_s": None, "clock_doubt_s": None}
        bodies = [world.visit(world.check(GOOD), **unmeasured), world.visit(world.check(BEYOND), **unmeasured)]
        bodies.append(world.visit(world.check(GOOD, instrument=1), party=1))
        sent = statuses(world.app, phone, *(phone.op("visit.record/1", body) for body in bodies))
        assert sent == [Status.APPLIED] * 3, years
        events += 3 if TODAY.year - years >= 2020 else 1
        assert db.session.query(CreditEvent).count() == events, "no policy weighs what was before it"
    assert {visit.irregular for visit in db.session.query(Visit)} == {"", "clock"}


def test_the_ends_of_the_calendar_are_taken_in(world: World) -> None:
    for made_at in ("1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"):
        for offset_s in (-(10**10), None, 0, 10**10):
            fields = {"made_at": made_at, "clock_offset_s": offset_s, "clock_doubt_s": 10**10, "started_at": made_at}
            check = take_in(world, world.check(GOOD, verdict="indeterminate", measured_at=made_at), **fields)
            assert check.civil_day <= TODAY.date()


instants = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
offsets = st.none() | st.integers(-(10**10), 10**10)
doubts = st.none() | st.integers(0, 10**10)
receipts = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(made_at=instants, offset_s=offsets, doubt_s=doubts, received_at=receipts)
def test_the_days_of_a_record_hold_its_day_and_end_with_the_receipt(
    made_at: datetime, offset_s: int | None, doubt_s: int | None, received_at: datetime
) -> None:
    days = rule_days(made_at, offset_s, doubt_s, received_at)
    assert days.first <= days.day <= days.last <= civil_day(received_at + CLOCK_SLACK)
    if offset_s is None:
        assert days.is_doubtful


@given(made_at=instants, offset_s=st.integers(-(10**10), 10**10), received_at=receipts)
def test_a_measured_clock_gives_one_day_and_it_does_not_matter_where_the_error_stands(
    made_at: datetime, offset_s: int, received_at: datetime
) -> None:
    days = rule_days(made_at, offset_s, 0, received_at)
    assert days == rule_days(made_at + timedelta(seconds=offset_s), 0, 0, received_at)
    if not days.is_doubtful:
        assert days.first == days.day == days.last


@given(made_at=instants, offset_s=offsets, narrow=st.integers(0, 10**9), wide=st.integers(0, 10**9), at=receipts)
def test_more_doubt_never_leaves_out_a_day(
    made_at: datetime, offset_s: int | None, narrow: int, wide: int, at: datetime
) -> None:
    narrow, wide = sorted((narrow, wide))
    inner, outer = (rule_days(made_at, offset_s, doubt, at) for doubt in (narrow, wide))
    assert outer.first <= inner.first
    assert inner.last <= outer.last
    assert inner.day == outer.day


# --- a change of rules ----------------------------------------------------------------------------------------------


@pytest.fixture
def stricter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """From the change-over on, an instrument in service may err no more than at its verification."""
    rows = shared.rules._all_rows()
    old = next(row for row in rows if isinstance(row, InService))
    new = replace(old, multiplier=1, valid_from=CHANGE_OVER)
    kept = [row for row in rows if row is not old]
    changed = (*kept, replace(old, valid_to=CHANGE_OVER - timedelta(days=1)), new)
    monkeypatch.setattr(shared.rules, "_all_rows", lambda: changed)
    _forget_rules()
    yield
    _forget_rules()


def _forget_rules() -> None:
    """Drop what was sorted of the rows that held before: another test may have asked for the same days."""
    for kept in (shared.rules.rules_on, shared.rules._rows_since, shared.rules._turning_days):
        kept.cache_clear()


BETWEEN = [(1_000_000, 1_000_000), (5_000_000, 5_000_000), (10_000_000, 10_009_000)]


@pytest.mark.usefixtures("stricter")
@pytest.mark.parametrize(
    ("made_at", "doubt_s", "verdict"),
    [
        ("2027-01-07T15:59:59Z", 0, "within"),
        ("2027-01-07T15:59:59Z", 1, "indeterminate"),
        ("2027-01-07T16:00:00Z", 0, "beyond"),
        ("2027-01-07T16:00:00Z", 1, "indeterminate"),
        ("2027-01-09T16:00:00Z", 86_400, "beyond"),
    ],
)
def test_at_a_change_over_both_rules_are_judged_and_a_difference_concludes_nothing(
    sqlite_world: World, clock: TestClock, made_at: str, doubt_s: int, verdict: str
) -> None:
    clock.moment = datetime(2027, 1, 20, tzinfo=UTC)
    body = sqlite_world.check(GOOD) | a_body(BETWEEN) | {"verdict": verdict}
    check = take_in(sqlite_world, body, made_at=made_at, clock_offset_s=0, clock_doubt_s=doubt_s)
    assert (check.verdict, check.is_disputed) == (verdict, False)


@pytest.mark.usefixtures("stricter")
def test_a_record_that_comes_late_is_judged_by_the_rules_of_its_day(sqlite_world: World, clock: TestClock) -> None:
    clock.moment = datetime(2027, 3, 1, tzinfo=UTC)
    body = sqlite_world.check(GOOD) | a_body(BETWEEN) | {"verdict": "within"}
    assert take_in(sqlite_world, body, made_at="2026-12-01T00:00:00Z").verdict == "within"


def test_the_price_computing_change_over_keeps_its_limits(sqlite_world: World, clock: TestClock) -> None:
    clock.moment = datetime(2027, 1, 20, tzinfo=UTC)
    check = take_in(sqlite_world, sqlite_world.check(BEYOND), made_at="2027-01-07T15:59:00Z", clock_doubt_s=3_600)
    assert (check.verdict, check.is_disputed) == ("beyond", False)
