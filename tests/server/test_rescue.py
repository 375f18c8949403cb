"""What a phone could not send comes sealed by another phone or the desk: as a push, once, and readable by us alone."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.administration.models import Act
from server.database import begin_write, db
from server.devices.models import Device, QuarantinedOp
from server.evidence import service as evidence
from server.sync.models import StoredOp
from shared import rescue
from shared.ops import MAX_OPS, Op, Status
from tests.server import photos
from tests.server.pages import Visitor, visitor, words
from tests.server.protocol import check_receipt, spoiled
from tests.server.rescuing import bring, brought, package_of, push_of, sealed, upload
from tests.server.sending import came, digest, named
from tests.server.world import BEYOND, GOOD, Phone, World

PHOTO = photos.noise((60, 40), 7)
OTHER = photos.noise((60, 40), 8)
LARGE = 400_000  # below what the test client writes to a file of its own


def a_visit(world: World, phone: Phone, *contents: bytes) -> tuple[str, Op]:
    """Return the id of a visit whose record names some photos, and the operation that carries it."""
    body = world.visit(world.check(BEYOND))
    row = body["inspections"][0]
    row["evidence"] = [
        {"sha256": digest(content), "bytes": len(content), "kind": "photo", "check": row["checks"][0]["id"]}
        for content in contents
    ]
    return body["id"], phone.op("visit.record/1", body)


def upload_without_looking(desk: Visitor) -> TestResponse:
    sent: Any = (io.BytesIO(b"x"), "x.dprescue")
    return desk.post("/console/rescue", file=sent)


def stored() -> int:
    return db.session.query(StoredOp).count()


def acts() -> list[Act]:
    return db.session.query(Act).filter_by(kind="rescue_taken_in").order_by(Act.at, Act.id).all()


def suspend(phone: Phone, *, is_suspended: bool = True) -> None:
    begin_write()
    db.session.get_one(Device, phone.device_id).is_suspended = is_suspended
    db.session.commit()


def test_another_phone_brings_records_and_photos_and_is_told_numbers_alone(world: World) -> None:
    dead, carrier = world.phone(), world.phone(world.colleague)
    record, op = a_visit(world, dead, PHOTO)
    package = package_of(world.app, op, photos=[(record, PHOTO)])
    answer = bring(carrier, package)
    assert answer.status_code == 200
    assert set(answer.json) == {"package", "settled", "ops", "photos"}
    assert op.op_id not in answer.text
    assert record not in answer.text
    assert (answer.json["ops"]["applied"], answer.json["photos"]["kept"], answer.json["settled"]) == (1, 1, True)
    assert came(record) == [True]
    sent = world.client.get(f"/api/v1/evidence/{digest(PHOTO)}", headers=dead.headers, buffered=True)
    assert sent.data == PHOTO
    (act,) = acts()
    assert (act.by_person, act.about_id) == (world.colleague, hashlib.sha256(package).hexdigest())


def test_the_same_package_again_and_the_phones_own_push_change_nothing(world: World) -> None:
    dead, carrier = world.phone(), world.phone(world.colleague)
    record, op = a_visit(world, dead, PHOTO)
    package = package_of(world.app, op, photos=[(record, PHOTO)])
    assert brought(carrier, package) == {"applied": 1, "kept": 1, "settled": True}
    leaves = db.session.query(StoredOp.receipt_body).all()
    assert brought(carrier, package) == {"duplicate": 1, "there": 1, "settled": True}
    (entry,) = dead.answers(op)
    assert entry["status"] == Status.DUPLICATE
    assert check_receipt(world.app, entry["receipt"])["outcome"] == "applied"
    assert brought(dead, package) == {"duplicate": 1, "there": 1, "settled": True}
    assert (stored(), len(acts())) == (1, 1)
    assert db.session.query(StoredOp.receipt_body).all() == leaves


def test_what_the_phone_sent_itself_before_is_there_already(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    record, op = a_visit(sqlite_world, dead, PHOTO)
    dead.answers(op)
    told = brought(carrier, package_of(sqlite_world.app, op, photos=[(record, PHOTO)]))
    assert told == {"duplicate": 1, "kept": 1, "settled": True}


def test_many_records_come_in_several_pushes_of_one_package(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    ops = [dead.op("correction/1", {"corrects": dead.device_id, "note": "n"}) for _ in range(MAX_OPS + 5)]
    package = sealed(sqlite_world.app, push_of(ops[:MAX_OPS]), push_of(ops[MAX_OPS:]))
    assert brought(carrier, package) == {"applied": MAX_OPS + 5, "settled": True}


def test_an_operation_that_cannot_be_read_keeps_no_other_from_coming(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    _, good = a_visit(sqlite_world, dead)
    bad = dead.op("no kind", "{}")
    package = package_of(sqlite_world.app, bad, good, spoiled(good))
    assert brought(carrier, package) == {"applied": 1, "rejected": 2, "settled": True}
    assert stored() == 1


def test_what_waits_for_another_record_is_not_settled_and_comes_in_with_it(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    _, first = a_visit(sqlite_world, dead)
    body = {"corrects": first.op_id, "note": "n"}
    second = dead.op("correction/1", body, depends_on=(first.op_id,))
    late = package_of(sqlite_world.app, second)
    assert brought(carrier, late) == {"retry": 1, "settled": False}
    assert acts() == []
    assert brought(carrier, package_of(sqlite_world.app, first)) == {"applied": 1, "settled": True}
    assert brought(carrier, late) == {"applied": 1, "settled": True}


@pytest.mark.parametrize("of", ["carrier", "maker"])
def test_a_suspended_phone_leaves_what_it_carries_aside_until_it_is_let_in(sqlite_world: World, of: str) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    record, op = a_visit(sqlite_world, dead, PHOTO)
    package = package_of(sqlite_world.app, op, photos=[(record, PHOTO)])
    suspend(carrier if of == "carrier" else dead)
    assert brought(carrier, package) == {"retry": 1, "unnamed": 1, "settled": False}
    aside = db.session.query(QuarantinedOp).one()
    assert aside.wire in push_of([op])
    assert (stored(), acts()) == (0, [])
    suspend(carrier if of == "carrier" else dead, is_suspended=False)
    carrier.get_token()
    assert brought(carrier, package) == {"applied": 1, "kept": 1, "settled": True}


def test_a_photo_is_kept_for_the_record_that_it_came_with_and_for_no_other(sqlite_world: World) -> None:
    dead, carrier, thief = (sqlite_world.phone() for _ in range(3))
    theirs = named(sqlite_world, thief, PHOTO)
    record, op = a_visit(sqlite_world, dead, PHOTO)
    strange = [(record, OTHER), (theirs[:-1] + ("0" if theirs[-1] != "0" else "1"), PHOTO)]
    package = package_of(sqlite_world.app, op, photos=[(record, PHOTO), *strange])
    assert brought(carrier, package) == {"applied": 1, "kept": 1, "unnamed": 2, "settled": True}
    assert (came(record), came(theirs)) == ([True], [False])


def test_a_photo_that_is_not_as_promised_or_no_picture_is_not_kept(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    text = b"no picture at all"
    record, op = a_visit(sqlite_world, dead, text)
    package = package_of(sqlite_world.app, op, photos=[(record, text)])
    assert brought(carrier, package) == {"applied": 1, "refused": 1, "settled": True}
    assert came(record) == [False]
    with sqlite_world.app.app_context():
        assert evidence.store().get(digest(text)) is None


def test_a_package_is_opened_by_the_key_of_before_and_by_no_other(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    package = package_of(sqlite_world.app, a_visit(sqlite_world, dead)[1])
    key_id = rescue.key_id_of(package[: rescue.HEAD_BYTES])
    dingpan = sqlite_world.app.extensions["dingpan"]
    keyring = dingpan.keyring
    for signers in ({}, {key_id: keyring.signers[key_id].__class__(os.urandom(32))}):
        others = replace(keyring, signers={**{k: v for k, v in keyring.signers.items() if k != key_id}, **signers})
        sqlite_world.app.extensions["dingpan"] = replace(dingpan, keyring=others)
        answer = bring(carrier, package)
        slug = "rescue-damaged" if signers else "rescue-key"
        assert (answer.status_code, answer.json["type"]) == (422, f"/problems/{slug}")
    assert stored() == 0


SPOILED = {
    "nothing": (lambda package: b"", "rescue-form"),
    "another file": (lambda package: b"PK\x03\x04" + package, "rescue-form"),
    "a newer version": (lambda package: package[:8] + b"\x02" + package[9:], "rescue-version"),
    "another key": (lambda package: package[:9] + bytes(4) + package[13:], "rescue-key"),
    "a flipped bit": (lambda package: package[:-1] + bytes([package[-1] ^ 1]), "rescue-damaged"),
    "its end cut off": (lambda package: package[: rescue.HEAD_BYTES + rescue.SEALED_BYTES], "rescue-damaged"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_package_that_is_not_whole_is_refused_as_a_whole(sqlite_world: World, how: str) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    record, op = a_visit(sqlite_world, dead, PHOTO)
    spoil, slug = SPOILED[how]
    package = package_of(sqlite_world.app, op, photos=[(record, PHOTO), (record, os.urandom(2 * rescue.CHUNK_BYTES))])
    answer = bring(carrier, spoil(package))
    assert (answer.status_code, answer.json["type"]) == (422, f"/problems/{slug}")
    page = upload(visitor(sqlite_world, "supervisor"), spoil(package))
    assert page.status_code == 422
    assert "什么都没有存入" in words(page)
    assert (stored(), acts()) == (0, [])


@pytest.mark.parametrize("content", [b"[]", b'{"ops":[]}', b'{"ops":{}}', b'{"ops":[1],"x":1}', b"\xff", b'{"ops":[{'])
def test_what_is_sealed_well_and_is_no_push_is_refused_before_anything_is_taken_in(
    sqlite_world: World, content: bytes
) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    good = push_of([a_visit(sqlite_world, dead)[1]])
    answer = bring(carrier, sealed(sqlite_world.app, good, content))
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/rescue-form")
    assert stored() == 0


def test_a_package_has_a_largest_size_and_a_type(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    package = package_of(sqlite_world.app, a_visit(sqlite_world, dead)[1], photos=[(dead.device_id, os.urandom(LARGE))])
    assert brought(carrier, package)["applied"] == 1
    answer = carrier.client.post("/api/v1/sync/rescue", data=package, headers=carrier.headers)
    assert answer.status_code == 415
    dingpan = sqlite_world.app.extensions["dingpan"]
    sqlite_world.app.extensions["dingpan"] = replace(
        dingpan, settings=replace(dingpan.settings, rescue_bytes=LARGE // 2)
    )
    answer = bring(carrier, package)
    assert (answer.status_code, answer.json["type"]) == (413, "/problems/rescue-too-large")
    page = upload(visitor(sqlite_world, "supervisor"), package)
    assert page.status_code == 413
    assert "最多接收" in words(page)


def test_the_desk_takes_a_file_in_twice_and_says_what_came_of_it(world: World) -> None:
    dead = world.phone()
    record, op = a_visit(world, dead, PHOTO)
    waiting = dead.op(
        "correction/1",
        {"corrects": op.op_id, "note": "n"},
        depends_on=(dead.device_id[:14] + "7" + dead.device_id[15:],),
    )
    package = package_of(world.app, op, waiting, photos=[(record, PHOTO)])
    desk = visitor(world, "supervisor")
    page = words(upload(desk, package))
    for told in ("新收下的记录 1", "等待处理的记录 1", "新存入的照片 1", "更正 等待前一条 1", "有 1 条暂时不能收下"):
        assert told in page, page
    page = words(upload(desk, package))
    for told in ("新收下的记录 0", "原来就有的记录 1", "原来就有的照片 1"):
        assert told in page, page
    assert [act.by_person for act in acts()] == [world.supervisor] * 2
    assert (stored(), came(record)) == (1, [True])


def test_the_desk_wants_a_file_and_a_token_of_its_own_form(sqlite_world: World) -> None:
    desk = visitor(sqlite_world, "supervisor")
    desk.get("/console/rescue")
    answer = desk.post("/console/rescue")
    assert answer.status_code == 422
    assert "请选择一个救援文件。" in words(answer)
    desk.token = "another"
    assert upload_without_looking(desk).status_code == 400


def test_good_records_of_a_check_within_limits_are_judged_as_ever(sqlite_world: World) -> None:
    dead, carrier = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    body = sqlite_world.visit(sqlite_world.check(GOOD))
    assert brought(carrier, package_of(sqlite_world.app, dead.op("visit.record/1", body)))["applied"] == 1
    assert db.session.query(StoredOp).one().person_id == sqlite_world.inspector
