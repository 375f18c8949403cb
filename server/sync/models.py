"""Tables of the operations as they came, and of the feed of changes."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class StoredOp(Base):
    """One op that has a receipt, kept as the bytes that came.

    The first op of an id claims it; another op with the same id is stored beside it as a conflict. ``device_seq`` may
    stand twice or have gaps: that is recorded, not refused.

    The key begins with the id, which begins with the time: an index over hashes alone is written in another place for
    each op, and costs the more the more there are.
    """

    __tablename__ = "op"
    __table_args__ = (
        Index("uq_op_claim", "op_id", unique=True, sqlite_where=text("claims"), postgresql_where=text("claims")),
        Index("ix_op_device_seq", "device_id", "device_seq"),
        Index("ix_op_record", "record_kind", "record_id"),
    )

    op_id: Mapped[str] = mapped_column(Id, primary_key=True)
    op_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    claims: Mapped[bool]
    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"))
    person_id: Mapped[str] = mapped_column(Id)
    device_seq: Mapped[int] = mapped_column(BigInteger)
    prev: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    depends_on: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[str] = mapped_column(String(16))
    problem: Mapped[str | None] = mapped_column(Text)
    record_kind: Mapped[str | None] = mapped_column(String(64))
    record_id: Mapped[str | None] = mapped_column(Id)
    is_chained: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(Instant, index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    receipt_body: Mapped[str] = mapped_column(Text)
    receipt_key_id: Mapped[int]
    receipt_signature: Mapped[bytes] = mapped_column(LargeBinary)


class NewOp(SimpleNamespace):
    """An op on its way into the table, by the names of its columns: a plain thing, because a push makes a hundred."""


class Change(Base):
    """The newest state of one row of the register, under the sequence of its last change.

    One row for each (kind, id, scope): when a row moves to another region, the old scope keeps a tombstone.
    """

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_scope_seq", "scope", "seq"),)

    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    scope: Mapped[str] = mapped_column(String(6), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    rev: Mapped[int]
    deleted: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str | None] = mapped_column(Text)
