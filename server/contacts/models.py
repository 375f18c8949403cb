"""Tables of encrypted contact data, of the groups that open sealed contacts, and of the sealed contacts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class Contact(Base):
    """One way to reach somebody: ``kind`` is "phone" or "address", ``owner_kind`` "person" or "party".

    ``sealed`` is AES-256-GCM under the data key ``key_id``; ``blind_index`` a keyed hash by which a number is found
    without opening any, "" for what is never looked up.
    """

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_owner_kind_owner_id", "owner_kind", "owner_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(20))
    key_id: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blind_index: Mapped[str] = mapped_column(String(64), default="", index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)


class CaseGroup(Base):
    """Those who may read who reported something: a public key, and its secret half wrapped by the group's passphrase.

    The server cannot open a sealed contact by itself: the passphrase is typed for each reading and kept nowhere.
    """

    __tablename__ = "case_group"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[str] = mapped_column(Id)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SealedContact(Base):
    """Who reported something and how to reach them, sealed to a case group; ``delete_on`` is when it is overwritten."""

    __tablename__ = "sealed_contact"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    group_id: Mapped[str] = mapped_column(Id, index=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[str] = mapped_column(Id)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    delete_at: Mapped[datetime] = mapped_column(Instant)
