"""A database that is locked, read-only, full, gone or empty: each is told apart, and the push is taken afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from server import create_app, problems
from server.audit.models import Leaf
from server.database import db
from server.inspections.models import Visit
from server.keyring import Keyring
from shared import ops
from tests.server.conftest import TestClock, settings_for
from tests.server.databases import url_of
from tests.server.protocol import stored
from tests.server.world import GOOD, Phone, World

TRACES = ("Traceback", "sqlite3", "psycopg", "SELECT", "INSERT", "BEGIN", ".py", "server.db", "server/")


def a_push(world: World) -> tuple[Phone, ops.Op]:
    """Return a phone that has its token, and a record to send."""
    phone = world.phone()
    phone.get_token()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    db.session.rollback()
    return phone, op


def assert_told(answer: Any, slug: str) -> None:
    """A problem with a sentence and a time to come back, and nothing of the machinery behind it."""
    assert answer.status_code == 503, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == f"/problems/{slug}"
    assert answer.json["title"]
    assert answer.json["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    assert [word for word in TRACES if word in answer.text] == []


def assert_taken_afterwards(phone: Phone, op: ops.Op) -> None:
    """The very same push is applied, once, with all that belongs to it."""
    assert db.session().info == {}
    db.session.remove()
    assert stored() == []
    db.session.rollback()
    answer = phone.push(op)
    assert [entry["status"] for entry in answer.json["results"]] == ["applied"], answer.text
    assert [db.session.query(table).count() for table in (Visit, Leaf)] == [1, 1]


# --- SQLite ---------------------------------------------------------------------------------------------------------


@contextmanager
def held(url: str, how: str) -> Iterator[None]:
    """Hold the file's lock as another process would."""
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute(f"BEGIN {how}")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_file_is_busy_and_nothing_is_lost(sqlite_world: World, sqlite_url: str, how: str) -> None:
    phone, op = a_push(sqlite_world)
    with held(sqlite_url, how):
        assert_told(phone.push(op), "database-busy")
        reading = phone.client.get("/api/v1/sync/changes", headers=phone.headers)
        assert reading.status_code == (200 if how == "IMMEDIATE" else 503)
    db.session.rollback()
    assert_taken_afterwards(phone, op)


def test_a_file_that_is_read_while_we_commit_is_busy_and_nothing_is_lost(sqlite_world: World, sqlite_url: str) -> None:
    """A reader that holds on blocks the commit itself, after all the work was done."""
    phone, op = a_push(sqlite_world)
    reader = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM op").fetchone()
    assert_told(phone.push(op), "database-busy")
    reader.execute("ROLLBACK")
    reader.close()
    assert_taken_afterwards(phone, op)


def set_pragma(name: str, value: int) -> None:
    """Set a pragma on every pooled connection and every new one."""

    def _set(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {name}={value}")

    db.session.remove()
    event.listen(db.engine, "checkout", _set)


def test_a_read_only_file_is_told_and_nothing_is_lost(sqlite_world: World) -> None:
    phone, op = a_push(sqlite_world)
    set_pragma("query_only", 1)
    assert_told(phone.push(op), "database-read-only")
    assert phone.client.get("/api/v1/sync/changes", headers=phone.headers).status_code == 200
    set_pragma("query_only", 0)
    assert_taken_afterwards(phone, op)


def test_a_file_opened_read_only_is_told(
    sqlite_world: World, sqlite_url: str, tmp_path: Path, keys: Keyring, clock: TestClock
) -> None:
    phone, op = a_push(sqlite_world)
    path = sqlite_url.removeprefix("sqlite:///")
    app = create_app(settings_for(f"sqlite:///file:{path}?mode=ro&uri=true", tmp_path), keyring=keys, clock=clock)
    answer = app.test_client().post("/api/v1/sync/push", json={"ops": [op.to_wire()]}, headers=phone.headers)
    assert_told(answer, "database-read-only")
    with app.app_context():
        db.engine.dispose()
    assert_taken_afterwards(phone, op)


def test_a_full_disk_is_told_wherever_it_strikes_and_nothing_is_half_stored(sqlite_world: World) -> None:
    phone, op = a_push(sqlite_world)
    large = [phone.op("correction/1", json.dumps({"note": "x" * 60_000})) for _ in range(2)]
    pages = db.session.scalar(text("PRAGMA page_count"))
    for room in (0, 1, 2, 3, 5, 8, 13, 21, 30):
        set_pragma("max_page_count", pages + room)
        assert_told(phone.push(op, *large), "database-full")
        db.session.remove()
        assert (stored(), db.session.query(Leaf).count()) == ([], 0)
    set_pragma("max_page_count", 1 << 30)
    assert_taken_afterwards(phone, op)


def test_a_file_that_is_gone_or_broken_is_told(sqlite_world: World, sqlite_url: str) -> None:
    phone, op = a_push(sqlite_world)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = path.read_bytes()
    db.session.remove()
    db.engine.dispose()
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    assert_told(phone.push(op), "database-down")
    path.write_bytes(b"")
    db.session.remove()
    db.engine.dispose()
    assert_told(phone.push(op), "database-not-ready")
    path.write_bytes(content)
    db.session.remove()
    db.engine.dispose()
    assert_taken_afterwards(phone, op)


def test_every_pooled_connection_is_safe_against_power_loss(sqlite_app: Flask) -> None:
    """The settings belong to a connection, and the pool opens new ones."""
    connections = [db.engine.connect() for _ in range(8)]
    wanted = {"synchronous": 3, "journal_mode": "delete", "foreign_keys": 1, "busy_timeout": 200}
    for connection in connections:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
        assert found == wanted
    for connection in connections:
        connection.close()


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@pytest.fixture
def postgres_world(
    request: pytest.FixtureRequest, postgres_url: str, tmp_path: Path, keys: Keyring, clock: TestClock
) -> Iterator[World]:
    from tests.server.live import patient_app
    from tests.server.world import make_world

    with patient_app(postgres_url, tmp_path, keys, clock) as app:
        yield make_world(app)


def as_owner(statement: str) -> None:
    """Run a statement on a connection of its own, in the database of the app."""
    url = db.engine.url
    options = f"host={url.query['host']} user=dingpan dbname={url.database}"
    with psycopg.connect(options, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def set_read_only(*, on: bool) -> None:
    as_owner(f"ALTER DATABASE {db.engine.url.database} SET default_transaction_read_only = {'on' if on else 'off'}")
    db.session.remove()
    db.engine.dispose()


def test_a_read_only_postgres_is_told_and_nothing_is_lost(postgres_world: World) -> None:
    phone, op = a_push(postgres_world)
    set_read_only(on=True)
    assert_told(phone.push(op), "database-read-only")
    assert phone.client.get("/api/v1/sync/changes", headers=phone.headers).status_code == 200
    db.session.remove()
    db.engine.dispose()
    with psycopg.connect(
        f"host={db.engine.url.query['host']} user=dingpan dbname=postgres", autocommit=True
    ) as connection:
        connection.execute(f"ALTER DATABASE {db.engine.url.database} RESET default_transaction_read_only")  # type: ignore[call-overload]
    assert_taken_afterwards(phone, op)


def test_a_killed_backend_costs_one_try(postgres_world: World) -> None:
    phone, op = a_push(postgres_world)
    phone.client.get("/api/v1/sync/scope", headers=phone.headers)
    db.session.remove()
    kill_others()
    assert_told(phone.push(op), "database-down")
    assert_taken_afterwards(phone, op)


def kill_others() -> None:
    """End every backend of the app's database but our own."""
    as_owner(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@pytest.mark.parametrize("when", ["lock_log", "_hold"])
def test_a_backend_killed_in_the_middle_leaves_nothing(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    from server import transaction

    phone, op = a_push(postgres_world)
    real = getattr(transaction, when)

    def _killed(*arguments: Any) -> None:
        kill_others()
        real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(transaction, when, _killed)
        assert_told(phone.push(op), "database-down")
    assert_taken_afterwards(phone, op)


def test_a_server_that_is_not_there_is_told(postgres_socket: str, tmp_path: Path, keys: Keyring) -> None:
    for url in (url_of(postgres_socket, "no_such_database"), url_of(str(tmp_path), "migrated")):
        app = create_app(settings_for(url, tmp_path), keyring=keys)
        assert_told(app.test_client().get("/api/v1/log/head"), "database-down")
        with app.app_context():
            db.engine.dispose()


def test_an_empty_postgres_is_told_to_be_set_up(postgres_socket: str, tmp_path: Path, keys: Keyring) -> None:
    app = create_app(settings_for(url_of(postgres_socket, "postgres"), tmp_path), keyring=keys)
    assert_told(app.test_client().get("/api/v1/log/head"), "database-not-ready")
    with app.app_context():
        db.engine.dispose()


def test_when_all_connections_are_taken_we_are_busy(world: World) -> None:
    phone, op = a_push(world)
    db.session.remove()
    pool: Any = db.engine.pool
    pool._timeout = 0.05
    taken = [db.engine.connect() for _ in range(pool.size() + pool._max_overflow)]
    assert_told(phone.push(op), "database-busy")
    for connection in taken:
        connection.close()
    assert_taken_afterwards(phone, op)


@pytest.mark.parametrize(
    ("state", "slug"),
    [
        ("53100", "database-full"),
        ("40P01", "database-busy"),
        ("40001", "database-busy"),
        ("55P03", "database-busy"),
        ("57014", "database-busy"),
        ("25006", "database-read-only"),
        ("57P01", "database-down"),
        ("42703", "database-not-ready"),
        ("23505", "server-error"),
        ("22021", "server-error"),
    ],
)
def test_the_states_of_postgres_are_sorted(state: str, slug: str) -> None:
    original = psycopg.errors.lookup(state)()
    wrapped = DBAPIError.instance("SELECT 1", {}, original, psycopg.Error)
    assert isinstance(wrapped, DBAPIError)
    assert isinstance(wrapped, OperationalError) or slug in ("database-read-only", "database-not-ready", "server-error")
    assert problems.of_database(wrapped).slug == slug
