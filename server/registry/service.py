"""Reading and changing the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from server import feed
from server.accounts.service import Scope
from server.clock import new_id
from server.registry.changing import hold, set_status, show_photo, touch
from server.registry.keeping import SwapTooEarly, Terms, begin_custody, swap
from server.registry.models import (
    Custody,
    Dispenser,
    Instrument,
    InstrumentStatusEntry,
    Meter,
    Nozzle,
    Party,
    Place,
    Region,
    Stall,
    Tenancy,
)
from server.registry.named import Ids, Named, Spot, instruments_in, named, parties_in, stalls_in
from server.registry.search import (
    instrument_in,
    instruments_at,
    instruments_by_number,
    parties_named,
    parties_of_places,
    parties_within,
    party_in,
    party_names,
    place_in,
    place_names,
    places_in,
    places_of_operator,
    region_names,
    regions_in,
    spot_of_party,
    stall_numbers,
)
from shared.national_codes import CODES, clean
from shared.words import CustodyKind, InstrumentStatus

__all__ = [
    "Custody",
    "Ids",
    "Instrument",
    "Named",
    "Party",
    "Place",
    "Region",
    "Spot",
    "Stall",
    "SwapTooEarly",
    "Tenancy",
    "hold",
    "instrument_in",
    "instruments_at",
    "instruments_by_number",
    "instruments_in",
    "named",
    "parties_in",
    "parties_named",
    "parties_of_places",
    "parties_within",
    "party_in",
    "party_names",
    "place_in",
    "place_names",
    "places_in",
    "places_of_operator",
    "region_names",
    "regions_in",
    "set_status",
    "show_photo",
    "spot_of_party",
    "stall_numbers",
    "stalls_in",
    "swap",
    "touch",
]

# What an op tells beside the columns of the instrument.
BESIDE = frozenset({"place", "stall", "custody", "evidence"})


def register_instrument(
    session: Session, body: dict[str, Any], *, region: str, now: datetime, day: date
) -> Instrument | None:
    """Add an instrument as an op describes it, in use and in its custody from a day on; None when its id is taken."""
    if session.get(Instrument, body["id"]) is not None:
        return None
    place = session.get(Place, body["place"]) if body.get("place") else None
    known = {name: value for name, value in body.items() if name not in BESIDE}
    known |= {name: clean(known[name]) or None for name in CODES if name in known}
    instrument = Instrument(
        **known,
        status=InstrumentStatus.IN_USE,
        region=place.region if place else region,
        place_id=place.id if place else None,
    )
    session.add(instrument)
    session.flush()
    session.add(
        InstrumentStatusEntry(id=new_id(now), instrument_id=instrument.id, status=instrument.status, first_day=day)
    )
    if terms := _terms(body):
        begin_custody(session, instrument.id, terms, day=day, now=now)
    feed.changed(session, "instrument", instrument.id)
    return instrument


def _terms(body: dict[str, Any]) -> Terms | None:
    """Return who uses a new instrument where; of one on a stall alone it is taken that it is its user's own."""
    told: dict[str, str] = body.get("custody", {"kind": CustodyKind.OWN})
    if "custody" not in body and "stall" not in body:
        return None
    parties = {"owner_id": told.get("owner"), "user_id": told.get("user")}
    return Terms(kind=CustodyKind(told["kind"]), stall_id=body.get("stall"), **parties)


def region_of_instrument(session: Session, instrument_id: str) -> str | None:
    """Return where an instrument belongs."""
    return session.scalar(select(Instrument.region).where(Instrument.id == instrument_id))


def has_photo(session: Session, sha256: str, scope: Scope) -> bool:
    """Say whether a picture shows an instrument within a scope."""
    return bool(instruments_shown(session, sha256, scope))


def instruments_shown(session: Session, sha256: str, scope: Scope) -> list[str]:
    """Return the ids of the instruments within a scope whose picture this is."""
    query = select(Instrument.id).where(Instrument.photo_sha256 == sha256, scope.of(Instrument.region))
    return list(session.scalars(query))


def photos(session: Session) -> dict[str, str]:
    """Return the picture of each instrument that has one."""
    query = select(Instrument.id, Instrument.photo_sha256).where(Instrument.photo_sha256.is_not(None))
    return {id_: sha256 for id_, sha256 in session.execute(query) if sha256}


@dataclass(frozen=True)
class Whereabouts:
    """An instrument with where it stands and who uses it today."""

    instrument: Instrument
    place_name: str | None
    place_kind: str | None
    stall_number: str | None
    user: Party | None
    nozzle: dict[str, str] | None


def whereabouts(session: Session, ids: list[str]) -> dict[str, Whereabouts]:
    """Return where some instruments are, in one query."""
    query = (
        select(Instrument, Place.name, Place.kind, Stall.number, Party)
        .outerjoin(Custody, and_(Custody.instrument_id == Instrument.id, Custody.last_day.is_(None)))
        .outerjoin(Place, Place.id == Instrument.place_id)
        .outerjoin(Stall, Stall.id == Custody.stall_id)
        .outerjoin(Party, Party.id == Custody.user_id)
        .where(Instrument.id.in_(ids))
        .order_by(Instrument.id, Custody.first_day)
    )
    nozzles = nozzles_of(session, ids)
    return {row[0].id: Whereabouts(*row, nozzle=nozzles.get(row[0].id)) for row in session.execute(query)}


def nozzles_of(session: Session, ids: list[str]) -> dict[str, dict[str, str]]:
    """Return number, product and dispenser of each nozzle."""
    query = (
        select(Nozzle.instrument_id, Nozzle.number, Nozzle.product, Dispenser.number)
        .join(Meter, Meter.id == Nozzle.meter_id)
        .join(Dispenser, Dispenser.id == Meter.dispenser_id)
        .where(Nozzle.instrument_id.in_(ids))
    )
    return {row[0]: {"number": row[1], "product": row[2], "dispenser": row[3]} for row in session.execute(query)}


@dataclass(frozen=True)
class Held:
    """Who used an instrument at which stall, from one day to another, both included; None: until today."""

    first_day: date
    last_day: date | None
    stall_number: str | None
    user: Party | None


def custodies_of(session: Session, ids: list[str]) -> dict[str, list[Held]]:
    """Return the history of each instrument's custody, oldest first."""
    query = (
        select(Custody.instrument_id, Custody.first_day, Custody.last_day, Stall.number, Party)
        .outerjoin(Stall, Stall.id == Custody.stall_id)
        .outerjoin(Party, Party.id == Custody.user_id)
        .where(Custody.instrument_id.in_(ids))
        .order_by(Custody.first_day, Custody.last_day.is_(None), Custody.id)
    )
    found: dict[str, list[Held]] = {}
    for id_, first_day, last_day, number, user in session.execute(query):
        found.setdefault(id_, []).append(Held(first_day, last_day, number, user))
    return found


def current_custody(session: Session, ids: list[str]) -> dict[str, Custody]:
    """Return the custody of today of each instrument."""
    query = select(Custody).where(Custody.instrument_id.in_(ids), Custody.last_day.is_(None))
    return {custody.instrument_id: custody for custody in session.scalars(query.order_by(Custody.first_day))}


def statuses_of(session: Session, ids: list[str]) -> dict[str, list[dict[str, str]]]:
    """Return the dated history of each instrument's status, oldest first."""
    found: dict[str, list[dict[str, str]]] = {}
    query = select(InstrumentStatusEntry).where(InstrumentStatusEntry.instrument_id.in_(ids))
    for entry in session.scalars(query.order_by(InstrumentStatusEntry.first_day, InstrumentStatusEntry.id)):
        row = {"from": entry.first_day.isoformat(), "status": entry.status}
        found.setdefault(entry.instrument_id, []).append(row)
    return found


def find_instrument(session: Session, text: str) -> list[Instrument]:
    """Return the instruments with this serial."""
    return list(session.scalars(select(Instrument).where(Instrument.serial == text)))


def instruments_of_party(session: Session, party_id: str) -> list[tuple[Instrument, Custody]]:
    """Return the instruments a party uses today, with the custody that says so."""
    query = (
        select(Instrument, Custody)
        .join(Custody, Custody.instrument_id == Instrument.id)
        .where(Custody.user_id == party_id, Custody.last_day.is_(None))
        .order_by(Instrument.kind, Instrument.serial)
    )
    return [(instrument, custody) for instrument, custody in session.execute(query)]
