"""Tables of scans and of the labels that somebody is asked to compare.

Of a scan stands here which label, in which hour, and a square of about a kilometre where the person gave one. Nothing
says who: no address, no browser, no cookie, no account, no exact moment, and no number in the order of arrival.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant

CELL_LENGTH = 12


class Scan(Base):
    """How often a label was scanned within an hour (its beginning, UTC), by square.

    ``cell`` "" is the page opened, each time; one with a square is a place given on the page, beside that. It is no
    NULL, because two of those are never one row to a database.
    """

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_hour", "hour"),)

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    cell: Mapped[str] = mapped_column(String(CELL_LENGTH), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class UnknownLabel(Base):
    """A label that our key signed and our register does not know; it waits here to be told, and goes when it was.

    ``region`` is what its signature names; ``hour`` when its page was first opened.
    """

    __tablename__ = "unknown_label"

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    region: Mapped[str] = mapped_column(String(6))
    hour: Mapped[datetime] = mapped_column(Instant)


class LabelFlag(Base):
    """One episode of a label whose scans do not fit one instrument; it lasts as long as its task is open.

    ``why`` lists words of ``shared.copied_labels.Why``, with commas; ``ended_at`` is when the detector saw the task
    closed: the next episode counts scans from there.
    """

    __tablename__ = "label_flag"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger, index=True)
    why: Mapped[str] = mapped_column(String(60))
    task_id: Mapped[str] = mapped_column(Id, ForeignKey("task.id"), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
