"""What other features may ask about the ops."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Person
from server.sync.kinds import KINDS
from server.sync.models import StoredOp
from server.sync.problems import SLUGS as OP_PROBLEMS
from shared.wire.json_text import read_json

__all__ = ["OP_PROBLEMS", "StoredOp"]


def leaf_of_op(session: Session, op_id: str, device_id: str) -> str | None:
    """Return the leaf hash that a device's op has in the log."""
    query = select(StoredOp.receipt_body).where(
        StoredOp.op_id == op_id, StoredOp.device_id == device_id, StoredOp.claims
    )
    body = session.scalar(query)
    return str(json.loads(body)["leaf_sha256"]) if body else None


def record_id_of(kind: str, body: bytes) -> str | None:
    """Return the id of the record that an op of a kind makes; None where the op itself is the record."""
    known = KINDS.get(kind)
    return str(read_json(body)[known.record]) if known and known.record else None


def op_of(session: Session, op_id: str) -> StoredOp | None:
    """Return the op that claimed an id, with its receipt."""
    return session.scalar(select(StoredOp).where(StoredOp.op_id == op_id, StoredOp.claims))


def came_in(session: Session, people: list[str], since: datetime, limit: int = 200) -> list[tuple[StoredOp, Person]]:
    """Return the newest ops of some people, newest first."""
    query = (
        select(StoredOp, Person)
        .join(Person, Person.id == StoredOp.person_id)
        .where(StoredOp.person_id.in_(people), StoredOp.received_at >= since)
        .order_by(StoredOp.received_at.desc(), StoredOp.device_seq.desc())
        .limit(limit)
    )
    return [(op, person) for op, person in session.execute(query)]
