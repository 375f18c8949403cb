"""Tables of labels and of their bindings."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class SealStock(Base):
    """One label: its serial is unique for life, its text is what was printed."""

    __tablename__ = "seal"

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(133), unique=True)
    region: Mapped[str] = mapped_column(String(6))
    kind: Mapped[int]
    issued_on: Mapped[date]
    last_day: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16))
    instrument_id: Mapped[str | None] = mapped_column(Id, ForeignKey("instrument.id"), index=True)


class SealBinding(Base):
    """The fact that somebody put a label on an instrument; ``id`` is the op's id, or a new one for the office."""

    __tablename__ = "seal_binding"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger, index=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    bound_at: Mapped[datetime] = mapped_column(Instant)
