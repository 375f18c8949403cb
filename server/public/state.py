"""Which sentence the page of a label says today: all it works out, from a record that is finished already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.seal import LabelVerdict
from shared.validity import state_on
from shared.words import InstrumentStatus, SealState


class PageState(StrEnum):
    """Every answer a label's page can give. The first ones are told by the signature alone."""

    NOT_A_SEAL = "not_a_seal"
    WRONG_HOST = "wrong_host"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    KEY_COMPROMISED = "key_compromised"
    KEY_NOT_VALID = "key_not_valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    REPLACED = "replaced"
    VOID = "void"
    LOST = "lost"
    STOCK = "stock"
    FAILED = "failed"
    SERVICING = "servicing"
    SUSPECTED = "suspected"
    STOPPED = "stopped"
    COMPARE = "compare"
    OVERDUE = "overdue"
    NEVER_VERIFIED = "never_verified"
    DUE_SOON = "due_soon"
    IN_DATE = "in_date"


@dataclass(frozen=True)
class Answer:
    """The state of today with the dates and numbers its sentence needs."""

    state: PageState
    until: date | None = None
    days: int = 0
    document_no: str = ""


SIGNATURE_SAYS_ENOUGH = frozenset(LabelVerdict) - {
    LabelVerdict.GENUINE,
    LabelVerdict.GENUINE_STALE,
    LabelVerdict.KEY_COMPROMISED,
}
OUT_OF_LIFE = (SealState.VOID, SealState.BROKEN, SealState.RETURNED)
SERVICING = (InstrumentStatus.SERVICING, InstrumentStatus.AWAITING_VERIFICATION)
STOPPED = (InstrumentStatus.STOPPED, InstrumentStatus.SCRAPPED, InstrumentStatus.HELD_AS_EVIDENCE)


def answer(verdict: LabelVerdict, record: dict[str, Any] | None, today: date) -> Answer:
    """Return what the page says today; ``record`` None: the office knows nothing of the label."""
    if verdict in SIGNATURE_SAYS_ENOUGH:
        return Answer(PageState(verdict.value))
    if record is None:
        return Answer(PageState.UNKNOWN)
    label = record["label"]
    if label["state"] == SealState.REPLACED:
        return Answer(PageState.REPLACED)
    if label["state"] in OUT_OF_LIFE:
        return Answer(PageState.VOID)
    if label["state"] == SealState.LOST:
        return Answer(PageState.LOST)
    if "instrument" not in record or label["state"] != SealState.APPLIED:
        return Answer(PageState.STOCK)
    return _of_instrument(record, today)


def _of_instrument(record: dict[str, Any], today: date) -> Answer:
    if failed := _current(record["failed"], today):
        return Answer(PageState.FAILED, document_no=failed["document_no"])
    status = _status_on(record["statuses"], today)
    if status in SERVICING:
        return Answer(PageState.SERVICING)
    if _current(record["suspected"], today):
        return Answer(PageState.SUSPECTED)
    if status == InstrumentStatus.LOST:
        return Answer(PageState.LOST)
    if status in STOPPED:
        return Answer(PageState.STOPPED)
    if record.get("compare"):
        return Answer(PageState.COMPARE)
    return _of_validity(record["verified"], today)


def _of_validity(verified: list[dict[str, Any]], today: date) -> Answer:
    day = today.isoformat()
    last = max((row["to"] for row in verified if row["from"] <= day), default=None)  # in ISO, the later is the greater
    until = date.fromisoformat(last) if last else None
    state = state_on(today, until)
    days = abs((until - today).days) if until else 0
    return Answer(PageState(state.value), until=until, days=days)


def _current(intervals: list[dict[str, Any]], today: date) -> dict[str, Any] | None:
    """Return the interval today is in; the later one where two overlap."""
    day = today.isoformat()
    inside = [row for row in intervals if row["from"] <= day and (row["to"] is None or day <= row["to"])]
    return max(inside, key=lambda row: row["from"], default=None)


def _status_on(statuses: list[dict[str, str]], today: date) -> str | None:
    day = today.isoformat()
    known = [row["status"] for row in statuses if row["from"] <= day]
    return known[-1] if known else None
