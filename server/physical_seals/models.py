"""The table of what happened to physical seals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class PhysicalSealEvent(Base):
    """What happened to the seal at one position of an instrument; never changed, never deleted.

    ``authority`` is the document or the repairer by whom it was opened, ``witnesses`` names, one a line. ``at`` is when
    it happened as whoever recorded it says, ``entered_at`` when we heard of it. ``is_other``: the number that was met
    was not the one on file then. ``step``: the how-many-th event of the instrument that we
    heard of. ``op_id`` None: entered at the desk, and a leaf of the log unless it ``predates_log``.
    """

    __tablename__ = "physical_seal_event"
    __table_args__ = (Index("ix_physical_seal_event_at", "instrument_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"))
    position: Mapped[str] = mapped_column(String(24))
    owner: Mapped[str] = mapped_column(String(16))
    act: Mapped[str] = mapped_column(String(24))
    old_number: Mapped[str] = mapped_column(String(40), default="")
    new_number: Mapped[str] = mapped_column(String(40), default="")
    authority: Mapped[str] = mapped_column(String(120), default="")
    witnesses: Mapped[str] = mapped_column(String(400), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    is_other: Mapped[bool] = mapped_column(default=False)
    step: Mapped[int]
    by_person: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    op_id: Mapped[str | None] = mapped_column(Id)
    predates_log: Mapped[bool] = mapped_column(default=False, server_default=false())
