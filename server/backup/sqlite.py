"""SQLite: the online backup of a file that others write, and the check of a copy.

The copy is made in steps, so that writers come in between; each write begins it anew, so after some beginnings the rest
is copied in one go, for which a writer waits (https://sqlite.org/backup.html).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from server.backup.errors import NoBackup, NotRestored

PART = "database.sqlite"
STEP_PAGES, PAUSE_S = 2000, 0.002
MOST_BEGINNINGS = 3
BUSY_S = 60


class _BegunAgain(Exception):
    """Others wrote so often that the copy would never come to its end in steps."""


def copy(database: Path, into: Path) -> None:
    """Copy a database that is in use; raises NoBackup."""
    try:
        with closing(_reader(database)) as source, closing(_writer(into)) as target, suppress(_BegunAgain):
            source.backup(target, pages=STEP_PAGES, progress=_patience(), sleep=PAUSE_S)
            return
        into.unlink()
        with closing(_reader(database)) as source, closing(_writer(into)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise NoBackup(f"The database could not be copied: {error}. Mend that and try again.") from error


def _reader(database: Path) -> sqlite3.Connection:
    """Open for reading alone: a missing file is not made."""
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)


def _writer(into: Path) -> sqlite3.Connection:
    """Open the copy, which needs no journal: it is synced at the end, or thrown away."""
    os.close(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    target = sqlite3.connect(into)
    target.execute("PRAGMA synchronous=OFF")
    return target


def _patience() -> Callable[[int, int, int], None]:
    """Return what watches the steps: when more pages remain than before, the copy was begun again."""
    beginnings, before = 0, 1 << 62

    def _step(_: int, remaining: int, __: int) -> None:
        nonlocal beginnings, before
        beginnings += remaining > before
        before = remaining
        if beginnings > MOST_BEGINNINGS:
            raise _BegunAgain

    return _step


@contextmanager
def connected(path: Path) -> Iterator[Connection]:
    """Open a copy of ours."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def check(path: Path) -> None:
    """Read every page and index; raises NotRestored."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
    except sqlite3.Error as error:
        raise NotRestored(f"{PART} is no whole database: {error}. Take another backup.") from error
    if found != ["ok"]:
        raise NotRestored(f"{PART} is damaged: {'; '.join(found)}. Take another backup.")
    if broken:
        raise NotRestored(f"{PART} has rows that point nowhere, in {sorted({row[0] for row in broken})}.")
