"""The role that the server runs as on PostgreSQL: it takes pushes in, and can change nothing of what was logged."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from server.audit import service as audit
from server.audit.role import CannotGrant, grant
from server.database import begin_write, db
from server.keyring import Keyring
from tests.server import backups
from tests.server.conftest import TestClock, app_on
from tests.server.protocol import send
from tests.server.world import GOOD, World, make_world, new_id, now


@pytest.fixture
def role(postgres_socket: str) -> Iterator[str]:
    """A role that owns nothing, made and dropped by the owner of the server."""
    name = f"Server {uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"host={postgres_socket} user=dingpan dbname=postgres", autocommit=True) as owner:
        owner.execute(f'CREATE ROLE "{name}" LOGIN')
    yield name
    with psycopg.connect(f"host={postgres_socket} user=dingpan dbname=postgres", autocommit=True) as owner:
        owner.execute(f'DROP ROLE "{name}"')


@pytest.fixture
def as_role(role: str, postgres_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[World]:
    """The world made by the owner, served by the role."""
    for app in app_on(postgres_url, tmp_path, keys, clock):
        world = make_world(app)
        begin_write()
        grant(db.session(), role)
    url = make_url(postgres_url).set(username=role)
    for app in app_on(url.render_as_string(hide_password=False), tmp_path, keys, clock):
        world.app, world.client = app, app.test_client()
        yield world
    for app in app_on(postgres_url, tmp_path, keys, clock):
        _drop_rights(app, role)


def _drop_rights(app: Flask, role: str) -> None:
    db.session.execute(text(f'DROP OWNED BY "{role}"'))
    db.session.commit()


def test_the_role_serves_pushes_decisions_and_late_ops(as_role: World) -> None:
    phone = as_role.phone()
    first = phone.op("visit.record/1", as_role.visit(as_role.check(GOOD)))
    second = phone.op("correction/1", {"corrects": new_id(now()), "note": "x"})
    assert send(as_role.app, phone, second)[0]["status"] == "applied"
    assert send(as_role.app, phone, first)[0]["status"] == "applied"
    assert db.session.scalar(text("SELECT bool_and(is_chained) FROM op"))
    assert audit.state(db.session()).size == 2


CRIMES = (
    *("UPDATE op SET body = body", "UPDATE op SET outcome = outcome", "DELETE FROM op", "TRUNCATE op"),
    *("UPDATE leaf SET kind = kind", "DELETE FROM leaf", "TRUNCATE leaf", "DROP TABLE leaf"),
    *("UPDATE tree_node SET hash = hash", "DELETE FROM tree_node", "TRUNCATE tree_node"),
    *("UPDATE log_state SET log_id = log_id", "DELETE FROM log_state", "INSERT INTO log_state SELECT * FROM log_state"),
    *("ALTER TABLE op DISABLE TRIGGER ALL", "UPDATE alembic_version SET version_num = version_num"),
)


def test_the_role_cannot_update_delete_or_drop_what_was_logged(as_role: World, role: str) -> None:
    phone = as_role.phone()
    send(as_role.app, phone, phone.op("visit.record/1", as_role.visit(as_role.check(GOOD))))
    db.session.execute(text(f'GRANT UPDATE ON op TO "{role}"'))  # a warning, and nothing is granted
    for statement in (*CRIMES, "SET ROLE dingpan"):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert audit.state(db.session()).size == 1


def test_who_owns_the_tables_or_is_not_there_is_no_role_for_the_server(app: Flask) -> None:
    names = {"dingpan": "superuser or owns", "nobody-here": "There is no role nobody-here"}
    is_sqlite = db.engine.dialect.name == "sqlite"
    for name, sentence in names.items():
        with pytest.raises(CannotGrant, match="SQLite has no roles" if is_sqlite else sentence):
            grant(db.session(), name)
        db.session.rollback()


def test_the_role_may_back_up_and_the_owner_restores(
    as_role: World, tmp_path: Path, new_postgres: Callable[[], str]
) -> None:
    phone = as_role.phone()
    send(as_role.app, phone, phone.op("visit.record/1", as_role.visit(as_role.check(GOOD))))
    taken = backups.back_up(as_role.app, tmp_path / "backup")
    assert taken.manifest.tables["op"].rows == 1
    backups.restore(tmp_path / "backup", backups.places_in(tmp_path / "elsewhere", as_role.app, new_postgres))
