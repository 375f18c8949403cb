"""Ids that something else has already: settled at once as a conflict, told in words, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.credit.models import CreditEvent
from server.database import db
from server.findings.models import Finding
from server.inspections.models import Check, Inspection, Participant, ReadingRow, Visit
from server.keyring import Keyring
from server.registry.models import Instrument, Party, Place
from server.sync.models import Change, StoredOp
from shared.ops import Op, Status
from tests.server.conftest import TestClock
from tests.server.live import at_once, patient_app, serving
from tests.server.protocol import resigned, send, statuses, stored
from tests.server.world import BEYOND, GOOD, Phone, World, make_world, new_id, now

KEPT = (Visit, Participant, Inspection, Check, ReadingRow, Instrument, Party, Place, Finding, CreditEvent, Change)
Body = dict[str, Any]


def rows(*tables: Any) -> set[tuple[Any, ...]]:
    """Return every row of some tables, whole."""
    db.session.expire_all()
    return {
        (table.__tablename__, *(getattr(row, column.name) for column in table.__table__.columns))
        for table in tables
        for row in db.session.query(table)
    }


def inspection_of(body: Body) -> Body:
    found: Body = body["inspections"][0]
    return found


def check_of(body: Body) -> Body:
    found: Body = inspection_of(body)["checks"][0]
    return found


# What is given the id of which part of the first record.
TAKEN: dict[str, Callable[[Body, Body], object]] = {
    "visit": lambda body, first: body.update(id=first["id"]),
    "inspection": lambda body, first: inspection_of(body).update(id=inspection_of(first)["id"]),
    "check": lambda body, first: check_of(body).update(id=check_of(first)["id"]),
    "all": lambda body, first: (
        body.update(id=first["id"]),
        inspection_of(body).update(id=inspection_of(first)["id"]),
        check_of(body).update(id=check_of(first)["id"]),
    ),
}


def settled_as_conflict(world: World, phone: Phone, op: Op) -> None:
    """The op is in conflict, says so with the same receipt for ever, and adds nothing but its own row."""
    before, ops_before = rows(*KEPT), rows(StoredOp)
    (answer,) = send(world.app, phone, op)
    assert (answer["status"], answer["problem"]["type"]) == (Status.CONFLICT, "/problems/same-record-other-body")
    assert answer["problem"]["detail"] == "这条记录以前收到过不同的内容。请核对后用更正记录说明。"
    ops_after = rows(StoredOp)
    assert (ops_before < ops_after, len(ops_after)) == (True, len(ops_before) + 1)
    (again,) = send(world.app, phone, op)
    assert (again["status"], again["receipt"]) == (Status.DUPLICATE, answer["receipt"])
    assert (rows(*KEPT), rows(StoredOp)) == (before, ops_after)


@pytest.mark.parametrize("what", TAKEN)
@pytest.mark.parametrize("is_colleague", [False, True])
def test_an_id_that_another_record_brought_is_a_conflict_and_overwrites_nothing(
    world: World, what: str, is_colleague: bool
) -> None:
    phone = world.phone()
    other = world.phone(world.colleague) if is_colleague else phone
    first = world.visit(world.check(BEYOND))
    assert statuses(world.app, phone, phone.op("visit.record/1", first)) == [Status.APPLIED]
    second = world.visit(world.check(GOOD, instrument=1), party=1)
    TAKEN[what](second, first)
    settled_as_conflict(world, other, other.op("visit.record/1", second))


@pytest.mark.parametrize("what", ["visit", "inspection"])
def test_a_stranger_who_names_an_id_of_ours_gets_a_conflict_and_learns_nothing(world: World, what: str) -> None:
    phone, stranger = world.phone(), world.phone(world.stranger)
    first = world.visit(world.check(BEYOND))
    assert statuses(world.app, phone, phone.op("visit.record/1", first)) == [Status.APPLIED]
    second = world.visit(place=world.far_place)
    inspection_of(second).update(party=None, stall=None)
    TAKEN[what](second, first)
    op = stranger.op("visit.record/1", second)
    settled_as_conflict(world, stranger, op)
    assert "theirs" not in send(world.app, stranger, op)[0]


@pytest.mark.parametrize("what", ["visit", "inspection", "check"])
def test_two_records_of_one_push_with_one_id_leave_the_first_and_do_not_jam_the_rest(world: World, what: str) -> None:
    phone, first, second = world.phone(), world.visit(world.check(BEYOND)), world.visit(world.check(GOOD))
    TAKEN[what](second, first)
    pushed = [phone.op("visit.record/1", body) for body in (first, second, world.visit(world.check(GOOD)))]
    assert statuses(world.app, phone, *pushed) == [Status.APPLIED, Status.CONFLICT, Status.APPLIED]
    assert db.session.get_one(Check, check_of(first)["id"]).verdict == "beyond"
    assert db.session.query(Visit).count() == 2
    assert statuses(world.app, phone, *pushed) == [Status.DUPLICATE] * 3


def test_an_instrument_with_the_id_of_a_filed_one_is_a_conflict_and_the_filed_one_stays(world: World) -> None:
    for place in (world.place, None):
        phone = world.phone()
        body: Body = {"id": world.instruments[0], "kind": "fuel_nozzle", "serial": "mine now"}
        settled_as_conflict(world, phone, phone.op("instrument.register/1", body | ({"place": place} if place else {})))
    assert db.session.get_one(Instrument, world.instruments[0]).serial == "ACS-0001"


def test_two_phones_that_register_one_id_leave_the_first(world: World) -> None:
    phone, other = world.phone(), world.phone(world.colleague)
    body = {"id": new_id(now()), "kind": "scale", "serial": "first", "place": world.place}
    assert statuses(world.app, phone, phone.op("instrument.register/1", body)) == [Status.APPLIED]
    settled_as_conflict(world, other, other.op("instrument.register/1", body | {"serial": "second"}))


def test_an_op_id_of_another_phone_is_a_conflict_and_both_are_kept(world: World) -> None:
    phone, other = world.phone(), world.phone(world.colleague)
    first = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    second = resigned(other, other.op("visit.record/1", world.visit(world.check(BEYOND))), op_id=first.op_id)
    assert statuses(world.app, phone, first) == [Status.APPLIED]
    (answer,) = send(world.app, other, second)
    assert (answer["status"], answer["problem"]["type"]) == (Status.CONFLICT, "/problems/same-op-other-bytes")
    assert [(op.device_id, op.claims) for op in stored()] == [(phone.device_id, True), (other.device_id, False)]
    assert statuses(world.app, other, second, first) == [Status.DUPLICATE] * 2
    assert db.session.query(Visit).count() == 1


ACROSS = [("visit", "inspection"), ("visit", "check"), ("visit", "op"), ("visit", "instrument")]
ACROSS += [("inspection", "check"), ("inspection", "visit"), ("inspection", "op")]
ACROSS += [("check", "inspection"), ("check", "instrument"), ("check", "party"), ("check", "device")]


def test_an_id_of_another_kind_of_thing_is_settled_at_once(world: World) -> None:
    """A clash across kinds harms nobody; only inspections and checks share their ids."""
    phone, first = world.phone(), world.visit(world.check(BEYOND))
    op = phone.op("visit.record/1", first)
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    ids = {"visit": first["id"], "inspection": inspection_of(first)["id"], "check": check_of(first)["id"]}
    ids |= {"op": op.op_id, "instrument": world.instruments[0], "party": world.parties[0], "device": phone.device_id}
    part: dict[str, Callable[[Body], Body]] = {
        "visit": lambda body: body,
        "inspection": inspection_of,
        "check": check_of,
    }
    for what, name in ACROSS:
        body = world.visit(world.check(BEYOND))
        part[what](body)["id"] = ids[name]
        expected = Status.CONFLICT if {what, name} == {"inspection", "check"} else Status.APPLIED
        assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [expected], (what, name)
    for name in ids.keys() - {"instrument"}:
        register = {"id": ids[name], "kind": "scale", "serial": "1", "place": world.place}
        assert statuses(world.app, phone, phone.op("instrument.register/1", register)) == [Status.APPLIED], name
    for name in ids.keys() - {"op"}:
        bind = phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": 1_000_002})
        assert statuses(world.app, phone, resigned(phone, bind, op_id=ids[name])) == [Status.APPLIED], name


@pytest.mark.parametrize("what", ["visit", "inspection", "check"])
def test_two_phones_with_one_id_at_the_same_moment_leave_one(
    database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock, what: str
) -> None:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        world = make_world(app)
        phones = [world.phone(), world.phone(world.colleague)]
        headers = [phone.headers for phone in phones]
        for _ in range(4):
            first, second = world.visit(world.check(GOOD)), world.visit(world.check(GOOD, instrument=1), party=1)
            TAKEN[what](second, first)
            pushed = [phone.op("visit.record/1", body) for phone, body in zip(phones, (first, second), strict=True)]
            wire = [{"ops": [op.to_wire()]} for op in pushed]
            db.session.remove()
            with serving(app) as server:
                answers = at_once(2, lambda n, wire=wire: server.send("POST", "/api/v1/sync/push", wire[n], headers[n]))
            assert [answer.status for answer in answers] == [200, 200]
            told = sorted(answer.json["results"][0]["status"] for answer in answers)
            assert told in (["applied", "conflict"], ["applied", "retry"])
            final = [stored([op.op_id]) or statuses(app, phone, op) for phone, op in zip(phones, pushed, strict=True)]
            assert [rows for rows in final if isinstance(rows[0], str)] in ([], [[Status.CONFLICT]])
        assert db.session.query(Visit).count() == 4
