"""Scans on their way to the database: none is lost between threads, none waits over 2 s, trouble is told and mended."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import requests
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from server import create_app, keyring
from server.database import db
from server.scans import service
from server.scans.buffer import Buffer, Key, keep_writing
from server.scans.models import Scan
from server.serving import free_port
from tests.server.conftest import TODAY, TestClock, settings_for
from tests.server.live import at_once
from tests.server.pages import get
from tests.server.world import World, make_world

LONGEST_S = 2.0
HOUR = TODAY.replace(minute=0)
THREADS, EACH = 8, 400


def key(serial: int = 1, cell: str = "") -> Key:
    return Key(serial, HOUR, cell)


def buffer_of(app: Flask) -> Buffer:
    found: Buffer = app.extensions[service.BUFFER]
    return found


def kept() -> dict[tuple[int, str], int]:
    """Return the counts that stand in the table."""
    db.session.rollback()
    return {(row.serial, row.cell): row.count for row in db.session.scalars(select(Scan))}


# --- nothing is lost ------------------------------------------------------------------------------------------------


def test_scans_noted_by_many_threads_while_others_write_are_all_kept(app: Flask) -> None:
    buffer = buffer_of(app)

    def _work(number: int) -> None:
        for one in range(EACH):
            buffer.note(key(one % 7, "33.63,114.65" if one % 5 == 0 else ""))
            if number == 0 and one % 50 == 0:
                buffer.flush()

    at_once(THREADS, _work)
    while buffer.waiting():
        buffer.flush()
    assert sum(kept().values()) == THREADS * EACH
    assert kept()[0, "33.63,114.65"] == THREADS * len([one for one in range(EACH) if one % 35 == 0])


def test_a_thousand_labels_are_one_transaction_and_few_statements(app: Flask) -> None:
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    for number in range(1_000):
        buffer_of(app).note(key(number))
    assert buffer_of(app).flush()
    statements = [text for text in said if text.lstrip().startswith("INSERT")]
    assert len(statements) == (1 if db.engine.dialect.name == "postgresql" else 2)
    assert len(kept()) == 1_000


def test_two_processes_add_to_one_row(app: Flask) -> None:
    for count in (2, 3):
        service.write({key(): count, key(1, "33.63,114.65"): 1})
    assert kept() == {(1, ""): 5, (1, "33.63,114.65"): 2}


# --- soon -----------------------------------------------------------------------------------------------------------


def test_what_is_noted_is_written_within_two_seconds_and_at_the_end(app: Flask) -> None:
    written, stop = threading.Semaphore(0), threading.Event()
    real = buffer_of(app)

    def _write(counts: Mapping[Key, int]) -> None:
        real._write(counts)
        written.release()

    buffer = Buffer(_write)
    process = threading.Thread(target=stop.wait)
    process.start()
    writer = keep_writing(buffer, while_runs=process)
    try:
        for _ in range(2):
            buffer.note(key())
            began = time.monotonic()
            assert written.acquire(timeout=LONGEST_S)
            assert time.monotonic() - began <= LONGEST_S
        buffer.note(key(2))
    finally:
        stop.set()
        writer.join()
    assert kept() == {(1, ""): 2, (2, ""): 1}


def test_scans_that_are_answered_while_the_server_stops_are_written() -> None:
    """Of a server that is told to stop some threads still answer when the main one has gone."""
    written: list[Key] = []
    late = [key(3), key(2)]

    def write(counts: Mapping[Key, int]) -> None:
        written.extend(counts)
        if late:
            buffer.note(late.pop())

    buffer = Buffer(write)
    buffer.note(key(1))
    gone = threading.Thread(target=lambda: None)
    gone.start()
    gone.join()
    keep_writing(buffer, while_runs=gone).join(LONGEST_S)
    assert written == [key(1), key(2), key(3)]
    assert buffer.waiting() == 0


def test_a_server_told_to_stop_writes_what_waits(database_url: str, tmp_path: Path) -> None:
    """A real server in its own process: the page is asked for, and SIGTERM comes at once."""
    clock = TestClock()
    clock.moment = datetime.now(UTC).replace(microsecond=0)
    keys = keyring.create(tmp_path / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=clock.moment.date())
    app = create_app(settings_for(database_url, tmp_path), keyring=keys, clock=clock)
    with app.app_context():
        path = make_world(app).links[0].partition("TEST")[2]
        db.session.remove()
        with server_process(database_url, tmp_path) as (process, url):
            for _ in range(3):
                assert opened(f"{url}{path}") == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) in (0, -signal.SIGTERM)
        assert list(kept().values()) == [3]
        db.session.remove()
        db.engine.dispose()


@contextmanager
def server_process(database_url: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    settings = {
        "DINGPAN_DATABASE": database_url,
        "DINGPAN_SECRET": "a secret of the tests, long enough for anyone",
        "DINGPAN_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "DINGPAN_KEYS": str(folder / "keys"),
        "DINGPAN_EVIDENCE": str(folder / "evidence"),
        "DINGPAN_PUBLIC_URL": url,
        "DINGPAN_SEAL_HOST": "DINGPAN.TEST",
        "DINGPAN_DEMO": "1",
    }
    command = [sys.executable, "-c", f"from server.serving import serve; serve('127.0.0.1', {port})"]
    others = {name: value for name, value in os.environ.items() if not name.startswith("DINGPAN_")}
    process = subprocess.Popen(command, env=others | settings, cwd=Path(__file__).parents[2])
    try:
        deadline = time.monotonic() + 60
        while opened(f"{url}/readyz") != 200:
            assert process.poll() is None
            assert time.monotonic() < deadline
            threading.Event().wait(0.1)
        yield process, url
    finally:
        process.kill()
        process.wait()


def opened(url: str) -> int:
    """Return the status of an address; 0 where nobody listens."""
    try:
        return requests.get(url, timeout=10).status_code
    except requests.ConnectionError:
        return 0


# --- trouble --------------------------------------------------------------------------------------------------------


@contextmanager
def database_away() -> Iterator[None]:
    """Nobody can write: another process holds the file, or the server lets nobody in."""
    if db.engine.name == "sqlite":
        with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    name = db.engine.url.database
    with psycopg.connect(f"host={db.engine.url.query['host']} user=dingpan dbname=postgres", autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")  # type: ignore[call-overload]
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")  # type: ignore[call-overload]


def test_while_the_database_is_away_scans_wait_and_both_its_going_and_its_coming_are_told(app: Flask) -> None:
    buffer = buffer_of(app)
    db.session.rollback()
    with capture_logs() as told, database_away():
        buffer.note(key())
        assert not buffer.flush()
        buffer.note(key())
        assert not buffer.flush()
        assert buffer.waiting() == 2
        assert [(row["event"], row["scans"]) for row in told] == [("scans_not_written", 1)]
    db.session.remove()
    with capture_logs() as told:
        while not buffer.flush():  # a connection that was killed costs one try
            assert buffer.waiting() == 2
    assert kept() == {(1, ""): 2}
    assert [row["event"] for row in told if row["event"] != "scans_not_written"] == ["scans_written_again"]


def test_the_page_of_a_label_writes_nothing_and_asks_for_no_lock(world: World) -> None:
    said: list[str] = []
    path = world.links[0].partition("TEST")[2]
    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", lambda *told: said.append(told[2].split()[0]))
    for _ in range(3):
        assert get(world, path).status_code == 200
    assert set(said) <= {"SELECT", "BEGIN"}
    assert buffer_of(world.app).waiting() == 3
    assert kept() == {}


def test_a_fault_of_ours_keeps_the_scans_as_well() -> None:
    def _write(_: Mapping[Key, int]) -> None:
        raise ZeroDivisionError

    buffer = Buffer(_write)
    buffer.note(key())
    with pytest.raises(ZeroDivisionError):
        buffer.flush()
    assert buffer.waiting() == 1


def test_memory_is_bounded_and_what_is_beyond_it_is_told() -> None:
    def _away(_: Mapping[Key, int]) -> None:
        raise OperationalError("", {}, OSError())

    buffer = Buffer(_away, most=10)
    for number in range(25):
        buffer.note(key(number))
        buffer.note(key(0))
    with capture_logs() as told:
        assert not buffer.flush()
    assert buffer.waiting() == 10 + 25
    assert [(row["event"], row["scans"]) for row in told] == [("scans_lost", 15), ("scans_not_written", 35)]


def test_a_long_trouble_is_told_now_and_then() -> None:
    def _away(_: Mapping[Key, int]) -> None:
        raise OperationalError("", {}, OSError())

    buffer = Buffer(_away)
    buffer.note(key())
    with capture_logs() as told:
        for _ in range(130):
            buffer.flush()
    assert [row["event"] for row in told] == ["scans_not_written"] * 3


def test_no_more_than_the_hour_and_the_square_is_kept(app: Flask) -> None:
    del app
    service.note(7, None, TODAY.replace(minute=59, second=59))
    service.flush()
    (row,) = db.session.scalars(select(Scan))
    assert (row.serial, row.hour, row.cell, row.count) == (7, HOUR, "", 1)
    assert set(Scan.__table__.columns.keys()) == {"serial", "hour", "cell", "count"}
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1
