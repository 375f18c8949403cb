"""Moves of seals from the phone's screen against the real server: taken in byte for byte, and looked into."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.routes import Route
from fieldapp.store.outbox import OpState
from fieldapp.sync.round import Result
from server import transaction
from server.campaigns.models import Task
from server.clock import now
from server.database import begin_write, db
from server.physical_seals import service as physical_seals
from server.physical_seals.models import PhysicalSealEvent
from server.registry.models import Instrument
from server.sync.models import StoredOp
from shared.words import SealAct, SealPosition
from tests.fieldapp.desk import Desk
from tests.fieldapp.seal_scenes import fill_in_at
from tests.fieldapp.server_phone import Phone
from tests.server.world import World


class Inspector:
    """An enrolled inspector's phone at the world's first scale, worked by its viewmodels."""

    def __init__(self, phone: Phone, folder: Path) -> None:
        self.world, self.phone = phone.world, phone
        self.desk = Desk(folder / "desk")
        self.desk.parts.opened = self.desk.store = self.phone.store
        self.desk.parts.facts, self.desk.clock = self.phone.store.facts, self.phone.clock
        self.desk.parts.clock = self.phone.clock

    def record(self, act: SealAct, **typed: str) -> None:
        fill_in_at(self.desk, self.world.instruments[0], act, SealPosition.HOUSING, **typed).save()
        if self.desk.vm.parts.path.stops[-1].route is Route.SEAL_MOVE:
            self.desk.vm.save()
        self.phone.clock.at += timedelta(minutes=1)

    def send(self) -> None:
        assert self.phone.round().result is Result.DONE


@pytest.fixture
def inspector(phone: Phone, folder: Path) -> Inspector:
    return Inspector(phone, folder)


def history(world: World) -> list[PhysicalSealEvent]:
    db.session.rollback()
    return physical_seals.history(db.session(), world.instruments[0])


def test_what_the_phone_recorded_offline_is_taken_in_byte_for_byte(inspector: Inspector):
    inspector.phone.adapter.is_cut = True
    inspector.record(SealAct.APPLIED, new_number="QF-001", witnesses="李四、王五", note="首检后加封")
    inspector.record(SealAct.OPENED, old_number="QF-001", authority="市检定所", document_no="周检修〔2026〕7号")
    inspector.record(SealAct.APPLIED, new_number="QF-002")
    inspector.record(SealAct.REPLACED, old_number="QF-002", new_number="QF-003")
    assert inspector.phone.round().result is Result.OFFLINE
    assert inspector.phone.states == [OpState.WAITING] * 4
    inspector.phone.adapter.is_cut = False
    inspector.send()
    assert inspector.phone.states == [OpState.RECEIVED] * 4
    stored = {row.op_id: (row.body, row.signature) for row in db.session.query(StoredOp)}
    device = inspector.phone.store.kept.device.id
    entries = reversed(inspector.phone.store.outbox.all())
    ops = [inspector.phone.store.outbox.op(entry, device) for entry in entries]
    assert {op.op_id: (op.body.encode(), op.signature) for op in ops} == stored
    events = history(inspector.world)
    assert [(event.act, event.old_number, event.new_number, event.is_other) for event in events] == [
        ("applied", "", "QF-001", False),
        ("opened_with_authority", "QF-001", "", False),
        ("applied", "", "QF-002", False),
        ("replaced", "QF-002", "QF-003", False),
    ]
    assert (events[0].witnesses, events[0].note) == ("李四\n王五", "首检后加封")
    assert events[1].authority == "市检定所 周检修〔2026〕7号"
    assert {event.by_person for event in events} == {inspector.world.inspector}
    assert [event.op_id for event in events] == [op.op_id for op in ops]


def test_phone_and_server_agree_on_what_stands(inspector: Inspector):
    inspector.record(SealAct.APPLIED, new_number="QF-001")
    inspector.record(SealAct.REPLACED, old_number="QF-001", new_number="QF-002")
    inspector.send()
    here = inspector.phone.store.seal_moves.standing(inspector.world.instruments[0])
    there = physical_seals.standing_of(db.session(), inspector.world.instruments[0])
    assert {at: one.number for at, one in here.items()} == {at: one.number for at, one in there.items()}
    assert here[SealPosition.HOUSING].number == "QF-002"


def test_a_broken_seal_and_another_number_become_tasks_of_a_supervisor(inspector: Inspector):
    inspector.record(SealAct.APPLIED, new_number="QF-001")
    inspector.record(SealAct.REPLACED, old_number="QF-999", new_number="QF-002")
    inspector.record(SealAct.FOUND_BROKEN, old_number="QF-002")
    inspector.send()
    assert inspector.phone.states == [OpState.RECEIVED] * 3
    assert [event.is_other for event in history(inspector.world)] == [False, True, False]
    found = {(task.kind, task.note) for task in db.session.query(Task)}
    assert found == {("other_seal", "QF-999"), ("broken_seal", "QF-002")}


def test_an_instrument_that_left_the_region_meanwhile_is_refused_and_stays_on_the_phone(inspector: Inspector):
    inspector.record(SealAct.APPLIED, new_number="QF-001")
    begin_write()
    db.session.get_one(Instrument, inspector.world.instruments[0]).region = "411681"
    transaction.commit(db.session(), now())
    inspector.send()
    assert inspector.phone.states == [OpState.REJECTED]
    assert history(inspector.world) == []
    assert inspector.phone.store.seal_moves.standing(inspector.world.instruments[0]) == {}
