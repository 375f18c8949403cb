"""Tables of who acts for which party, and of the ways in: links, QRs made offline, codes by SMS."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class Capacity(StrEnum):
    """In which capacity somebody acts for a party: as itself, or delegated (代办) by whoever is."""

    PRINCIPAL = "principal"
    DELEGATE = "delegate"


class Membership(Base):
    """Somebody acts for a party. One person may hold several stalls, and one stall may have several people.

    ``granted_by`` is the principal who let a delegate in; None for a principal, whom the bureau invited.
    """

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_party_id", "party_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    capacity: Mapped[str] = mapped_column(String(20))
    granted_by: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Invitation(Base):
    """A one-time link to a party's pages; only its hash is kept. ``granted_by`` as in ``Membership``."""

    __tablename__ = "invitation"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    capacity: Mapped[str] = mapped_column(String(20), default=Capacity.PRINCIPAL)
    granted_by: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class FieldInvitation(Base):
    """An invitation that an inspector's phone signed offline and somebody accepted: its nonce opens nothing again."""

    __tablename__ = "field_invitation"

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"))
    invited_by: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    accepted_by: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime] = mapped_column(Instant)


class PhoneCode(Base):
    """A code sent by SMS; kept as a keyed hash, under the blind index of the number, known or not."""

    __tablename__ = "phone_code"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number_index: Mapped[str] = mapped_column(String(64), index=True)
    code_hmac: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
