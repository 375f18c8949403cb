"""The database: two engines, one code.

SQLite (embedded, one process): rollback journal, ``synchronous=EXTRA``, ``BEGIN IMMEDIATE`` for writers. PostgreSQL 15
and later: READ COMMITTED, any number of processes. Instants are aware UTC on both; ids are UUID text; masses, money and
points are integers. See ``docs/decisions/0002-two-databases-one-code.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from psycopg.types.string import TextLoader
from sqlalchemy import DateTime, Dialect, MetaData, Uuid, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# What is deleted is filled with zeros in the file: personal data does not linger in free pages.
# EXTRA and not FULL: a commit ends with the removal of its journal, and before the folder is synced a power cut may
# bring that back, which undoes what was answered (https://sqlite.org/pragma.html#pragma_synchronous).
PRAGMAS = ("journal_mode=DELETE", "synchronous=EXTRA", "foreign_keys=ON", "secure_delete=ON")
WRITES = "dingpan_writes"
IN_BULK = "in_bulk"
LOG_LOCK = 0x44_49_4E_47
NUMBER_LOCK = LOG_LOCK + 1


class Base(DeclarativeBase):
    """Every table; constraints are named, so that SQLite can alter them in batch mode."""

    metadata = MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; SQLite drops the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class IdType(Uuid[str]):
    """An id, a lower-case text with hyphens; where there is no type for it, it is kept without the hyphens.

    As SQLAlchemy's own, without an object made of each id and a text of that again.
    """

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(as_uuid=False)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        return None if dialect.supports_native_uuid else _with_hyphens


def _with_hyphens(kept: str | None) -> str | None:
    return None if kept is None else f"{kept[:8]}-{kept[8:12]}-{kept[12:16]}-{kept[16:20]}-{kept[20:]}"


Id = IdType()

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def register(app: Flask) -> None:
    """Bind the database to the app and log which engine serves it."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _tune_sqlite(db.engine, app.extensions["dingpan"].settings.sqlite_busy_ms)
        else:
            event.listen(db.engine, "connect", _read_ids_as_text)


def _read_ids_as_text(connection: Any, _: object) -> None:
    """Ids are text everywhere; to make an object of each and text again takes longer than to read it."""
    connection.adapters.register_loader("uuid", TextLoader)


def _tune_sqlite(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in (*PRAGMAS, f"busy_timeout={busy_ms}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def begin_write() -> None:
    """Start a transaction that will write. Work that needs no lock (hashing, signatures) belongs before this call.

    On SQLite the write lock is taken at once, because a read transaction that turns into a writer cannot wait.
    """
    if db.session.new or db.session.dirty or db.session.deleted:
        raise AssertionError("begin_write() must come before the first change")
    if db.session.info.get(IN_BULK):
        db.session.commit()  # nobody else writes: what was read stays true
    else:
        db.session.rollback()
    db.session.connection(execution_options={WRITES: True})


@contextmanager
def in_bulk() -> Iterator[None]:
    """Load an empty database that nobody else uses: what was read stays loaded.

    The end of each transaction is left to the first one after these, see ``transaction.commit``. A loading that fails
    leaves nothing to trust, and must start anew.
    """
    session = db.session()
    session.info[IN_BULK], session.expire_on_commit = True, False
    try:
        yield
    finally:
        session.info.pop(IN_BULK, None)
        session.expire_on_commit = True
        session.expire_all()


def lock_log() -> None:
    """Take the one lock that orders leaves and changes; the last step before commit, so it is held for microseconds."""
    _lock(LOG_LOCK)


def lock_numbers() -> None:
    """Take the lock under which the next number of a series is found, until the end of the transaction."""
    _lock(NUMBER_LOCK)


def lock_name(name: str) -> None:
    """Take the lock of a name, such as one phone number's, until the end of the transaction."""
    _lock(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True))


def _lock(key: int) -> None:
    """SQLite needs none: a writer there is alone."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def version() -> str:
    """Return the engine and its version, for the log line at the start."""
    if db.engine.dialect.name == "sqlite":
        return f"SQLite {db.session.scalar(text('SELECT sqlite_version()'))}"
    return f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}"
