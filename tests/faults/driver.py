"""SQLite over a ``Flash``, in the form of ``sqlite3``: the phone's store runs its own SQL and pragmas through it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import apsw

from tests.faults.flash import File, Flash

_NUMBERS = count()


class Folder(apsw.VFS):
    """The system that SQLite asks for files."""

    def __init__(self, flash: Flash) -> None:
        self.name, self._flash = f"flash-{next(_NUMBERS)}", flash
        super().__init__(self.name, base="")

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - as apsw calls it, like all below
        return name

    def xAccess(self, name: str, _: int) -> bool:  # noqa: N802
        return name in self._flash.names

    def xOpen(self, name: Any, flags: list[int]) -> File:  # noqa: N802
        return self._flash.open(name.filename() if isinstance(name, apsw.URIFilename) else name, flags)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: N802
        self._flash.remove(name, sync_folder=sync_folder)


class Answer:
    """The rows of a statement that has run."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None


class Driver:
    """A connection; ``committed`` is called after each COMMIT that SQLite says is on the disk."""

    def __init__(self, flash: Flash, name: str, committed: Callable[[Driver], None] | None = None) -> None:
        self._folder = Folder(flash)
        self._committed = committed
        with _as_sqlite3():
            self._own = apsw.Connection(name, vfs=self._folder.name)

    @property
    def in_transaction(self) -> bool:
        return bool(self._own.in_transaction)

    def execute(self, statement: str, values: Iterable[Any] = ()) -> Answer:
        with _as_sqlite3():
            answer = Answer(self._own.execute(statement, tuple(values)).fetchall())
        if statement == "COMMIT" and self._committed is not None:
            self._committed(self)
        return answer

    def executemany(self, statement: str, rows: Iterable[Iterable[Any]]) -> None:
        with _as_sqlite3():
            self._own.executemany(statement, [tuple(values) for values in rows]).fetchall()

    def close(self) -> None:
        self._own.close()
        self._folder.unregister()


def connect_to(flash: Flash, committed: Callable[[Driver], None] | None = None) -> Callable[..., Any]:
    """Return what ``Database`` connects by; all files lie in one folder, so the last part of a path is the name."""

    def connect(path: Path, **_: object) -> Driver:
        return Driver(flash, path.name, committed)

    return connect


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        code = getattr(error, "extendedresult", 0) or getattr(error, "result", 0)
        kind: type[sqlite3.DatabaseError] = sqlite3.OperationalError
        if isinstance(error, apsw.ConstraintError):
            kind = sqlite3.IntegrityError
        elif isinstance(error, apsw.CorruptError | apsw.NotADBError):
            kind = sqlite3.DatabaseError
        told = kind(str(error))
        told.sqlite_errorcode = code
        raise told from error
