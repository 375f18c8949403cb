"""Tables of labels: what each is and where it is now, every move of the stock, and who bound which label to what."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class SealStock(Base):
    """One label: its serial is unique for life, its text is what was printed.

    ``state``, ``holder`` (``shared.label_life.holder``) and ``step``, how many moves it made, are what its events say,
    kept here in the same transaction.
    """

    __tablename__ = "seal"
    __table_args__ = (Index("ix_seal_holder", "holder", "serial"),)

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(133), unique=True)
    region: Mapped[str] = mapped_column(String(6))
    kind: Mapped[int]
    issued_on: Mapped[date]
    last_day: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16))
    instrument_id: Mapped[str | None] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    holder: Mapped[str] = mapped_column(String(48), default="", server_default=sql("''"))
    step: Mapped[int] = mapped_column(default=0, server_default="0")


class SealEvent(Base):
    """One move of a run of labels that were all alike before it; never changed, never deleted.

    ``kind`` is the state they came into. ``from_state`` None: with this event they came into the ledger, by an order or
    because they were there when it was opened. So labels are counted as in double entry: each event takes its serials
    from one state and holder and adds them to another. ``step`` is the how-many-th move of each of its labels.
    ``op_id`` None: made at a desk, and a leaf of the log unless it ``predates_log``, from before moves had leaves.
    """

    __tablename__ = "seal_event"
    __table_args__ = (
        CheckConstraint("first_serial <= last_serial", name="range"),
        Index("ix_seal_event_range", "first_serial", "last_serial"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    first_serial: Mapped[int] = mapped_column(BigInteger)
    last_serial: Mapped[int] = mapped_column(BigInteger)
    region: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str | None] = mapped_column(String(16))
    from_holder: Mapped[str | None] = mapped_column(String(48))
    to_holder: Mapped[str] = mapped_column(String(48))
    step: Mapped[int]
    instrument_id: Mapped[str | None] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    by_person: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(500), default="")
    op_id: Mapped[str | None] = mapped_column(Id)
    predates_log: Mapped[bool] = mapped_column(default=False, server_default=false())


class SealBinding(Base):
    """The fact that somebody put a label on an instrument; ``id`` is the op's id, or a new one for the office."""

    __tablename__ = "seal_binding"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger, index=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    bound_at: Mapped[datetime] = mapped_column(Instant)
