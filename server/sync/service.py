"""What other features may ask about the ops."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from server.accounts.service import Person
from server.devices.service import QuarantinedOp
from server.sync.kinds import KINDS
from server.sync.models import StoredOp
from server.sync.problems import SLUGS as OP_PROBLEMS
from server.sync.push import Sender, take_push
from server.sync.receipts import receipt_json
from server.sync.slices import op_slices
from shared.ops import Op, Status
from shared.wire.json_text import read_json

__all__ = ["OP_PROBLEMS", "Sender", "StoredOp", "op_slices", "take_push"]

_IS_TAKEN_IN = and_(StoredOp.op_id == QuarantinedOp.op_id, StoredOp.op_sha256 == QuarantinedOp.sha256)


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


def op_of_record(session: Session, record_id: str) -> StoredOp | None:
    """Return the op that made a record."""
    made = select(StoredOp).where(StoredOp.record_id == record_id, StoredOp.outcome == Status.APPLIED)
    return session.scalar(made.order_by(StoredOp.received_at).limit(1))


def signed_op(stored: StoredOp | Row[Any]) -> Op:
    """Return a stored op as it was signed."""
    return Op(
        op_id=stored.op_id,
        device_id=stored.device_id,
        person_id=stored.person_id,
        device_seq=stored.device_seq,
        prev=stored.prev,
        kind=stored.kind,
        depends_on=tuple(stored.depends_on.split(",")) if stored.depends_on else (),
        body=stored.body.decode(),
        signature=stored.signature,
    )


def leaf_sha256_of(stored: StoredOp) -> str:
    """Return the leaf hash that an op's receipt names."""
    return str(json.loads(stored.receipt_body)["leaf_sha256"])


def receipt_of(stored: StoredOp) -> dict[str, Any]:
    """Return an op's receipt as it travels."""
    return receipt_json(stored)


def region_of(session: Session, stored: StoredOp) -> str | None:
    """Return where the record of an op belongs; None where it has no place of its own."""
    kind = KINDS.get(stored.kind)
    return kind.region_of(session, stored.record_id) if kind and stored.record_id else None


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


def waiting_aside(session: Session, device_ids: Iterable[str]) -> Counter[str]:
    """Return how many ops of suspended phones wait in quarantine, by phone: those not taken in since."""
    waits = ~select(StoredOp.op_id).where(_IS_TAKEN_IN).exists()
    query = select(QuarantinedOp.device_id, func.count()).where(QuarantinedOp.device_id.in_(set(device_ids)), waits)
    return Counter(dict(session.execute(query.group_by(QuarantinedOp.device_id)).all()))


def refused_of(session: Session, device_id: str, limit: int = 50) -> list[StoredOp]:
    """Return the newest ops of a phone that were refused or in conflict."""
    outcomes = (Status.CONFLICT, Status.REJECTED)
    query = select(StoredOp).where(StoredOp.device_id == device_id, StoredOp.outcome.in_(outcomes))
    return list(session.scalars(query.order_by(StoredOp.received_at.desc(), StoredOp.device_seq.desc()).limit(limit)))


def put_aside_of(session: Session, device_id: str, limit: int = 100) -> list[tuple[QuarantinedOp, StoredOp | None]]:
    """Return the newest ops in a phone's quarantine, each with what it became when it was taken in; None: it waits."""
    query = (
        select(QuarantinedOp, StoredOp)
        .outerjoin(StoredOp, _IS_TAKEN_IN)
        .where(QuarantinedOp.device_id == device_id)
        .order_by(QuarantinedOp.received_at.desc(), QuarantinedOp.op_id.desc())
        .limit(limit)
    )
    return [(aside, stored) for aside, stored in session.execute(query)]
