"""Pushes that come at the same moment, and single ops that fail: no op is doubled, none is in the others' way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from server import feed
from server.audit.models import Leaf
from server.credit import service as credit
from server.credit.models import CreditEvent
from server.database import db
from server.inspections.models import Check, Correction, Visit
from server.inspections.service import take_in_correction
from server.keyring import Keyring
from server.public import service as public
from server.registry.models import Instrument
from server.sync.kinds import KINDS, each
from server.sync.models import Change, StoredOp
from shared import ops
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.live import at_once, patient_app, serving
from tests.server.protocol import send, statuses, stored
from tests.server.world import BEYOND, GOOD, Phone, World, make_world, new_id, now


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


def test_the_same_ops_from_five_phones_at_once_are_kept_once(patient: Flask, is_full: bool) -> None:
    world = make_world(patient)
    phone, count = world.phone(), 300 if is_full else 8
    headers = phone.headers
    pushed = [phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(count)]
    db.session.remove()
    with serving(patient) as server:
        for op in pushed:
            body = {"ops": [op.to_wire()]}
            answers = at_once(5, lambda _, body=body: server.send("POST", "/api/v1/sync/push", body, headers))
            assert [answer.status for answer in answers] == [200] * 5
            entries = [answer.json["results"][0] for answer in answers]
            assert sorted(entry["status"] for entry in entries) == ["applied"] + ["duplicate"] * 4
            assert len({entry["receipt"]["signature"] for entry in entries}) == 1
    kept = [db.session.query(table).count() for table in (StoredOp, Visit, Check, CreditEvent)]
    assert kept == [count] * 4
    assert db.session.query(Leaf).where(Leaf.kind == "op").count() == count


def test_other_bytes_under_one_op_id_at_once_leave_one_that_claims_it(patient: Flask) -> None:
    world = make_world(patient)
    phone = world.phone()
    headers, first = phone.headers, phone.op("correction/1", {"corrects": new_id(now()), "note": "0"})
    versions = [
        replace(first, body=first.body.replace('"0"', f'"{number}"')).signed(phone.signer) for number in range(4)
    ]
    db.session.remove()
    with serving(patient) as server:
        wire = [{"ops": [op.to_wire()]} for op in versions]
        answers = at_once(4, lambda place: server.send("POST", "/api/v1/sync/push", wire[place], headers))
    found = sorted(answer.json["results"][0]["status"] for answer in answers)
    assert found == ["applied", "conflict", "conflict", "conflict"]
    assert [op.claims for op in stored()].count(True) == 1
    assert db.session.query(Correction).count() == 1


class Poison:
    """Makes each correction whose note is "poison" fail, as a bug of the server would."""

    def __init__(self, fault: str) -> None:
        self.fault, self.real = fault, take_in_correction

    def __call__(self, session: Session, op: ops.Op, body: dict[str, Any], context: Any) -> str:
        found = self.real(session, op, body, context)
        if body["note"] == "poison":
            self.leave_traces(session)
            self.fail(session, op)
        return found

    def leave_traces(self, session: Session) -> None:
        """Put up work for the end of the transaction that must go with the op."""
        instrument = session.query(Instrument).order_by(Instrument.serial).first()
        assert instrument is not None
        feed.changed(session, "instrument", instrument.id)
        public.changed(session, instrument.id)
        credit.changed(session, new_id(now()))

    def fail(self, session: Session, op: ops.Op) -> None:
        if self.fault == "at once":
            session.flush()
            session.execute(insert(Correction), [_row_of(op), _row_of(op)])
        elif self.fault == "late":
            session.add(Correction(**_row_of(op) | {"person_id": new_id(now())}))
        else:
            raise {"lookup": KeyError, "value": ValueError, "iteration": StopIteration}[self.fault]("poison")


def _row_of(op: ops.Op) -> dict[str, Any]:
    row = {"id": new_id(now()), "corrects": op.op_id, "person_id": op.person_id, "note": "", "received_at": now()}
    return row | {"id": op.op_id}


def plant(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    kind = replace(KINDS["correction/1"], together=each(Poison(fault)))
    monkeypatch.setitem(KINDS, "correction/1", kind)


def a_batch(phone: Phone, *poisoned: int, size: int = 10) -> list[ops.Op]:
    notes = ["poison" if place in poisoned else f"note {place}" for place in range(size)]
    return [phone.op("correction/1", {"corrects": new_id(now()), "note": note}) for note in notes]


def test_a_failing_op_at_any_place_does_not_take_the_others_with_it(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(10):
        check_poison(sqlite_world, monkeypatch, "at once", place)


@pytest.mark.parametrize("fault", ["at once", "late", "lookup", "value", "iteration"])
def test_every_kind_of_fault_stays_with_its_op(world: World, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    check_poison(world, monkeypatch, fault, 4)


def check_poison(world: World, monkeypatch: pytest.MonkeyPatch, fault: str, place: int) -> None:
    phone = world.phone()
    before = {row.id: row.seq for row in db.session.query(Change)}
    batch = a_batch(phone, place)
    with monkeypatch.context() as patched:
        plant(patched, fault)
        sent = send(world.app, phone, *batch)
        assert [entry["status"] for entry in sent] == [
            Status.RETRY if number == place else Status.APPLIED for number in range(10)
        ]
        assert sent[place]["problem"]["type"] == "/problems/try-later"
        assert len(stored([op.op_id for op in batch])) == 9
        assert {row.id: row.seq for row in db.session.query(Change)} == before, "its traces went with it"
        assert db.session().info == {}
        assert statuses(world.app, phone, batch[place]) == [Status.RETRY]
    db.session.rollback()
    assert statuses(world.app, phone, batch[place]) == [Status.APPLIED]
    assert [op.is_chained for op in stored([op.op_id for op in batch])] == [True] * 10
    assert db.session.query(Correction).count() == len(stored())


def test_what_builds_on_a_failing_op_waits_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = world.phone()
    plant(monkeypatch, "at once")
    (poisoned,) = a_batch(phone, 0, size=1)
    after = phone.op("correction/1", {"corrects": poisoned.op_id, "note": "x"}, depends_on=(poisoned.op_id,))
    assert statuses(world.app, phone, poisoned, after, poisoned) == [Status.RETRY] * 3


def test_two_failing_ops_of_one_push_leave_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "at once")
    phone = world.phone()
    found = statuses(world.app, phone, *a_batch(phone, 0, 3, size=5))
    assert found == [Status.RETRY, Status.APPLIED, Status.APPLIED, Status.RETRY, Status.APPLIED]


def test_what_a_failing_op_put_up_does_not_ride_along_with_what_others_did(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another op of the same push changes a row of the same kind: only that row is sent again."""
    plant(monkeypatch, "at once")
    phone = world.phone()
    before = {row.id: row.seq for row in db.session.query(Change)}
    bind = phone.op("seal.bind/1", {"instrument": world.instruments[1], "serial": 1_000_002})
    assert statuses(world.app, phone, bind, *a_batch(phone, 0, size=1)) == [Status.APPLIED, Status.RETRY]
    after = {row.id: row.seq for row in db.session.query(Change)}
    assert {id_ for id_ in after if after[id_] != before.get(id_)} == {world.instruments[1]}


def test_a_failing_op_keeps_the_effects_of_the_others_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "late")
    phone = world.phone()
    poisoned, visit = *a_batch(phone, 0, size=1), phone.op("visit.record/1", world.visit(world.check(BEYOND)))
    assert statuses(world.app, phone, poisoned, visit) == [Status.RETRY, Status.APPLIED]
    row = db.session.get_one(Change, ("instrument", world.instruments[0], "411602"))
    assert '"finding":{"state":"suspected"' in (row.body or "")
    assert db.session.query(CreditEvent).one().state == "provisional"
