"""Tables of imports: each file that was read, and what each of its rows did to the register."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class RegisterImport(Base):
    """One file. ``state`` is a word of ``states.ImportState``; the counts are None until it was taken in.

    ``content`` is the table as it was read (``grid``), emptied when the import is done with; ``mapping`` is JSON text,
    None until somebody has said which column is what.
    """

    __tablename__ = "register_import"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    unit_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    sheet: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    mapping: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    added: Mapped[int | None]
    changed: Mapped[int | None]
    unchanged: Mapped[int | None]
    bad: Mapped[int | None]


class RegisterImportRow(Base):
    """What one row of a file did to one row of the register, so that exactly that can be undone.

    ``before`` is JSON text of the columns that were changed, as they were; None: the row was added. ``after_sha256``
    stands for the same columns as they were left (all of them, of an added row): a later change is noticed by it.
    """

    __tablename__ = "register_import_row"
    __table_args__ = (Index("ix_register_import_row_about", "table_name", "row_id"),)

    import_id: Mapped[str] = mapped_column(Id, ForeignKey("register_import.id"), primary_key=True)
    place_in_list: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    table_name: Mapped[str] = mapped_column(String(24))
    row_id: Mapped[str] = mapped_column(Id)
    before: Mapped[str | None] = mapped_column(Text)
    after_sha256: Mapped[str] = mapped_column(String(64))
    is_undone: Mapped[bool] = mapped_column(default=False)
