"""What can go wrong with the phone's storage, told to the person; nothing is ever half saved."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Trouble(StrEnum):
    """Why storage failed; the sentence is ``storage.<code>`` of the catalogue."""

    FULL = "full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    DAMAGED = "damaged"
    FAILED = "failed"
    NEWER = "newer"


class StorageTrouble(Exception):
    """Storage refused; what was to be saved is not saved at all."""

    def __init__(self, code: Trouble) -> None:
        super().__init__(code.value)
        self.code = code


_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_IOERR: Trouble.FAILED,
}
_SYSTEM = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
}


@contextmanager
def told() -> Iterator[None]:
    """Turn the failures of SQLite and of files into StorageTrouble; a fault of the program stays what it is."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if primary not in _SQLITE:
            raise
        raise StorageTrouble(_SQLITE[primary]) from error
    except OSError as error:
        raise StorageTrouble(_SYSTEM.get(error.errno or 0, Trouble.FAILED)) from error
