"""The table of tasks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class Task(Base):
    """Something a unit or a person is asked to do. It travels to phones as a row of the feed."""

    __tablename__ = "task"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16), index=True)
    region: Mapped[str] = mapped_column(String(6), index=True)
    place_id: Mapped[str | None] = mapped_column(Id, ForeignKey("place.id"))
    instrument_id: Mapped[str | None] = mapped_column(Id, ForeignKey("instrument.id"))
    subject_id: Mapped[str | None] = mapped_column(Id, index=True)
    assigned_to: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"), index=True)
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    rev: Mapped[int] = mapped_column(default=1)
