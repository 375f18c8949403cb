"""The shape of each state of an operation, and what one is called in lists."""

from __future__ import annotations

from fieldapp.store.forms import BIND, PHYSICAL_SEAL, REGISTER, SWAP, VERIFICATION
from fieldapp.store.outbox import Entry, OpState
from fieldapp.store.records import Record
from shared.texts import Texts

ELSE = LOST, REVISED = "lost", "revised"
CODES: dict[str, str] = {
    OpState.WAITING: "unknown",
    OpState.RECEIVED: "within",
    OpState.CONFLICT: "compare",
    OpState.REJECTED: "beyond",
    OpState.BLOCKED: "indeterminate",
    OpState.QUARANTINED: "beyond",
    LOST: "beyond",
    REVISED: "void",
}
NAMED = {
    REGISTER: "outbox_kind.instrument_register",
    BIND: "outbox_kind.seal_bind",
    VERIFICATION: "outbox_kind.verification_record",
    SWAP: "outbox_kind.custody_swap",
    PHYSICAL_SEAL: "outbox_kind.physical_seal_record",
}


def title(texts: Texts, entry: Entry, record: Record | None) -> str:
    """Return what a record is called: a visit by its place, a smaller fact by what it says of which instrument."""
    if record is None:
        return entry.kind
    key = NAMED.get(record.kind)
    return texts(key, name=record.name) if key else record.name
