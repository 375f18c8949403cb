"""Tables of the register. Only these have revisions; every fact about them is added elsewhere and never changed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Base, Id
from shared.national_codes import LONGEST


class Region(Base):
    """An administrative division: GB/T 2260 codes, and local codes for development zones."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    parent: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"))
    is_local: Mapped[bool] = mapped_column(default=False)


class Party(Base):
    """Whoever is inspected. A business number is public; an identity card number is kept encrypted."""

    __tablename__ = "party"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    identity_kind: Mapped[str] = mapped_column(String(20))
    public_code: Mapped[str | None] = mapped_column(String(32), index=True)
    sealed_code: Mapped[bytes | None] = mapped_column(LargeBinary)
    region: Mapped[str] = mapped_column(String(6), ForeignKey("region.code"), index=True)
    rev: Mapped[int] = mapped_column(default=1)


class Place(Base):
    """A market, filling station, shop: where instruments are used."""

    __tablename__ = "place"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(6), ForeignKey("region.code"), index=True)
    operator_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"))
    phone_zone: Mapped[str] = mapped_column(String(16))
    rev: Mapped[int] = mapped_column(default=1)


class Stall(Base):
    """A numbered spot in a place."""

    __tablename__ = "stall"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    place_id: Mapped[str] = mapped_column(Id, ForeignKey("place.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    rev: Mapped[int] = mapped_column(default=1)


class Tenancy(Base):
    """Which merchant has which stall, from one day to another (None: still)."""

    __tablename__ = "tenancy"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    stall_id: Mapped[str] = mapped_column(Id, ForeignKey("stall.id"), index=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date | None]


class Instrument(Base):
    """A measuring instrument. What nobody could read on the nameplate is None, never invented. Masses in milligrams.

    The three codes are the national ones of newer scales (``shared.national_codes``), None where it bears none.
    """

    __tablename__ = "instrument"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    serial: Mapped[str] = mapped_column(String(60), index=True)
    own_no: Mapped[str | None] = mapped_column(String(60))
    production_code: Mapped[str | None] = mapped_column(String(LONGEST))
    repair_code: Mapped[str | None] = mapped_column(String(LONGEST))
    verification_code: Mapped[str | None] = mapped_column(String(LONGEST))
    maker: Mapped[str | None] = mapped_column(String(120))
    model: Mapped[str | None] = mapped_column(String(60))
    use: Mapped[str | None] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(32))
    region: Mapped[str] = mapped_column(String(6), ForeignKey("region.code"), index=True)
    place_id: Mapped[str | None] = mapped_column(Id, ForeignKey("place.id"), index=True)
    price_computing: Mapped[bool] = mapped_column(default=False)
    max_mg: Mapped[int | None] = mapped_column(BigInteger)
    min_mg: Mapped[int | None] = mapped_column(BigInteger)
    e_mg: Mapped[int | None] = mapped_column(BigInteger)
    d_mg: Mapped[int | None] = mapped_column(BigInteger)
    accuracy_class: Mapped[str | None] = mapped_column(String(4))
    photo_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    note: Mapped[str] = mapped_column(String(2000), default="")
    rev: Mapped[int] = mapped_column(default=1)
    nozzle: Mapped[Nozzle | None] = relationship(lazy="joined")


class InstrumentStatusEntry(Base):
    """The history of an instrument's status."""

    __tablename__ = "instrument_status"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    status: Mapped[str] = mapped_column(String(32))
    first_day: Mapped[date]


class Dispenser(Base):
    """A fuel dispenser; its boards' numbers are compared with the file at every check."""

    __tablename__ = "dispenser"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    place_id: Mapped[str] = mapped_column(Id, ForeignKey("place.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    serial: Mapped[str] = mapped_column(String(60))
    maker: Mapped[str] = mapped_column(String(120))
    model: Mapped[str] = mapped_column(String(60))
    board_no: Mapped[str] = mapped_column(String(60))
    encoder_no: Mapped[str] = mapped_column(String(60))
    processor_no: Mapped[str] = mapped_column(String(60))


class Meter(Base):
    """A flow measuring transducer of a dispenser."""

    __tablename__ = "meter"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    dispenser_id: Mapped[str] = mapped_column(Id, ForeignKey("dispenser.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))


class Nozzle(Base):
    """What makes an instrument a nozzle: its meter, its number as painted, its product."""

    __tablename__ = "nozzle"

    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), primary_key=True)
    meter_id: Mapped[str] = mapped_column(Id, ForeignKey("meter.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    product: Mapped[str] = mapped_column(String(40))


class Custody(Base):
    """Who owns and who uses an instrument where, from one day to another; a new tenant never inherits old findings."""

    __tablename__ = "custody"
    __table_args__ = (Index("ix_custody_current", "instrument_id", "last_day"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"))
    kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"))
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"), index=True)
    stall_id: Mapped[str | None] = mapped_column(Id, ForeignKey("stall.id"))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
