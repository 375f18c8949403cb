"""Tables of units, people, their sign-ins and invitations, and whom they must not inspect."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Base, Id, Instant


class Role(StrEnum):
    """What a person may do; ``server/policy.py`` says on which route.

    The three administrators keep each other in check (三员分立): one enters units and people, one lets them in and
    shuts them out, one reads what both did. Nobody holds two roles.
    """

    INSPECTOR = "inspector"
    VERIFIER = "verifier"
    SUPERVISOR = "supervisor"
    MERCHANT = "merchant"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"


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
    """Somebody who signs in: staff by name and password, and by phone; merchants and operators by invitation or phone.

    ``card_no`` and ``card_until`` are of the enforcement card (行政执法证), None where the day is not known. Somebody
    of the staff is let in by a security administrator: ``approved_at`` None means not yet. ``totp_sealed`` is the
    secret of the second factor, encrypted; ``totp_step`` the last time step whose code was used: none is used twice.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    role: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[str | None] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    sign_in_name: Mapped[str | None] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(default=0)
    card_no: Mapped[str] = mapped_column(String(40), default="")
    card_until: Mapped[date | None]
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    is_suspended: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[Unit | None] = relationship()


class StaffInvitation(Base):
    """A one-time link by which somebody of the staff chooses a password and a second factor; only its hash is kept.

    ``made_by`` None: the program itself, asked on the command line.
    """

    __tablename__ = "staff_invitation"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    made_by: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignIn(Base):
    """One session of one person, kept on the server so that it can be ended there.

    ``id`` names it in lists, which never show the cookie's hash; ``browser`` is what a person tells theirs apart by.
    ``is_whole`` is False while the second factor is still to come: such a sign-in opens nothing else. ``party_id`` is
    whose pages a merchant with several stalls has open.
    """

    __tablename__ = "sign_in"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    party_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"))
    browser: Mapped[str] = mapped_column(String(60), default="")
    is_whole: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[Person] = relationship(lazy="joined")


class FailedSignIns(Base):
    """How often in a row somebody failed to sign in by a name, known or not; the key is a keyed hash of the name."""

    __tablename__ = "failed_sign_ins"

    name_hmac: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)


class Recusal(Base):
    """A relation for which an officer must not inspect a party (回避), told by the officer or found by others."""

    __tablename__ = "recusal"
    __table_args__ = (Index("ix_recusal_party_id", "party_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    relation: Mapped[str] = mapped_column(String(20))
    told_by: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    told_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
