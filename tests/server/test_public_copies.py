"""What everyone sees of a picture is its public copy, and the original is for the staff of its region."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from server import cli, keyring, logs, transaction
from server.clock import now
from server.database import begin_write, db
from server.evidence import service as evidence
from server.public import service as public
from server.public.models import PublicRecord
from server.registry.models import Instrument
from tests.server import photos
from tests.server.conftest import TODAY, TestClock
from tests.server.pages import visitor
from tests.server.sending import begin, digest, named, patch
from tests.server.world import World

PHOTO = photos.jpeg(photos.painted((400, 300)), exif=photos.exif(gps=True), comment=photos.MARK)


def hang_up(world: World, content: bytes) -> str:
    """Say that a picture shows the first scale."""
    sha256 = evidence.store().put(content)
    begin_write()
    db.session.get_one(Instrument, world.instruments[0]).photo_sha256 = sha256
    public.changed(db.session(), world.instruments[0])
    transaction.commit(db.session(), now())
    return sha256


def publish(world: World, sha256: str, **how: Any) -> str:
    begin_write()
    copy = evidence.publish(db.session(), evidence.store(), sha256, now=now(), **how)
    public.changed(db.session(), world.instruments[0])
    transaction.commit(db.session(), now())
    return copy


def shown(world: World) -> str | None:
    """Return the picture that the label page names."""
    row = db.session.query(PublicRecord).filter_by(instrument_id=world.instruments[0]).one()
    assert json.loads(row.body)["instrument"]["photo"] == row.photo_sha256
    return row.photo_sha256


def test_a_picture_without_a_copy_is_shown_to_nobody_but_staff(world: World) -> None:
    sha256 = hang_up(world, PHOTO)
    assert shown(world) is None
    assert world.client.get(f"/pictures/{sha256}").status_code == 404
    with visitor(world, "inspector").get(f"/console/pictures/{sha256}") as answer:
        assert (answer.data, answer.mimetype) == (PHOTO, "image/jpeg")


def test_everyone_sees_the_copy_and_staff_the_original(world: World) -> None:
    sha256 = hang_up(world, PHOTO)
    copy = publish(world, sha256)
    assert shown(world) == copy != sha256
    get = partial(world.client.get, buffered=True)
    answer = get(f"/pictures/{copy}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert photos.metadata_of(answer.data) == b""
    assert "immutable" in answer.headers["Cache-Control"]
    assert get(f"/pictures/{sha256}").status_code == 404
    with visitor(world, "inspector").get(f"/console/pictures/{sha256}") as original:
        assert original.data == PHOTO
    page = get(world.links[0].removeprefix("HTTPS://DINGPAN.TEST"))
    assert copy in page.text
    assert sha256 not in page.text


def test_a_face_that_is_blurred_later_is_gone_from_the_page_and_the_old_copy_from_the_web(world: World) -> None:
    sha256 = hang_up(world, PHOTO)
    before = publish(world, sha256)
    after = publish(world, sha256, blurred=[evidence.Rectangle(150, 100, 250, 200)], made_by=world.supervisor)
    assert shown(world) == after != before
    assert world.client.get(f"/pictures/{before}").status_code == 404
    assert world.client.get(f"/pictures/{after}", buffered=True).status_code == 200
    assert evidence.store().get(sha256) == PHOTO


def test_a_damaged_original_is_told_and_never_sent(sqlite_world: World) -> None:
    sha256 = hang_up(sqlite_world, PHOTO)
    folder = sqlite_world.app.extensions["dingpan"].settings.evidence_dir
    (folder / sha256[:2] / sha256).write_bytes(PHOTO[:-1])
    answer = visitor(sqlite_world, "inspector").get(f"/console/pictures/{sha256}")
    assert answer.status_code == 500
    assert "备份" in answer.text


def settings_of(world: World, folder: Path) -> dict[str, str]:
    mine = world.app.extensions["dingpan"].settings
    if not mine.keys_dir.exists():
        keyring.create(mine.keys_dir, prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    return {
        "DINGPAN_DEMO": "1",
        "DINGPAN_DATABASE": mine.database_url,
        "DINGPAN_SECRET": mine.secret,
        "DINGPAN_DATA_KEY": base64.b64encode(mine.data_key).decode(),
        "DINGPAN_KEYS": str(mine.keys_dir),
        "DINGPAN_EVIDENCE": str(mine.evidence_dir),
        "DINGPAN_PUBLIC_URL": "http://127.0.0.1:8000",
        "DINGPAN_SEAL_HOST": "DINGPAN.TEST",
    }


def test_the_daily_command_makes_copies_that_are_missing_and_removes_what_is_stale(
    sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, clock: TestClock
) -> None:
    """As after an upgrade: the register named pictures before there were copies, one of them is none."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)  # it would write to this test's output ever after
    for name, value in settings_of(sqlite_world, tmp_path).items():
        monkeypatch.setenv(name, value)
    sha256 = hang_up(sqlite_world, PHOTO)
    begin_write()
    db.session.get_one(Instrument, sqlite_world.instruments[1]).photo_sha256 = evidence.store().put(photos.SVG)
    db.session.commit()
    clock.move(days=-30)
    phone = sqlite_world.phone()
    photo = photos.noise((64, 64), 1)
    patch(phone, begin(phone, named(sqlite_world, phone, photo), photo), 0, photo[:100])
    db.session.remove()
    assert cli.main(["evidence", "tidy"]) == 0
    assert "Removed 1 part(s) of uploads. Made the public copies of 1 instrument(s)." in capsys.readouterr().out
    db.session.remove()
    assert shown(sqlite_world) == evidence.public_copies(db.session(), [sha256])[sha256]
    db.session.remove()
    assert cli.main(["evidence", "tidy"]) == 0
    assert "Removed 0 part(s) of uploads. Made the public copies of 0 instrument(s)." in capsys.readouterr().out
    assert evidence.store().get(digest(photo)) is None
