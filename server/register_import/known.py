"""What the register knows of the places, merchants, instruments and documents that a file names: one query a table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope, Unit
from server.certificates.service import Verification
from server.register_import.columns import Column
from server.register_import.rows import Wanted
from server.registry.service import Custody, Instrument, Party, Place, Region, Stall, Tenancy
from shared.ids import is_uuid
from shared.national_codes import CODES
from shared.words import UnitKind

PLATE = ("max_mg", "min_mg", "e_mg", "d_mg", "accuracy_class")
OF_INSTRUMENT = ("serial", "own_no", "maker", "model", *PLATE, "use", *CODES, "note")


def name_key(text: str) -> str:
    """Return a name as names are compared: NFKC, single spaces, upper case."""
    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


def number_key(text: str | None) -> str:
    """Return a number as numbers are compared, as the binding of a label does it: NFKC, upper case, no white space."""
    upper = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text or "").upper())
    return "".join(one for one in upper if not one.isspace())


@dataclass
class KnownInstrument:
    """An instrument of the register, or of an earlier row; ``claimed_by`` is the row of the file that is about it."""

    id: str
    kind: str
    place_id: str | None
    region: str
    values: dict[str, Any]
    custody: KnownCustody | None = None
    claimed_by: int | None = None


@dataclass(frozen=True)
class KnownCustody:
    """Who uses an instrument today, and at which stall."""

    id: str
    user_id: str | None
    stall_id: str | None
    first_day: date


@dataclass(frozen=True)
class KnownParty:
    """A merchant of the register, or of an earlier row."""

    id: str
    name: str
    code: str | None


@dataclass(frozen=True)
class KnownDocument:
    """A verification that a body has entered under a number."""

    instrument_id: str
    done_on: date
    valid_until: date | None
    result: str


@dataclass
class Known:
    """The register as far as the file names it; the planner adds what earlier rows will add."""

    places: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    place_names: dict[str, str] = field(default_factory=dict)
    regions: dict[str, list[str]] = field(default_factory=dict)
    stalls: dict[tuple[str, str], str] = field(default_factory=dict)
    parties: dict[str, KnownParty] = field(default_factory=dict)
    by_code: dict[str, KnownParty] = field(default_factory=dict)
    by_name: dict[tuple[str, str], dict[str, KnownParty]] = field(default_factory=dict)
    instruments: dict[str, KnownInstrument] = field(default_factory=dict)
    at: dict[tuple[str | None, str], list[KnownInstrument]] = field(default_factory=dict)
    by_serial: dict[tuple[str | None, str, str], list[KnownInstrument]] = field(default_factory=dict)
    by_own_no: dict[tuple[str | None, str, str], list[KnownInstrument]] = field(default_factory=dict)
    bodies: dict[str, list[str]] = field(default_factory=dict)
    documents: dict[tuple[str, str], KnownDocument] = field(default_factory=dict)

    def add(self, item: KnownInstrument) -> None:
        """Make an instrument findable by its id and numbers."""
        self.instruments[item.id] = item
        for name, index in (("serial", self.by_serial), ("own_no", self.by_own_no)):
            if key := number_key(item.values.get(name)):
                index.setdefault((item.place_id, item.kind, key), []).append(item)

    def add_party(self, party: KnownParty, place_id: str | None) -> None:
        """Make a merchant findable by code, and by name at a place."""
        self.parties[party.id] = party
        if party.code:
            self.by_code.setdefault(party.code, party)
        if place_id:
            self.by_name.setdefault((place_id, name_key(party.name)), {})[party.id] = party


def look_up(session: Session, scope: Scope, rows: list[Wanted], *, hold: bool) -> Known:
    """Read what some rows name. ``hold``: nobody else may change these instruments until the transaction ends."""
    known = Known()
    _places(session, scope, known)
    named = {name_key(row.says[Column.PLACE]) for row in rows if Column.PLACE in row.says}
    place_ids = [id_ for name in named for id_, _ in known.places.get(name, ())]
    ids = [row.says[Column.ID].lower() for row in rows if Column.ID in row.says]
    _instruments(session, scope, known, place_ids, [id_ for id_ in ids if is_uuid(id_)], hold=hold)
    here = sorted({*place_ids, *(item.place_id for item in known.instruments.values() if item.place_id)})
    for stall in session.execute(select(Stall.id, Stall.place_id, Stall.number).where(Stall.place_id.in_(here))):
        known.stalls[stall.place_id, name_key(stall.number)] = stall.id
    _parties(session, scope, known, here, [row.says[Column.CODE] for row in rows if Column.CODE in row.says])
    _documents(session, known, [row.says[Column.DOCUMENT_NO] for row in rows if Column.DOCUMENT_NO in row.says])
    return known


def _places(session: Session, scope: Scope, known: Known) -> None:
    for place in session.execute(select(Place.id, Place.name, Place.region).where(scope.of(Place.region))):
        known.places.setdefault(name_key(place.name), []).append((place.id, place.region))
        known.place_names[place.id] = place.name
    for region in session.execute(select(Region.code, Region.name).where(scope.of(Region.code))):
        known.regions[region.code] = [region.code]
        known.regions.setdefault(name_key(region.name), []).append(region.code)


def _instruments(
    session: Session, scope: Scope, known: Known, place_ids: list[str], ids: list[str], *, hold: bool
) -> None:
    names = ("id", "kind", "place_id", "region", *OF_INSTRUMENT)
    query = select(*(Instrument.__table__.c[name] for name in names)).where(
        scope.of(Instrument.region), or_(Instrument.place_id.in_(place_ids), Instrument.id.in_(ids))
    )
    query = query.order_by(Instrument.id)
    for row in session.execute(query.with_for_update(key_share=True) if hold else query):
        values = {name: getattr(row, name) for name in OF_INSTRUMENT}
        known.add(KnownInstrument(row.id, row.kind, row.place_id, row.region, values))


def _parties(session: Session, scope: Scope, known: Known, place_ids: list[str], codes: Iterable[str]) -> None:
    """Merchants by code within the scope, and whoever uses an instrument or has a stall at the places."""
    columns = (Party.id, Party.name, Party.public_code)
    for row in session.execute(select(*columns).where(scope.of(Party.region), Party.public_code.in_(set(codes)))):
        known.add_party(KnownParty(*row), None)
    tenants = select(*columns, Stall.place_id).join(Tenancy, Tenancy.party_id == Party.id)
    tenants = tenants.join(Stall, Stall.id == Tenancy.stall_id)
    for id_, name, code, place_id in session.execute(
        tenants.where(Tenancy.last_day.is_(None), Stall.place_id.in_(place_ids))
    ):
        known.add_party(KnownParty(id_, name, code), place_id)
    users = select(Custody, *columns).outerjoin(Party, Party.id == Custody.user_id)
    users = users.join(Instrument, Instrument.id == Custody.instrument_id)
    here = or_(Instrument.place_id.in_(place_ids), Instrument.id.in_(_without_place(known)))
    users = users.where(Custody.last_day.is_(None), here).order_by(Custody.first_day)
    for custody, id_, name, code in session.execute(users):
        item = known.instruments.get(custody.instrument_id)
        if id_ is not None:
            known.add_party(KnownParty(id_, name, code), item.place_id if item else None)
        if item is not None:
            item.custody = KnownCustody(custody.id, custody.user_id, custody.stall_id, custody.first_day)


def _without_place(known: Known) -> list[str]:
    return [item.id for item in known.instruments.values() if item.place_id is None]


def _documents(session: Session, known: Known, numbers: Iterable[str]) -> None:
    for unit in session.execute(select(Unit.id, Unit.name).where(Unit.kind == UnitKind.VERIFICATION_BODY)):
        known.bodies.setdefault(name_key(unit.name), []).append(unit.id)
    query = select(Verification).where(Verification.document_no.in_(set(numbers)))
    for one in session.scalars(query):
        about = KnownDocument(one.instrument_id, one.done_on, one.valid_until, one.result)
        known.documents[one.body_id, one.document_no] = about
