"""Tables of the credit ledger, and of the score folded from it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant

SETTLING = text("settles IS NOT NULL")


class CreditEvent(Base):
    """One line of the ledger. ``settles`` names the event it confirms or voids; lines are never changed.

    A source (a check, a pledge, a verification) can open or settle an event of a code only once. A confirmed event may
    still be voided on appeal.
    """

    __tablename__ = "credit_event"
    __table_args__ = (
        UniqueConstraint("source_id", "code", "state"),
        UniqueConstraint("settles", "state"),
        Index("ix_credit_event_party_id_happened_on", "party_id", "happened_on"),
        Index("ix_credit_event_settling", "party_id", sqlite_where=SETTLING, postgresql_where=SETTLING),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    code: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    happened_on: Mapped[date]
    objection_until: Mapped[date | None]
    settles: Mapped[str | None] = mapped_column(Id, ForeignKey("credit_event.id"))
    source_id: Mapped[str] = mapped_column(Id)
    document_no: Mapped[str | None] = mapped_column(String(60))
    ruleset: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)


class PartyScore(Base):
    """The last fold of a party's ledger: rebuilt from it at any time to the same figures."""

    __tablename__ = "party_score"

    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True)
    points: Mapped[int]
    grade: Mapped[str] = mapped_column(String(16), index=True)
    as_of: Mapped[date]
    ruleset: Mapped[str] = mapped_column(String(64))
