"""Who uses an instrument from one day on: a custody that begins, and two instruments that change places.

What was before is ended and stays; checks, credit and the label's page keep the custody of their date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.clock import new_id
from server.registry.changing import touch
from server.registry.models import Custody, Instrument
from shared.words import CustodyKind


class SwapTooEarly(Exception):
    """One of the instruments has been used where it is only since a later day: ``since``."""

    def __init__(self, since: date) -> None:
        super().__init__(since.isoformat())
        self.since = since


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what terms an instrument is used, by whom and where; None: nobody knows.

    What somebody uses as their own belongs to them, where no other owner is named.
    """

    kind: CustodyKind
    owner_id: str | None = None
    user_id: str | None = None
    stall_id: str | None = None

    @classmethod
    def of(cls, custody: Custody) -> Terms:
        kind = CustodyKind(custody.kind)
        return cls(kind=kind, owner_id=custody.owner_id, user_id=custody.user_id, stall_id=custody.stall_id)

    @property
    def owner(self) -> str | None:
        return self.owner_id or (self.user_id if self.kind is CustodyKind.OWN else None)

    def taken_over_by(self, owner: str | None) -> Terms:
        """Return the terms for another instrument in the same spot, which keeps its owner.

        An instrument is its user's own where the two are known to be one; in an own one's spot, another's is borrowed.
        """
        kind = self.kind
        if kind in (CustodyKind.OWN, CustodyKind.BORROWED, CustodyKind.MARKET_PROVIDED):
            is_own = owner is not None and owner == self.user_id
            kind = CustodyKind.OWN if is_own else CustodyKind.BORROWED if kind is CustodyKind.OWN else kind
        return Terms(kind=kind, owner_id=owner, user_id=self.user_id, stall_id=self.stall_id)


def begin_custody(session: Session, instrument_id: str, terms: Terms, *, day: date, now: datetime) -> None:
    """Say who uses an instrument from a day on; the caller has ended what was before."""
    session.add(
        Custody(
            id=new_id(now),
            instrument_id=instrument_id,
            kind=terms.kind,
            owner_id=terms.owner,
            user_id=terms.user_id,
            stall_id=terms.stall_id,
            first_day=day,
            last_day=None,
        )
    )


def swap(session: Session, first: Instrument, second: Instrument, *, on: date, now: datetime) -> None:
    """Let two instruments change places from a day on; raises SwapTooEarly, and then nothing is changed.

    Place, stall, user and the terms of use change over, an owner who is known stays with the instrument. An instrument
    that nobody used leaves the other used by nobody. A custody ends the day before, or on its only day where it began
    on the day of the swap.
    """
    ids = (first.id, second.id)
    held = select(Instrument).where(Instrument.id.in_(ids)).order_by(Instrument.id)
    held = held.with_for_update(key_share=True, of=Instrument)  # of two swaps at once one sees what the other did
    session.scalars(held.execution_options(populate_existing=True)).all()
    found = {id_: _custodies(session, id_) for id_ in ids}
    since = max((row.last_day or row.first_day for rows in found.values() for row in rows), default=on)
    if since > on:
        raise SwapTooEarly(since)
    before = {id_: Terms.of(rows[-1]) if rows and rows[-1].last_day is None else None for id_, rows in found.items()}
    for one, other in ((first, second), (second, first)):
        touch(session, one)
        for row in found[one.id]:
            row.last_day = row.last_day or max(row.first_day, on - timedelta(days=1))
        mine, theirs = before[one.id], before[other.id]
        if theirs is not None:
            begin_custody(session, one.id, theirs.taken_over_by(mine.owner if mine else None), day=on, now=now)
    first.place_id, second.place_id = second.place_id, first.place_id
    first.region, second.region = second.region, first.region


def _custodies(session: Session, instrument_id: str) -> list[Custody]:
    """Return every custody of an instrument, the current one last."""
    query = select(Custody).where(Custody.instrument_id == instrument_id)
    query = query.order_by(Custody.last_day.is_(None), Custody.first_day)
    return list(session.scalars(query.execution_options(populate_existing=True)))
