"""The page of a label follows the register: what anybody committed shows in a tenth of a second; trouble is told."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server import create_app
from server.database import begin_write, db
from server.public.answering import HOLDS_S, Answering
from server.public.models import PublicRecord
from tests.label_states import verified
from tests.server.conftest import TestClock, settings_for
from tests.server.keys_drill import Bureau
from tests.server.pages import words
from tests.server.plain_pages import by_layer, by_routes, layer, plain, said
from tests.server.test_label_answering import page_of, record_of, write
from tests.server.world import World, make_world

CHANGE = """
import sys, psycopg, sqlite3
url, body = sys.argv[1], sys.argv[2]
if url.startswith("sqlite"):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE public_record SET body = ?", (body,))
else:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE public_record SET body = %s", (body,))
"""


class Seconds:
    """The clock of the layer, moved by hand."""

    def __init__(self, stands: Answering) -> None:
        self.now = 1_000.0
        stands.seconds = lambda: self.now  # type: ignore[method-assign]


def is_stale(world: World, url: str, after_s: float = HOLDS_S) -> bool:
    """Open a page, let another process change its record, and say whether a later answer is still of the old one."""
    seconds, path, record = Seconds(layer(world.app)), page_of(world), record_of(world)
    before = said(plain(world.app, path))
    record["instrument"]["serial"] = "CHANGED-1"
    db.session.remove()
    subprocess.run([sys.executable, "-c", CHANGE, url, json.dumps(record)], check=True)
    seconds.now += after_s
    after = said(plain(world.app, path))
    assert before.page.count(b"ACS-0001") == 1
    return b"CHANGED-1" not in after.page or before.headers["ETag"] == after.headers["ETag"]


def test_what_another_process_committed_shows_in_a_tenth_of_a_second(world: World, database_url: str) -> None:
    assert HOLDS_S <= 0.1
    assert not is_stale(world, database_url)


def test_a_record_is_not_asked_for_again_before(sqlite_world: World, sqlite_url: str) -> None:
    assert is_stale(sqlite_world, sqlite_url, HOLDS_S - 0.01)


def test_a_page_that_everybody_opens_is_still_looked_at_every_tenth_of_a_second(
    sqlite_world: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is asked for in between: the time counts from the reading, not from the last answer."""
    stands, path = layer(sqlite_world.app), page_of(sqlite_world)
    seconds, read, readings = Seconds(stands), stands._bodies.body, list[float]()
    by_layer(sqlite_world.app, path)

    def _counted(serial: int) -> bytes | None:
        readings.append(seconds.now)
        return read(serial)

    monkeypatch.setattr(stands._bodies, "body", _counted)
    for _ in range(100):
        seconds.now += HOLDS_S / 10
        by_layer(sqlite_world.app, path)
    assert 9 <= len(readings) <= 10


def test_what_this_process_committed_shows_in_the_next_answer(world: World) -> None:
    Seconds(layer(world.app))
    path = page_of(world)
    assert "无检定记录" in words(by_layer(world.app, path))
    verified(world, 0, 10)
    assert "检定有效期内" in words(by_layer(world.app, path))


def test_a_layer_that_does_not_look_at_the_record_is_found_out(
    sqlite_world: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands, remembered = layer(sqlite_world.app), dict[int, Any]()
    read = stands._bodies.body_and_words

    def _once(serial: int) -> Any:
        if serial not in remembered:
            remembered[serial] = read(serial)
        return remembered[serial]

    monkeypatch.setattr(stands._bodies, "body_and_words", _once)
    monkeypatch.setattr(stands._bodies, "body", lambda serial: _once(serial)[0])
    assert is_stale(sqlite_world, sqlite_url)


def test_what_another_worker_did_shows_in_a_tenth_of_a_second(
    world: World, database_url: str, tmp_path: Path, clock: TestClock
) -> None:
    """A verification entered through another app on the same database, as by the desk on another worker."""
    seconds, path = Seconds(layer(world.app)), page_of(world)
    assert "无检定记录" in words(by_layer(world.app, path))
    other = create_app(
        settings_for(database_url, tmp_path), keyring=world.app.extensions["dingpan"].keyring, clock=clock
    )
    db.session.remove()
    with other.app_context():
        verified(world, 0, 10)
        db.session.remove()
        db.engine.dispose()
    seconds.now += HOLDS_S
    assert "检定有效期内" in words(by_layer(world.app, path))


def test_a_record_that_goes_and_comes_back_is_told_each_time(world: World) -> None:
    path, record = page_of(world), record_of(world)
    other = record_of(world, 1)
    assert "ACS-0001" in words(by_layer(world.app, path))
    write(world, None)
    assert "ACS-0001" not in words(by_layer(world.app, path))
    begin_write()
    serial, instrument = record["label"]["serial"], world.instruments[0]
    db.session.add(PublicRecord(serial=serial, instrument_id=instrument, photo_sha256=None, body=json.dumps(other)))
    db.session.commit()
    assert "ACS-0002" in words(by_layer(world.app, path))


def test_the_next_day_is_another_page(sqlite_world: World, clock: TestClock) -> None:
    verified(sqlite_world, 0, 360)
    path = page_of(sqlite_world)
    first = words(by_layer(sqlite_world.app, path))
    clock.move(days=9)
    second = words(by_layer(sqlite_world.app, path))
    assert first != second
    assert said(by_routes(sqlite_world.app, path)).page == said(by_layer(sqlite_world.app, path)).page


def test_a_label_that_is_revoked_or_whose_keys_change_is_told_at_once(
    sqlite_url: str, tmp_path: Path, clock: TestClock
) -> None:
    bureau = Bureau(tmp_path, clock.moment.date())
    bureau.first_keys()
    app = create_app(settings_for(sqlite_url, tmp_path), clock=clock)
    with app.app_context():
        world = make_world(app)
        path = page_of(world)
        assert "ACS-0001" in words(by_layer(app, path))
        bureau.on_the_server("revoke", str(record_of(world)["label"]["serial"]))
        assert "ACS-0001" not in words(by_layer(app, path))
        assert said(by_layer(app, path)).page == said(by_routes(app, path)).page
        db.session.remove()
        db.engine.dispose()


# --- and a database that is down is told ------------------------------------------------------------------------------


def test_a_page_that_was_kept_is_not_shown_while_the_database_is_down(sqlite_world: World, sqlite_url: str) -> None:
    seconds, path = Seconds(layer(sqlite_world.app)), page_of(sqlite_world)
    assert by_layer(sqlite_world.app, path).status_code == 200
    db.session.remove()
    seconds.now += HOLDS_S
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    answer = plain(sqlite_world.app, path)
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503
    assert "ACS-0001" not in answer.text
    db.session.remove()
    assert by_layer(sqlite_world.app, path).status_code == 200


def test_connections_that_the_database_closed_are_opened_anew(
    postgres_url: str, tmp_path: Path, keys: Any, clock: TestClock
) -> None:
    app = create_app(settings_for(postgres_url, tmp_path), keyring=keys, clock=clock)
    with app.app_context():
        world = make_world(app)
        seconds, path = Seconds(layer(app)), page_of(world)
        assert by_layer(app, path).status_code == 200
        db.session.remove()
        db.engine.dispose()
        _end_connections(postgres_url)
        seconds.now += HOLDS_S
        assert plain(app, path).status_code == 200
        _end_connections(postgres_url)
        seconds.now += HOLDS_S
        told = plain(app, path)
        assert told.status_code in (200, 503)
        assert told.status_code == 200 or "ACS-0001" not in told.text
        assert "ACS-0001" in words(by_layer(app, path))
        db.session.remove()
        db.engine.dispose()


def _end_connections(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
