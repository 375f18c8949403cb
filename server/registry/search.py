"""Finding things of the register by what a person at a desk knows of them, always within that person's scope."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.registry.models import Custody, Instrument, Party, Place, Region, Stall, Tenancy
from shared.national_codes import CODES, clean

MOST = 20
LEAST_OF_AN_END = 6


def places_in(session: Session, scope: Scope) -> list[Place]:
    """Return the places of a scope, in order of region and name."""
    return list(session.scalars(select(Place).where(scope.of(Place.region)).order_by(Place.region, Place.name)))


def place_in(session: Session, scope: Scope, place_id: str) -> Place | None:
    """Return a place by its id; None when there is none in the scope."""
    return session.scalar(select(Place).where(Place.id == place_id, scope.of(Place.region)))


def instrument_in(session: Session, scope: Scope, instrument_id: str) -> Instrument | None:
    """Return an instrument by its id; None when there is none in the scope."""
    return session.scalar(select(Instrument).where(Instrument.id == instrument_id, scope.of(Instrument.region)))


def instruments_by_number(session: Session, scope: Scope, text: str) -> list[Instrument]:
    """Return the instruments whose serial or national code begins with a text, upper and lower case alike.

    A code may be a link of which a person reads only the end: whoever gives that much of it finds it as well.
    """
    begins = func.upper(Instrument.serial).startswith(text.upper(), autoescape=True)
    codes, told = [func.upper(getattr(Instrument, name)) for name in CODES], clean(text).upper()
    found = [code.startswith(told, autoescape=True) for code in codes] if told else []
    if len(told) >= LEAST_OF_AN_END:
        found += [code.endswith(told, autoescape=True) for code in codes]
    query = select(Instrument).where(scope.of(Instrument.region), or_(begins, *found))
    query = query.order_by(begins.desc(), Instrument.serial, Instrument.id)
    return list(session.scalars(query.limit(MOST)))


def party_in(session: Session, scope: Scope, party_id: str) -> Party | None:
    """Return a party by its id; None when there is none in the scope."""
    return session.scalar(select(Party).where(Party.id == party_id, scope.of(Party.region)))


def parties_within(scope: Scope) -> Select[str]:
    """Return the query for the ids of the parties of a scope."""
    return select(Party.id).where(scope.of(Party.region))


def parties_named(session: Session, scope: Scope, text: str) -> list[Party]:
    """Return the parties whose name holds a text."""
    query = select(Party).where(scope.of(Party.region), Party.name.contains(text, autoescape=True))
    return list(session.scalars(query.order_by(Party.name, Party.id).limit(MOST)))


def places_of_operator(session: Session, party_id: str) -> list[Place]:
    """Return the places that a party operates, in order of name."""
    return list(session.scalars(select(Place).where(Place.operator_id == party_id).order_by(Place.name, Place.id)))


def instruments_at(session: Session, place_id: str) -> list[Instrument]:
    """Return the instruments of a place, in order of kind and serial."""
    query = select(Instrument).where(Instrument.place_id == place_id)
    return list(session.scalars(query.order_by(Instrument.kind, Instrument.serial, Instrument.id)))


def place_names(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of some places."""
    wanted = {id_ for id_ in ids if id_}
    found: dict[str | None, str] = {}
    for id_, name in session.execute(select(Place.id, Place.name).where(Place.id.in_(wanted))):
        found[id_] = name
    return found


def party_names(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of some parties."""
    wanted = {id_ for id_ in ids if id_}
    found: dict[str | None, str] = {}
    for id_, name in session.execute(select(Party.id, Party.name).where(Party.id.in_(wanted))):
        found[id_] = name
    return found


def stall_numbers(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the numbers of some stalls."""
    wanted = {id_ for id_ in ids if id_}
    found: dict[str | None, str] = {}
    for id_, number in session.execute(select(Stall.id, Stall.number).where(Stall.id.in_(wanted))):
        found[id_] = number
    return found


def region_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of some regions."""
    query = select(Region).where(Region.code.in_(set(codes)))
    return {region.code: region.name for region in session.scalars(query)}


def regions_in(session: Session, scope: Scope) -> list[Region]:
    """Return the regions of a scope that have no region below them, in order of code."""
    above = select(Region.parent).where(Region.parent.is_not(None))
    query = select(Region).where(scope.of(Region.code), Region.code.not_in(above))
    return list(session.scalars(query.order_by(Region.code)))


def parties_of_places(session: Session, place_ids: Iterable[str | None]) -> dict[str, set[str]]:
    """Return who has a stall or uses an instrument in some places today."""
    wanted = {id_ for id_ in place_ids if id_}
    tenants = select(Stall.place_id, Tenancy.party_id).join(Tenancy, Tenancy.stall_id == Stall.id)
    users = select(Instrument.place_id, Custody.user_id).join(Custody, Custody.instrument_id == Instrument.id)
    found: dict[str, set[str]] = {}
    for query in (
        tenants.where(Stall.place_id.in_(wanted), Tenancy.last_day.is_(None)),
        users.where(Instrument.place_id.in_(wanted), Custody.last_day.is_(None), Custody.user_id.is_not(None)),
    ):
        for place_id, party_id in session.execute(query.distinct()):
            found.setdefault(str(place_id), set()).add(str(party_id))
    return found


def spot_of_party(session: Session, party_id: str, scope: Scope | None = None) -> tuple[str | None, str | None]:
    """Return the name of the place and the number of the stall where a party uses its first instrument today.

    ``scope`` None: anywhere, as the party itself and its public pledge tell it.
    """
    here = scope.of(Instrument.region) if scope else true()
    query = (
        select(Place.name, Stall.number)
        .select_from(Custody)
        .join(Instrument, Instrument.id == Custody.instrument_id)
        .outerjoin(Place, Place.id == Instrument.place_id)
        .outerjoin(Stall, Stall.id == Custody.stall_id)
        .where(Custody.user_id == party_id, Custody.last_day.is_(None), here)
        .order_by(Instrument.kind, Instrument.serial)
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else (None, None)
