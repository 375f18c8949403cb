"""Tables of the append-only log."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base, Id, Instant


class LogState(Base):
    """One row: the log's name, its size, and the counter and epoch of the feed; changed only under the log's lock.

    ``feed_horizon`` is the last row of the feed whose tombstone is not kept any more.
    """

    __tablename__ = "log_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    log_id: Mapped[str] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigInteger)
    feed_epoch: Mapped[str] = mapped_column(String(16))
    feed_seq: Mapped[int] = mapped_column(BigInteger)
    feed_horizon: Mapped[int] = mapped_column(BigInteger, default=0)


class Leaf(Base):
    """One leaf. It shows only a salted hash of what it stands for; the salt lies here, beside it."""

    __tablename__ = "leaf"
    __table_args__ = (UniqueConstraint("ref_id", "leaf_sha256"),)

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    ref_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Instant)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    salted_sha256: Mapped[str] = mapped_column(String(64))
    leaf_sha256: Mapped[str] = mapped_column(String(64))


class TreeNode(Base):
    """The hash of a full subtree of ``2 ** level`` leaves; what is to its right does not change it any more."""

    __tablename__ = "tree_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class StampedHead(Base):
    """The signed head of a civil day with the answer of the timestamp authority over it, as it came."""

    __tablename__ = "stamped_head"

    day: Mapped[date] = mapped_column(primary_key=True)
    log_id: Mapped[str] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime] = mapped_column(Instant)
    key_id: Mapped[int]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    response: Mapped[bytes] = mapped_column(LargeBinary)
    stamped_at: Mapped[datetime] = mapped_column(Instant)
