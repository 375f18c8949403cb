"""The phone's one SQLite connection.

Rollback journal and ``synchronous=EXTRA`` on a single connection: measured to lose no committed record at a power cut,
where WAL with NORMAL loses some, and clear of SQLite's WAL-reset bug (3.7.0 to 3.51.2). FULL is not enough: a commit
ends with the removal of the journal, and until the folder is synced, as EXTRA does, a cut may bring the journal back,
which undoes what was told as saved (https://sqlite.org/pragma.html#pragma_synchronous). Transactions are explicit,
``BEGIN IMMEDIATE``, never open during a network call. Threads take turns by a lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.steps import STEPS
from fieldapp.store.trouble import StorageTrouble, Trouble, told

BUSY_S = 1.0
EXTRA = 3
MARKS = 1 << 31
MOST_TRIES = 10
CACHE_KIB = 16 << 10

Connect = Callable[..., sqlite3.Connection]


class Database:
    """One connection for the whole program, used by one thread at a time."""

    def __init__(self, path: Path, *, busy_s: float = BUSY_S, connect: Connect = sqlite3.connect) -> None:
        """Open the file, or make it; ``connect`` is another driver of the same form, on a disk that fails.

        Raises StorageTrouble, NEWER for a file of a newer app, which is left as it is.
        """
        self._lock = RLock()
        with told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = connect(path, isolation_level=None, check_same_thread=False, timeout=busy_s)
            try:
                taken = self._steps_taken()
                self._tune()
                self._take_steps(taken)
            except BaseException:
                self._connection.close()
                raise

    def _steps_taken(self) -> int:
        """Return the number of the last step taken; asked before anything is set that would change a newer file."""
        taken = int(self.pragma("user_version"))
        if taken > len(STEPS):
            raise StorageTrouble(Trouble.NEWER)
        return taken

    def _tune(self) -> None:
        durable = ("journal_mode = DELETE", f"synchronous = {EXTRA}", "foreign_keys = ON", "secure_delete = ON")
        for pragma in (*durable, f"cache_size = -{CACHE_KIB}"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()

    def _take_steps(self, taken: int) -> None:
        for number, step in enumerate(STEPS[taken:], start=taken + 1):
            with self.write() as connection:
                for statement in step:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
                crashpoint("step.ready")
            crashpoint("step.taken")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction: all of it is kept, or none. Raises StorageTrouble."""
        with self._lock, told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._commit()
            except BaseException:
                self._roll_back()
                raise

    def _commit(self) -> None:
        """Commit, and find out by a number in the file's header whether a commit that failed is there nonetheless.

        When the folder cannot be synced after the journal was removed, SQLite says that the commit failed: it is done
        by then, and may only be undone by a power cut. Told as refused it would be done twice, so it is made sure of.
        The header is written at every commit: the number costs nothing.
        """
        mark = (int(self.pragma("application_id")) + 1) % MARKS
        self._connection.execute(f"PRAGMA application_id = {mark}")
        crashpoint("transaction.ready")
        try:
            self._connection.execute("COMMIT")
        except sqlite3.DatabaseError:
            self._roll_back()
            if int(self.pragma("application_id")) != mark or not self._is_made_sure_of(mark):
                raise
        crashpoint("transaction.committed")

    def _is_made_sure_of(self, mark: int) -> bool:
        """Commit once more, which syncs what the commit before left; False when that fails again and again."""
        for _ in range(MOST_TRIES):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute(f"PRAGMA application_id = {(mark + 1) % MARKS}")
                self._connection.execute("COMMIT")
            except sqlite3.DatabaseError:
                self._roll_back()
            else:
                return True
        return False

    def _roll_back(self) -> None:
        # A full disk makes SQLite roll back by itself; a second ROLLBACK would be an error.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._lock, told():
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query, None when there is none."""
        with self._lock, told():
            found: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
            return found

    def pragma(self, name: str) -> Any:
        """Return the value of a pragma."""
        found = self.row(f"PRAGMA {name}")
        return found[0] if found else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
