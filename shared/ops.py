"""Operations: what a phone signs, chained per device, and what the server answers.

The op bytes are ``DINGPAN-OP-v1\\0`` and one line for each field; the device key signs them and ``op_sha256`` is
their SHA-256. ``prev`` is the SHA-256 of the raw signature of the device's previous op. See ``docs/sync.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from shared import signing

FIRST_PREV = "0" * 64
MAX_OPS = 100
MAX_PUSH_BYTES = 1 << 20
MAX_BODY_BYTES = 64 << 10
MAX_STROKES_BYTES = 4 << 10


class Status(StrEnum):
    """How the server answers one op. APPLIED, CONFLICT and REJECTED are final and have a receipt."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    RETRY = "retry"


@dataclass(frozen=True)
class Op:
    """One signed operation, its body kept as the text that was signed."""

    op_id: str
    device_id: str
    person_id: str
    device_seq: int
    prev: str
    kind: str
    depends_on: tuple[str, ...]
    body: str
    signature: bytes = b""

    @cached_property
    def op_bytes(self) -> bytes:
        """The bytes that are signed, context included."""
        lines = (
            self.op_id,
            self.device_id,
            self.person_id,
            str(self.device_seq),
            self.prev,
            self.kind,
            ",".join(self.depends_on),
            signing.sha256_hex(self.body.encode()),
        )
        return signing.OP + "".join(f"{line}\n" for line in lines).encode()

    @property
    def op_sha256(self) -> str:
        return signing.sha256_hex(self.op_bytes)

    @property
    def next_prev(self) -> str:
        """What the device's next op names as ``prev``."""
        return next_prev(self.signature)

    def signed(self, signer: signing.Signer) -> Op:
        """Return this op with the device's signature."""
        signature = signer.sign(signing.OP, self.op_bytes.removeprefix(signing.OP))
        return replace(self, signature=signature)

    def is_signed_by(self, public: bytes) -> bool:
        return signing.verify(public, signing.OP, self.op_bytes.removeprefix(signing.OP), self.signature)

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON object of the push."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return told | {"depends_on": list(self.depends_on), "signature": signing.encode_base64(self.signature)}


def next_prev(signature: bytes) -> str:
    """Return what a device's next op names as ``prev``: the SHA-256 of the raw signature of its previous op."""
    return signing.sha256_hex(signature)


def receipt_body(op: Op, *, op_sha256: str, outcome: Status, received_at: str, leaf_sha256: str, ruleset: str) -> str:
    """Return the JSON text that the server signs for a final answer."""
    told = {
        "op_id": op.op_id,
        "device_id": op.device_id,
        "op_sha256": op_sha256,
        "outcome": outcome.value,
        "received_at": received_at,
        "leaf_sha256": leaf_sha256,
        "ruleset": ruleset,
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def receipt_is_good(receipt: Mapping[str, Any], public: bytes) -> bool:
    """Check the signature of ``{"body", "key_id", "signature"}``; a malformed receipt is simply not good."""
    try:
        signed, signature = receipt["body"].encode(), signing.decode_base64(receipt["signature"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return signing.verify(public, signing.RECEIPT, signed, signature)


def balance_sha256(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 over (op_id, op_sha256) in order of device_seq: equal on both sides when nothing is lost."""
    digest = hashlib.sha256()
    for op_id, op_sha256 in pairs:
        digest.update(bytes.fromhex(op_id.replace("-", "")) + bytes.fromhex(op_sha256))
    return digest.hexdigest()
