"""Moving labels: a few statements for a range of any length, all of it or nothing.

Every move is an event for each run of labels that were alike, a leaf of the log for each event, and the labels' own
state, holder and step, kept in the same transaction. On PostgreSQL the labels of a range are locked in order of serial
before anything is decided, so that of two people who move the same labels one finds them moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.clock import new_id
from server.public import service as public
from server.registry import service as registry
from server.seals import leaves
from server.seals.models import SealEvent, SealStock
from server.seals.problems import LabelRefused, LabelsMissing
from shared import label_life
from shared.words import SealState

CHUNK = 500
ASKED = (SealStock.serial, SealStock.region, SealStock.state, SealStock.holder, SealStock.step, SealStock.instrument_id)


@dataclass(frozen=True, kw_only=True)
class Move:
    """What is to happen to the labels from ``first`` to ``last``, both included.

    ``holder_id`` is the unit or person who has them then; None: nobody, or whose is not known.
    """

    first: int
    last: int
    to: SealState
    by: str | None
    holder_id: str | None = None
    note: str = ""

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def holder(self) -> str:
        return label_life.holder(self.to, self.holder_id or "")


def move(session: Session, wanted: Move, *, scope: Scope, now: datetime) -> list[SealEvent]:
    """Move every label of a range; returns the events. Raises LabelsMissing and LabelRefused, and then does nothing.

    Labels beyond the scope are as good as not there.
    """
    labels = _held(session, wanted, scope)
    if len(labels) != wanted.count:
        raise LabelsMissing(count=wanted.count - len(labels))
    for label in labels:
        if not label_life.is_legal(SealState(label.state), wanted.to):
            raise LabelRefused(label.serial, label.state, wanted.to)
    events = [_event(list(run), wanted, now) for _, run in groupby(labels, key=_likeness)]
    session.add_all(events)
    for event in events:
        leaves.log(session, event)
    new: dict[str, Any] = {"state": wanted.to, "holder": wanted.holder, "step": SealStock.step + 1}
    session.execute(update(SealStock).where(_in_range(wanted)).values(new))
    session.expire_all()
    _tell(session, wanted, sorted({label.instrument_id for label in labels if label.instrument_id}))
    return events


def step(
    session: Session,
    label: SealStock,
    to: SealState,
    *,
    now: datetime,
    by: str | None,
    instrument_id: str | None = None,
    op_id: str | None = None,
) -> SealEvent:
    """Move one label that the caller holds locked and knows to be free to move; no leaf where it was a phone's op."""
    event = SealEvent(
        id=new_id(now),
        first_serial=label.serial,
        last_serial=label.serial,
        region=label.region,
        kind=to,
        from_state=label.state,
        from_holder=label.holder,
        to_holder=label_life.holder(to),
        step=label.step + 1,
        instrument_id=instrument_id,
        by_person=by,
        at=now,
        note="",
        op_id=op_id,
    )
    session.add(event)
    if op_id is None:
        leaves.log(session, event)
    label.state, label.holder, label.step = event.kind, event.to_holder, event.step
    return event


def _in_range(wanted: Move) -> Any:
    return SealStock.serial.between(wanted.first, wanted.last)


def _held(session: Session, wanted: Move, scope: Scope) -> Sequence[Row[Any]]:
    query = select(*ASKED).where(_in_range(wanted), scope.of(SealStock.region)).order_by(SealStock.serial)
    found: Sequence[Any] = session.execute(query.with_for_update()).all()
    return found


def _likeness(label: Row[Any]) -> tuple[Any, ...]:
    return label.region, label.state, label.holder, label.step


def _event(run: list[Row[Any]], wanted: Move, now: datetime) -> SealEvent:
    return SealEvent(
        id=new_id(now),
        first_serial=run[0].serial,
        last_serial=run[-1].serial,
        region=run[0].region,
        kind=wanted.to,
        from_state=run[0].state,
        from_holder=run[0].holder,
        to_holder=wanted.holder,
        step=run[0].step + 1,
        instrument_id=None,
        by_person=wanted.by,
        at=now,
        note=wanted.note,
    )


def _tell(session: Session, wanted: Move, instrument_ids: list[str]) -> None:
    """Have the labels' pages finished anew, and phones told of instruments whose label went."""
    public.stock_changed(session, wanted.first, wanted.last)
    public.changed(session, *instrument_ids)
    for start in range(0, len(instrument_ids), CHUNK):
        some = select(registry.Instrument).where(registry.Instrument.id.in_(instrument_ids[start : start + CHUNK]))
        for item in session.scalars(some):
            registry.touch(session, item)


def add(session: Session, labels: list[dict[str, Any]], *, by: str | None, holder: str, now: datetime) -> None:
    """Bring new labels into the ledger, in order of serial without a gap, all of one region: their order."""
    first, last = labels[0], labels[-1]
    session.execute(insert(SealStock), [label | {"holder": holder, "step": 1} for label in labels])
    event = SealEvent(
        id=new_id(now),
        first_serial=first["serial"],
        last_serial=last["serial"],
        region=first["region"],
        kind=SealState.ORDERED,
        to_holder=holder,
        step=1,
        by_person=by,
        at=now,
        note="",
    )
    session.add(event)
    leaves.log(session, event)
    public.stock_changed(session, first["serial"], last["serial"])
