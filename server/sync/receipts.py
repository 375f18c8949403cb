"""Receipts: the server's signature under a final answer, made and stored in the op's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.keyring import Keyring
from server.sync.models import NewOp, StoredOp
from shared import ops, signing
from shared.dates import civil_day, instant_text
from shared.keys import Purpose
from shared.rules import ruleset_name


@dataclass(frozen=True)
class Receipt:
    """A signed receipt; ``body`` is the JSON text that is signed."""

    body: str
    key_id: int
    signature: bytes


def make_receipt(
    keyring: Keyring, op: ops.Op, op_sha256: str, outcome: ops.Status, leaf_sha256: str, now: datetime
) -> Receipt:
    """Sign a final answer."""
    body = ops.receipt_body(
        op,
        op_sha256=op_sha256,
        outcome=outcome,
        received_at=instant_text(now),
        leaf_sha256=leaf_sha256,
        ruleset=ruleset_name(),
    )
    key_id, signer = keyring.signer(Purpose.RECEIPT, civil_day(now))
    return Receipt(body, key_id, signer.sign(signing.RECEIPT, body.encode()))


def receipt_json(stored: StoredOp | NewOp) -> dict[str, Any]:
    """Return a stored receipt as it travels, byte for byte what it was the first time."""
    return {
        "body": stored.receipt_body,
        "key_id": stored.receipt_key_id,
        "signature": signing.encode_base64(stored.receipt_signature),
    }


def balance(session: Session, device_id: str, first: int, last: int) -> dict[str, Any]:
    """Return the hash over a device's ops that have a receipt, and how many came to which outcome."""
    query = select(StoredOp.op_id, StoredOp.op_sha256, StoredOp.outcome).where(
        StoredOp.device_id == device_id, StoredOp.device_seq.between(first, last)
    )
    rows = session.execute(query.order_by(StoredOp.device_seq, StoredOp.received_at, StoredOp.op_sha256)).all()
    return {
        "sha256": ops.balance_sha256((row.op_id, row.op_sha256) for row in rows),
        "counts": _count(row.outcome for row in rows),
    }


def _count(outcomes: Iterable[str]) -> dict[str, int]:
    counts = {status.value: 0 for status in (ops.Status.APPLIED, ops.Status.CONFLICT, ops.Status.REJECTED)}
    for outcome in outcomes:
        counts[outcome] += 1
    return counts
