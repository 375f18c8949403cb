"""Photos on their way to the server: one row for each file that a record names, written with the record.

A photo follows its record: it is due when the server has given a receipt for the operation. What was refused stays here
with its reason, and the photo stays on the phone; nothing is ever deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer

_READY = "u.state = 'waiting' AND op.state = 'received'"
LOST = {"type": "/problems/photo-lost"}  # the phone's own answer for a photo that it can no longer open


class UploadState(StrEnum):
    """How far a photo has come."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class Upload:
    """One photo of one record. ``address`` "": not begun; ``sent`` is what the server last said it has.

    ``is_urgent``: a person wants it sent over any network. ``made_at`` is when its record was saved.
    """

    sha256: str
    record: str
    kind: str
    bytes: int
    sent: int
    address: str
    state: UploadState
    is_urgent: bool
    made_at: datetime


@dataclass(frozen=True)
class Share:
    """How many photos of a record there are and how many have come whole, and the same in bytes."""

    count: int
    done: int
    bytes: int
    sent: int


class Uploads:
    """Reads and moves uploads."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    @staticmethod
    def add(connection: sqlite3.Connection, op_id: str, record: str, body: Mapping[str, Any]) -> None:
        """Write down which files a record names, in the transaction that saves it; a file named twice comes once."""
        connection.executemany(
            "INSERT OR IGNORE INTO upload (sha256, record, op_id, kind, bytes) VALUES (?, ?, ?, ?, ?)",
            [(file["sha256"], record, op_id, file["kind"], file["bytes"]) for file in _files(body)],
        )

    def due(self, now: datetime, *, longest_s: int) -> list[Upload]:
        """Return what may be sent now, oldest record first; a time further away was set by a clock put back since."""
        at = int(now.timestamp())
        return self._uploads(f"{_READY} AND (u.not_before <= ? OR u.not_before > ?)", at, at + longest_s)

    def ready(self) -> list[Upload]:
        """Return what has yet to come of the records that the server has, oldest first."""
        return self._uploads(_READY)

    def of_op(self, op_id: str) -> list[Upload]:
        """Return the photos of an operation's record, in the order in which it names them."""
        return self._uploads("op_id = ?", op_id)

    def _uploads(self, where: str, *values: Any) -> list[Upload]:
        # ``where`` is a constant of this file, never a value.
        found = self._database.rows(
            f"""SELECT u.sha256, u.record, u.kind, u.bytes, u.sent, u.address, u.state, u.is_urgent, op.made_at
                FROM upload u JOIN op USING (op_id) WHERE {where} ORDER BY op.device_seq, u.rowid""",  # noqa: S608
            *values,
        )
        return [_upload(*row) for row in found]

    def shares(self) -> dict[str, Share]:
        """Return how far the photos of each operation's record have come."""
        found = self._database.rows(
            """SELECT op_id, count(*), sum(state = 'done'), sum(bytes), sum(sent) FROM upload GROUP BY op_id"""
        )
        return {op_id: Share(*figures) for op_id, *figures in found}

    def op_of(self, sha256: str, record: str) -> str | None:
        """Return the operation whose record names a photo."""
        found = self._database.row("SELECT op_id FROM upload WHERE sha256 = ? AND record = ?", sha256, record)
        return found[0] if found else None

    def hurry(self) -> None:
        """Let everything that waits be sent over any network, and now."""
        with self._database.write() as connection:
            connection.execute("UPDATE upload SET is_urgent = 1, not_before = 0 WHERE state = 'waiting'")

    def left(self) -> list[Upload]:
        """Return what the server was never given, oldest record first, unless its record was refused."""
        return self._uploads("u.state = 'waiting' AND op.state IN ('waiting', 'blocked', 'received')")

    def begun(self, upload: Upload, address: str) -> None:
        """Remember where a file is sent to; "" to begin anew."""
        self._set(upload, "address = ?, sent = 0", address)

    def came(self, upload: Upload, sent: int) -> None:
        """Remember how much the server has."""
        self._set(upload, "sent = ?", sent)

    def done(self, upload: Upload) -> None:
        """Say that the server has the whole file and found it to be the one promised."""
        self._set(upload, "state = 'done', sent = bytes")

    def later(self, upload: Upload, not_before: datetime) -> None:
        """Let a file wait that could not be sent now, so that it is not in the way of the others."""
        self._set(upload, "tries = tries + 1, not_before = ?", int(not_before.timestamp()))

    def refused(self, upload: Upload, problem: Mapping[str, Any]) -> None:
        """Keep why the server does not take a file."""
        path = _path(upload.sha256, upload.record)
        self._set(upload, "state = 'refused', answer = ?", self._sealer.seal_json(path, dict(problem)))

    def _set(self, upload: Upload, change: str, *values: Any) -> None:
        # ``change`` is a constant of this file, never a value.
        with self._database.write() as connection:
            connection.execute(
                f"UPDATE upload SET {change} WHERE sha256 = ? AND record = ?",  # noqa: S608
                (*values, upload.sha256, upload.record),
            )

    def tries(self, upload: Upload) -> int:
        """Return how often a file was put off."""
        query = "SELECT tries FROM upload WHERE sha256 = ? AND record = ?"
        found = self._database.row(query, upload.sha256, upload.record)
        return int(found[0]) if found else 0

    def problem(self, sha256: str, record: str) -> dict[str, Any]:
        """Return why a file was refused; {} when it was not."""
        found = self._database.row("SELECT answer FROM upload WHERE sha256 = ? AND record = ?", sha256, record)
        answer: dict[str, Any] = self._sealer.open_json(_path(sha256, record), found[0]) if found and found[0] else {}
        return answer

    def problems_of(self, op_id: str) -> list[dict[str, Any]]:
        """Return why files of an operation's record were refused, in the order in which the record names them."""
        query = "SELECT sha256, record FROM upload WHERE op_id = ? AND state = 'refused' ORDER BY rowid"
        return [self.problem(sha256, record) for sha256, record in self._database.rows(query, op_id)]

    def send_again(self, sha256: str, record: str) -> None:
        """Put a refused file back into the queue."""
        with self._database.write() as connection:
            connection.execute(
                """UPDATE upload SET state = 'waiting', address = '', sent = 0, not_before = 0
                    WHERE sha256 = ? AND record = ? AND state = 'refused'""",
                (sha256, record),
            )

    @staticmethod
    def ask_again(connection: sqlite3.Connection, since: str) -> None:
        """Have the photos of records made since a moment asked for again, each where it was sent to.

        What the server still has costs one question; only what it lost is sent again.
        """
        connection.execute(
            """UPDATE upload SET state = 'waiting', not_before = 0
                WHERE state = 'done' AND op_id IN (SELECT op_id FROM op WHERE made_at >= ?)""",
            (since,),
        )

    def oldest(self) -> datetime | None:
        """Return when the oldest record was made that a photo waits for; None when none does."""
        found = self._database.row(
            """SELECT min(op.made_at) FROM upload u JOIN op USING (op_id)
                WHERE u.state = 'waiting' AND op.state IN ('waiting', 'blocked', 'received')"""
        )
        return datetime.fromisoformat(found[0]) if found and found[0] else None

    def photos(self) -> set[str]:
        """Return every photo that a record of ours names."""
        return {found[0] for found in self._database.rows("SELECT sha256 FROM upload")}

    def counts(self) -> dict[UploadState, int]:
        """Return how many files stand where; those of a record that was not taken in wait for nothing."""
        found = self._database.rows(
            """SELECT u.state, count(*) FROM upload u JOIN op USING (op_id)
                WHERE u.state != 'waiting' OR op.state IN ('waiting', 'received') GROUP BY u.state"""
        )
        return {UploadState(state): int(count) for state, count in found}


def _files(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the files of a visit's inspections, and those beside a smaller fact."""
    yield from body.get("evidence", ())
    for inspection in body.get("inspections", ()):
        yield from inspection.get("evidence", ())


def _upload(*row: Any) -> Upload:
    sha256, record, kind, count, sent, address, state, is_urgent, made_at = row
    moved = (UploadState(state), bool(is_urgent), datetime.fromisoformat(made_at))
    return Upload(sha256, record, kind, count, sent, address, *moved)


def _path(sha256: str, record: str) -> str:
    return f"upload/{record}/{sha256}"
