"""Uploads keep to tus 1.0.0: core, creation, checksum, expiration; and a whole file is what its record promised."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import pytest

from server.accounts.models import Person
from server.database import begin_write, db
from server.evidence import service as evidence
from server.evidence import uploads
from server.evidence.models import Upload, UploadPart
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.sending import (
    CHUNK,
    TUS,
    begin,
    begun,
    came,
    checksum,
    digest,
    head,
    metadata,
    named,
    offset,
    patch,
    pieces,
)
from tests.server.world import Phone, World

PHOTO = photos.noise((120, 90), 5)
SEED = random.SystemRandom().randrange(1 << 32)


def slug(answer: Any) -> tuple[int, str]:
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    return answer.status_code, answer.json["type"].rpartition("/")[2]


def parts_in(world: World) -> list[str]:
    with world.app.app_context():
        return [name for name, _ in evidence.store().parts()]


def test_a_server_says_what_it_speaks(sqlite_world: World) -> None:
    answer = sqlite_world.client.options("/api/v1/uploads")
    assert (answer.status_code, answer.data) == (204, b"")
    said = {name: answer.headers[name] for name in ("Tus-Version", "Tus-Extension", "Tus-Max-Size")}
    assert said == {"Tus-Version": "1.0.0", "Tus-Extension": "creation,checksum,expiration", "Tus-Max-Size": "33554432"}
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_photo_comes_in_chunks_and_is_there_byte_for_byte(world: World, clock: TestClock) -> None:
    phone = world.phone()
    record = named(world, phone, PHOTO)
    answer = begun(phone, record, PHOTO)
    where = answer.headers["Location"]
    assert answer.status_code == 201
    assert where.startswith("/api/v1/uploads/")
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]) == clock() + uploads.LASTS
    get = partial(world.client.get, f"/api/v1/evidence/{digest(PHOTO)}", headers=phone.headers, buffered=True)
    for start, piece in pieces(PHOTO, 1000):
        assert (offset(phone, where), came(record), get().status_code) == (start, [False], 404)
        answer = patch(phone, where, start, piece, **checksum(piece, "sha1" if start else "sha256"))
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Upload-Offset"] == str(start + len(piece))
        assert "Upload-Expires" in answer.headers
    assert offset(phone, where) == len(PHOTO)
    assert came(record) == [True]
    assert get().data == PHOTO
    assert parts_in(world) == []
    assert db.session.query(UploadPart).count() == 0


def test_asking_how_far_it_came_says_all_of_it_and_is_never_cached(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, PHOTO)
    where = begin(phone, record, PHOTO)
    answer = head(phone, where)
    assert answer.headers["Upload-Length"] == str(len(PHOTO))
    assert answer.headers["Upload-Metadata"] == metadata(sha256=digest(PHOTO), kind="photo", record=record)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data == b""


def test_chunks_of_eight_mebibytes_are_taken_and_larger_ones_not(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    content = photos.jpeg() + bytes(9 << 20)
    record = named(sqlite_world, phone, content)
    where = begin(phone, record, content)
    assert slug(patch(phone, where, 0, content)) == (413, "upload-too-large")
    assert offset(phone, where) == 0
    assert patch(phone, where, 0, content[: 8 << 20]).status_code == 204
    assert patch(phone, where, 8 << 20, content[8 << 20 :]).status_code == 204
    assert came(record) == [True]


@pytest.mark.parametrize("wrong", [1, 999, 1001, 5_000_000])
def test_a_chunk_at_the_wrong_place_is_refused_and_changes_nothing(sqlite_world: World, wrong: int) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    assert patch(phone, where, 0, PHOTO[:1000]).status_code == 204
    assert slug(patch(phone, where, wrong, PHOTO[1000:2000])) == (409, "wrong-offset")
    assert offset(phone, where) == 1000
    assert len(parts_in(sqlite_world)) == 1


def test_a_chunk_that_changed_on_the_way_is_dropped(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    assert slug(patch(phone, where, 0, PHOTO[:999] + b"x", **checksum(PHOTO[:1000]))) == (460, "wrong-checksum")
    assert offset(phone, where) == 0
    assert parts_in(sqlite_world) == []


@pytest.mark.parametrize("told", ["md5 AAAA", "sha256", "sha256 ???", "", "sha1:AAAA"])
def test_a_checksum_that_cannot_be_read_is_told(sqlite_world: World, told: str) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    answer = patch(phone, where, 0, PHOTO[:10], **{"Upload-Checksum": told})
    assert answer.status_code in (400, 460)
    assert offset(phone, where) == 0


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1", "2"])
def test_another_version_is_not_processed_and_told_ours(sqlite_world: World, version: str) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    for answer in (
        begun(phone, "x", PHOTO, **{"Tus-Resumable": version}),
        patch(phone, where, 0, PHOTO[:10], **{"Tus-Resumable": version}),
    ):
        assert slug(answer) == (412, "tus-version")
        assert answer.headers["Tus-Version"] == "1.0.0"
    assert offset(phone, where) == 0


HEADERS: list[tuple[dict[str, str], int]] = [
    ({"Upload-Length": ""}, 400),
    ({"Upload-Length": "-1"}, 400),
    ({"Upload-Length": "1e3"}, 400),
    ({"Upload-Length": "٣"}, 400),
    ({"Upload-Length": "9" * 40}, 400),
    ({"Upload-Length": str((32 << 20) + 1)}, 413),
    ({"Upload-Length": "12"}, 400),
    ({"Upload-Metadata": ""}, 400),
    ({"Upload-Metadata": "sha256"}, 400),
    ({"Upload-Metadata": "sha256 !!!"}, 400),
    ({"Upload-Metadata": metadata(sha256="0" * 64)}, 400),
    ({"Upload-Metadata": metadata(sha256="0" * 63, kind="photo", record="0" * 36)}, 400),
    ({"Upload-Metadata": "x" * 3000}, 400),
]


@pytest.mark.parametrize(("headers", "status"), HEADERS)
def test_what_is_wrong_with_a_beginning_is_told(sqlite_world: World, headers: dict[str, str], status: int) -> None:
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, PHOTO)
    answer = begun(phone, record, PHOTO, **{name: value.encode().decode("latin-1") for name, value in headers.items()})
    assert slug(answer)[0] == status
    assert db.session.query(Upload).count() == 0


def test_a_record_comes_before_its_photos_and_names_them(sqlite_world: World) -> None:
    phone, colleague = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    record = named(sqlite_world, phone, PHOTO)
    assert slug(begun(phone, record, photos.jpeg())) == (422, "not-named")
    assert slug(begun(phone, "019aa111-0000-7000-8000-000000000001", PHOTO)) == (422, "not-named")
    assert slug(begun(colleague, record, PHOTO)) == (422, "not-named")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Content-Type": "application/octet-stream"}, (415, "upload-type")),
        ({"Content-Type": "application/json"}, (415, "upload-type")),
        ({"Upload-Offset": ""}, (400, "bad-upload")),
        ({"Upload-Offset": "-1"}, (400, "bad-upload")),
        ({"Upload-Offset": "0x0"}, (400, "bad-upload")),
    ],
)
def test_a_chunk_that_is_not_one_is_told(sqlite_world: World, change: dict[str, str], told: tuple[int, str]) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    assert slug(patch(phone, where, 0, PHOTO[:10], **change)) == told
    assert offset(phone, where) == 0


def test_more_than_was_announced_is_refused(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    assert slug(patch(phone, where, 0, PHOTO + b"x")) == (400, "bad-upload")
    assert offset(phone, where) == 0


def test_an_upload_is_its_senders_alone(sqlite_world: World) -> None:
    phone, colleague = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    for address in (where, "/api/v1/uploads/019aa111-0000-7000-8000-000000000001", "/api/v1/uploads/x"):
        assert head(colleague, address).status_code == 404
        assert slug(patch(colleague, address, 0, PHOTO)) == (404, "not-found")


def test_an_upload_that_took_too_long_is_gone_and_its_parts_are_removed(world: World, clock: TestClock) -> None:
    phone = world.phone()
    record = named(world, phone, PHOTO)
    where = begin(phone, record, PHOTO)
    patch(phone, where, 0, PHOTO[:1000])
    clock.move(days=6)
    phone.token = ""
    assert patch(phone, where, 1000, PHOTO[1000:2000]).status_code == 204  # each chunk gives it time again
    clock.move(days=7)
    phone.token = ""
    assert head(phone, where).status_code == 410
    assert slug(patch(phone, where, 2000, PHOTO[2000:])) == (410, "upload-gone")
    assert len(parts_in(world)) == 2
    assert evidence.remove_stale(db.session(), evidence.store(), clock()) == 2
    assert parts_in(world) == []
    assert evidence.remove_stale(db.session(), evidence.store(), clock()) == 0
    assert head(phone, where).status_code == 410
    clock.move(days=31)
    evidence.remove_stale(db.session(), evidence.store(), clock())
    phone.token = ""
    assert head(phone, where).status_code == 404
    again = begin(phone, record, PHOTO)
    assert patch(phone, again, 0, PHOTO).status_code == 204
    assert came(record) == [True]


def test_the_parts_of_an_open_upload_are_left_alone(sqlite_world: World, clock: TestClock) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    patch(phone, where, 0, PHOTO[:1000])
    clock.move(days=6)
    assert evidence.remove_stale(db.session(), evidence.store(), clock()) == 0
    phone.token = ""
    assert patch(phone, where, 1000, PHOTO[1000:]).status_code == 204


def test_a_file_that_is_not_the_one_promised_is_refused_and_may_come_again(world: World) -> None:
    phone = world.phone()
    record = named(world, phone, PHOTO)
    where = begin(phone, record, PHOTO)
    patch(phone, where, 0, bytes(1000))
    assert slug(patch(phone, where, 1000, PHOTO[1000:])) == (422, "not-as-promised")
    assert head(phone, where).status_code == 410
    assert (came(record), parts_in(world)) == ([False], [])
    assert evidence.store().get(digest(PHOTO)) is None
    assert patch(phone, begin(phone, record, PHOTO), 0, PHOTO).status_code == 204
    assert came(record) == [True]


@pytest.mark.parametrize("name", [name for name, (_, fate) in photos.FILES.items() if fate != photos.KEPT])
def test_what_is_no_picture_is_refused_with_a_reason(sqlite_world: World, name: str) -> None:
    content = photos.FILES[name][0]()
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, content)
    answer = begun(phone, record, content)
    if not content:
        assert slug(answer) == (400, "bad-upload")
        return
    refused = patch(phone, answer.headers["Location"], 0, content)
    assert slug(refused) == (415, "no-picture")
    assert "JPEG" in refused.json["detail"]
    assert evidence.store().get(digest(content)) is None
    assert came(record) == [False]


@pytest.mark.parametrize("name", photos.BRANDS)
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", "请在手机的相机设置里把照片格式改为“兼容性最佳”（JPEG），关闭“高效”。请重新拍成 JPEG 或 PNG 照片。"),
        ("en", "In the phone's camera settings set the format to “Most compatible” (JPEG)"),
    ],
)
def test_a_heic_photo_is_refused_with_what_to_set(sqlite_world: World, name: str, language: str, said: str) -> None:
    content, phone = photos.BRANDS[name](), sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, content), content)
    refused = patch(phone, where, 0, content, **{"Accept-Language": language})
    assert slug(refused) == (415, "no-picture")
    assert said in refused.json["detail"]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", [name for name, (_, fate) in photos.FILES.items() if fate == photos.KEPT])
def test_an_original_is_kept_as_it_came_and_everyone_sees_only_its_copy(sqlite_world: World, name: str) -> None:
    content = photos.FILES[name][0]()
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, content)
    assert patch(phone, begin(phone, record, content), 0, content).status_code == 204
    mine = sqlite_world.client.get(f"/api/v1/evidence/{digest(content)}", headers=phone.headers, buffered=True)
    assert mine.data == content
    begin_write()
    copy = evidence.publish(
        db.session(), evidence.store(), digest(content), now=sqlite_world.app.extensions["dingpan"].clock()
    )
    db.session.commit()
    assert photos.metadata_of(evidence.store().get(copy) or b"") == b""
    assert evidence.store().get(digest(content)) == content


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_spoiled_file_never_breaks_the_server(sqlite_world: World, is_full: bool) -> None:
    phone, count = sqlite_world.phone(), 5_000 if is_full else 60
    for number, content in enumerate(photos.mutations(count, SEED)):
        record = named(sqlite_world, phone, content)
        status = patch(phone, begin(phone, record, content), 0, content).status_code
        assert status in (204, 415), f"seed {SEED}, file {number} of {count}: {status}"


def seen_by(who: Phone) -> int:
    return int(who.client.get(f"/api/v1/evidence/{digest(PHOTO)}", headers=who.headers, buffered=True).status_code)


def test_files_are_seen_by_their_author_and_in_their_region_alone(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, PHOTO)
    colleague, stranger = sqlite_world.phone(sqlite_world.colleague), sqlite_world.phone(sqlite_world.stranger)
    assert [seen_by(who) for who in (phone, colleague, stranger)] == [404, 404, 404]
    assert patch(phone, begin(phone, record, PHOTO), 0, PHOTO).status_code == 204
    assert [seen_by(who) for who in (phone, colleague, stranger)] == [200, 200, 404]
    begin_write()
    person, far = (db.session.get_one(Person, id_) for id_ in (sqlite_world.inspector, sqlite_world.stranger))
    person.unit_id = far.unit_id
    db.session.commit()
    assert [seen_by(who) for who in (phone, colleague, stranger)] == [200, 200, 404]


def test_naming_a_file_that_somebody_else_sent_opens_nothing(sqlite_world: World) -> None:
    phone, stranger = sqlite_world.phone(), sqlite_world.phone(sqlite_world.stranger)
    record = named(sqlite_world, phone, PHOTO)
    assert patch(phone, begin(phone, record, PHOTO), 0, PHOTO).status_code == 204
    other = named_far_away(sqlite_world, stranger)
    assert seen_by(stranger) == 404
    assert came(other) == [False]


def named_far_away(world: World, stranger: Phone) -> str:
    """Let the stranger's record name the photo, in the stranger's own region."""
    body = world.visit(place=world.far_place)
    row = body["inspections"][0]
    row |= {"party": None, "party_name": "x", "stall": None}
    row["evidence"] = [{"sha256": digest(PHOTO), "bytes": len(PHOTO), "kind": "photo", "check": None}]
    body["participants"][0]["person"] = world.stranger
    assert stranger.answers(stranger.op("visit.record/1", body))[0]["status"] == "applied"
    return str(body["id"])


def test_one_file_may_be_named_twice_and_comes_once(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, PHOTO, PHOTO)
    assert patch(phone, begin(phone, record, PHOTO), 0, PHOTO).status_code == 204
    assert came(record) == [True, True]
    assert evidence.is_complete(db.session(), record)


def test_a_person_cannot_begin_without_end(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN", 3)
    phone = sqlite_world.phone()
    record = named(sqlite_world, phone, PHOTO)
    where = [begin(phone, record, PHOTO) for _ in range(3)]
    answer = begun(phone, record, PHOTO)
    assert slug(answer) == (429, "too-many-uploads")
    assert answer.headers["Retry-After"] == "3600"
    patch(phone, where[0], 0, PHOTO)
    begin(phone, record, PHOTO)


def test_a_network_that_lets_no_patch_pass_is_told_by_a_header(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    sent = phone.headers | TUS | CHUNK | {"Upload-Offset": "0"}
    assert slug(sqlite_world.client.post(where, data=PHOTO, headers=sent)) == (405, "method-not-allowed")
    over = {"X-HTTP-Method-Override": "PATCH"}
    assert sqlite_world.client.post(where, data=PHOTO, headers=sent | over).status_code == 204


def test_a_finished_upload_answers_the_last_chunk_again_as_what_it_is(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    where = begin(phone, named(sqlite_world, phone, PHOTO), PHOTO)
    assert patch(phone, where, 0, PHOTO).status_code == 204
    assert slug(patch(phone, where, 0, PHOTO)) == (409, "wrong-offset")
    assert patch(phone, where, len(PHOTO), b"").status_code == 204


def test_the_limit_of_a_file_is_a_setting(sqlite_world: World) -> None:
    dingpan = sqlite_world.app.extensions["dingpan"]
    sqlite_world.app.extensions["dingpan"] = replace(dingpan, settings=replace(dingpan.settings, upload_bytes=100))
    phone = sqlite_world.phone()
    assert slug(begun(phone, named(sqlite_world, phone, PHOTO), PHOTO)) == (413, "upload-too-large")


def test_a_part_that_belongs_to_no_upload_is_removed_after_a_day(sqlite_world: World, clock: TestClock) -> None:
    store = evidence.store()
    store.put_part("stray", b"left by a worker that was killed")
    written = clock().timestamp()
    os.utime(sqlite_world.app.extensions["dingpan"].settings.evidence_dir / "parts" / "stray", (written, written))
    assert evidence.remove_stale(db.session(), store, clock()) == 0
    clock.move(days=1)
    assert evidence.remove_stale(db.session(), store, clock()) == 1
    assert parts_in(sqlite_world) == []
