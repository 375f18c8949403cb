"""The chain of a phone's operations: each is signed, and names the signature of the one before.

The place in the chain is taken inside the transaction that writes the record, so that no two ever share one. Ids and
``made_at`` are made by whoever saves, once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fieldapp.clock import Offset, PhoneClock, corrected
from fieldapp.crashpoint import crashpoint
from fieldapp.store.forms import require_form
from fieldapp.store.kept import Device, Person
from fieldapp.store.sealing import Sealer
from fieldapp.store.uploads import Uploads
from shared.dates import civil_day, instant_text
from shared.ops import FIRST_PREV, Op
from shared.signing import sha256_hex


@dataclass(frozen=True)
class Author:
    """Who signs, with which phone, when by its clock, and how wrong that is; None: nobody knows."""

    device: Device
    person: Person
    now: datetime
    offset: Offset | None = None

    @property
    def at(self) -> datetime:
        """When it most likely is."""
        return corrected(self.now, self.offset)

    @property
    def day(self) -> str:
        """The civil day that it most likely is."""
        return civil_day(self.at).isoformat()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record to be written. ``place`` and ``name`` are how lists show it, public facts both.

    A body without an ``id`` is a record that goes by the id of its operation. One that is not of the wire's form raises
    ValidationError, before any transaction; that is our fault.
    """

    kind: str
    body: Mapping[str, Any]
    name: str
    place: str | None

    def __post_init__(self) -> None:
        require_form(self.kind, self.body)


class Chain:
    """Writes records with their operations and the photos they name, in a transaction that is running."""

    def __init__(self, sealer: Sealer, clock: PhoneClock) -> None:
        self._sealer, self._clock = sealer, clock

    def add(self, connection: sqlite3.Connection, entry: Entry, author: Author, depends_on: tuple[str, ...] = ()) -> Op:
        """Sign and write one record; ``depends_on`` are the operations without which it means nothing."""
        seq, prev = _next_place(connection)
        text = json_text(entry.body)
        ids = (self._clock.new_id(author.offset), author.device.id, author.person.id)
        op = Op(*ids, seq, prev, entry.kind, depends_on, text).signed(author.device.signer)
        at, day = instant_text(author.at), author.day
        connection.execute(
            """INSERT INTO op (op_id, device_seq, person_id, prev, kind, depends_on, op_sha256, signature, made_at, day,
                bytes, state, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)""",
            (
                *(op.op_id, seq, op.person_id, prev, op.kind, ",".join(op.depends_on), op.op_sha256, op.signature),
                *(at, day, len(text.encode()), self._sealer.seal(f"op/{op.op_id}", text.encode())),
            ),
        )
        crashpoint("op.written")
        record = str(entry.body.get("id") or op.op_id)
        sealed = self._sealer.seal(f"record/{record}", text.encode())
        connection.execute(
            "INSERT INTO record (id, kind, place, name, made_at, day, op_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (record, op.kind, entry.place, entry.name, at, day, op.op_id, sealed),
        )
        crashpoint("record.written")
        Uploads.add(connection, op.op_id, record, entry.body)
        crashpoint("uploads.written")
        return op


def json_text(body: Mapping[str, Any]) -> str:
    """Return a body as it is signed."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _next_place(connection: sqlite3.Connection) -> tuple[int, str]:
    found = connection.execute("SELECT device_seq, signature FROM op ORDER BY device_seq DESC LIMIT 1").fetchone()
    return (found[0] + 1, sha256_hex(found[1])) if found else (1, FIRST_PREV)
