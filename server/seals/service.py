"""Labels: which instrument each belongs to, and what the office knows of a serial."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.registry import service as registry
from server.seals.models import SealBinding, SealStock
from shared.words import SealState

__all__ = ["SealStock"]


def labels_of(session: Session, instrument_ids: list[str]) -> dict[str, SealStock]:
    """Return the label on each instrument."""
    query = select(SealStock).where(SealStock.instrument_id.in_(instrument_ids), SealStock.state == SealState.APPLIED)
    return {label.instrument_id or "": label for label in session.scalars(query.order_by(SealStock.serial))}


def find(session: Session, serial: int) -> SealStock | None:
    """Return the label of a serial."""
    return session.get(SealStock, serial)


def bind(
    session: Session, *, op_id: str, serial: int, instrument_id: str, person_id: str, now: datetime
) -> SealStock | None:
    """Put a label on an instrument; None when the office never heard of the serial (the fact is kept all the same).

    The label that was there before counts as replaced.
    """
    session.add(SealBinding(id=op_id, serial=serial, instrument_id=instrument_id, person_id=person_id, bound_at=now))
    label = session.get(SealStock, serial)
    if label is None:
        return None
    for old in session.scalars(select(SealStock).where(SealStock.instrument_id == instrument_id)):
        if old.serial != serial and old.state == SealState.APPLIED:
            old.state = SealState.REPLACED
    label.instrument_id, label.state = instrument_id, SealState.APPLIED
    registry.touch(session, session.get_one(registry.Instrument, instrument_id))
    return label
