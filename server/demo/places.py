"""Places and the custody of what is used in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from server.demo.dice import at, new_id
from server.demo.draft import Draft
from server.demo.instruments import InstrumentBook
from server.demo.lists import words
from server.demo.parties import PartyBook
from server.demo.register import Custody, Instrument, Party, Place, Region
from shared.words import CustodyKind, PhoneZone, PlaceKind

OPENED_DAYS_AGO = 1050


@dataclass(frozen=True)
class Books:
    """What every builder of places adds to: the draft and its books, with a stream of its own."""

    draft: Draft
    parties: PartyBook
    instruments: InstrumentBook
    rng: Random


def open_place(
    books: Books,
    kind: PlaceKind,
    region: Region,
    operator: Party,
    name: str,
    phone_zone: PhoneZone = PhoneZone.ALLOWED,
) -> Place:
    """Add a place."""
    opened = at(books.draft.dice.ago(OPENED_DAYS_AGO), 9)
    address = books.draft.names.address(region.name)
    place = Place(new_id(books.rng, opened), kind, name, address, region.code, operator.id, phone_zone)
    books.draft.places.append(place)
    return place


def place_name(books: Books, kind: PlaceKind) -> str:
    """Return a new name for a place: two syllables and what it is."""
    return books.draft.names.business("", words("suffixes", kind))


def give(
    books: Books,
    instrument: Instrument,
    kind: CustodyKind,
    owner: Party,
    user: Party,
    first_day: date,
    *,
    stall_id: str | None = None,
    last_day: date | None = None,
) -> Custody:
    """Add the fact that ``user`` uses an instrument of ``owner``."""
    custody_id = new_id(books.rng, at(first_day, 11))
    custody = Custody(custody_id, instrument.id, kind, owner.id, user.id, stall_id, first_day, last_day)
    books.draft.custodies.append(custody)
    return custody
