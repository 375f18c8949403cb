"""The table of acts: what was done to people, phones and personal data, by whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class Act(Base):
    """One act (操作记录); added and never changed, and a leaf of the log.

    ``kind`` is a word of ``service.ActKind``; ``about_kind`` and ``about_id`` name what it was done to ("person",
    "device", "party", ...); ``details`` is JSON text without personal data. ``by_person`` None: the program itself.
    """

    __tablename__ = "act"
    __table_args__ = (Index("ix_act_about_kind_about_id", "about_kind", "about_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), index=True)
    by_person: Mapped[str | None] = mapped_column(Id)
    about_kind: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[str] = mapped_column(String(64))
    details: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
