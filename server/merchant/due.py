"""Which instruments of a place are due, for its operator: what anyone may read on their labels, and nothing more.

What a field check suspected is not in it: it is the merchant's and the bureau's until a document settles it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.certificates import service as certificates
from server.merchant.service import state_of
from server.registry import service as registry

URGENT = ("own_state.failed", "validity.overdue", "validity.never_verified", "validity.due_soon")


@dataclass(frozen=True)
class PlaceInstrument:
    """One instrument of a place. ``state`` is a key of the catalogue."""

    where: registry.Whereabouts
    state: str
    shape: str
    valid_until: date | None

    @property
    def is_urgent(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.state in URGENT


@dataclass(frozen=True)
class PlaceDue:
    """A place's instruments: those to be dealt with, the most urgent first, and the rest by stall."""

    urgent: Sequence[PlaceInstrument]
    rest: Sequence[PlaceInstrument]
    counts: Sequence[tuple[str, str, int]]


def at_place(session: Session, place_id: str, today: date) -> PlaceDue:
    """Return how the instruments of a place stand today."""
    ids = [item.id for item in registry.instruments_at(session, place_id)]
    where, last = registry.whereabouts(session, ids), certificates.latest_of(session, ids)
    found = sorted((_one(where[id_], last.get(id_), today) for id_ in ids), key=_by_stall)
    urgent = sorted((one for one in found if one.is_urgent), key=lambda one: URGENT.index(one.state))
    shapes = {one.state: one.shape for one in found}
    counted = Counter(one.state for one in urgent)
    counts = [(state, shapes[state], counted[state]) for state in URGENT if counted[state]]
    return PlaceDue(urgent, [one for one in found if not one.is_urgent], counts)


def _one(where: registry.Whereabouts, last: certificates.Dated | None, today: date) -> PlaceInstrument:
    state, shape = state_of(where.instrument, last, None, today)
    return PlaceInstrument(where, state, shape, last.valid_until if last else None)


def _by_stall(one: PlaceInstrument) -> tuple[str, str]:
    return one.where.stall_number or "", one.where.instrument.serial
