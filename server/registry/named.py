"""What signed records name in the register, by id: only what their author's unit is responsible for is theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select, union
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.bulk import among
from server.registry.models import Custody, Instrument, Party, Place, Stall

CHUNK = 500


class Spot(NamedTuple):
    """An instrument with where it is."""

    id: str
    region: str
    place_id: str | None


class Use(NamedTuple):
    """A custody: who uses which instrument."""

    id: str
    instrument_id: str
    user_id: str | None


@dataclass(frozen=True)
class Named:
    """Rows of the register by id, wherever they are; whoever asks looks at their regions.

    A party has a region for each place that it has to do with: where it is filed, and where it ever used an instrument.
    """

    places: dict[str, str]
    stalls: dict[str, str]
    instruments: dict[str, Spot]
    custodies: dict[str, Use]
    parties: dict[str, set[str]]


@dataclass(frozen=True)
class Ids:
    """The ids that records name."""

    places: Collection[str]
    stalls: Collection[str]
    instruments: Collection[str]
    custodies: Collection[str]
    parties: Collection[str]


def named(session: Session, ids: Ids) -> Named:
    """Read what records name: one query for each table, however many there are."""
    place = select(Place.id, Place.region)
    stall = select(Stall.id, Place.region).join(Place, Place.id == Stall.place_id)
    instrument = select(Instrument.id, Instrument.region, Instrument.place_id)
    custody = select(Custody.id, Custody.instrument_id, Custody.user_id)
    parties: dict[str, set[str]] = {}
    for some in _chunks(ids.parties):
        used = select(Custody.user_id, Instrument.region).join(Instrument, Instrument.id == Custody.instrument_id)
        filed = select(Party.id, Party.region).where(among(session, Party.id, some))
        row: Any
        for row in session.execute(union(filed, used.where(among(session, Custody.user_id, some)))):
            parties.setdefault(row[0], set()).add(row[1])
    return Named(
        places={row[0]: row[1] for row in _rows(session, place, Place.id, ids.places)},
        stalls={row[0]: row[1] for row in _rows(session, stall, Stall.id, ids.stalls)},
        instruments={row[0]: Spot(*row) for row in _rows(session, instrument, Instrument.id, ids.instruments)},
        custodies={row[0]: Use(*row) for row in _rows(session, custody, Custody.id, ids.custodies)},
        parties=parties,
    )


def _rows(session: Session, query: Any, column: Any, ids: Collection[str]) -> Iterator[Any]:
    for some in _chunks(ids):
        yield from session.execute(query.where(among(session, column, some)))


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]


def instruments_in(session: Session, scope: Scope, ids: Collection[str]) -> dict[str, Instrument]:
    """Return the instruments of a scope among some ids."""
    return _by_id(session, select(Instrument).where(Instrument.id.in_(ids), scope.of(Instrument.region)), ids)


def stalls_in(session: Session, scope: Scope, ids: Collection[str]) -> dict[str, Stall]:
    """Return the stalls at places of a scope among some ids."""
    query = select(Stall).join(Place, Place.id == Stall.place_id)
    return _by_id(session, query.where(Stall.id.in_(ids), scope.of(Place.region)), ids)


def parties_in(session: Session, scope: Scope, ids: Collection[str]) -> dict[str, Party]:
    """Return the parties among some ids that a scope has to do with: filed there, or ever using an instrument there."""
    users = select(Custody.user_id).join(Instrument, Instrument.id == Custody.instrument_id)
    users = users.where(Custody.user_id.in_(ids), scope.of(Instrument.region))
    query = select(Party).where(Party.id.in_(ids), or_(scope.of(Party.region), Party.id.in_(users)))
    return _by_id(session, query, ids)


def _by_id(session: Session, query: Select[Any], ids: Collection[str]) -> dict[str, Any]:
    """Ask only where something is named: most records name no custody or stall."""
    return {row.id: row for row in session.scalars(query)} if ids else {}
