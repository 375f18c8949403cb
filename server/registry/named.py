"""What a signed record names in the register, by id: only what its author's unit is responsible for is there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.registry.models import Custody, Instrument, Party, Place, Stall


def instruments_in(session: Session, scope: Scope, ids: Collection[str]) -> dict[str, Instrument]:
    """Return the instruments of a scope among some ids."""
    return _by_id(session, select(Instrument).where(Instrument.id.in_(ids), scope.of(Instrument.region)), ids)


def custodies_in(session: Session, scope: Scope, ids: Collection[str]) -> dict[str, Custody]:
    """Return the custodies of instruments of a scope among some ids."""
    query = select(Custody).join(Instrument, Instrument.id == Custody.instrument_id)
    return _by_id(session, query.where(Custody.id.in_(ids), scope.of(Instrument.region)), ids)


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
