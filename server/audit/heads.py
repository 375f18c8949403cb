"""Signed heads that others kept: each vouches for every leaf up to its size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from server.audit.faults import Fault, FaultCode
from server.audit.leaves import Log
from server.mending import CannotDo
from shared.dates import civil_day, parse_instant
from shared.keys import KeySet, Purpose
from shared.signing import decode_base64
from shared.tree import TreeHead


class NoHead(CannotDo):
    """A text that is not a head signed by our tree key; the message says why."""


def read_heads(text: str, keys: KeySet) -> list[TreeHead]:
    """Return the heads of a file: one JSON object or one a line, a head itself or an answer that carries one.

    Raises NoHead for another form, and for a head that our key set does not vouch for.
    """
    try:
        heads = [_head(fields) for fields in _objects(text)]
    except (KeyError, TypeError, ValueError) as error:
        raise NoHead("This is not a tree head as the sync answers carry it.") from error
    for head in heads:
        _require_ours(head, keys)
    if not heads:
        raise NoHead("The file holds no tree head.")
    return heads


def _objects(text: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    return found if isinstance(found, list) else [found]


def _head(fields: Mapping[str, Any]) -> TreeHead:
    told = fields.get("tree_head", fields)
    return TreeHead(
        str(told["log_id"]),
        int(told["size"]),
        decode_base64(told["root"]),
        str(told["signed_at"]),
        int(told["key_id"]),
        decode_base64(told["signature"]),
    )


def _require_ours(head: TreeHead, keys: KeySet) -> None:
    key, day = keys.key(Purpose.TREE, head.key_id), civil_day(parse_instant(head.signed_at))
    if key is None or not key.is_valid_on(day) or not head.is_signed_by(key.public):
        raise NoHead(f"The head of {head.signed_at} with {head.size} leaves is not signed by our tree key.")


def check_heads(log: Log, log_id: str, heads: Iterable[TreeHead]) -> list[Fault]:
    """Compare the log with heads that others kept; what one vouches for is not suspected by the next."""
    faults, vouched = [], 0
    for head in sorted(heads, key=lambda head: (head.size, head.signed_at)):
        about = f"{head.size} leaves, signed at {head.signed_at}"
        if head.log_id != log_id:
            faults.append(Fault(FaultCode.LOG_ID, 0, max(log.size - 1, 0), about))
        elif head.size > log.size:
            faults.append(Fault(FaultCode.CUT, min(vouched, log.size), log.size, about))
        elif log.root(head.size) != head.root:
            faults.append(Fault(FaultCode.HEAD, vouched, max(head.size - 1, vouched), about))
        elif not faults:
            vouched = head.size
    return faults
