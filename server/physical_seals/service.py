"""What happened to physical seals: each event is kept as it was told; what stands now follows from all of them.

A seal found broken, or with another number than the one on file, is looked into by whoever supervises the region. It
is no finding: who broke it, and whether the measure suffered, nobody knows yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.campaigns import service as campaigns
from server.inspections.service import Context, OutOfScope, Taken
from server.physical_seals.models import PhysicalSealEvent
from server.registry import service as registry
from shared import ops
from shared.dates import instant_text, parse_instant
from shared.physical_seals import SealedPosition, SealFact, is_other_seal, standing
from shared.words import SealAct, SealOwner, SealPosition, TaskKind

__all__ = ["PhysicalSealEvent"]

LOGGED = (
    *("id", "instrument_id", "position", "owner", "act", "old_number", "new_number", "authority", "witnesses", "note"),
    *("is_other", "step", "by_person"),
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody tells about a seal, with who and how it came: ``op_id`` None for the desk."""

    id: str
    fact: SealFact
    by: str
    authority: str = ""
    witnesses: tuple[str, ...] = ()
    note: str = ""
    op_id: str | None = None


def record(session: Session, instrument: registry.Instrument, told: Told, *, now: datetime) -> PhysicalSealEvent:
    """Keep an event, and have a supervisor look into a seal that is broken or not the one on file.

    What was entered at the desk is a leaf of the log; what a phone sent stands in its operation's.
    """
    registry.hold(session, instrument)
    fact, known = told.fact, history(session, instrument.id)
    before = standing(fact_of(event) for event in known if event.at <= fact.at).get(fact.position)
    event = PhysicalSealEvent(
        id=told.id,
        instrument_id=instrument.id,
        position=fact.position,
        owner=fact.owner,
        act=fact.act,
        old_number=fact.old_number,
        new_number=fact.new_number,
        authority=told.authority,
        witnesses="\n".join(told.witnesses),
        note=told.note,
        is_other=is_other_seal(before, fact),
        step=len(known) + 1,
        by_person=told.by,
        at=fact.at,
        entered_at=now,
        op_id=told.op_id,
    )
    session.add(event)
    if told.op_id is None:
        audit.record_decision(session, ref_id=event.id, at=now, stands_for=_decision(event))
    if fact.act is SealAct.FOUND_BROKEN:
        _look_into(session, TaskKind.BROKEN_SEAL, instrument, event, now)
    elif event.is_other:
        _look_into(session, TaskKind.OTHER_SEAL, instrument, event, now)
    return event


def _look_into(
    session: Session, kind: TaskKind, instrument: registry.Instrument, event: PhysicalSealEvent, now: datetime
) -> None:
    campaigns.assign(
        session,
        kind=kind,
        region=instrument.region,
        place_id=instrument.place_id,
        instrument_id=instrument.id,
        subject_id=event.id,
        note=event.old_number,
        now=now,
    )


def take_in(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Take in what a phone recorded; returns its id. Raises OutOfScope and Taken."""
    instrument = registry.instrument_in(session, context.scope, body["instrument"])
    if instrument is None:
        raise OutOfScope
    if session.get(PhysicalSealEvent, body["id"]) is not None:
        raise Taken
    fact = SealFact(
        position=SealPosition(body["position"]),
        owner=SealOwner(body["owner"]),
        act=SealAct(body["act"]),
        at=parse_instant(body["at"]),
        old_number=body["old_number"],
        new_number=body["new_number"],
    )
    told = Told(
        id=body["id"],
        fact=fact,
        by=context.person.id,
        authority=body["authority"],
        witnesses=tuple(body["witnesses"]),
        note=body["note"],
        op_id=op.op_id,
    )
    return record(session, instrument, told, now=context.received_at).id


def _decision(event: PhysicalSealEvent | Row[Any]) -> bytes:
    text = {name: getattr(event, name) for name in LOGGED} | {"at": instant_text(event.at)}
    return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decisions(session: Session, ids: list[str]) -> dict[str, bytes]:
    """Return what the leaves of some events stand for."""
    found = session.execute(select(PhysicalSealEvent.__table__).where(PhysicalSealEvent.id.in_(ids)))
    return {row.id: _decision(row) for row in found}


def decided(session: Session) -> set[str]:
    """Return the ids of all events that have a leaf of their own: no phone's, and none of before there were leaves."""
    of_desk, event = PhysicalSealEvent.op_id.is_(None), PhysicalSealEvent
    return set(session.scalars(select(event.id).where(of_desk, event.predates_log.is_(False))))


def region_of_event(session: Session, event_id: str) -> str | None:
    """Return the region of the instrument that an event is about; None when there is no such event."""
    event = session.get(PhysicalSealEvent, event_id)
    return registry.region_of_instrument(session, event.instrument_id) if event else None


def history(session: Session, instrument_id: str) -> list[PhysicalSealEvent]:
    """Return every event of an instrument, in the order in which it happened."""
    query = select(PhysicalSealEvent).where(PhysicalSealEvent.instrument_id == instrument_id)
    return list(session.scalars(query.order_by(PhysicalSealEvent.at, PhysicalSealEvent.step)))


def standing_of(
    session: Session, instrument_id: str, *, until: datetime | None = None
) -> dict[SealPosition, SealedPosition]:
    """Return what stands at each position of an instrument, now or as of a moment."""
    events = history(session, instrument_id)
    return standing(fact_of(event) for event in events if until is None or event.at <= until)


def fact_of(event: PhysicalSealEvent) -> SealFact:
    """Return the plain fact of an event."""
    return SealFact(
        position=SealPosition(event.position),
        owner=SealOwner(event.owner),
        act=SealAct(event.act),
        at=event.at,
        old_number=event.old_number,
        new_number=event.new_number,
    )
