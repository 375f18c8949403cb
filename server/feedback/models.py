"""The table of feedback."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant

LONGEST = 500


class Feedback(Base):
    """What somebody who gave no name wrote about the instrument of a label; nothing else is kept of them."""

    __tablename__ = "feedback"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    text: Mapped[str] = mapped_column(String(LONGEST))
    made_at: Mapped[datetime] = mapped_column(Instant, index=True)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    read_by: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
