"""A suspended phone: it leaves its records, which are put aside as they came, and opens nothing else."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from server import transaction
from server.accounts.models import Person
from server.administration.models import Act
from server.database import begin_write, db
from server.devices import quarantine
from server.devices import service as devices
from server.devices.models import AccessToken, Device, QuarantinedOp, TokenFamily
from server.devices.service import SuspendedWhy
from server.inspections.models import Visit
from server.sync import service as sync
from server.sync.slices import op_slices
from shared import ops
from shared.ops import Status
from shared.wire.json_text import read_json
from shared.wire.push import OpSchema
from tests.server.conftest import TestClock
from tests.server.photos import jpeg
from tests.server.protocol import resigned, send, spoiled, statuses, stored
from tests.server.sending import begin, came, named, offset, patch
from tests.server.test_accounts import slug_of
from tests.server.world import GOOD, Phone, World, new_id, now

SUSPENDED = "/problems/device-suspended"


def put_out(world: World, phone: Phone) -> None:
    """Suspend a phone as the desk does; the phone then signs in again."""
    begin_write()
    supervisor = db.session.get_one(Person, world.supervisor)
    device = db.session.get_one(Device, phone.device_id)
    devices.suspend(db.session(), device, SuspendedWhy.LOST, by=supervisor, now=now())
    transaction.commit(db.session(), now())
    phone.token = ""


def let_in(world: World, phone: Phone) -> None:
    begin_write()
    device = db.session.get_one(Device, phone.device_id)
    devices.restore(db.session(), device, by=db.session.get_one(Person, world.supervisor), now=now())
    transaction.commit(db.session(), now())


def a_visit_op(world: World, phone: Phone) -> ops.Op:
    return phone.op("visit.record/1", world.visit(world.check(GOOD)))


def aside() -> list[QuarantinedOp]:
    db.session.rollback()
    return db.session.query(QuarantinedOp).order_by(QuarantinedOp.op_id).all()


def pushed_as(phone: Phone, text: str, **headers: str) -> Any:
    """Push a body in our own writing."""
    sent = phone.headers | {"Content-Type": "application/json"} | headers
    content = gzip.compress(text.encode()) if "Content-Encoding" in headers else text.encode()
    return phone.client.post("/api/v1/sync/push", data=content, headers=sent)


def test_what_it_sends_is_put_aside_once_and_waits(world: World) -> None:
    phone = world.phone()
    put_out(world, phone)
    sent = [a_visit_op(world, phone) for _ in range(3)]
    for _ in range(3):
        entries = send(world.app, phone, *sent)
        assert [(one["status"], one["problem"]["type"]) for one in entries] == [(Status.RETRY, SUSPENDED)] * 3
    assert {(row.sha256, row.op_id, row.device_id, row.kind) for row in aside()} == {
        (op.op_sha256, op.op_id, phone.device_id, "visit.record/1") for op in sent
    }
    assert len(aside()) == 3
    assert stored() == []
    assert db.session.query(Visit).count() == 0


def test_an_op_twice_in_one_push_is_put_aside_once(world: World) -> None:
    phone = world.phone()
    put_out(world, phone)
    op = a_visit_op(world, phone)
    assert statuses(world.app, phone, op, op) == [Status.RETRY] * 2
    assert len(aside()) == 1


@pytest.mark.parametrize("encoding", [{}, {"Content-Encoding": "gzip"}])
def test_it_is_kept_byte_for_byte_and_its_signature_can_be_checked_from_it(
    world: World, encoding: dict[str, str]
) -> None:
    """The body is written as no library would write it; what is kept are these bytes."""
    phone = world.phone()
    put_out(world, phone)
    first, second = (phone.op("correction/1", {"corrects": new_id(now()), "note": note}) for note in ("称，】]", '"\\'))
    odd = json.dumps(first.to_wire(), indent=3, ensure_ascii=True).replace('"prev"', '"pr\\u0065v"')
    plain = json.dumps(second.to_wire(), ensure_ascii=False, separators=(" ,", " :"))
    answer = pushed_as(phone, f'\n{{ "op\\u0073" :\t[ {odd} ,\r\n{plain}  ]\n}} ', **encoding)
    assert [entry["status"] for entry in answer.json["results"]] == [Status.RETRY] * 2
    public = db.session.get_one(Device, phone.device_id).public
    rows = {row.op_id: row for row in aside()}
    assert len(rows) == 2
    for text, op in ((odd, first), (plain, second)):
        row = rows[op.op_id]
        assert row.wire == text.encode()
        read = OpSchema().load(read_json(row.wire))
        assert read == op
        assert read.is_signed_by(public)
        assert read.op_sha256 == row.sha256


def test_slices_are_what_stands_between_the_commas() -> None:
    parts = ['{"a":[1,{"b":"]},["}]}', "{}", '{"c": "\\"],"}']
    for between in (",", " , ", "\r\n,\t"):
        text = '{"ops":[' + between.join(parts) + "]}"
        assert op_slices(text.encode()) == [part.encode() for part in parts]
    assert op_slices(b'{"ops": [ ]}') == []


def test_a_bad_signature_is_rejected_and_not_kept(world: World) -> None:
    phone = world.phone()
    put_out(world, phone)
    (entry,) = send(world.app, phone, spoiled(a_visit_op(world, phone)))
    assert (entry["status"], entry["problem"]["type"]) == (Status.REJECTED, "/problems/bad-signature")
    assert aside() == []


def test_whatever_is_signed_is_kept_also_what_could_never_be_taken_in(world: World) -> None:
    """Another person's name, an unknown kind with the longest name there is, a body that is no JSON."""
    phone = world.phone()
    put_out(world, phone)
    odd = [
        resigned(phone, a_visit_op(world, phone), person_id=world.colleague),
        phone.op("a" * 62 + "/1", "{}"),
        phone.op("correction/1", "not json"),
    ]
    assert statuses(world.app, phone, *odd) == [Status.RETRY] * 3
    assert {row.sha256 for row in aside()} == {op.op_sha256 for op in odd}


def test_when_it_is_let_in_again_it_sends_them_and_they_are_taken_in(world: World) -> None:
    phone = world.phone()
    put_out(world, phone)
    sent = [a_visit_op(world, phone) for _ in range(2)]
    send(world.app, phone, *sent)
    assert sync.waiting_aside(db.session(), [phone.device_id]) == {phone.device_id: 2}
    let_in(world, phone)
    assert statuses(world.app, phone, sent[0]) == [Status.APPLIED]
    assert sync.waiting_aside(db.session(), [phone.device_id]) == {phone.device_id: 1}
    assert statuses(world.app, phone, *sent) == [Status.DUPLICATE, Status.APPLIED]
    assert len(aside()) == 2, "the rows stay"
    found = sync.put_aside_of(db.session(), phone.device_id)
    assert {row.op_id: took.outcome if took else None for row, took in found} == {
        op.op_id: Status.APPLIED for op in sent
    }
    assert sync.waiting_aside(db.session(), [phone.device_id]) == {}


def test_what_was_taken_in_before_is_a_duplicate_and_not_put_aside(world: World) -> None:
    phone = world.phone()
    op = a_visit_op(world, phone)
    (first,) = send(world.app, phone, op)
    put_out(world, phone)
    (again,) = send(world.app, phone, op)
    assert (again["status"], again["receipt"]) == (Status.DUPLICATE, first["receipt"])
    assert aside() == []


def test_another_phone_carries_its_ops_into_quarantine_too(world: World) -> None:
    lost, carrier = world.phone(), world.phone(world.colleague)
    put_out(world, lost)
    theirs, own = a_visit_op(world, lost), a_visit_op(world, carrier)
    assert statuses(world.app, carrier, theirs, own) == [Status.RETRY, Status.APPLIED]
    assert [row.device_id for row in aside()] == [lost.device_id]


def test_what_a_suspended_phone_carries_for_another_is_put_aside_under_its_own_name(world: World) -> None:
    lost, other = world.phone(), world.phone(world.colleague)
    put_out(world, lost)
    op = a_visit_op(world, other)
    assert statuses(world.app, lost, op) == [Status.RETRY]
    assert [(row.device_id, row.op_id) for row in aside()] == [(lost.device_id, op.op_id)]
    assert statuses(world.app, other, op) == [Status.APPLIED]


def test_a_phone_leaves_no_more_than_it_may(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_OPS", 3)
    phone, other = world.phone(), world.phone(world.colleague)
    put_out(world, phone)
    put_out(world, other)
    sent = [a_visit_op(world, phone) for _ in range(5)]
    for _ in range(2):
        entries = send(world.app, phone, *sent)
        assert [entry["status"] for entry in entries] == [Status.RETRY] * 5
        slugs = [entry["problem"]["type"] for entry in entries]
        assert slugs == [SUSPENDED] * 3 + ["/problems/quarantine-full"] * 2
    assert len(aside()) == 3
    assert statuses(world.app, other, a_visit_op(world, other)) == [Status.RETRY]
    assert len(aside()) == 4, "the bound is one phone's"
    assert quarantine.MOST_OPS == 3


def test_its_token_opens_nothing_but_the_way_in(world: World) -> None:
    phone = world.phone()
    op = a_visit_op(world, phone)
    send(world.app, phone, op)
    put_out(world, phone)
    phone.get_token()
    closed = [
        "sync/changes?cursor=&limit=5",
        "sync/scope",
        f"sync/balance?device_id={phone.device_id}&first=1&last=2",
        f"evidence/{'0' * 64}",
        f"log/inclusion?op_id={op.op_id}&size=1",
    ]
    for path in closed:
        answer = phone.client.get(f"/api/v1/{path}", headers=phone.headers)
        assert slug_of(answer) == (403, "device-suspended"), path
    for path in ("keys", "revoked", "log/head", "log/consistency?first=0&second=1"):
        assert phone.client.get(f"/api/v1/{path}", headers=phone.headers).status_code == 200, path
    let_in(world, phone)
    for path in closed[:3] + closed[4:]:
        assert phone.client.get(f"/api/v1/{path}", headers=phone.headers).status_code == 200, path


def test_the_photos_of_records_taken_in_before_still_come(sqlite_world: World) -> None:
    world, phone, content = sqlite_world, sqlite_world.phone(), jpeg()
    record = named(world, phone, content)
    put_out(world, phone)
    where = begin(phone, record, content)
    half = len(content) // 2
    assert patch(phone, where, 0, content[:half]).status_code == 204
    assert offset(phone, where) == half
    assert patch(phone, where, half, content[half:]).status_code == 204
    assert came(record) == [True]


def test_suspending_ends_all_its_tokens_and_is_an_act(world: World) -> None:
    phone, other = world.phone(), world.phone(world.colleague)
    old = {"Authorization": f"Bearer {phone.get_token()}"}
    other.get_token()
    put_out(world, phone)
    for path in ("sync/scope", "sync/changes"):
        assert slug_of(phone.client.get(f"/api/v1/{path}", headers=old)) == (401, "token-expired")
    assert slug_of(phone.client.post("/api/v1/sync/push", json={"ops": []}, headers=old)) == (401, "token-expired")
    assert slug_of(phone.ask_refresh()) == (401, "token-expired")
    ended = {family.device_id: family.ended_why for family in db.session.query(TokenFamily)}
    assert ended == {phone.device_id: "suspended", other.device_id: ""}
    assert [row.device_id for row in db.session.query(AccessToken)] == [other.device_id]
    (act,) = db.session.query(Act).all()
    assert (act.kind, act.by_person, act.about_id) == ("device_suspended", world.supervisor, phone.device_id)
    assert json.loads(act.details) == {"why": "lost"}


def test_the_server_remembers_when_it_first_told_the_phone(world: World, clock: TestClock) -> None:
    phone = world.phone()
    put_out(world, phone)
    device = db.session.get_one(Device, phone.device_id)
    assert (device.wipe_told_at, device.seen_at) == (None, None)
    clock.move(minutes=1)
    phone.get_token()
    told = clock()
    clock.move(minutes=2)
    assert phone.ask_refresh().json["suspended"] is True
    db.session.rollback()
    assert (device.wipe_told_at, device.seen_at) == (told, clock())
    let_in(world, phone)
    assert phone.ask_refresh().json["suspended"] is False
    db.session.rollback()
    assert (device.wipe_told_at, device.suspended_at, device.suspended_why) == (None, None, "")


def test_suspending_twice_is_suspending_once(world: World) -> None:
    phone = world.phone()
    for _ in range(2):
        put_out(world, phone)
    for _ in range(2):
        let_in(world, phone)
    assert sorted(act.kind for act in db.session.query(Act)) == ["device_restored", "device_suspended"]
