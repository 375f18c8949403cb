"""The table of findings. A finding is suspected by a field test; only a document confirms or withdraws it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id


class Finding(Base):
    """One suspicion about one instrument and the party responsible at that time."""

    __tablename__ = "finding"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    check_id: Mapped[str] = mapped_column(Id, ForeignKey("check.id"), unique=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    party_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"), index=True)
    state: Mapped[str] = mapped_column(String(24))
    suspected_on: Mapped[date]
    settled_on: Mapped[date | None]
    verification_id: Mapped[str | None] = mapped_column(Id, ForeignKey("verification.id"))
