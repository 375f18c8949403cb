"""The drill: a server is backed up while phones push, lost, restored elsewhere, and gets the rest from the phones.

The seeds are the numbers of the operations; every wait is for an event, none for a time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from server.audit import service as audit
from server.audit.checking import check
from server.backup import sqlite
from server.credit.models import CreditEvent
from server.database import db
from server.evidence.service import open_store
from server.inspections.models import Inspection
from server.keyring import Keyring
from shared.ops import Op, Status
from tests.server import backups
from tests.server.conftest import TestClock
from tests.server.live import patient_app
from tests.server.photos import jpeg
from tests.server.sending import begun, digest, patch
from tests.server.world import BEYOND, GOOD, Phone, World

PUSHES, BEFORE = 24, 4


class Pusher(threading.Thread):
    """Pushes visit after visit from a thread of its own; ``is_under_way`` once some have come in."""

    def __init__(self, world: World, phone: Phone, app: Flask) -> None:
        super().__init__()
        self.world, self.phone, self.app = world, phone, app
        self.is_under_way, self.is_backed_up = threading.Event(), threading.Event()
        self.acknowledged: list[Op] = []

    def run(self) -> None:
        with self.app.app_context():
            for number in range(PUSHES):
                if number == PUSHES - BEFORE:
                    self.is_backed_up.wait(50)  # the last ones are later than the backup, however long that took
                body = self.world.visit(self.world.check(BEYOND if number % 5 == 0 else GOOD))
                op = self.phone.op("visit.record/1", body)
                if self.phone.answers(op)[0]["status"] == Status.APPLIED:
                    self.acknowledged.append(op)
                if number == BEFORE:
                    self.is_under_way.set()
            db.session.remove()


def photographed(world: World, phone: Phone, photo: bytes) -> Op:
    """Return a visit whose record names a photo."""
    body = world.visit(world.check(BEYOND))
    row = body["inspections"][0]
    named = {"sha256": digest(photo), "bytes": len(photo), "kind": "photo", "check": row["checks"][0]["id"]}
    return phone.op("visit.record/1", json.dumps(body | {"inspections": [row | {"evidence": [named]}]}))


def send(phone: Phone, op: Op, photo: bytes) -> None:
    answer = begun(phone, json.loads(op.body)["id"], photo)
    assert patch(phone, answer.headers["Location"], 0, photo).status_code == 204


def figures() -> tuple[int, int, int]:
    """Return how many inspections, credit events and points of them there are."""
    counts = select(func.count()).select_from
    return (
        db.session.scalar(counts(Inspection)) or 0,
        db.session.scalar(counts(CreditEvent)) or 0,
        db.session.scalar(select(func.count(func.distinct(CreditEvent.party_id)))) or 0,
    )


def test_a_server_backed_up_under_way_is_restored_and_gets_back_what_came_later(
    world: World, database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock, new_postgres: Callable[[], str]
) -> None:
    phone = world.phone()
    with patient_app(database_url, tmp_path, keys, clock) as app:
        there = world.within(app)
        phone.client = there.client
        pusher = Pusher(there, phone, app)
        pusher.start()
        assert pusher.is_under_way.wait(50)
        taken = backups.back_up(app, tmp_path / "backup")
        pusher.is_backed_up.set()
        pusher.join(50)
        photo = jpeg()
        with_photo = photographed(there, phone, photo)
        assert phone.answers(with_photo)[0]["status"] == Status.APPLIED
        send(phone, with_photo, photo)
        db.session.rollback()
        lost, size_lost = figures(), audit.state(db.session()).size
        root_then = audit.root(db.session(), taken.manifest.log.size)
    assert len(pusher.acknowledged) == PUSHES
    assert BEFORE < taken.manifest.tables["op"].rows <= PUSHES - BEFORE
    places = backups.places_in(tmp_path / "elsewhere", world.app, new_postgres)
    backups.restore(tmp_path / "backup", places)
    for app in backups.served(places, keys, clock):
        state = audit.state(db.session())
        assert state.size == taken.manifest.log.size + 1 < size_lost
        assert audit.root(db.session(), taken.manifest.log.size) == root_then
        phone.client, phone.token = app.test_client(), ""
        acknowledged = [*pusher.acknowledged, with_photo]
        told = [entry["status"] for entry in phone.answers(*acknowledged)]
        held = taken.manifest.tables["op"].rows
        assert told == [Status.DUPLICATE] * held + [Status.APPLIED] * (PUSHES + 1 - held)
        assert {entry["status"] for entry in phone.answers(*acknowledged)} == {Status.DUPLICATE}
        send(phone, with_photo, photo)
        assert figures() == lost
        dingpan = app.extensions["dingpan"]
        report = check(db.session(), keys.key_set, open_store(dingpan.settings))
        assert (report.faults, report.gaps, report.ops, report.photos) == ([], 0, PUSHES + 1, 1)


def test_a_file_that_is_written_all_the_time_is_copied_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transaction keeps two sums equal; a copy that held half of one would not."""
    monkeypatch.setattr(sqlite, "STEP_PAGES", 5)
    source, stop, started = tmp_path / "busy.db", threading.Event(), threading.Event()
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("CREATE TABLE pair (id INTEGER PRIMARY KEY, left INTEGER, right INTEGER, filler BLOB)")
        connection.executemany("INSERT INTO pair VALUES (?, 0, 0, zeroblob(4000))", [(id_,) for id_ in range(300)])
        connection.commit()
    written = 0

    def write() -> None:
        nonlocal written
        with closing(sqlite3.connect(source, timeout=50)) as connection:
            while not stop.is_set():
                connection.execute("UPDATE pair SET left = left + 1 WHERE id = ?", (written % 300,))
                connection.execute("UPDATE pair SET right = right + 1 WHERE id = ?", ((written + 150) % 300,))
                connection.commit()
                written += 1
                started.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert started.wait(50)
    before = written
    for number in range(3):
        sqlite.copy(source, tmp_path / f"copy{number}.db")
    stop.set()
    writer.join(50)
    assert written > before
    for number in range(3):
        sqlite.check(tmp_path / f"copy{number}.db")
        with closing(sqlite3.connect(tmp_path / f"copy{number}.db")) as connection:
            left, right = connection.execute("SELECT sum(left), sum(right) FROM pair").fetchone()
        assert left == right > 0


def test_a_copy_that_is_begun_again_too_often_is_made_in_one_go() -> None:
    step = sqlite._patience()
    for remaining in (300, 200, 100, 0):
        step(0, remaining, 300)
    step = sqlite._patience()
    for _ in range(sqlite.MOST_BEGINNINGS + 1):
        step(0, 295, 300)
        step(0, 290, 300)
    with pytest.raises(sqlite._BegunAgain):
        step(0, 295, 300)
