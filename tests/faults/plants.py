"""Bugs of the phone's store, planted to see that they are found."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import IO, Any

import pytest

from fieldapp.store import database
from fieldapp.store.carried import CarriedPackages
from fieldapp.store.chain import Chain
from fieldapp.store.database import Database
from fieldapp.store.photos import Photos
from shared.dates import instant_text
from shared.signing import sha256_hex

Plant = Callable[[pytest.MonkeyPatch], None]


def never_synced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(database, "EXTRA", 0)


def folder_not_synced(patch: pytest.MonkeyPatch) -> None:
    """FULL, which is SQLite's own choice: the journal that was removed comes back."""
    patch.setattr(database, "EXTRA", 2)


def wal_and_normal(patch: pytest.MonkeyPatch) -> None:
    """A log before the file; exclusive, so that it needs no memory that is shared."""
    steps_taken = Database._steps_taken

    def first(self: Database) -> int:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        return steps_taken(self)

    def tune(self: Database) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()

    patch.setattr(Database, "_steps_taken", first)
    patch.setattr(Database, "_tune", tune)


def journal_in_memory(patch: pytest.MonkeyPatch) -> None:
    def tune(self: Database) -> None:
        self._connection.execute("PRAGMA journal_mode = MEMORY").fetchall()

    patch.setattr(Database, "_tune", tune)


class _Split:
    """A connection that commits before it writes a record."""

    def __init__(self, own: sqlite3.Connection) -> None:
        self._own = own

    def execute(self, statement: str, values: Any = ()) -> Any:
        if statement.startswith("INSERT INTO record"):
            self._own.execute("COMMIT")
            self._own.execute("BEGIN IMMEDIATE")
        return self._own.execute(statement, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


def commit_split_in_two(patch: pytest.MonkeyPatch) -> None:
    add = Chain.add
    patch.setattr(Chain, "add", lambda self, connection, *rest: add(self, _Split(connection), *rest))


def draft_given_up_first(patch: pytest.MonkeyPatch) -> None:
    """The draft goes in a transaction of its own, before the record that takes its place."""
    save = database.Database.write

    def write(self: Database) -> Any:
        if not self._connection.in_transaction:
            self._connection.execute("DELETE FROM draft")
        return save(self)

    patch.setattr(Database, "write", write)


def photo_row_before_file(patch: pytest.MonkeyPatch) -> None:
    def keep(self: Photos, content: bytes) -> str:
        sha256 = sha256_hex(content)
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO photo VALUES (?, ?)", (sha256, len(content)))
        self._write(sha256, self._sealer.seal(f"photo/{sha256}", content))
        return sha256

    patch.setattr(Photos, "keep", keep)


def package_row_before_file(patch: pytest.MonkeyPatch) -> None:
    """The row that names a package of another phone is there before its bytes are."""
    keep = CarriedPackages.keep

    def first(self: CarriedPackages, source: IO[bytes], now: datetime, *, name: str) -> str:
        content = source.read()
        with self._database.write() as connection:
            row = (sha256_hex(content), len(content), instant_text(now))
            connection.execute("INSERT INTO carried (sha256, bytes, taken_at) VALUES (?, ?, ?)", row)
        return keep(self, io.BytesIO(content), now, name=name)

    patch.setattr(CarriedPackages, "keep", first)


def package_let_go_unsent(patch: pytest.MonkeyPatch) -> None:
    """A package goes as soon as it is to be sent."""
    later = CarriedPackages.later

    def gone(self: CarriedPackages, sha256: str, not_before: datetime) -> None:
        later(self, sha256, not_before)
        self.let_go(sha256)

    patch.setattr(CarriedPackages, "later", gone)


def photo_name_not_synced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("fieldapp.store.photos.sync_folder", lambda folder: None)


def commits_now_and_then(patch: pytest.MonkeyPatch) -> None:
    """What is told as saved is committed with what comes later."""
    writes = count(1)

    @contextmanager
    def write(self: Database) -> Iterator[sqlite3.Connection]:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        yield self._connection
        if next(writes) % 20 == 0:
            self._connection.execute("COMMIT")

    patch.setattr(Database, "write", write)


def commit_taken_at_its_word(patch: pytest.MonkeyPatch) -> None:
    """What SQLite says has failed is told as refused, though it may be there."""
    patch.setattr(Database, "_commit", lambda self: self._connection.execute("COMMIT"))


def failed_commit_not_told(patch: pytest.MonkeyPatch) -> None:
    def commit(self: Database) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.DatabaseError:
            self._roll_back()

    patch.setattr(Database, "_commit", commit)
