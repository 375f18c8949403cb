"""The table of pledges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class Pledge(Base):
    """One signed pledge: the text as it was signed, who signed it, and the strokes."""

    __tablename__ = "pledge"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    text_id: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[str] = mapped_column(String(64))
    signer_name: Mapped[str] = mapped_column(String(60))
    strokes: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(Instant)
