"""The shape of each state of an operation."""

from __future__ import annotations

from fieldapp.store.outbox import OpState

CODES = {
    OpState.WAITING: "unknown",
    OpState.RECEIVED: "within",
    OpState.CONFLICT: "compare",
    OpState.REJECTED: "beyond",
    OpState.BLOCKED: "indeterminate",
    OpState.QUARANTINED: "beyond",
}
