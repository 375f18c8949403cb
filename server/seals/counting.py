"""Counting labels: by state and holder, as the labels say and as the events add up; and the history of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.seals.models import SealEvent, SealStock
from shared.label_life import PLACE_IN, Place, read_holder
from shared.words import SealState

MOST_RUNS = 200
HELD = tuple(state for state, place in PLACE_IN.items() if place in (Place.PRINTER, Place.STORE, Place.PERSON))
Held = tuple[str, str]


@dataclass(frozen=True)
class Count:
    """How many labels in one state somebody holds."""

    state: SealState
    holder: str
    count: int

    @property
    def place(self) -> Place:
        return PLACE_IN[self.state]

    @property
    def holder_id(self) -> str | None:
        return read_holder(self.holder)[1] if self.holder else None


@dataclass(frozen=True)
class Run:
    """Labels that lie in a row with the same holder in the same state."""

    first: int
    last: int
    state: SealState
    holder: str

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def counts(session: Session, scope: Scope, holder: str | None = None) -> list[Count]:
    """Return how many labels of a scope are in each state with each holder; ``holder`` keeps to one."""
    query = select(SealStock.state, SealStock.holder, func.count()).where(scope.of(SealStock.region), _of(holder))
    query = query.group_by(SealStock.state, SealStock.holder)
    found = [Count(SealState(row[0]), row[1], row[2]) for row in session.execute(query)]
    return sorted(found, key=lambda one: (list(PLACE_IN).index(one.state), one.holder))


def entered(session: Session, scope: Scope) -> int:
    """Return how many labels of a scope ever came into the ledger."""
    count = func.sum(SealEvent.last_serial - SealEvent.first_serial + 1)
    query = select(count).where(scope.of(SealEvent.region), SealEvent.from_state.is_(None))
    return int(session.scalar(query) or 0)


def adds_up(session: Session, scope: Scope) -> bool:
    """Say whether the events of a scope, added up, give what the labels say: every state, every holder."""
    booked: Counter[Held] = Counter()
    count = func.sum(SealEvent.last_serial - SealEvent.first_serial + 1)
    here = scope.of(SealEvent.region)
    into = select(SealEvent.kind, SealEvent.to_holder, count).where(here)
    for state, held, number in session.execute(into.group_by(SealEvent.kind, SealEvent.to_holder)):
        booked[state, held] += int(number)
    out = select(SealEvent.from_state, SealEvent.from_holder, count).where(here, SealEvent.from_state.is_not(None))
    for before, held_before, number in session.execute(out.group_by(SealEvent.from_state, SealEvent.from_holder)):
        booked[before or "", held_before or ""] -= int(number)
    return {key: number for key, number in booked.items() if number} == {
        (one.state.value, one.holder): one.count for one in counts(session, scope)
    }


def runs(session: Session, scope: Scope, holder: str | None = None) -> list[Run]:
    """Return the labels that wait for something, as runs in order of serial, the first so many of them."""
    place = func.row_number().over(partition_by=(SealStock.state, SealStock.holder), order_by=SealStock.serial)
    inner = select(SealStock.serial, SealStock.state, SealStock.holder, (SealStock.serial - place).label("island"))
    some = inner.where(scope.of(SealStock.region), SealStock.state.in_(HELD), _of(holder)).subquery()
    ends = func.min(some.c.serial), func.max(some.c.serial)
    query = select(*ends, some.c.state, some.c.holder).group_by(some.c.state, some.c.holder, some.c.island)
    found = session.execute(query.order_by(ends[0]).limit(MOST_RUNS))
    return [Run(first, last, SealState(state), held) for first, last, state, held in found]


def label_in(session: Session, scope: Scope, serial: int, holder: str | None = None) -> SealStock | None:
    """Return a label of a scope by its serial; ``holder`` keeps to those of one. None when there is none."""
    query = select(SealStock).where(SealStock.serial == serial, scope.of(SealStock.region), _of(holder))
    return session.scalar(query)


def history(session: Session, serial: int) -> list[SealEvent]:
    """Return every move of one label, from the first."""
    query = select(SealEvent).where(SealEvent.first_serial <= serial, SealEvent.last_serial >= serial)
    return list(session.scalars(query.order_by(SealEvent.step)))


def _of(holder: str | None) -> ColumnElement[bool]:
    return true() if holder is None else SealStock.holder == holder
