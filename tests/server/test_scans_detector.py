"""From scans to a task: once for each label and episode, to phones and to the public record, and never to credit."""

from __future__ import annotations

import json
from argparse import Namespace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from server import transaction
from server.administration.models import Act
from server.campaigns.models import Task
from server.clock import now
from server.credit.models import CreditEvent, PartyScore
from server.database import begin_write, db
from server.mending import CannotDo
from server.public.models import PublicRecord
from server.registry.models import Custody, Instrument, Party, Place
from server.scans import commands, detector, service
from server.scans.buffer import Key
from server.scans.models import LabelFlag
from server.seals.models import SealStock
from server.sync.models import Change
from shared.cells import Cell
from tests.server.conftest import TestClock
from tests.server.pages import visitor, words
from tests.server.world import GOOD, World

MARKET, FAR = "33.60,114.65", "33.60,114.70"
DAY = timedelta(days=1)


def serials(world: World) -> list[int]:
    """Return the labels of the first merchant's and of the second merchant's scale."""
    found = {row.instrument_id: row.serial for row in db.session.scalars(select(SealStock))}
    return [found[id_] for id_ in world.instruments[:2]]


def scanned(serial: int, cell: str, days: int, *, back: int = 0, hour: int = 1) -> None:
    """One scan with a place on each of the last days, at an hour of UTC."""
    db.session.rollback()
    at = now().replace(hour=hour, minute=0, second=0)
    service.write({Key(serial, at - (back + day) * DAY, cell): 1 for day in range(days)})


def detect(at: datetime | None = None) -> int:
    flagged = detector.detect(db.session(), at or now())
    transaction.commit(db.session(), now())
    return flagged


def tasks() -> list[Task]:
    db.session.rollback()
    return list(db.session.scalars(select(Task).where(Task.kind == "compare_label").order_by(Task.id)))


def asks_to_compare(serial: int) -> bool:
    body = json.loads(db.session.get_one(PublicRecord, serial, populate_existing=True).body)
    assert body["compare"] == (serial in service.is_flagged(db.session(), [serial]))
    return bool(body["compare"])


def copied(world: World) -> int:
    """Have a market read its two labels for days, and the first also 5 km away."""
    first, second = serials(world)
    for serial in (first, second):
        scanned(serial, MARKET, 6)
    scanned(first, FAR, 3)
    return first


def credit() -> list[str]:
    return [repr(row) for table in (CreditEvent, PartyScore) for row in db.session.execute(select(table.__table__))]


def test_a_copy_makes_one_task_that_travels_and_asks_on_the_page_and_no_credit_moves(world: World) -> None:
    phone = world.phone()
    phone.answers(phone.op("visit.record/1", world.visit(world.check(GOOD))))
    before, serial = credit(), copied(world)
    assert before
    assert not asks_to_compare(serial)
    assert detect() == 1
    (task,) = tasks()
    assert (task.region, task.place_id, task.instrument_id) == ("411602", world.place, world.instruments[0])
    change = db.session.scalars(select(Change).where(Change.kind == "task", Change.id == task.id)).one()
    assert json.loads(change.body or "")["kind"] == "compare_label"
    assert asks_to_compare(serial)
    assert not asks_to_compare(serials(world)[1])
    assert credit() == before


def test_the_same_episode_makes_no_second_task(world: World) -> None:
    serial = copied(world)
    assert [detect(), detect()] == [1, 0]
    scanned(serial, FAR, 4, hour=9)
    assert detect() == 0
    assert len(tasks()) == 1


def test_two_scans_elsewhere_make_none(world: World) -> None:
    first, second = serials(world)
    for serial in (first, second):
        scanned(serial, MARKET, 6)
    scanned(first, FAR, 2)
    scanned(second, "23.12,113.26", 1)
    assert detect() == 0
    assert tasks() == []


def test_testing_the_instrument_ends_it_and_only_newer_scans_begin_another(world: World, clock: TestClock) -> None:
    serial = copied(world)
    assert detect() == 1
    phone = world.phone()
    phone.answers(phone.op("visit.record/1", world.visit(world.check(GOOD))))
    assert [task.state for task in tasks()] == ["done"]
    assert not asks_to_compare(serial)
    clock.move(hours=1)
    assert [detect(), detect()] == [0, 0]
    clock.move(days=4)
    scanned(serial, FAR, 3)
    assert detect() == 1
    assert [task.state for task in tasks()] == ["done", "open"]
    assert asks_to_compare(serial)
    assert db.session.query(LabelFlag).count() == 2


def test_an_inspection_of_another_scale_ends_nothing(world: World) -> None:
    serial = copied(world)
    assert detect() == 1
    phone, other = world.phone(), world.check(GOOD, instrument=1)
    phone.answers(phone.op("visit.record/1", world.visit(other, party=1)))
    assert asks_to_compare(serial)


def test_somebody_at_the_desk_ends_it_with_a_sentence_that_is_kept(world: World) -> None:
    serial = copied(world)
    assert detect() == 1
    (task,) = tasks()
    desk, path = visitor(world, "supervisor"), f"/console/tasks/{task.id}/compare"
    assert path in desk.get("/console/tasks").text
    page = words(desk.get(path))
    assert "请核对照片" in page
    assert "在登记的场所以外" in page
    assert desk.post(path).status_code == 422
    assert desk.post(path, note="照片一致").status_code == 303
    (task,) = tasks()
    assert (task.state, task.note) == ("done", "照片一致")
    act = db.session.scalars(select(Act).where(Act.kind == "label_compared")).one()
    assert (act.by_person, act.about_id) == (world.supervisor, world.instruments[0])
    assert not asks_to_compare(serial)
    assert desk.post(path, note="again").status_code == 404
    assert visitor(world, "stranger").get(path).status_code == 404


def test_scans_of_before_the_label_was_put_there_are_of_another_instrument(world: World) -> None:
    serial = copied(world)
    phone = world.phone()
    phone.answers(phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": serial}))
    assert detect() == 0


def change(row: object, **values: object) -> None:
    begin_write()
    for name, value in values.items():
        setattr(db.session.merge(row), name, value)
    db.session.commit()


def test_a_pool_may_be_read_at_every_place_of_its_operator(world: World) -> None:
    """The second place is where its own label says it is; a scale of a pool is read in both, a stall's is not."""
    first, second = serials(world)
    for id_ in (world.place, world.far_place):
        change(db.session.get_one(Place, id_), operator_id=world.parties[1])
    change(db.session.get_one(Instrument, world.instruments[1]), place_id=world.far_place)
    scanned(first, MARKET, 9)
    scanned(first, FAR, 4, hour=6)
    scanned(second, FAR, 9)
    change(db.session.get_one(Custody, world.custodies[0]), kind="rotation_pool")
    assert detect() == 0
    change(db.session.get_one(Custody, world.custodies[0]), kind="own")
    assert detect() == 1


def test_a_street_vendor_may_go_from_pitch_to_pitch(world: World) -> None:
    copied(world)
    change(db.session.get_one(Party, world.parties[0]), identity_kind="street_vendor")
    scanned(serials(world)[0], str(Cell(3365, 11472)), 5, hour=7)
    custody = db.session.get_one(Custody, world.custodies[0])
    assert custody.user_id == world.parties[0]
    assert detect() == 0


def test_a_run_of_an_hour_looks_at_what_was_scanned_in_it(world: World, clock: TestClock) -> None:
    serial, hour = copied(world), timedelta(hours=1)
    clock.move(hours=5)
    assert detector.detect(db.session(), now(), within=hour) == 0
    db.session.rollback()
    service.write({Key(serial, now().replace(minute=0), MARKET): 1})
    assert detector.detect(db.session(), now(), within=hour) == 1


def test_the_command_says_how_many(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    copied(world)
    settings = world.app.extensions["dingpan"].settings
    assert commands.detect(db.session(), settings, Namespace(hours=None)) == 0
    assert capsys.readouterr().out == "1 labels to compare\n0 labels in no use or unknown to look into\n"
    assert len(tasks()) == 1
    for hours in (0, 721):
        with pytest.raises(CannotDo):
            commands.detect(db.session(), settings, Namespace(hours=hours))
