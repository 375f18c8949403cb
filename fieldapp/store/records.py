"""Records: what was saved for good, each with the signed operation that carries it, written in one transaction.

Ids and ``made_at`` are made here, once. The operations of a phone are a chain: each names the signature of the one
before, and the place in the chain is taken inside the transaction, so that no two ever share one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fieldapp.clock import Offset, PhoneClock
from fieldapp.store.database import Database
from fieldapp.store.drafts import Drafts
from fieldapp.store.kept import Device, Person
from fieldapp.store.sealing import Sealer
from fieldapp.store.uploads import Uploads
from fieldapp.visit.missing import Missing, missing_to_save, saved_inspections
from fieldapp.visit.model import Inspection, Visit
from shared.dates import civil_day, instant_text
from shared.ops import FIRST_PREV, MAX_BODY_BYTES, Op
from shared.signing import Signer, sha256_hex
from shared.words import Disposition

VISIT = "visit.record/1"


class NotComplete(Exception):
    """The visit lacks something that a record must have."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__([code.value for code in missing])
        self.missing = missing


class TooLarge(Exception):
    """One party's checks alone do not fit into one operation."""


@dataclass(frozen=True)
class Record:
    """A saved record as lists show it; ``body`` is the JSON value that was signed."""

    id: str
    kind: str
    op_id: str
    name: str
    made_at: datetime
    body: dict[str, Any]


class Records:
    """Saves a visit and finds saved records."""

    def __init__(self, database: Database, sealer: Sealer, clock: PhoneClock) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock

    def save(self, visit: Visit, *, name: str, device: Device, person: Person, offset: Offset | None) -> list[Op]:
        """Save a visit as one record, or as several where one would pass 64 KiB; the draft goes with it.

        Raises NotComplete, TooLarge or StorageTrouble; then nothing is saved and the draft stays.
        """
        if missing := missing_to_save(visit):
            raise NotComplete(missing)
        now = self._clock.now()
        bodies = list(self._bodies(_complete(visit), now, offset))
        signer = device.signer
        with self._database.write() as connection:
            ops = [
                self._add(connection, body, name=name, signer=signer, device=device, person=person, now=now)
                for body in bodies
            ]
            Drafts.drop(connection)
        return ops

    def _bodies(self, visit: Visit, now: datetime, offset: Offset | None) -> Iterator[dict[str, Any]]:
        made = {
            "made_at": instant_text(now),
            "clock_offset_s": offset.seconds if offset else None,
            "clock_doubt_s": offset.doubt_at(now) if offset else None,
        }
        empty = len(_json_text(replace(visit, inspections=()).to_wire() | made).encode())
        parts = _parts(visit.inspections, MAX_BODY_BYTES - empty)
        for place, inspections in enumerate(parts):
            part = replace(visit, inspections=inspections, id=visit.id if place == 0 else self._clock.new_id())
            body = part.to_wire() | made
            _require_form(body)
            yield body

    def _add(
        self,
        connection: sqlite3.Connection,
        body: dict[str, Any],
        *,
        name: str,
        signer: Signer,
        device: Device,
        person: Person,
        now: datetime,
    ) -> Op:
        seq, prev = _next_in_chain(connection)
        text = _json_text(body)
        op = Op(self._clock.new_id(), device.id, person.id, seq, prev, VISIT, (), text).signed(signer)
        at, day = instant_text(now), civil_day(now).isoformat()
        sealed = self._sealer.seal(f"op/{op.op_id}", text.encode())
        connection.execute(
            """INSERT INTO op (op_id, device_seq, person_id, prev, kind, depends_on, op_sha256, signature, made_at, day,
                bytes, state, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)""",
            (
                *(op.op_id, seq, person.id, prev, op.kind, "", op.op_sha256, op.signature, at, day),
                *(len(text.encode()), sealed),
            ),
        )
        record = self._sealer.seal(f"record/{body['id']}", text.encode())
        connection.execute(
            "INSERT INTO record (id, kind, place, name, made_at, day, op_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (body["id"], op.kind, body["place"], name, at, day, op.op_id, record),
        )
        Uploads.add(connection, op.op_id, body)
        return op

    def of_op(self, op_id: str) -> Record | None:
        """Return the record that an operation carries."""
        found = self._database.row("SELECT id, kind, op_id, name, made_at, body FROM record WHERE op_id = ?", op_id)
        if found is None:
            return None
        id_, kind, op_id, name, made_at, sealed = found
        body = self._sealer.open_json(f"record/{id_}", sealed)
        return Record(id_, kind, op_id, name, datetime.fromisoformat(made_at), body)


def _json_text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _complete(visit: Visit) -> Visit:
    """Return the visit as it is recorded: opened and abandoned checks left out, clean parties marked as such."""
    return replace(visit, inspections=tuple(_completed(inspection) for inspection in saved_inspections(visit)))


def _completed(inspection: Inspection) -> Inspection:
    return replace(inspection, checks=inspection.measured, disposition=inspection.disposition or Disposition.NONE)


def _parts(inspections: Iterable[Inspection], room: int) -> Iterator[tuple[Inspection, ...]]:
    """Cut the inspections, in order, into as few parts as fit into one operation each; raises TooLarge."""
    part: list[Inspection] = []
    used = 0
    for inspection in inspections:
        size = len(_json_text(inspection.to_wire()).encode()) + 1  # and a comma
        if size > room:
            raise TooLarge
        if used + size > room:
            yield tuple(part)
            part, used = [], 0
        part.append(inspection)
        used += size
    yield tuple(part)


def _require_form(body: dict[str, Any]) -> None:
    """Hold our own record against the wire's form before it is signed; a ValidationError here is our fault."""
    from shared.wire.visit import VisitSchema

    VisitSchema().load(body)


def _next_in_chain(connection: sqlite3.Connection) -> tuple[int, str]:
    found = connection.execute("SELECT device_seq, signature FROM op ORDER BY device_seq DESC LIMIT 1").fetchone()
    return (found[0] + 1, sha256_hex(found[1])) if found else (1, FIRST_PREV)
