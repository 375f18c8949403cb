"""The outbox: every operation with how far it has come. None is ever deleted.

Only a receipt whose signature was checked makes an operation RECEIVED. What the server refused stays here with its
reason, shown, and never stands in the way of the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from shared.ops import Op, balance_sha256

_COLUMNS = """op_id, device_seq, person_id, prev, kind, depends_on, op_sha256, signature, made_at, day, bytes, state,
    has_receipt, tries, answer"""
_REVISED = "EXISTS (SELECT 1 FROM revision WHERE revision.op_id = op.op_id)"
_OPEN = f"NOT has_receipt AND NOT {_REVISED}"


class OpState(StrEnum):
    """How far an operation has come. WAITING and BLOCKED have no final answer; QUARANTINED was refused unread."""

    WAITING = "waiting"
    RECEIVED = "received"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    QUARANTINED = "quarantined"


NEEDS_A_LOOK = (OpState.CONFLICT, OpState.REJECTED, OpState.BLOCKED, OpState.QUARANTINED)


@dataclass(frozen=True)
class Entry:
    """An operation as the outbox shows it; ``answer`` is what the server said of it last."""

    op_id: str
    device_seq: int
    person_id: str
    prev: str
    kind: str
    depends_on: tuple[str, ...]
    op_sha256: str
    signature: bytes
    made_at: datetime
    day: str
    bytes: int
    state: OpState
    has_receipt: bool
    tries: int
    answer: dict[str, Any]


@dataclass(frozen=True)
class DayCount:
    """How many operations of a day there are, how many have a receipt, and their place in the chain."""

    made: int
    received: int
    first: int
    last: int


class Outbox:
    """Reads and moves operations."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def _entries(self, where: str, *values: Any) -> list[Entry]:
        # ``where`` is a constant of this file, never a value.
        found = self._database.rows(f"SELECT {_COLUMNS} FROM op {where}", *values)  # noqa: S608
        return [self._entry(row) for row in found]

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        values = dict(zip(_COLUMNS.replace(",", " ").split(), row, strict=True))
        answer, depends_on = values["answer"], values["depends_on"]
        return Entry(
            **values
            | {
                "depends_on": tuple(depends_on.split(",")) if depends_on else (),
                "made_at": datetime.fromisoformat(values["made_at"]),
                "state": OpState(values["state"]),
                "has_receipt": bool(values["has_receipt"]),
                "answer": self._sealer.open_json(f"answer/{values['op_id']}", answer) if answer else {},
            }
        )

    def all(self) -> list[Entry]:
        """Return every operation, newest first."""
        return self._entries("ORDER BY device_seq DESC")

    def entry(self, op_id: str) -> Entry | None:
        """Return one operation."""
        return next(iter(self._entries("WHERE op_id = ?", op_id)), None)

    def due(self, now: datetime, *, longest_s: int) -> list[Entry]:
        """Return what may be sent now, in the order of the chain.

        Nothing waits longer than ``longest_s``: a later time was set by a clock that has been put back since.
        """
        at = int(now.timestamp())
        where = "WHERE state = 'waiting' AND (not_before <= ? OR not_before > ?) ORDER BY device_seq"
        return self._entries(where, at, at + longest_s)

    def left(self) -> list[Entry]:
        """Return what has no answer that stands, in the order of the chain."""
        return self._entries("WHERE state IN ('waiting', 'blocked') ORDER BY device_seq")

    def op(self, entry: Entry, device_id: str) -> Op:
        """Return the operation as it was signed."""
        found = self._database.row("SELECT body FROM op WHERE op_id = ?", entry.op_id)
        body = self._sealer.open(f"op/{entry.op_id}", found[0] if found else b"").decode()
        return Op(
            *(entry.op_id, device_id, entry.person_id, entry.device_seq, entry.prev, entry.kind),
            *(entry.depends_on, body, entry.signature),
        )

    def move(
        self,
        connection: sqlite3.Connection,
        op_id: str,
        state: OpState,
        *,
        answer: dict[str, Any],
        has_receipt: bool = False,
        not_before: datetime | None = None,
    ) -> None:
        """Write down an answer in a transaction that is running."""
        sealed = self._sealer.seal_json(f"answer/{op_id}", answer)
        at = int(not_before.timestamp()) if not_before else 0
        connection.execute(
            """UPDATE op SET state = ?, answer = ?, has_receipt = max(has_receipt, ?), not_before = ?, tries = tries + 1
                WHERE op_id = ?""",
            (state.value, sealed, has_receipt, at, op_id),
        )

    def send_again(self, op_id: str) -> None:
        """Put an operation without a final answer back into the queue, and what was blocked because of it."""
        freed = [op_id]
        for later, depends_on in self._database.rows(
            "SELECT op_id, depends_on FROM op WHERE state = 'blocked' ORDER BY device_seq"
        ):
            if not set(freed).isdisjoint(depends_on.split(",")):
                freed.append(later)
        with self._database.write() as connection:
            connection.executemany(
                """UPDATE op SET state = 'waiting', not_before = 0
                    WHERE op_id = ? AND state IN ('blocked', 'quarantined')""",
                [(one,) for one in freed],
            )

    def wake(self) -> None:
        """Let everything that waits for another turn be due now."""
        with self._database.write() as connection:
            connection.execute("UPDATE op SET not_before = 0, tries = 0 WHERE state = 'waiting'")

    def span(self) -> tuple[int, int] | None:
        """Return the first and the last place in the chain that has a receipt; None when none has."""
        found = self._database.row("SELECT min(device_seq), max(device_seq) FROM op WHERE has_receipt")
        return (found[0], found[1]) if found and found[0] is not None else None

    def receipted(self, first: int, last: int) -> list[tuple[str, str]]:
        """Return op_id and op_sha256 of the operations with a receipt in a stretch of the chain."""
        query = "SELECT op_id, op_sha256 FROM op WHERE has_receipt AND device_seq BETWEEN ? AND ? ORDER BY device_seq"
        return [(op_id, digest) for op_id, digest in self._database.rows(query, first, last)]

    @staticmethod
    def put_back(connection: sqlite3.Connection, op_ids: Iterable[str]) -> None:
        """Put operations whose receipts the server lost back into the queue."""
        rows = [(op_id,) for op_id in op_ids]
        connection.executemany(
            "UPDATE op SET state = 'waiting', has_receipt = 0, not_before = 0, tries = 0 WHERE op_id = ?", rows
        )

    def in_states(self, states: Iterable[OpState]) -> list[Entry]:
        """Return the operations that stand in one of some states."""
        return [entry for state in states for entry in self._entries("WHERE state = ?", state.value)]

    def oldest(self) -> datetime | None:
        """Return when the oldest operation was made that waits; None when none does."""
        found = self._database.row("SELECT min(made_at) FROM op WHERE state = 'waiting'")
        return datetime.fromisoformat(found[0]) if found and found[0] else None

    @staticmethod
    def all_again(connection: sqlite3.Connection) -> int:
        """Put everything without a final answer back into the queue; return how many were set aside."""
        query = "UPDATE op SET state = 'waiting', not_before = 0 WHERE state IN ('blocked', 'quarantined')"
        return connection.execute(query).rowcount

    def counts(self) -> dict[OpState, int]:
        """Return how many operations stand where, without those that were edited and sent again."""
        query = f"SELECT state, count(*) FROM op WHERE NOT {_REVISED} GROUP BY state"  # noqa: S608
        found = self._database.rows(query)
        return {OpState(state): int(count) for state, count in found}

    def day_count(self, day: str) -> DayCount | None:
        """Return what was made on a civil day; None when nothing was."""
        found = self._database.row(
            "SELECT count(*), sum(has_receipt), min(device_seq), max(device_seq) FROM op WHERE day = ?", day
        )
        return DayCount(*found) if found and found[0] else None

    def unconfirmed_of(self, day: str) -> list[int]:
        """Return the places in the chain of what was made on a day, has no receipt and was not sent again."""
        query = f"SELECT device_seq FROM op WHERE day = ? AND {_OPEN} ORDER BY device_seq"  # noqa: S608
        return [found[0] for found in self._database.rows(query, day)]

    def unconfirmed_but(self, day: str) -> int:
        """Return how many of other days have no receipt and were not sent again."""
        found = self._database.row(f"SELECT count(*) FROM op WHERE day != ? AND {_OPEN}", day)  # noqa: S608
        return int(found[0]) if found else 0

    def refused_of(self, day: str) -> int:
        """Return how many of a day came and were not accepted, and were not sent again."""
        found = self._database.row(
            f"""SELECT count(*) FROM op
                WHERE day = ? AND has_receipt AND state IN ('rejected', 'conflict') AND NOT {_REVISED}""",  # noqa: S608
            day,
        )
        return int(found[0]) if found else 0

    def revisions(self) -> dict[str, str]:
        """Return, for each operation that was edited and sent again, the operation that says it now."""
        return dict(self._database.rows("SELECT op_id, by_op FROM revision"))

    @staticmethod
    def revise(connection: sqlite3.Connection, pairs: Mapping[str, str]) -> None:
        """Write down, with the new operations, which refused ones they say anew; those stay as they are."""
        connection.executemany("INSERT OR REPLACE INTO revision (op_id, by_op) VALUES (?, ?)", pairs.items())

    def balance(self, first: int, last: int) -> str:
        """Return our SHA-256 over the operations of a stretch of the chain, with or without receipts."""
        query = "SELECT op_id, op_sha256 FROM op WHERE device_seq BETWEEN ? AND ? ORDER BY device_seq"
        pairs: Iterable[tuple[Any, ...]] = self._database.rows(query, first, last)
        return balance_sha256((op_id, digest) for op_id, digest in pairs)
