"""The ledger of labels against a model of one dictionary: any moves over any ranges, legal or not, always add up."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask, current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from server import transaction
from server.accounts.service import Scope
from server.clock import now
from server.database import begin_write, db
from server.public.models import PublicRecord
from server.seals import service as seals
from server.seals.models import SealEvent, SealStock
from shared.label_life import PLACE_IN, Place, holder, is_legal
from shared.words import SealState
from tests.server.world import World

HERE = Scope(("4116",))
FIRST, MOST = 1_000_001, 30
PEOPLE = ("p1", "p2")
Held = tuple[SealState, str]


@dataclass
class Model:
    """What the ledger must say: the state and holder of every serial, and how many moves each made."""

    labels: dict[int, Held] = field(default_factory=dict)
    moves: Counter[int] = field(default_factory=Counter)

    def order(self, first: int, last: int) -> bool:
        if any(serial in self.labels for serial in range(first, last + 1)):
            return False
        self._set(first, last, (SealState.ORDERED, holder(SealState.ORDERED)))
        return True

    def move(self, wanted: seals.Move) -> bool:
        serials = range(wanted.first, wanted.last + 1)
        if any(serial not in self.labels or not is_legal(self.labels[serial][0], wanted.to) for serial in serials):
            return False
        self._set(wanted.first, wanted.last, (wanted.to, wanted.holder))
        return True

    def _set(self, first: int, last: int, held: Held) -> None:
        for serial in range(first, last + 1):
            self.labels[serial] = held
            self.moves[serial] += 1


def a_move(first: int, length: int, to: SealState, person: str) -> seals.Move:
    place = PLACE_IN[to]
    holder_id = {Place.PERSON: person, Place.STORE: "u1"}.get(place)
    return seals.Move(first=first, last=first + length - 1, to=to, by=None, holder_id=holder_id)


starts, lengths = st.integers(FIRST, FIRST + MOST - 1), st.integers(1, 12)
moves = st.builds(a_move, starts, lengths, st.sampled_from(SealState), st.sampled_from(PEOPLE))
orders = st.tuples(starts, lengths)


def order(first: int, count: int) -> bool:
    """Order labels of serials of our choice; False when some are taken."""
    rows = [
        {"serial": serial, "text": f"{serial}", "region": "411602", "kind": 0, "issued_on": now().date()}
        | {"last_day": None, "state": SealState.ORDERED, "instrument_id": None}
        for serial in range(first, first + count)
    ]
    return attempt(lambda: seals.place(db.session(), seals.Order(rows), by=None, now=now()))


def attempt(work: Any) -> bool:
    """Do one thing in a transaction of its own; False when it was refused."""
    begin_write()
    try:
        work()
    except (seals.LabelRefused, seals.LabelsMissing, seals.LabelsTaken):
        transaction.rollback(db.session())
        return False
    transaction.commit(db.session(), now())
    return True


def check(model: Model) -> None:
    """Compare labels, events, counts and pages with the model."""
    session = db.session()
    rows = {row.serial: row for row in session.query(SealStock)}
    assert {serial: (row.state, row.holder) for serial, row in rows.items()} == model.labels
    told: Counter[Held] = Counter(model.labels.values())
    assert {(one.state, one.holder): one.count for one in seals.counts(session, HERE)} == told
    assert seals.adds_up(session, HERE)
    assert seals.entered(session, HERE) == len(model.labels)
    for serial, (state, held) in model.labels.items():
        events = seals.history(session, serial)
        assert [one.step for one in events] == list(range(1, model.moves[serial] + 1))
        assert (events[0].from_state, events[-1].kind, events[-1].to_holder) == (None, state, held)
        for before, after in pairwise(events):
            assert (after.from_state, after.from_holder) == (before.kind, before.to_holder)
    runs = seals.runs(session, HERE)
    waiting = {
        serial for serial, (state, _) in model.labels.items() if PLACE_IN[state] not in (Place.GONE, "instrument")
    }
    assert {serial for run in runs for serial in range(run.first, run.last + 1)} == waiting
    assert sum(run.count for run in runs) == len(waiting)
    pages = {row.serial: row.body for row in session.query(PublicRecord)}
    assert set(pages) == set(model.labels)
    assert all(f'"state":"{state.value}"' in pages[serial] for serial, (state, _) in model.labels.items())


def empty() -> None:
    begin_write()
    for table in ("seal_event", "public_record", "seal"):
        db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
    db.session.commit()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.one_of(orders, moves, moves, moves), max_size=14))
def test_any_moves_of_any_ranges_leave_what_the_model_says(sqlite_app: Flask, steps: list[Any]) -> None:
    del sqlite_app
    empty()
    model = Model()
    for step in steps:
        if isinstance(step, seals.Move):
            done = attempt(lambda wanted=step: seals.move(db.session(), wanted, scope=HERE, now=now()))
            assert done is model.move(step), step
        else:
            assert order(*step) is model.order(step[0], step[0] + step[1] - 1), step
        check(model)


def test_the_check_finds_a_label_that_was_moved_without_an_event(sqlite_app: Flask) -> None:
    del sqlite_app
    model = Model()
    assert order(FIRST, 5) is model.order(FIRST, FIRST + 4) is True
    check(model)
    db.session.query(SealStock).filter_by(serial=FIRST).update({"state": "void", "holder": "gone"})
    db.session.commit()
    assert not seals.adds_up(db.session(), HERE)
    with pytest.raises(AssertionError):
        check(model)


def test_five_thousand_labels_are_ordered_and_issued_in_a_few_statements(world: World) -> None:
    ring, statements = current_app.extensions["dingpan"].keyring, []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append((args[2], args[5])))
    began = time.process_time()
    draft = seals.draft(db.session(), ring, region="411602", count=5_000, host="DINGPAN.TEST", day=world.day)
    signed = time.process_time()
    statements.clear()
    assert attempt(lambda: seals.place(db.session(), draft, by=None, now=now()))
    ordered, of_order = time.process_time(), len(statements)
    for to, person in ((SealState.PRINTED, None), (SealState.ISSUED, world.inspector)):
        wanted = seals.Move(first=draft.first, last=draft.last, to=to, by=None, holder_id=person)
        statements.clear()
        assert attempt(lambda wanted=wanted: seals.move(db.session(), wanted, scope=HERE, now=now()))
        assert len(statements) < 30, statements
    took = {"sign": signed - began, "order": ordered - signed, "move": (time.process_time() - ordered) / 2}
    assert of_order < 60
    assert max(took.values()) < 5, took
    assert db.session.query(SealEvent).filter(SealEvent.first_serial == draft.first).count() == 3
    assert {one.count for one in seals.counts(db.session(), HERE)} == {5_000, 2}
