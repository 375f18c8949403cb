"""Photos follow their records over real HTTP, whatever the network does, and come whole."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from fieldapp.routes import Route
from fieldapp.store.outbox import OpState
from fieldapp.store.uploads import LOST, UploadState
from fieldapp.sync.client import Client
from fieldapp.sync.failures import Refused, Unreachable
from fieldapp.sync.push import push_all
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.status import SyncStatus
from fieldapp.sync.token import Session
from fieldapp.sync.uploads import Progress, upload_all
from fieldapp.visit.model import Evidence
from server.database import begin_write, db
from server.evidence import service as evidence
from server.evidence.models import NamedFile, Upload
from tests.fieldapp.cutting import Cable
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOON, a_visit, save
from tests.fieldapp.server_phone import Phone
from tests.server import photos
from tests.server.live import serving

CHUNK = 16 << 10
SEED = random.SystemRandom().randrange(1 << 32)


class Line(Client):
    """The phone's client; counts the bytes of chunks, and may do something before one is sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url, requests.Session())
        self.sent = 0
        self.asked: list[str] = []
        self.before: Any = lambda method, headers, content: (headers, content)

    def exchange(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Mapping[str, str]:
        self.asked.append(method)
        if method == "PATCH":
            self.sent += len(content or b"")
        headers, content = self.before(method, dict(headers), content)
        return super().exchange(method, path, headers, content)


class Rig:
    """A phone that talks to a served server over a cable."""

    def __init__(self, phone: Phone, cable: Cable) -> None:
        self.phone, self.cable, self.store = phone, cable, phone.store
        self.line = Line(f"http://127.0.0.1:{cable.port}")
        phone.session = Session(phone.store, self.line)

    def take(self, *contents: bytes, number: int = 0) -> str:
        """Record a visit with some photos; return its id."""
        visit = self.phone.a_visit(number)
        kept = tuple(Evidence(self.store.photos.keep(one), len(one), "photo", None) for one in contents)
        visit = visit.with_inspection(replace(visit.inspections[0], evidence=kept))
        self.phone.save(visit)
        return visit.id

    def push(self) -> None:
        """Send the record alone."""
        assert push_all(self.store, self.phone.session) == 1

    def upload(self, tell: Any = None) -> int:
        return upload_all(self.store, self.phone.session, tell, chunk_bytes=CHUNK)

    def round(self) -> Outcome:
        return Round(self.store, self.phone.session, Retry(self.store.facts, lambda: 0.0)).run()

    def came(self, record: str) -> list[bytes | None]:
        """Return what the server holds of a record's photos that it says have come."""
        with self.phone.world.app.app_context():
            rows = db.session.query(NamedFile).filter_by(record_id=record).order_by(NamedFile.place_in_list)
            found = [evidence.store().get(row.sha256) for row in rows if row.received_at]
            db.session.remove()
        return found


@pytest.fixture
def rig(phone: Phone) -> Iterator[Rig]:
    db.session.remove()
    with serving(phone.world.app) as server:
        cable = Cable(server.port)
        yield Rig(phone, cable)
        phone.session.client._session.close()
        cable.close()


def test_a_photo_follows_its_record_and_its_progress_is_told(rig: Rig) -> None:
    photo = photos.noise((200, 150), 1)
    record = rig.take(photo)
    assert rig.store.uploads.due(rig.store.clock.now(), longest_s=900) == []
    assert rig.upload() == 0
    told: list[Progress] = []
    rig.phone.session.call(lambda client: None)
    status = SyncStatus()
    Round(rig.store, rig.phone.session, Retry(rig.store.facts, lambda: 0.0)).run(None, told.append)
    assert rig.phone.states == [OpState.RECEIVED]
    assert rig.came(record) == [photo]
    assert [(one.sent, one.bytes) for one in told] == [(0, len(photo)), (len(photo), len(photo))]
    status.show_photo(told[0])
    assert status.photo.bytes == len(photo)
    status.look(rig.store)
    assert (status.photos_waiting, status.photos_refused) == (0, 0)
    rig.line.asked.clear()
    assert rig.round().result is Result.DONE
    assert rig.line.asked == []


def test_photos_arrive_whole_over_a_line_that_is_cut_at_random_places(rig: Rig, is_full: bool) -> None:
    """Each cut costs at most the chunk that was on its way."""
    cuts, dice = 2_000 if is_full else 40, random.Random(SEED)
    number = 0
    while rig.cable.cuts < cuts:
        photo = photos.noise((240, 180), SEED + number)
        record = rig.take(photo, number=number)
        rig.cable.room = None
        rig.push()
        rig.line.sent, before = 0, rig.cable.cuts
        while rig.store.uploads.counts().get(UploadState.WAITING):
            rig.cable.room = dice.randrange(2 * CHUNK)
            try:
                rig.upload()
            except Unreachable:
                rig.line._session.close()
        assert rig.came(record) == [photo], f"seed {SEED}"
        assert rig.line.sent <= len(photo) + (rig.cable.cuts - before) * CHUNK, f"seed {SEED}"
        number += 1
    assert rig.store.uploads.counts() == {UploadState.DONE: number}


def test_a_round_that_is_cut_goes_on_where_it_stood_after_a_restart(rig: Rig) -> None:
    photo = photos.noise((400, 300), 2)
    record = rig.take(photo)
    rig.push()
    rig.cable.room = 3 * CHUNK
    with pytest.raises(Unreachable):
        rig.upload()
    rig.line._session.close()
    rig.cable.room = None
    [waiting] = rig.store.uploads.due(rig.store.clock.now(), longest_s=900)
    assert waiting.sent >= CHUNK
    rig.line.asked.clear()
    assert rig.upload() == 1
    assert rig.line.asked[0] == "HEAD"
    assert "POST" not in rig.line.asked
    assert rig.came(record) == [photo]


def test_a_chunk_that_changes_on_the_way_is_sent_again(rig: Rig) -> None:
    photo = photos.noise((200, 150), 3)
    record = rig.take(photo)
    rig.push()
    spoils = [2, 3]

    def _spoil(method: str, headers: Any, content: bytes | None) -> Any:
        if method == "PATCH" and spoils and len(rig.line.asked) >= spoils[0]:
            spoils.pop(0)
            return headers, bytes(len(content or b""))
        return headers, content

    rig.line.before = _spoil
    assert rig.upload() == 1
    assert spoils == []
    assert rig.line.asked.count("POST") == 1
    assert rig.came(record) == [photo]


def test_a_chunk_at_the_wrong_place_makes_the_phone_ask(rig: Rig) -> None:
    photo = photos.noise((200, 150), 4)
    record = rig.take(photo)
    rig.push()
    wrong = [1]

    def _misplace(method: str, headers: Any, content: bytes | None) -> Any:
        if method == "PATCH" and wrong:
            wrong.pop()
            headers["Upload-Offset"] = "7"
        return headers, content

    rig.line.before = _misplace
    assert rig.upload() == 1
    assert rig.line.asked[:4] == ["POST", "PATCH", "HEAD", "PATCH"]
    assert rig.came(record) == [photo]


def test_a_chunk_that_never_arrives_sound_waits_for_another_time_and_the_next_photo_comes(rig: Rig) -> None:
    bad, photo = photos.noise((64, 64), 13), photos.noise((64, 64), 14)
    record = rig.take(bad, photo)
    rig.push()

    def _spoil(method: str, headers: Any, content: bytes | None) -> Any:
        return headers, bytes(len(bad)) if method == "PATCH" and content == bad else content

    rig.line.before = _spoil
    assert rig.upload() == 1
    assert rig.came(record) == [photo]
    rig.line.before = lambda method, headers, content: (headers, content)
    assert rig.upload() == 0
    rig.phone.clock.at += timedelta(minutes=20)
    assert rig.upload() == 1
    assert rig.came(record) == [bad, photo]


def test_an_upload_that_the_server_forgot_begins_anew(rig: Rig) -> None:
    photo = photos.noise((200, 150), 5)
    record = rig.take(photo)
    rig.push()
    rig.cable.room = CHUNK + 4_000
    with pytest.raises(Unreachable):
        rig.upload()
    rig.line._session.close()
    rig.cable.room = None
    with rig.phone.world.app.app_context():
        begin_write()
        db.session.query(Upload).update({"state": "expired"})
        db.session.commit()
        db.session.remove()
    assert rig.upload() == 1
    assert rig.came(record) == [photo]


def test_what_is_no_picture_is_refused_kept_and_told_and_the_next_one_comes(rig: Rig) -> None:
    wrong, photo = photos.SVG, photos.noise((64, 64), 6)
    record = rig.take(wrong, photo)
    assert rig.round().result is Result.DONE
    assert rig.came(record) == [photo]
    name = rig.store.photos.keep(wrong)
    assert rig.store.uploads.counts() == {UploadState.REFUSED: 1, UploadState.DONE: 1}
    assert "JPEG" in rig.store.uploads.problem(name, record)["detail"]
    assert rig.store.photos.get(name) == wrong
    status = SyncStatus()
    status.look(rig.store)
    assert (status.photos_waiting, status.photos_refused) == (0, 1)
    rig.store.uploads.send_again(name, record)
    assert rig.round().result is Result.DONE
    assert rig.store.uploads.counts() == {UploadState.REFUSED: 1, UploadState.DONE: 1}


def test_a_heic_photo_is_refused_with_what_to_set_on_the_camera(rig: Rig) -> None:
    wrong = photos.BRANDS["heic of a phone"]()
    record = rig.take(wrong)
    assert rig.round().result is Result.DONE
    (problem,) = rig.store.uploads.problems_of(rig.store.outbox.all()[0].op_id)
    assert problem == rig.store.uploads.problem(rig.store.photos.keep(wrong), record)
    assert "请在手机的相机设置里把照片格式改为“兼容性最佳”（JPEG）" in problem["detail"]


def test_the_record_shows_why_a_photo_was_refused_each_reason_once(folder: Path) -> None:
    desk = Desk(folder)
    shots = [Evidence(desk.store.photos.keep(one), len(one), "photo", None) for one in (b"1", b"22", b"333")]
    visit = a_visit()
    op = save(desk.store, visit.with_inspection(replace(visit.inspections[0], evidence=tuple(shots))))[0]
    assert desk.go(Route.RECORD, op_id=op.op_id).photos == ""
    with desk.store.database.write() as connection:
        connection.execute("UPDATE op SET state = 'received'")
    first, second, third = desk.store.uploads.due(NOON, longest_s=900)
    for upload in (first, second):
        desk.store.uploads.refused(upload, {"detail": "这是 HEIC 照片。"})
    desk.store.uploads.refused(third, LOST)
    assert desk.go(Route.RECORD, op_id=op.op_id).photos.split("\n") == [
        "有照片服务器没有接收：这是 HEIC 照片。照片仍在本机。",
        desk.t("record.photo_lost"),
    ]


def test_a_photo_that_cannot_be_read_this_time_is_sent_another_time(rig: Rig, folder: Path) -> None:
    first, photo = photos.noise((32, 32), 17), photos.noise((32, 32), 18)
    record = rig.take(first, photo)
    file = folder / "photos" / rig.store.photos.keep(first)
    file.rename(file.with_suffix(".aside"))
    file.mkdir()
    rig.push()
    assert rig.upload() == 1
    assert rig.came(record) == [photo]
    assert rig.store.uploads.counts() == {UploadState.WAITING: 1, UploadState.DONE: 1}
    file.rmdir()
    file.with_suffix(".aside").rename(file)
    rig.phone.clock.at += timedelta(minutes=20)
    assert rig.upload() == 1
    assert rig.came(record) == [first, photo]


def test_a_photo_the_phone_lost_is_told_and_stands_in_nobodys_way(rig: Rig, folder: Path) -> None:
    lost, photo = photos.noise((32, 32), 7), photos.noise((32, 32), 8)
    record = rig.take(lost, photo)
    for path in (folder / "photos").iterdir():
        if path.name == rig.store.photos.keep(lost):
            path.unlink()
    assert rig.round().result is Result.DONE
    assert rig.came(record) == [photo]
    assert rig.store.uploads.counts() == {UploadState.REFUSED: 1, UploadState.DONE: 1}


def test_one_photo_in_two_records_is_sent_for_each_and_twice_in_one_once(rig: Rig) -> None:
    photo = photos.noise((32, 32), 9)
    first, second = rig.take(photo, photo), rig.take(photo, number=1)
    assert rig.round().result is Result.DONE
    assert (rig.came(first), rig.came(second)) == ([photo, photo], [photo])
    assert rig.store.uploads.counts() == {UploadState.DONE: 2}


@pytest.mark.parametrize("answer", [{}, {"Upload-Offset": "x"}, {"Upload-Offset": "-3"}, {"Upload-Offset": "9" * 20}])
def test_an_answer_that_makes_no_sense_counts_as_no_network(rig: Rig, answer: dict[str, str]) -> None:
    record = rig.take(photos.noise((32, 32), 10))
    rig.push()

    class Odd(Line):
        def exchange(self, method: str, path: str, headers: Any, content: bytes | None) -> Mapping[str, str]:
            return answer if method == "PATCH" else super().exchange(method, path, headers, content)

    odd = Odd(f"http://127.0.0.1:{rig.cable.port}")
    with pytest.raises(Unreachable):
        upload_all(rig.store, Session(rig.store, odd))
    odd._session.close()
    assert rig.came(record) == []
    assert rig.store.uploads.counts() == {UploadState.WAITING: 1}


def test_an_address_elsewhere_is_never_followed(rig: Rig) -> None:
    rig.take(photos.noise((32, 32), 11))
    rig.push()

    class Elsewhere(Line):
        def exchange(self, method: str, path: str, headers: Any, content: bytes | None) -> Mapping[str, str]:
            self.asked.append(path)
            return {"Location": "https://elsewhere.test/steal"}

    odd = Elsewhere(f"http://127.0.0.1:{rig.cable.port}")
    with pytest.raises(Unreachable):
        upload_all(rig.store, Session(rig.store, odd))
    odd._session.close()
    assert odd.asked == ["/uploads"]


def test_a_head_without_a_body_from_our_server_is_a_refusal_and_from_a_hotel_no_network(rig: Rig) -> None:
    rig.take(photos.noise((32, 32), 12))
    with pytest.raises(Refused) as caught:
        rig.phone.session.call(lambda client: client.exchange("HEAD", "/uploads/x", {"Tus-Resumable": "1.0.0"}, None))
    assert caught.value.status == 404
    with pytest.raises(Unreachable):
        rig.phone.session.call(lambda client: client.exchange("HEAD", "/nothing", {}, None))
