"""The ledger of credit: what a field test, a document and a pledge move, once each, and how it can be folded again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server import transaction
from server.accounts.models import Person
from server.credit import service as credit
from server.credit.models import CreditEvent, PartyScore
from server.database import begin_write, db
from server.findings.models import Finding
from server.inspections import service as inspections
from server.pledges import service as pledges
from server.problems import AlreadyThere
from server.public.models import PublicRecord
from server.public.state import answer
from server.registry.models import Instrument, Party
from server.sync.models import Change
from shared.ops import Status
from shared.rules import rules_on, ruleset_name
from shared.rules.rows import CreditPolicy, CreditTerm
from shared.seal import LabelVerdict
from shared.words import PlaceKind, VerificationResult
from tests.server.conftest import TestClock
from tests.server.protocol import send, statuses
from tests.server.world import BEYOND, GOOD, Phone, World, now

PASSED, FAILED = VerificationResult.PASSED, VerificationResult.FAILED


def points_of(world: World, party: int = 0) -> int:
    """Return the stored score of a merchant; the policy's start while there is none."""
    stored = db.session.get(PartyScore, world.parties[party], populate_existing=True)
    return stored.points if stored else rules_on(world.day).one_of(CreditPolicy).start


def weight(world: World, code: str) -> int:
    return next(row.points for row in rules_on(world.day).all_of(CreditTerm) if row.code == code)


def push_visit(world: World, phone: Phone, *checks: dict[str, Any], party: int = 0) -> Any:
    op = phone.op("visit.record/1", world.visit(*checks, party=party))
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    return op


def assert_stored_scores_are_the_fold(world: World) -> None:
    """Every stored score must be what a rebuild from the ledger gives."""
    before = {row.party_id: vars_of(row) for row in db.session.query(PartyScore)}
    session = db.session()
    begin_write()
    credit.rebuild(session, world.parties, inspections.check_days, world.day)
    session.expire_all()
    after = {row.party_id: vars_of(row) for row in db.session.query(PartyScore)}
    session.rollback()
    assert {party: after[party] for party in before} == before
    for party, row in before.items():
        whole = credit.score_of(session, party, inspections.check_days, world.day)
        assert (whole.points, whole.grade) == row[:2], "the page that shows every term reads everything"


def vars_of(row: PartyScore) -> tuple[Any, ...]:
    return row.points, row.grade, row.as_of, row.ruleset


def test_a_field_test_moves_nothing_until_a_document_confirms_it(world: World) -> None:
    phone, start = world.phone(), points_of(world)
    push_visit(world, phone, world.check(BEYOND))
    assert points_of(world) == start
    world.verify(FAILED, "N-1")
    assert points_of(world) - start == weight(world, "beyond_limits")
    opened, confirmed = db.session.query(CreditEvent).order_by(CreditEvent.settles.isnot(None)).all()
    assert (opened.state, confirmed.state) == ("provisional", "confirmed")
    assert (confirmed.settles, confirmed.document_no, confirmed.source_id) == (opened.id, "N-1", opened.source_id)
    assert db.session.query(Finding).one().state == "confirmed"
    assert_stored_scores_are_the_fold(world)


def test_a_passed_verification_voids_what_was_suspected(world: World) -> None:
    phone, start = world.phone(), points_of(world)
    push_visit(world, phone, world.check(BEYOND))
    world.verify(PASSED, "C-1")
    assert points_of(world) == start
    assert {event.state for event in db.session.query(CreditEvent)} == {"provisional", "void"}
    assert db.session.query(Finding).one().state == "withdrawn"
    world.verify(FAILED, "N-2")
    assert points_of(world) == start, "what was withdrawn stays withdrawn"
    assert_stored_scores_are_the_fold(world)


def test_a_document_settles_each_suspicion_once(sqlite_world: World) -> None:
    phone, start = sqlite_world.phone(), points_of(sqlite_world)
    push_visit(sqlite_world, phone, sqlite_world.check(BEYOND))
    sqlite_world.verify(FAILED, "N-1")
    sqlite_world.verify(FAILED, "N-2")
    sqlite_world.verify(PASSED, "C-3")
    assert points_of(sqlite_world) - start == weight(sqlite_world, "beyond_limits")
    assert db.session.query(CreditEvent).count() == 2


def test_a_document_about_another_instrument_settles_nothing(sqlite_world: World) -> None:
    push_visit(sqlite_world, sqlite_world.phone(), sqlite_world.check(BEYOND))
    sqlite_world.verify(FAILED, "N-1", instrument=1)
    assert db.session.query(Finding).one().state == "suspected"
    assert db.session.query(CreditEvent).one().state == "provisional"


def test_sending_everything_again_doubles_nothing(world: World) -> None:
    phone = world.phone()
    sent = [push_visit(world, phone, world.check(BEYOND)), push_visit(world, phone, world.check(GOOD, instrument=1))]
    world.verify(FAILED, "N-1")
    before = points_of(world), db.session.query(CreditEvent).count()
    for _ in range(2):
        assert statuses(world.app, phone, *sent) == [Status.DUPLICATE] * 2
    assert (points_of(world), db.session.query(CreditEvent).count()) == before


def test_a_clean_inspection_counts_once_however_many_instruments(world: World) -> None:
    start = points_of(world)
    push_visit(world, world.phone(), world.check(GOOD), world.check(GOOD, instrument=1))
    assert points_of(world) - start == weight(world, "clean_check")
    event = db.session.query(CreditEvent).one()
    assert (event.code, event.state, event.objection_until) == ("clean_check", "confirmed", None)


@pytest.mark.parametrize("second", [BEYOND, GOOD[:2]])
def test_one_doubtful_instrument_makes_the_inspection_not_clean(
    sqlite_world: World, second: list[tuple[int, int]]
) -> None:
    world = sqlite_world
    push_visit(world, world.phone(), world.check(GOOD), world.check(second, instrument=1))
    assert "clean_check" not in {event.code for event in db.session.query(CreditEvent)}


def test_an_inspection_without_a_check_is_not_clean(sqlite_world: World) -> None:
    push_visit(sqlite_world, sqlite_world.phone())
    assert db.session.query(CreditEvent).count() == 0


def test_the_party_in_custody_answers_for_the_instrument_not_the_one_inspected(sqlite_world: World) -> None:
    world = sqlite_world
    push_visit(world, world.phone(), world.check(BEYOND), party=1)
    assert db.session.query(CreditEvent).one().party_id == world.parties[0]
    assert db.session.query(Finding).one().party_id == world.parties[0]


def test_an_instrument_in_nobodys_custody_leaves_a_finding_about_the_party_inspected(sqlite_world: World) -> None:
    world = sqlite_world
    push_visit(world, world.phone(), world.check(BEYOND, custody=None), party=1)
    assert db.session.query(CreditEvent).one().party_id == world.parties[1]


def test_a_stall_without_a_known_party_leaves_a_finding_and_no_credit(sqlite_world: World) -> None:
    world, phone = sqlite_world, sqlite_world.phone()
    body = world.visit(world.check(BEYOND, custody=None))
    body["inspections"][0] |= {"party": None, "party_name": "路边摊"}
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    assert db.session.query(Finding).one().party_id is None
    assert db.session.query(CreditEvent).count() == 0


def test_an_objection_may_be_made_until_the_policys_last_day(world: World) -> None:
    push_visit(world, world.phone(), world.check(BEYOND))
    event = db.session.query(CreditEvent).one()
    days = rules_on(world.day).one_of(CreditPolicy).objection_days
    assert event.objection_until == world.day + timedelta(days=days)
    assert credit.objections_of(db.session(), world.parties[0]) == {event.id: event.objection_until}


def test_events_and_scores_name_the_ruleset(sqlite_world: World) -> None:
    push_visit(sqlite_world, sqlite_world.phone(), sqlite_world.check(GOOD))
    assert db.session.query(CreditEvent).one().ruleset == ruleset_name()
    assert db.session.query(PartyScore).one().ruleset == ruleset_name()


def test_a_pledge_counts_once_a_year(world: World, clock: TestClock) -> None:
    start = points_of(world)
    sign_a_pledge(db.session(), world)
    assert points_of(world) - start == weight(world, "pledge_signed")
    with pytest.raises(AlreadyThere):
        sign_a_pledge(db.session(), world)
    transaction.rollback(db.session())
    clock.move(days=366)
    sign_a_pledge(db.session(), world)
    assert points_of(world) - start == weight(world, "pledge_signed"), "at most one counts"
    assert_stored_scores_are_the_fold(world)


def sign_a_pledge(session: Session, world: World, party: int = 0) -> None:
    begin_write()
    pledges.sign(
        session,
        party=session.get_one(Party, world.parties[party]),
        person=session.get_one(Person, world.inspector),
        chosen=pledges.wording_for(PlaceKind.MARKET),
        signer_name="merchant 1",
        strokes=[[1, 1, 2, 2]],
        now=now(),
    )
    transaction.commit(session, now())


def test_an_older_document_entered_later_does_not_stop_an_instrument_that_passed_since(
    world: World, clock: TestClock
) -> None:
    world.verify(PASSED, "C-2")
    clock.move(days=-1)
    world.verify(FAILED, "N-1")
    clock.move(days=1)
    assert db.session.get_one(Instrument, world.instruments[0], populate_existing=True).status == "in_use"
    record = json.loads(db.session.get_one(PublicRecord, 1_000_001, populate_existing=True).body)
    assert answer(LabelVerdict.GENUINE, record, world.day).state == "in_date"
    assert answer(LabelVerdict.GENUINE, record, world.day - timedelta(days=1)).state == "failed"


def test_a_verification_is_news_for_phones_though_the_status_stays(sqlite_world: World) -> None:
    before = db.session.get_one(Change, ("instrument", sqlite_world.instruments[0], "411602")).rev
    sqlite_world.verify(PASSED, "C-1")
    row = db.session.get_one(Change, ("instrument", sqlite_world.instruments[0], "411602"), populate_existing=True)
    assert row.rev == before + 1
    assert '"document_no":"C-1"' in (row.body or "")


@pytest.mark.parametrize(
    ("result", "state", "event"), [(FAILED, "confirmed", "confirmed"), (PASSED, "withdrawn", "void")]
)
def test_a_document_that_was_entered_before_the_record_came_settles_it_too(
    world: World, clock: TestClock, result: VerificationResult, state: str, event: str
) -> None:
    phone = world.phone()
    late = phone.op("visit.record/1", world.visit(world.check(BEYOND)))
    clock.move(days=2)
    world.verify(result, "N-1")
    clock.move(days=3)
    phone.token = ""
    assert statuses(world.app, phone, late) == [Status.APPLIED]
    assert db.session.query(Finding).one().state == state
    assert {row.state for row in db.session.query(CreditEvent)} == {"provisional", event}
    assert_stored_scores_are_the_fold(world)


def test_a_document_of_the_days_before_settles_nothing(sqlite_world: World, clock: TestClock) -> None:
    world = sqlite_world
    world.verify(FAILED, "N-1")
    clock.move(days=1)
    push_visit(world, world.phone(), world.check(BEYOND))
    assert db.session.query(Finding).one().state == "suspected"


def test_receipts_name_what_was_decided(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    entry = send(sqlite_world.app, phone, phone.op("visit.record/1", sqlite_world.visit()))[0]
    assert ruleset_name() in entry["receipt"]["body"]
