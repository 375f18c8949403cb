"""A stored score reads only what still weighs, and is what the page says that shows every term, on any day."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest

import shared.credit
from server import transaction
from server.clock import new_id
from server.credit import service as credit
from server.credit.models import CreditEvent, PartyScore
from server.database import begin_write, db
from server.inspections import service as inspections
from server.inspections.models import Inspection
from shared.credit import Entry, Score, State
from shared.dates import instant_text
from shared.ops import Status
from tests.server.protocol import statuses
from tests.server.test_credit_ledger import assert_stored_scores_are_the_fold, points_of
from tests.server.world import GOOD, Phone, World, now


def test_a_stored_score_reads_no_more_than_weighs_and_is_the_fold_of_all(world: World, seed: int) -> None:
    dice, party = random.Random(seed), world.parties[0]
    opened = [
        credit.Opened(party, dice.choice(("clean_check", "beyond_limits")), new_id(now()), world.day - timedelta(days))
        for days in [0, 1, 364, 365, 366, 729, 730, 731, *(dice.randrange(2_000) for _ in range(60))]
    ]
    begin_write()
    credit.open_events(db.session(), opened, now())
    transaction.commit(db.session(), now())
    for one in opened:
        begin_write()
        state, settled_on = dice.choice((State.CONFIRMED, State.VOID)), one.happened_on + timedelta(dice.randrange(40))
        about = {"source_id": one.source_id, "code": one.code, "state": state, "document_no": "N-1"}
        if dice.random() < 0.6:
            credit.settle_event(db.session(), **about, settled_on=settled_on, now=now())
        transaction.commit(db.session(), now())
    whole = credit.score_of(db.session(), party, inspections.check_days, world.day)
    assert points_of(world) == whole.points, f"--seed {seed}"
    since = world.day - timedelta(days=730)
    read = credit.entries_of(db.session(), [party], since=since)[party]
    assert {entry.id for entry in read} < {entry.id for entry in credit.entries_of(db.session(), [party])[party]}
    assert not [entry for entry in read if entry.happened_on < since and not entry.settles]


def test_what_a_full_bound_leaves_out_is_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a stall was found clean, the newest few are enough; where one of them was voided, all are read."""
    party, session, folded = world.parties[0], db.session(), []
    opened = [
        credit.Opened(party, "clean_check", new_id(now()), world.day - timedelta(days)) for days in range(0, 600, 30)
    ]
    fold = shared.credit.score

    def count_entries(entries: Iterable[Entry], *more: Any) -> Score:
        folded.append(len(some := list(entries)))
        return fold(some, *more)

    begin_write()
    credit.open_events(session, opened, now())
    transaction.commit(session, now())
    full = points_of(world)
    monkeypatch.setattr(shared.credit, "score", count_entries)
    begin_write()
    credit.rebuild(session, [party], inspections.check_days, world.day)
    assert folded == [5]
    newest = session.query(CreditEvent).order_by(CreditEvent.happened_on.desc()).limit(3)
    session.add_all([voided(event, world.day) for event in newest])
    folded.clear()
    credit.rebuild(session, [party], inspections.check_days, world.day)
    assert folded == [8, 23]
    transaction.commit(session, now())
    assert points_of(world) == full, "older ones fill the bound"


def voided(event: CreditEvent, day: date) -> CreditEvent:
    about = {name: getattr(event, name) for name in ("party_id", "code", "source_id", "ruleset")}
    state = {"state": State.VOID, "settles": event.id, "document_no": "N-1", "happened_on": day, "made_at": now()}
    return CreditEvent(id=new_id(now()), **about, **state)


def test_days_of_checks_are_read_until_they_are_enough(world: World) -> None:
    """Which inspections are asked first never changes the grade, only what is read."""
    phone, since = world.phone(), world.day - timedelta(days=700)
    for ago in (3, 3, 9, 400, 800):
        at = instant_text(now() - timedelta(days=ago))
        push_visit_at(world, phone, at)
        assert_stored_scores_are_the_fold(world)
    party = world.parties[0]
    inspected = {row.id: row.checks[0].civil_day for row in db.session.query(Inspection)}
    every = inspections.check_days(db.session(), [party], since, world.day)[party]
    assert len(every) == 3
    for known in combinations(sorted(inspected), 2):
        days = inspections.check_days(db.session(), [party], since, world.day, known=known, enough=2)[party]
        told = {inspected[id_] for id_ in known if inspected[id_] >= since}
        assert set(days) == (told if len(told) == 2 else set(every)), known


def test_two_checks_of_one_day_are_asked_for_one(world: World) -> None:
    """So enough days are found among the newest, however often a stall was checked on the last of them."""
    phone, session, party, asked = world.phone(), db.session(), world.parties[0], []
    for ago in (9, 3, 3):
        push_visit_at(world, phone, instant_text(now() - timedelta(days=ago)))

    def check_days(*about: Any, known: list[str], **more: Any) -> dict[str, list[date]]:
        asked.extend(known)
        return inspections.check_days(*about, known=known, **more)

    begin_write()
    credit.rebuild(session, [party], check_days, world.day)
    days = {row.id: row.checks[0].civil_day for row in session.query(Inspection)}
    assert sorted(days[id_] for id_ in asked) == [world.day - timedelta(days=ago) for ago in (9, 3)]
    session.rollback()


def push_visit_at(world: World, phone: Phone, at: str, readings: list[tuple[int, int]] = GOOD) -> None:
    body = world.visit(world.check(readings, measured_at=at), started_at=at, made_at=at)
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]


def test_a_score_of_any_day_is_what_its_page_says(world: World) -> None:
    """Also where the newest inspections lie after that day, or on the first day that does not count any more."""
    phone, session, party = world.phone(), db.session(), world.parties[0]
    for ago, readings in ((3, GOOD), (9, GOOD), (5, GOOD[:2]), (12, GOOD[:2]), (20, GOOD[:2])):
        push_visit_at(world, phone, instant_text(now() - timedelta(days=ago)), readings)
    for days in (*range(-25, 2), *range(705, 735)):
        day = world.day + timedelta(days=days)
        whole = credit.score_of(session, party, inspections.check_days, day)
        begin_write()
        credit.rebuild(session, [party], inspections.check_days, day)
        stored = session.get_one(PartyScore, party, populate_existing=True)
        assert (stored.points, stored.grade) == (whole.points, whole.grade), days
        session.rollback()
