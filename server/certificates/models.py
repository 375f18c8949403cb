"""The table of verifications."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class Verification(Base):
    """One verification with its certificate (passed) or notice (failed). A document number is unique per body.

    ``mark_no`` is the number of the mark that the instrument bears since (检定合格标志, 封印); None: not known.

    ``import_id`` is the import of a ledger that told of it; the bureau copied it and no verifier entered it, so it
    settles nothing, and the leaf of the import stands for it.
    """

    __tablename__ = "verification"
    __table_args__ = (UniqueConstraint("body_id", "document_no"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    body_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(String(10))
    document_no: Mapped[str] = mapped_column(String(60))
    mark_no: Mapped[str | None] = mapped_column(String(60))
    done_on: Mapped[date]
    valid_until: Mapped[date | None]
    entered_by: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(Instant)
    import_id: Mapped[str | None] = mapped_column(Id, ForeignKey("register_import.id"), index=True)
