"""Records: what was saved for good, each with the signed operation that carries it, written in one transaction.

Ids and ``made_at`` are made here, once; the operations are a chain (``chain``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fieldapp.clock import Offset, PhoneClock
from fieldapp.crashpoint import crashpoint
from fieldapp.store.chain import Author, Chain, Entry, json_text
from fieldapp.store.database import Database
from fieldapp.store.drafts import Drafts
from fieldapp.store.forms import VISIT
from fieldapp.store.kept import Device, Person
from fieldapp.store.outbox import Outbox
from fieldapp.store.sealing import Sealer
from fieldapp.visit.missing import Missing, missing_to_save, saved_inspections
from fieldapp.visit.model import Inspection, Visit
from shared.dates import instant_text
from shared.ops import MAX_BODY_BYTES, Op
from shared.words import Disposition


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
        self._chain = Chain(sealer, clock)

    def save(self, visit: Visit, *, name: str, device: Device, person: Person, offset: Offset | None) -> list[Op]:
        """Save a visit as one record, or as several where one would pass 64 KiB; the draft goes with it.

        Raises NotComplete, TooLarge or StorageTrouble; then nothing is saved and the draft stays.
        """
        if missing := missing_to_save(visit):
            raise NotComplete(missing)
        now = self._clock.now()
        bodies = self._bodies(_complete(visit), now, offset)
        entries = [Entry(kind=VISIT, body=body, name=name, place=visit.place) for body in bodies]
        author = Author(device, person, now, offset)
        with self._database.write() as connection:
            ops = [self._chain.add(connection, entry, author) for entry in entries]
            Drafts.drop(connection)
            if visit.revises:
                Outbox.revise(connection, {visit.revises: ops[0].op_id})
            crashpoint("draft.dropped")
        crashpoint("record.saved")
        return ops

    def _bodies(self, visit: Visit, now: datetime, offset: Offset | None) -> Iterator[dict[str, Any]]:
        made = {
            "made_at": instant_text(now),
            "clock_offset_s": offset.seconds if offset else None,
            "clock_doubt_s": offset.doubt_at(now) if offset else None,
        }
        empty = len(json_text(replace(visit, inspections=()).to_wire() | made).encode())
        parts = _parts(visit.inspections, MAX_BODY_BYTES - empty)
        for place, inspections in enumerate(parts):
            part = replace(visit, inspections=inspections, id=visit.id if place == 0 else self._clock.new_id())
            yield part.to_wire() | made

    def of_op(self, op_id: str) -> Record | None:
        """Return the record that an operation carries."""
        found = self._database.row("SELECT id, kind, op_id, name, made_at, body FROM record WHERE op_id = ?", op_id)
        if found is None:
            return None
        id_, kind, op_id, name, made_at, sealed = found
        body = self._sealer.open_json(f"record/{id_}", sealed)
        return Record(id_, kind, op_id, name, datetime.fromisoformat(made_at), body)


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
        size = len(json_text(inspection.to_wire()).encode()) + 1  # and a comma
        if size > room:
            raise TooLarge
        if used + size > room:
            yield tuple(part)
            part, used = [], 0
        part.append(inspection)
        used += size
    yield tuple(part)
