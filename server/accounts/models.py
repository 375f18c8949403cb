"""Tables of units, people, sign-ins and devices."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Base, Id, Instant


class Role(StrEnum):
    """What a person may do; ``server/policy.py`` says on which route."""

    INSPECTOR = "inspector"
    VERIFIER = "verifier"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    MERCHANT = "merchant"


class Unit(Base):
    """A bureau, branch, office, team or verification body."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("unit.id"))
    regions: Mapped[list[UnitRegion]] = relationship(cascade="all, delete-orphan", order_by="UnitRegion.region")


class UnitRegion(Base):
    """A region within a unit's jurisdiction; a shorter code covers every code that begins with it."""

    __tablename__ = "unit_region"

    unit_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(6), primary_key=True)


class Person(Base):
    """Somebody who signs in: staff by name and password or by phone, merchants by invitation."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[str | None] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    party_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"), index=True)
    sign_in_name: Mapped[str | None] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    card_no: Mapped[str] = mapped_column(String(40), default="")
    is_suspended: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[Unit | None] = relationship()


class SignIn(Base):
    """One session of one person, kept on the server so that it can be ended there."""

    __tablename__ = "sign_in"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[Person] = relationship(lazy="joined")


class Device(Base):
    """A phone. Its public key was registered when a person enrolled it with a one-time code."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    public: Mapped[bytes] = mapped_column(LargeBinary)
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    is_suspended: Mapped[bool] = mapped_column(default=False)
    people: Mapped[list[DevicePerson]] = relationship()


class DevicePerson(Base):
    """Who may sign with a device."""

    __tablename__ = "device_person"

    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), primary_key=True)
    enrolled_at: Mapped[datetime] = mapped_column(Instant)


class EnrolmentCode(Base):
    """A one-time code; only its hash is kept."""

    __tablename__ = "enrolment_code"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class AccessToken(Base):
    """A device's right to sync for a quarter of an hour; only its hash is kept."""

    __tablename__ = "access_token"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Invitation(Base):
    """A merchant's one-time link; only its hash is kept."""

    __tablename__ = "invitation"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
