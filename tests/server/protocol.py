"""What every entry of a push's answer must look like, and ops that are wrong in one way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Flask

import tests.server.quiet  # noqa: F401
from server.database import db
from server.sync.models import StoredOp
from shared import ops, tree
from shared.dates import parse_instant
from shared.keys import Purpose
from shared.ops import Status
from tests.server.world import Phone

FINAL = (Status.APPLIED, Status.CONFLICT, Status.REJECTED)
NAMES = {"op_id", "index", "status", "receipt", "theirs", "problem"}


def send(app: Flask, phone: Phone, *pushed: ops.Op) -> list[dict[str, Any]]:
    """Push ops, check that the answer keeps the protocol, and return its entries."""
    response = phone.push(*pushed)
    assert response.status_code == 200, response.text
    assert set(response.json) == {"results", "tree_head"}
    check_head(app, response.json["tree_head"])
    results: list[dict[str, Any]] = response.json["results"]
    assert [entry["index"] for entry in results] == list(range(len(pushed)))
    for entry, op in zip(results, pushed, strict=True):
        check_entry(app, entry, op)
    return results


def statuses(app: Flask, phone: Phone, *pushed: ops.Op) -> list[str]:
    """Push ops and return only how each was answered."""
    return [entry["status"] for entry in send(app, phone, *pushed)]


def check_entry(app: Flask, entry: dict[str, Any], op: ops.Op) -> None:
    """Final answers have a receipt that verifies and is the op's own; unfinished ones have none."""
    assert set(entry) <= NAMES
    assert entry["op_id"] == op.op_id
    status = Status(entry["status"])
    if "problem" in entry:
        assert {"type", "title", "detail"} <= set(entry["problem"])
    assert ("problem" in entry) == (status not in (Status.APPLIED, Status.DUPLICATE))
    assert "theirs" not in entry or status is Status.CONFLICT
    if status in (Status.RETRY, Status.BLOCKED):
        assert "receipt" not in entry
    elif status in FINAL and "receipt" in entry:
        body = check_receipt(app, entry["receipt"])
        assert body["outcome"] == status.value
        assert (body["op_id"], body["device_id"]) == (op.op_id, op.device_id)
        assert body["op_sha256"] == op.op_sha256
    elif status is Status.DUPLICATE:
        check_receipt(app, entry["receipt"])
    else:
        assert entry["problem"]["type"] in ("/problems/bad-signature", "/problems/unknown-device")


def check_receipt(app: Flask, receipt: dict[str, Any]) -> dict[str, Any]:
    """Check the signature and the form of a receipt; return its body."""
    key = app.extensions["dingpan"].keyring.key_set.key(Purpose.RECEIPT, receipt["key_id"])
    assert ops.receipt_is_good(receipt, key.public)
    body: dict[str, Any] = json.loads(receipt["body"])
    names = ["op_id", "device_id", "op_sha256", "outcome", "received_at", "leaf_sha256", "ruleset"]
    assert list(body) == names
    assert body["outcome"] in [status.value for status in FINAL]
    assert parse_instant(body["received_at"])
    return body


def check_head(app: Flask, head: dict[str, Any]) -> tree.TreeHead:
    """Check the signature of a tree head as it travels; return it opened."""
    opened = open_head(head)
    key = app.extensions["dingpan"].keyring.key_set.key(Purpose.TREE, opened.key_id)
    assert opened.is_signed_by(key.public)
    return opened


def open_head(head: dict[str, Any]) -> tree.TreeHead:
    """Return a tree head from its JSON."""
    from shared.signing import decode_base64

    return tree.TreeHead(**head | {name: decode_base64(head[name]) for name in ("root", "signature")})


def resigned(phone: Phone, op: ops.Op, **fields: Any) -> ops.Op:
    """Return the op with some fields changed, signed by the phone."""
    return replace(op, **fields).signed(phone.signer)


def spoiled(op: ops.Op) -> ops.Op:
    """Return the op with one bit of its signature flipped."""
    return replace(op, signature=op.signature[:-1] + bytes([op.signature[-1] ^ 1]))


def stored(op_ids: Sequence[str] = ()) -> list[StoredOp]:
    """Return the stored ops, all or those of some ids, in order of device and sequence."""
    query = db.session.query(StoredOp).order_by(StoredOp.device_seq, StoredOp.received_at, StoredOp.claims.desc())
    return [op for op in query if not op_ids or op.op_id in op_ids]
