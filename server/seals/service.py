"""Labels: which instrument each belongs to, where the stock is, and what the office knows of a serial."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.registry import service as registry
from server.seals import ledger
from server.seals.counting import Count, Run, adds_up, counts, entered, history, label_in, runs
from server.seals.leaves import decided, decisions, log
from server.seals.ledger import Move, move
from server.seals.models import SealBinding, SealEvent, SealStock
from server.seals.ordering import MOST, Order, draft, place
from server.seals.problems import LabelRefused, LabelsMissing, LabelsTaken, SerialsUsedUp
from server.seals.watching import (
    found_out_of_life,
    look_into,
    met_in_a_check,
    not_in_use,
    serials_to_revoke,
    state_at,
)
from shared import label_life
from shared.words import SealState, TaskKind

__all__ = [
    "MOST",
    "Count",
    "LabelRefused",
    "LabelsMissing",
    "LabelsTaken",
    "Move",
    "Order",
    "Run",
    "SealEvent",
    "SealStock",
    "SerialsUsedUp",
    "adds_up",
    "counts",
    "decided",
    "decisions",
    "draft",
    "entered",
    "found_out_of_life",
    "history",
    "label_in",
    "log",
    "look_into",
    "met_in_a_check",
    "move",
    "not_in_use",
    "place",
    "runs",
    "serials_to_revoke",
    "state_at",
]


def labels_of(session: Session, instrument_ids: list[str]) -> dict[str, SealStock]:
    """Return the label on each instrument."""
    query = select(SealStock).where(SealStock.instrument_id.in_(instrument_ids), SealStock.state == SealState.APPLIED)
    return {label.instrument_id or "": label for label in session.scalars(query.order_by(SealStock.serial))}


def last_bound(session: Session, serials: list[int]) -> dict[int, datetime]:
    """Return when each label was put on an instrument last; none for one that nobody is known to have put on."""
    query = select(SealBinding.serial, func.max(SealBinding.bound_at)).where(SealBinding.serial.in_(serials))
    return {serial: bound_at for serial, bound_at in session.execute(query.group_by(SealBinding.serial)) if bound_at}


def find(session: Session, serial: int) -> SealStock | None:
    """Return the label of a serial."""
    return session.get(SealStock, serial)


def bind(
    session: Session, *, op_id: str, serial: int, instrument_id: str, person_id: str, scope: Scope, now: datetime
) -> TaskKind | None:
    """Put a label on an instrument. Else return what somebody must look into; the fact is kept all the same.

    That is a serial the office never heard of, a label that is out of life, lies in the store or was never printed, or
    one on an instrument beyond the author's scope. The label that was there before counts as replaced; an instrument
    that loses its label to another has none.
    """
    session.add(SealBinding(id=op_id, serial=serial, instrument_id=instrument_id, person_id=person_id, bound_at=now))
    label = session.get(SealStock, serial, with_for_update=True)
    if label is None or not label_life.is_legal(SealState(label.state), SealState.APPLIED):
        return label_life.task_about(SealState(label.state) if label else None)
    before = registry.instrument_in(session, scope, label.instrument_id) if label.instrument_id else None
    if label.instrument_id and before is None:
        return TaskKind.UNKNOWN_LABEL
    if label.state != SealState.APPLIED or label.instrument_id != instrument_id:
        about = {"by": person_id, "instrument_id": instrument_id, "op_id": op_id}
        _replace_others(session, label, about, now)
        ledger.step(session, label, SealState.APPLIED, now=now, **about)
        label.instrument_id = instrument_id
    if before is not None and before.id != instrument_id:
        registry.touch(session, before)
    registry.touch(session, session.get_one(registry.Instrument, instrument_id))
    return None


def _replace_others(session: Session, label: SealStock, about: dict[str, str], now: datetime) -> None:
    """Whatever label an instrument bore before another one came onto it counts as replaced."""
    query = select(SealStock).where(SealStock.instrument_id == about["instrument_id"], SealStock.serial != label.serial)
    query = query.where(SealStock.state == SealState.APPLIED).order_by(SealStock.serial)
    for old in session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        ledger.step(session, old, SealState.REPLACED, now=now, **about)


def binding_that_holds(session: Session, instrument_id: str) -> str | None:
    """Return the id of the act that put its label onto an instrument last; None where it bears none."""
    query = select(SealBinding.id).join(SealStock, SealStock.serial == SealBinding.serial)
    query = query.where(SealBinding.instrument_id == instrument_id, SealStock.instrument_id == instrument_id)
    query = query.where(SealStock.state == SealState.APPLIED)
    return session.scalar(query.order_by(SealBinding.bound_at.desc(), SealBinding.id.desc()).limit(1))


def bindings_of(session: Session, instrument_id: str) -> list[str]:
    """Return the ids of all acts that put a label onto an instrument."""
    return list(session.scalars(select(SealBinding.id).where(SealBinding.instrument_id == instrument_id)))


def bound_since(session: Session, instrument_ids: list[str], since: datetime) -> set[str]:
    """Return which instruments were given a label at some moment or later."""
    query = select(SealBinding.instrument_id).where(SealBinding.instrument_id.in_(instrument_ids))
    return set(session.scalars(query.where(SealBinding.bound_at >= since).distinct()))
