"""What this phone filed: instruments with their labels, each as operations in the order in which they depend.

An instrument is registered, then its label is bound to it, then its verification is recorded: the later name the
earlier one. Operations, photos to come, the row that finds them again and the day after it are one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from fieldapp.clock import PhoneClock
from fieldapp.crashpoint import crashpoint
from fieldapp.labelling.model import Day
from fieldapp.store.chain import Author, Chain, Entry
from fieldapp.store.database import Database
from fieldapp.store.forms import BIND, REGISTER, VERIFICATION
from fieldapp.store.labelling import LabellingDay
from fieldapp.store.outbox import OpState, Outbox
from fieldapp.store.revising import Revisions
from fieldapp.store.sealing import Sealer
from shared.ops import Op
from shared.seal import normal_serial

# What the server does not take in is no fact: a label that was refused may be put on again.
_HOLDS = "op.state IN ('waiting', 'received')"
_FROM = "FROM filed JOIN op ON op.op_id = filed.bind_op"
_COLUMNS = "bind_op, register_op, verification_op, instrument, label, serial, maker, model, place, stall, op.state"


@dataclass(frozen=True)
class About:
    """What a filing is found by again; ``stall`` is the number as painted, ``document_no`` "": not verified."""

    instrument: str
    label: int
    serial: str
    maker: str
    model: str
    place: str
    stall: str
    document_no: str


@dataclass(frozen=True)
class Filed:
    """A label that this phone put on an instrument; ``register_op`` None: the register had the instrument before."""

    bind_op: str
    register_op: str | None
    verification_op: str | None
    instrument: str
    label: int
    serial: str
    maker: str
    model: str
    place: str
    stall: str
    state: OpState

    @property
    def ops(self) -> tuple[str, ...]:
        """The operations of this filing, in the order in which they were made."""
        return tuple(op for op in (self.register_op, self.bind_op, self.verification_op) if op)


class Filings:
    """Files instruments and finds what was filed here, before the register hears of it."""

    def __init__(self, database: Database, sealer: Sealer, clock: PhoneClock) -> None:
        self._database = database
        self._chain, self._days = Chain(sealer, clock), LabellingDay(database, sealer)
        self._revisions = Revisions(database, sealer, clock)

    def save(
        self, entries: Sequence[Entry], about: About, after: Day, author: Author, *, revises: Sequence[str] = ()
    ) -> list[Op]:
        """Write one filing with what the day is after it; raises StorageTrouble, and then nothing is written.

        ``revises`` are refused operations that it says anew; what was blocked because of them goes along.
        """
        day, depends_on = self._days.sealed(after), self._registering(about.instrument)
        kinds, followers = self._revisions.kinds_of(revises), self._revisions.followers(revises, author)
        before = {found.instrument: about.instrument for op_id in revises if (found := self.of_op(op_id))}
        with self._database.write() as connection:
            ops: list[Op] = []
            for entry in entries:
                ops.append(self._chain.add(connection, entry, author, depends_on))
                depends_on = (ops[-1].op_id,)
            made = {op.kind: op.op_id for op in ops}
            _remember(connection, made, about, author)
            revised = _pairs(kinds, made, ops[-1])
            self._revisions.write(connection, revised, before, followers, author)
            _follow(connection, [one.op_id for one in followers], revised, before)
            crashpoint("filing.written")
            self._days.put(connection, day, author.now)
        crashpoint("filing.saved")
        return ops

    def swap(self, entry: Entry, author: Author, *, revises: str = "") -> Op:
        """Write that two instruments changed places; one that was registered here goes before."""
        pair = {entry.body["first"], entry.body["second"]}
        depends_on = tuple(sorted(op_id for instrument in pair for op_id in self._registering(instrument)))
        with self._database.write() as connection:
            op = self._chain.add(connection, entry, author, depends_on)
            if revises:
                Outbox.revise(connection, {revises: op.op_id})
            return op

    def of_op(self, op_id: str) -> Filed | None:
        """Return the filing that an operation is part of, whatever became of it; None for any other."""
        return self._one("WHERE ? IN (bind_op, register_op, verification_op)", op_id)

    def _registering(self, instrument: str) -> tuple[str, ...]:
        """Return the operation that registered an instrument here; none for one that the register brought."""
        query = "SELECT DISTINCT register_op FROM filed WHERE instrument = ? AND register_op IS NOT NULL"
        return tuple(found[0] for found in self._database.rows(query, instrument))

    def of_label(self, serial: int) -> Filed | None:
        """Return the last filing of a label that the server has not refused; None when there is none."""
        return self._one(f"WHERE label = ? AND {_HOLDS} ORDER BY op.device_seq DESC", serial)

    def of_serial(self, serial: str) -> list[Filed]:
        """Return what was filed here with a maker's serial, newest first, and not refused."""
        return self._many(f"WHERE normal = ? AND {_HOLDS} ORDER BY op.device_seq DESC", normal_serial(serial))

    def of_instrument(self, instrument: str) -> Filed | None:
        """Return the last filing of an instrument that was not refused; None when there is none."""
        return self._one(f"WHERE instrument = ? AND {_HOLDS} ORDER BY op.device_seq DESC", instrument)

    def of_day(self, place: str, day: str) -> list[Filed]:
        """Return what was filed at a place on a civil day, newest first."""
        return self._many("WHERE filed.place = ? AND filed.day = ? ORDER BY op.device_seq DESC", place, day)

    def is_number_used(self, document_no: str) -> bool:
        """Say whether a verification with this number was entered here and not refused."""
        query = """SELECT 1 FROM filed JOIN op ON op.op_id = filed.verification_op
            WHERE document_no = ? AND op.state IN ('waiting', 'received')"""
        return self._database.row(query, document_no) is not None

    def _one(self, where: str, *values: Any) -> Filed | None:
        return next(iter(self._many(where, *values)), None)

    def _many(self, where: str, *values: Any) -> list[Filed]:
        # ``where`` is a constant of this file, never a value.
        found = self._database.rows(f"SELECT {_COLUMNS} {_FROM} {where}", *values)
        return [Filed(*(*row[:-1], OpState(row[-1]))) for row in found]


def _pairs(kinds: Mapping[str, str], made: Mapping[str, str], last: Op) -> dict[str, str]:
    """Return which new operation says what an old one said; a verification that was left out is said by none."""
    said = {op_id: kind for op_id, kind in kinds.items() if kind != VERIFICATION or kind in made}
    return {op_id: made.get(kind, last.op_id) for op_id, kind in said.items()}


def _remember(connection: sqlite3.Connection, ops: dict[str, str], about: About, author: Author) -> None:
    op_ids = (ops[BIND], ops.get(REGISTER), ops.get(VERIFICATION))
    connection.execute(
        """INSERT INTO filed (bind_op, register_op, verification_op, instrument, label, serial, maker, model, place,
            stall, document_no, normal, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (*op_ids, *astuple(about), normal_serial(about.serial), author.day),
    )


def _follow(
    connection: sqlite3.Connection, op_ids: Sequence[str], revised: Mapping[str, str], renamed: Mapping[str, str]
) -> None:
    """Let what was filed again with another filing be found again too."""
    for bind_op in op_ids:
        found = connection.execute("SELECT * FROM filed WHERE bind_op = ?", (bind_op,)).fetchone()
        if found is not None:
            row = [revised.get(value, renamed.get(value, value)) for value in found]
            connection.execute("INSERT INTO filed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
