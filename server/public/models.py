"""The finished records behind the labels."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id


class PublicRecord(Base):
    """What the page of one label shows: dated intervals, finished when something changed, never when somebody looks."""

    __tablename__ = "public_record"

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    instrument_id: Mapped[str | None] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    photo_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    body: Mapped[str] = mapped_column(Text)
