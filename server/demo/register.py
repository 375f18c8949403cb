"""The register of the demo city as plain values: the fields are those of the tables, ids included.

What the loader still has to make: keys, password hashes, sealed identity numbers, pictures, and the texts of labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.scales import Scale
from shared.words import (
    CustodyKind,
    IdentityKind,
    InstrumentKind,
    InstrumentStatus,
    PhoneZone,
    PlaceKind,
    UnitKind,
    Use,
)

RoleName = Literal[
    "inspector",
    "verifier",
    "supervisor",
    "auditor",
    "system_administrator",
    "security_administrator",
    "audit_administrator",
]


@dataclass(frozen=True)
class Region:
    """An administrative division; ``is_local`` for development zones that GB/T 2260 does not list."""

    code: str
    name: str
    parent: str | None
    is_local: bool


@dataclass(frozen=True)
class Unit:
    """A unit with the regions of its jurisdiction; a shorter code covers every code that begins with it."""

    id: str
    kind: UnitKind
    name: str
    parent_id: str | None
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Somebody of the staff; the sign-in name is the name in pinyin."""

    id: str
    role: RoleName
    name: str
    unit_id: str
    sign_in_name: str
    card_no: str
    card_until: date


@dataclass(frozen=True)
class Party:
    """A merchant or operator. ``identity_no`` is a citizen's number, to be sealed; ``contact`` signs for the party."""

    id: str
    name: str
    identity_kind: IdentityKind
    public_code: str | None
    identity_no: str | None
    region: str
    contact: str


@dataclass(frozen=True)
class Place:
    """Where instruments are used."""

    id: str
    kind: PlaceKind
    name: str
    address: str
    region: str
    operator_id: str
    phone_zone: PhoneZone


@dataclass(frozen=True)
class Stall:
    """A numbered spot in a market."""

    id: str
    place_id: str
    number: str


@dataclass(frozen=True)
class Tenancy:
    """Which merchant has which stall; ``last_day`` None: still."""

    id: str
    stall_id: str
    party_id: str
    first_day: date
    last_day: date | None


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A measuring instrument; masses in milligrams, None for what is no scale. A nozzle's serial is its dispenser's."""

    id: str
    kind: InstrumentKind
    serial: str
    own_no: str | None
    maker: str
    model: str
    use: Use
    status: InstrumentStatus
    region: str
    place_id: str
    price_computing: bool = False
    max_mg: int | None = None
    min_mg: int | None = None
    e_mg: int | None = None
    d_mg: int | None = None
    accuracy_class: str | None = None
    production_code: str | None = None
    verification_code: str | None = None

    @property
    def scale(self) -> Scale | None:
        """The nameplate as the rules want it; None for what is no scale."""
        if self.max_mg is None or self.min_mg is None or self.e_mg is None or self.d_mg is None:
            return None
        return Scale(
            max_mg=self.max_mg,
            min_mg=self.min_mg,
            e_mg=self.e_mg,
            d_mg=self.d_mg,
            accuracy_class=self.accuracy_class or "",
            price_computing=self.price_computing,
        )


@dataclass(frozen=True)
class StatusEntry:
    """From which day an instrument has a status; its first entry is the day it came into use."""

    id: str
    instrument_id: str
    status: InstrumentStatus
    first_day: date


@dataclass(frozen=True)
class Dispenser:
    """A fuel dispenser with the numbers of its boards."""

    id: str
    place_id: str
    number: str
    serial: str
    maker: str
    model: str
    board_no: str
    encoder_no: str
    processor_no: str


@dataclass(frozen=True)
class Meter:
    """A flow measuring transducer of a dispenser."""

    id: str
    dispenser_id: str
    number: str


@dataclass(frozen=True)
class Nozzle:
    """What makes an instrument a nozzle."""

    instrument_id: str
    meter_id: str
    number: str
    product: str


@dataclass(frozen=True)
class Custody:
    """Who owns and who uses an instrument where. At most one custody of an instrument is open on any day."""

    id: str
    instrument_id: str
    kind: CustodyKind
    owner_id: str
    user_id: str
    stall_id: str | None
    first_day: date
    last_day: date | None

    def holds(self, day: date) -> bool:
        """Say whether the custody holds on a civil day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)
