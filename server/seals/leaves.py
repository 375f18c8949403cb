"""Moves of labels in the log: each made at a desk is a leaf of its own; a phone's stands in its operation's."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.seals.models import SealEvent
from shared.dates import instant_text

NAMES = (
    *("id", "first_serial", "last_serial", "region", "kind", "from_state", "from_holder", "to_holder", "step"),
    *("instrument_id", "by_person", "note"),
)


def log(session: Session, event: SealEvent) -> None:
    """Put a move that was made at a desk into the append-only log."""
    audit.record_decision(session, ref_id=event.id, at=event.at, stands_for=_decision(event))


def decisions(session: Session, ids: list[str]) -> dict[str, bytes]:
    """Return what the leaves of some moves stand for."""
    found = session.execute(select(SealEvent.__table__).where(SealEvent.id.in_(ids)))
    return {row.id: _decision(row) for row in found}


def decided(session: Session) -> set[str]:
    """Return the ids of all moves that have a leaf of their own: no phone's, and none of before there were leaves."""
    query = select(SealEvent.id).where(SealEvent.op_id.is_(None), SealEvent.predates_log.is_(False))
    return set(session.scalars(query))


def _decision(event: SealEvent | Row[Any]) -> bytes:
    text = {name: getattr(event, name) for name in NAMES} | {"at": instant_text(event.at)}
    return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
