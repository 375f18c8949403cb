"""Every answer a push can give to an op, in every order in which it can come about."""

from __future__ import annotations

import itertools
import json
from typing import Any

from server.accounts.models import Person
from server.database import db
from server.devices.models import Device, DevicePerson
from server.inspections.models import Check, Correction, Visit
from server.registry.models import Instrument
from server.seals.models import SealBinding
from shared import ops
from shared.ops import FIRST_PREV, Status
from tests.server.protocol import resigned, send, spoiled, statuses, stored
from tests.server.world import GOOD, Phone, World, new_id, now


def a_register(world: World, **fields: Any) -> dict[str, Any]:
    return {"id": new_id(now()), "kind": "scale", "serial": "ACS 30", "place": world.place} | fields


def a_correction(corrects: str, note: str = "第三点应为 10.015 kg") -> dict[str, Any]:
    return {"corrects": corrects, "note": note}


def an_applied(world: World, phone: Phone) -> ops.Op:
    """Push a sound record and return its op."""
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    return op


def a_refused(world: World, phone: Phone) -> ops.Op:
    """Push a record that is not of the form and return its op."""
    op = phone.op("visit.record/1", {"id": new_id(now())})
    assert statuses(world.app, phone, op) == [Status.REJECTED]
    return op


def test_an_op_twice_in_one_push_is_applied_once(world: World) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    first, second = send(world.app, phone, op, op)
    assert (first["status"], second["status"]) == (Status.APPLIED, Status.DUPLICATE)
    assert first["receipt"] == second["receipt"]
    assert db.session.query(Check).count() == 1


def test_a_duplicate_gets_the_first_receipt_byte_for_byte_even_much_later(world: World, clock: Any) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    first = send(world.app, phone, op)[0]["receipt"]
    clock.move(days=40)
    phone.token = ""
    again = send(world.app, phone, op)[0]
    assert again["status"] == Status.DUPLICATE
    assert again["receipt"] == first


def test_other_bytes_under_a_known_op_id_are_a_conflict_and_the_first_stays(world: World) -> None:
    phone = world.phone()
    first = an_applied(world, phone)
    second = resigned(phone, first, body=json.dumps(world.visit(world.check(GOOD, instrument=1), party=1)))
    answer = send(world.app, phone, second)[0]
    assert answer["status"] == Status.CONFLICT
    assert answer["problem"]["type"] == "/problems/same-op-other-bytes"
    assert json.loads(answer["receipt"]["body"])["op_sha256"] == second.op_sha256
    assert db.session.query(Visit).count() == 1
    assert [op.claims for op in stored([first.op_id])] == [True, False]
    again = send(world.app, phone, second, first)
    assert [entry["status"] for entry in again] == [Status.DUPLICATE, Status.DUPLICATE]
    assert again[0]["receipt"] == answer["receipt"]


def test_the_same_record_under_another_op_is_a_duplicate_with_the_first_receipt(world: World) -> None:
    phone, other = world.phone(), world.phone(world.colleague)
    body = json.dumps(world.visit(world.check(GOOD)))
    first = send(world.app, phone, phone.op("visit.record/1", body))[0]
    second = send(world.app, other, other.op("visit.record/1", body))[0]
    assert second["status"] == Status.DUPLICATE
    assert second["receipt"] == first["receipt"]
    assert db.session.query(Visit).count() == 1


def test_the_same_record_with_another_body_is_a_conflict_that_shows_theirs(world: World) -> None:
    phone, other = world.phone(), world.phone(world.colleague)
    body = world.visit(world.check(GOOD))
    first = phone.op("visit.record/1", body)
    assert statuses(world.app, phone, first) == [Status.APPLIED]
    answer = send(world.app, other, other.op("visit.record/1", body | {"approval_no": "2"}))[0]
    assert answer["status"] == Status.CONFLICT
    assert answer["problem"]["type"] == "/problems/same-record-other-body"
    assert answer["theirs"] == {"body": first.body}
    assert db.session.query(Visit).one().approval_no == ""


def test_a_stranger_never_sees_theirs(world: World) -> None:
    phone, stranger = world.phone(), world.phone(world.stranger)
    body = world.visit(world.check(GOOD))
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    answer = send(world.app, stranger, stranger.op("visit.record/1", body | {"place": world.far_place}))[0]
    assert answer["status"] == Status.CONFLICT
    assert "theirs" not in answer
    assert world.place not in json.dumps(answer)


def test_the_callers_scope_decides_what_is_shown_not_that_of_the_ops_author(sqlite_world: World) -> None:
    phone, stranger = sqlite_world.phone(), sqlite_world.phone(sqlite_world.stranger)
    body = sqlite_world.visit(sqlite_world.check(GOOD))
    assert statuses(sqlite_world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    carried = phone.op("visit.record/1", body | {"approval_no": "2"})
    assert "theirs" not in send(sqlite_world.app, stranger, carried)[0]


def test_an_op_that_waits_is_sent_again_and_applied_when_the_other_has_come(world: World) -> None:
    phone = world.phone()
    register = phone.op("instrument.register/1", a_register(world))
    bound = {"instrument": json.loads(register.body)["id"], "serial": 1_000_001}
    bind = phone.op("seal.bind/1", bound, depends_on=(register.op_id,))
    assert statuses(world.app, phone, bind, register) == [Status.RETRY, Status.APPLIED]
    assert stored([bind.op_id]) == []
    assert statuses(world.app, phone, bind, register) == [Status.APPLIED, Status.DUPLICATE]
    assert db.session.query(SealBinding).one().id == bind.op_id


def test_what_builds_on_a_refused_op_is_blocked_until_a_new_op_is_made(world: World) -> None:
    phone = world.phone()
    refused = a_refused(world, phone)
    blocked = phone.op("correction/1", a_correction(refused.op_id), depends_on=(refused.op_id,))
    answer = send(world.app, phone, blocked)[0]
    assert answer["status"] == Status.BLOCKED
    assert refused.op_id in answer["problem"]["detail"]
    assert statuses(world.app, phone, blocked) == [Status.BLOCKED]
    assert stored([blocked.op_id]) == []
    assert statuses(world.app, phone, phone.op("correction/1", a_correction(refused.op_id))) == [Status.APPLIED]


def test_what_builds_on_a_blocked_op_is_blocked_too(world: World) -> None:
    phone = world.phone()
    refused = phone.op("correction/1", {"corrects": new_id(now())})
    blocked = phone.op("correction/1", {"corrects": new_id(now()), "note": "1"}, depends_on=(refused.op_id,))
    last = phone.op("correction/1", {"corrects": new_id(now()), "note": "2"}, depends_on=(blocked.op_id,))
    assert statuses(world.app, phone, refused, blocked, last) == [Status.REJECTED, Status.BLOCKED, Status.BLOCKED]


def test_what_builds_on_a_conflict_is_blocked(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    body = sqlite_world.visit(sqlite_world.check(GOOD))
    conflict = phone.op("visit.record/1", body | {"approval_no": "2"})
    after = phone.op("correction/1", a_correction(conflict.op_id), depends_on=(conflict.op_id,))
    sent = send(sqlite_world.app, phone, phone.op("visit.record/1", body), conflict, after)
    assert [entry["status"] for entry in sent] == [Status.APPLIED, Status.CONFLICT, Status.BLOCKED]


def test_one_dependency_that_waits_and_one_refused_is_settled_once_both_are_known(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    refused, missing = a_refused(sqlite_world, phone), phone.op("instrument.register/1", a_register(sqlite_world))
    op = phone.op("correction/1", a_correction(refused.op_id), depends_on=(missing.op_id, refused.op_id))
    assert statuses(sqlite_world.app, phone, op) == [Status.RETRY]
    assert statuses(sqlite_world.app, phone, missing, op) == [Status.APPLIED, Status.BLOCKED]


def test_every_order_of_a_chain_of_records_ends_alike(sqlite_world: World) -> None:
    world = sqlite_world
    for order in itertools.permutations(range(3)):
        phone = world.phone()
        register = phone.op("instrument.register/1", a_register(world))
        bound = {"instrument": json.loads(register.body)["id"], "serial": 77}
        bind = phone.op("seal.bind/1", bound, depends_on=(register.op_id,))
        correction = phone.op("correction/1", a_correction(bind.op_id), depends_on=(bind.op_id,))
        chain, final = [register, bind, correction], {Status.APPLIED, Status.DUPLICATE}
        rounds = 0
        while set(statuses(world.app, phone, *(chain[place] for place in order))) - final:
            rounds += 1
            assert rounds <= 2, order
        assert [op.outcome for op in stored([op.op_id for op in chain])] == [Status.APPLIED] * 3
    assert db.session.query(Correction).count() == db.session.query(SealBinding).count() == 6


def test_an_unknown_kind_is_kept_for_an_upgraded_server_and_claims_nothing(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    for kind in ("visit.record/2", "pledge.sign/1", "x/1"):
        op = phone.op(kind, {"anything": 1})
        answer = send(sqlite_world.app, phone, op)[0]
        assert answer["status"] == Status.RETRY
        assert answer["problem"]["type"] == "/problems/upgrade-server"
        assert kind in answer["problem"]["detail"]
        assert stored([op.op_id]) == []


def test_a_bad_signature_is_rejected_by_index_and_claims_no_op_id(world: World) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    forged, good, again = send(world.app, phone, spoiled(op), op, spoiled(op))
    assert [entry["status"] for entry in (forged, good, again)] == [Status.REJECTED, Status.APPLIED, Status.REJECTED]
    assert "receipt" not in forged
    assert "receipt" not in again
    assert len(stored([op.op_id])) == 1


def test_the_signature_covers_every_field(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    op = phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    other: dict[str, Any] = {
        "op_id": new_id(now()),
        "person_id": sqlite_world.colleague,
        "device_seq": 2,
        "prev": "1" * 64,
        "kind": "visit.record/2",
        "depends_on": (new_id(now()),),
        "body": op.body + " ",
    }
    assert set(other) == set(vars(op)) - {"device_id", "signature"}
    for entry in send(sqlite_world.app, phone, *(ops.Op(**vars(op) | {name: other[name]}) for name in other)):
        assert entry["problem"]["type"] == "/problems/bad-signature"
    assert stored() == []


def test_another_phones_signature_is_not_this_ones(sqlite_world: World) -> None:
    phone, other = sqlite_world.phone(), sqlite_world.phone()
    op = phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    stolen = ops.Op(**{**op.__dict__, "device_id": other.device_id})
    assert send(sqlite_world.app, other, stolen)[0]["problem"]["type"] == "/problems/bad-signature"
    assert stored() == []


def test_a_phone_may_carry_the_signed_ops_of_another(sqlite_world: World) -> None:
    phone, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    op = phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    assert statuses(sqlite_world.app, carrier, op) == [Status.APPLIED]
    assert statuses(sqlite_world.app, phone, op) == [Status.DUPLICATE]
    assert stored()[0].device_id == phone.device_id


def test_an_unknown_phone_is_told_to_enrol_and_nothing_is_stored(sqlite_world: World) -> None:
    world, phone = sqlite_world, sqlite_world.phone()
    nobody = Phone(world.client, new_id(now()), world.inspector, world.phone().signer)
    op = nobody.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    answer = send(sqlite_world.app, phone, op)[0]
    assert answer["status"] == Status.REJECTED
    assert answer["problem"]["type"] == "/problems/unknown-device"
    assert stored() == []


def test_somebody_who_is_not_enrolled_on_the_phone_is_refused_with_a_receipt(world: World) -> None:
    phone = world.phone()
    op = resigned(phone, phone.op("visit.record/1", world.visit(world.check(GOOD))), person_id=world.colleague)
    answer, again = send(world.app, phone, op)[0], send(world.app, phone, op)[0]
    assert (answer["status"], again["status"]) == (Status.REJECTED, Status.DUPLICATE)
    assert answer["problem"]["type"] == "/problems/not-enrolled"
    assert answer["receipt"] == again["receipt"]
    assert db.session.query(Visit).count() == 0


def test_the_records_of_a_suspended_phone_wait_and_are_applied_when_it_is_allowed_again(world: World) -> None:
    phone = world.phone()
    before, op = (phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(2))
    assert statuses(world.app, phone, before) == [Status.APPLIED]
    set_suspended(phone.device_id, suspended=True)
    known, answer = send(world.app, phone, before, op)
    assert known["status"] == Status.DUPLICATE
    assert answer["status"] == Status.RETRY
    assert answer["problem"]["type"] == "/problems/device-suspended"
    assert [row.op_id for row in stored()] == [before.op_id]
    assert phone.client.get("/api/v1/sync/changes", headers=phone.headers).status_code == 403
    set_suspended(phone.device_id, suspended=False)
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    assert [row.is_chained for row in stored()] == [True, True]


def set_suspended(device_id: str, *, suspended: bool) -> None:
    db.session.get_one(Device, device_id).is_suspended = suspended
    db.session.commit()


def test_a_chain_without_gaps_is_recorded_as_such(world: World) -> None:
    phone = world.phone()
    chain = [phone.op("correction/1", a_correction(new_id(now()))) for _ in range(4)]
    assert statuses(world.app, phone, *chain[:2]) == [Status.APPLIED] * 2
    assert statuses(world.app, phone, *chain[2:]) == [Status.APPLIED] * 2
    assert [op.is_chained for op in stored()] == [True] * 4


def test_a_refused_op_is_a_link_of_the_chain_too(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    a_refused(sqlite_world, phone)
    assert statuses(sqlite_world.app, phone, phone.op("correction/1", a_correction(new_id(now())))) == [Status.APPLIED]
    assert [op.is_chained for op in stored()] == [True, True]


def test_a_gap_is_recorded_and_not_refused(world: World) -> None:
    phone = world.phone()
    first, _lost, third = (phone.op("correction/1", a_correction(new_id(now()))) for _ in range(3))
    assert statuses(world.app, phone, first, third) == [Status.APPLIED] * 2
    assert [op.is_chained for op in stored()] == [True, False]


def test_only_the_first_op_of_a_phone_has_none_before_it(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    an_applied(sqlite_world, phone)
    phone.prev, phone.seq = FIRST_PREV, 8
    assert statuses(sqlite_world.app, phone, phone.op("correction/1", a_correction(new_id(now())))) == [Status.APPLIED]
    assert [(op.device_seq, op.is_chained) for op in stored()] == [(1, True), (9, False)]


def test_a_late_op_closes_the_gap_it_had_left(world: World) -> None:
    phone = world.phone()
    first, second, third = (phone.op("correction/1", a_correction(new_id(now()))) for _ in range(3))
    assert statuses(world.app, phone, first, third) == [Status.APPLIED] * 2
    assert statuses(world.app, phone, second) == [Status.APPLIED]
    assert [op.is_chained for op in stored()] == [True, True, True]


def test_a_second_op_with_the_same_sequence_is_recorded_and_both_lines_go_on(world: World) -> None:
    phone = world.phone()
    first = an_applied(world, phone)
    phone.seq, phone.prev = 0, FIRST_PREV
    fork = phone.op("correction/1", a_correction(first.op_id))
    after_fork = phone.op("correction/1", a_correction(first.op_id))
    after_first = resigned(
        phone, phone.op("correction/1", a_correction(first.op_id)), device_seq=2, prev=first.next_prev
    )
    assert statuses(world.app, phone, fork) == [Status.APPLIED]
    assert statuses(world.app, phone, after_fork, after_first) == [Status.APPLIED] * 2
    assert [(op.device_seq, op.is_chained) for op in stored()] == [(1, True), (1, True), (2, True), (2, True)]


def test_every_final_answer_is_a_leaf_of_the_log(world: World) -> None:
    from server.audit.models import Leaf

    phone = world.phone()
    an_applied(world, phone)
    a_refused(world, phone)
    leaves = {leaf.leaf_sha256 for leaf in db.session.query(Leaf).where(Leaf.kind == "op")}
    assert {json.loads(op.receipt_body)["leaf_sha256"] for op in stored()} == leaves


def test_an_instrument_registered_without_a_place_belongs_to_the_authors_region(world: World) -> None:
    phone = world.phone()
    body = a_register(world, place=None)
    del body["place"]
    assert statuses(world.app, phone, phone.op("instrument.register/1", body)) == [Status.APPLIED]
    found = db.session.get_one(Instrument, body["id"])
    assert (found.region, found.place_id, found.status) == ("411602", None, "in_use")


def test_people_enrolled_on_one_phone_each_sign_for_themselves(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    db.session.add(DevicePerson(device_id=phone.device_id, person_id=sqlite_world.colleague, enrolled_at=now()))
    db.session.commit()
    op = resigned(
        phone,
        phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD))),
        person_id=sqlite_world.colleague,
    )
    assert statuses(sqlite_world.app, phone, op) == [Status.APPLIED]
    assert stored()[0].person_id == sqlite_world.colleague
    assert db.session.get_one(Person, sqlite_world.colleague).name == "colleague"
