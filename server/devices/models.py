"""Tables of phones, their tokens, and what a suspended one still sends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Base, Id, Instant


class Device(Base):
    """A phone. Its public key was registered when a person enrolled it with a one-time code.

    A suspended phone (lost, stolen, handed in) keeps its records: what it pushes goes to quarantine. ``wipe_told_at``
    is when it was first told to remove its register; None when it has not asked since. ``app`` is the version that its
    app said it is, "" before it did; ``again_asked_at`` when the desk last asked it to send anew what it set aside.
    """

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    public: Mapped[bytes] = mapped_column(LargeBinary)
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    is_suspended: Mapped[bool] = mapped_column(default=False)
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    suspended_why: Mapped[str] = mapped_column(String(20), default="")
    wipe_told_at: Mapped[datetime | None] = mapped_column(Instant)
    app: Mapped[str] = mapped_column(String(20), default="")
    again_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    people: Mapped[list[DevicePerson]] = relationship()


class DeviceState(Base):
    """How a phone said last that it stands (``shared.wire.state``); ages are instants here, by the server's clock."""

    __tablename__ = "device_state"

    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(Instant)
    waiting: Mapped[int] = mapped_column(BigInteger)
    photos: Mapped[int] = mapped_column(BigInteger)
    oldest_at: Mapped[datetime | None] = mapped_column(Instant)
    aside: Mapped[str] = mapped_column(Text)
    alarms: Mapped[int] = mapped_column(BigInteger)
    clock_offset_s: Mapped[int | None] = mapped_column(BigInteger)
    clock_doubt_s: Mapped[int | None] = mapped_column(BigInteger)
    pulled_at: Mapped[datetime | None] = mapped_column(Instant)
    free_bytes: Mapped[int | None] = mapped_column(BigInteger)
    again_at: Mapped[datetime | None] = mapped_column(Instant)


class DevicePerson(Base):
    """Who may sign with a device. ``ended_at`` is when somebody else took it over.

    Whoever handed a phone over gets no token for it any more and invites nobody with it; their records, which the phone
    may still hold, are taken in as theirs.
    """

    __tablename__ = "device_person"

    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), primary_key=True)
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class EnrolmentCode(Base):
    """A one-time code; only its hash is kept."""

    __tablename__ = "enrolment_code"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class TokenFamily(Base):
    """All tokens that follow from one signed challenge; ended as a whole when one of them is used twice."""

    __tablename__ = "token_family"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"), index=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_why: Mapped[str] = mapped_column(String(20), default="")


class RefreshToken(Base):
    """One link of a family; only its hash is kept. ``used_at`` is when its successor was first given out."""

    __tablename__ = "refresh_token"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[str] = mapped_column(Id, ForeignKey("token_family.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class AccessToken(Base):
    """A device's right to sync for a quarter of an hour; only its hash is kept."""

    __tablename__ = "access_token"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[str] = mapped_column(Id, ForeignKey("token_family.id"), index=True)
    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)


class QuarantinedOp(Base):
    """An op that a suspended phone sent: the bytes of its wire form as they came, judged by nobody yet.

    ``wire`` is the op's own slice of the push, byte for byte, so that whoever reads it later can check the signature
    over the op bytes that it tells; ``sha256`` is that of these op bytes, as in the table of ops that were taken in.
    ``device_id`` is the suspended phone: the op's own, or the one that carried it.
    """

    __tablename__ = "quarantined_op"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"), index=True)
    op_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(64))
    wire: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(Instant)
