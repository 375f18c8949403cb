"""Tables of the evidence: which record names which file, uploads on their way, and the public copies of pictures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class NamedFile(Base):
    """A file that a record names. ``received_at`` None: it has not come yet.

    Only what has come for this very record counts: naming a file that somebody else sent opens nothing.
    """

    __tablename__ = "evidence"

    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    place_in_list: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    about_id: Mapped[str] = mapped_column(Id)
    op_id: Mapped[str] = mapped_column(Id)
    person_id: Mapped[str] = mapped_column(Id)
    region: Mapped[str] = mapped_column(String(6))
    received_at: Mapped[datetime | None] = mapped_column(Instant)


class Upload(Base):
    """A file on its way. ``offset`` is how much of it is safely here; ``state`` says how it ended, if it did."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_state_expires_at", "state", "expires_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    record_id: Mapped[str] = mapped_column(Id)
    sha256: Mapped[str] = mapped_column(String(64))
    told: Mapped[str] = mapped_column(Text)
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class UploadPart(Base):
    """One piece of a file on its way, and the name under which the store keeps it."""

    __tablename__ = "upload_part"

    upload_id: Mapped[str] = mapped_column(Id, ForeignKey("upload.id"), primary_key=True)
    first_byte: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(36), unique=True)


class PublicCopy(Base):
    """A picture as everyone may see it. The copy of an original with the highest number holds; none is ever changed."""

    __tablename__ = "public_copy"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    copy_sha256: Mapped[str] = mapped_column(String(64), index=True)
    blurred: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)
