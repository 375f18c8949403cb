"""The figures of tonight's bulletin: exact counts over one civil day, within a scope.

Definitions, alike for the whole and for each place:

- people: different persons who took part in a visit as officers or verifiers; witnesses were not sent.
- places: different places that were visited; parties: different parties that were inspected, so not those found closed,
  gone or refusing. A party that is not in the register counts by its own inspection.
- instruments: different instruments that were tested; nozzles: those of them that are fuel nozzles.
- clean: instruments of which every test of the day said "within" on the server, none of them disputed. Their share of
  the instruments is an exact fraction; per cent are cut off after one place, never rounded up to "all".
- orders: inspections that ended with an order to correct.

The day of a record is the civil day of its corrected clock, so a figure may still grow when a phone comes back late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.inspections import service as inspections
from server.registry import service as registry
from shared.verdict import Code
from shared.words import Capacity, Disposition, InstrumentKind

SENT = (Capacity.OFFICER, Capacity.VERIFIER)


@dataclass(frozen=True)
class Figures:
    """The counts of a day; ``clean`` of ``instruments`` had no finding."""

    people: int
    places: int
    parties: int
    instruments: int
    nozzles: int
    clean: int
    orders: int

    @property
    def share_text(self) -> str:
        """Return the exact share with its per cent, ``37/40 (92.5 %)``; "–" where nothing was tested.

        >>> Figures(0, 0, 0, instruments=40, nozzles=0, clean=37, orders=0).share_text
        '37/40 (92.5 %)'
        >>> Figures(0, 0, 0, instruments=2000, nozzles=0, clean=1999, orders=0).share_text
        '1999/2000 (99.9 %)'
        """
        if not self.instruments:
            return "–"
        whole, tenth = divmod(self.clean * 1000 // self.instruments, 10)
        return f"{self.clean}/{self.instruments} ({whole}.{tenth} %)"


@dataclass(frozen=True)
class PlaceFigures:
    """The same counts for one place."""

    place: registry.Place
    figures: Figures


@dataclass(frozen=True)
class Bulletin:
    """A day's figures, for the whole scope and for each place in order of region and name."""

    day: date
    whole: Figures
    by_place: tuple[PlaceFigures, ...]


@dataclass(frozen=True)
class _Day:
    """The rows a bulletin is counted from, each with its ``place_id``."""

    people: Sequence[Row[Any]]
    inspections: Sequence[Row[Any]]
    checks: Sequence[Row[Any]]

    def figures(self, places: frozenset[str]) -> Figures:
        """Count the rows of some places."""
        tested = [row for row in self.checks if row.place_id in places]
        unclean = {row.id for row in tested if row.verdict != Code.WITHIN or row.is_disputed}
        inspected = [row for row in self.inspections if row.place_id in places]
        return Figures(
            people=len({row.person_id for row in self.people if row.place_id in places}),
            places=len(places),
            parties=len({row.party_id or row.id for row in inspected if row.disposition != Disposition.NOT_INSPECTED}),
            instruments=len({row.id for row in tested}),
            nozzles=len({row.id for row in tested if row.kind == InstrumentKind.FUEL_NOZZLE}),
            clean=len({row.id for row in tested} - unclean),
            orders=sum(row.disposition == Disposition.ORDER_TO_CORRECT for row in inspected),
        )


def bulletin(session: Session, scope: Scope, day: date) -> Bulletin:
    """Count a civil day within a scope."""
    rows, places = _rows(session, scope, day), _places(session, scope, day)
    by_place = tuple(PlaceFigures(place, rows.figures(frozenset((place.id,)))) for place in places)
    return Bulletin(day, rows.figures(frozenset(place.id for place in places)), by_place)


def _places(session: Session, scope: Scope, day: date) -> list[registry.Place]:
    visit, place = inspections.Visit, registry.Place
    visited = select(visit.place_id).where(visit.civil_day == day)
    query = select(place).where(place.id.in_(visited), scope.of(place.region))
    return list(session.scalars(query.order_by(place.region, place.name, place.id)))


def _rows(session: Session, scope: Scope, day: date) -> _Day:
    visit, place, instrument = inspections.Visit, registry.Place, registry.Instrument
    person, inspection, check = inspections.Participant, inspections.Inspection, inspections.Check
    visited = select(visit.place_id).join(place, place.id == visit.place_id)
    visited = visited.where(visit.civil_day == day, scope.of(place.region))
    sent = visited.join(person, person.visit_id == visit.id).where(person.capacity.in_(SENT))
    inspected = visited.join(inspection, inspection.visit_id == visit.id)
    checked = inspected.join(check, check.inspection_id == inspection.id)
    checked = checked.join(instrument, instrument.id == check.instrument_id)
    return _Day(
        session.execute(sent.add_columns(person.person_id)).all(),
        session.execute(inspected.add_columns(inspection.id, inspection.party_id, inspection.disposition)).all(),
        session.execute(checked.add_columns(instrument.id, instrument.kind, check.verdict, check.is_disputed)).all(),
    )
