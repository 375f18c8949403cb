"""Labels: which instrument each belongs to, and what the office knows of a serial."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.registry import service as registry
from server.seals.models import SealBinding, SealStock
from shared.words import SealState

__all__ = ["SealStock"]

BINDABLE = (SealState.ORDERED, SealState.PRINTED, SealState.ISSUED, SealState.APPLIED)


def labels_of(session: Session, instrument_ids: list[str]) -> dict[str, SealStock]:
    """Return the label on each instrument."""
    query = select(SealStock).where(SealStock.instrument_id.in_(instrument_ids), SealStock.state == SealState.APPLIED)
    return {label.instrument_id or "": label for label in session.scalars(query.order_by(SealStock.serial))}


def find(session: Session, serial: int) -> SealStock | None:
    """Return the label of a serial."""
    return session.get(SealStock, serial)


def bind(
    session: Session, *, op_id: str, serial: int, instrument_id: str, person_id: str, scope: Scope, now: datetime
) -> SealStock | None:
    """Put a label on an instrument. None when somebody must look into it; the fact is kept all the same.

    That is a serial the office never heard of, a label out of life, or one on an instrument beyond the author's scope.
    The label that was there before counts as replaced; an instrument that loses its label to another has none.
    """
    session.add(SealBinding(id=op_id, serial=serial, instrument_id=instrument_id, person_id=person_id, bound_at=now))
    label = session.get(SealStock, serial, with_for_update=True)
    if label is None or label.state not in BINDABLE:
        return None
    before = registry.instrument_in(session, scope, label.instrument_id) if label.instrument_id else None
    if label.instrument_id and before is None:
        return None
    for old in session.scalars(select(SealStock).where(SealStock.instrument_id == instrument_id)):
        if old.serial != serial and old.state == SealState.APPLIED:
            old.state = SealState.REPLACED
    label.instrument_id, label.state = instrument_id, SealState.APPLIED
    if before is not None and before.id != instrument_id:
        registry.touch(session, before)
    registry.touch(session, session.get_one(registry.Instrument, instrument_id))
    return label


def bound_since(session: Session, instrument_ids: list[str], since: datetime) -> set[str]:
    """Return which instruments were given a label at some moment or later."""
    query = select(SealBinding.instrument_id).where(SealBinding.instrument_id.in_(instrument_ids))
    return set(session.scalars(query.where(SealBinding.bound_at >= since).distinct()))
