"""The finished records behind the labels."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id


class PublicRecord(Base):
    """What the page of one label shows: dated intervals, finished when something changed, never when somebody looks.

    ``words`` are the words of its page (``server.public.finished``), made a little later and only to save time: by
    which program, ``words_by``, and up to and including which day they hold, ``words_until``.
    """

    __tablename__ = "public_record"
    __table_args__ = (Index("ix_public_record_words", "words_by", "words_until"),)

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    instrument_id: Mapped[str | None] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    photo_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    body: Mapped[str] = mapped_column(Text)
    words: Mapped[str | None] = mapped_column(Text)
    words_by: Mapped[str] = mapped_column(String(16), default="", server_default=sql("''"))
    words_until: Mapped[date] = mapped_column(default=date.min, server_default=sql("'0001-01-01'"))
