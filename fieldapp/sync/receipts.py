"""Checking receipts: only a receipt that our own key set vouches for makes an operation received."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fieldapp.store.outbox import Entry
from shared.dates import civil_day, parse_instant
from shared.keys import KeySet, Purpose
from shared.ops import Status, receipt_is_good


class Flaw(StrEnum):
    """Why a receipt is not accepted; told in the alarm's detail."""

    FORM = "form"
    KEY = "key"
    SIGNATURE = "signature"
    DAY = "day"
    OTHER_OP = "other_op"
    OUTCOME = "outcome"


class BadReceipt(Exception):
    """A receipt that proves nothing; the operation stays in the outbox."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True)
class Receipt:
    """What a good receipt says."""

    outcome: Status
    received_at: str
    leaf_sha256: str
    ruleset: str


FINAL = (Status.APPLIED, Status.CONFLICT, Status.REJECTED)


def open_receipt(receipt: Any, entry: Entry, device_id: str, status: Status, keys: KeySet) -> Receipt:
    """Return what a receipt says of an operation; raises BadReceipt with why it is worth nothing.

    A DUPLICATE brings the first receipt, with whatever outcome that had.
    """
    try:
        fields = json.loads(receipt["body"])
        key = keys.key(Purpose.RECEIPT, receipt["key_id"])
        if key is None or key.is_compromised:
            raise BadReceipt(Flaw.KEY)
        if not receipt_is_good(receipt, key.public):
            raise BadReceipt(Flaw.SIGNATURE)
        if not key.is_valid_on(civil_day(parse_instant(fields["received_at"]))):
            raise BadReceipt(Flaw.DAY)
        outcome = Status(fields["outcome"])
        _require_ours(fields, entry, device_id, outcome, status)
        return Receipt(outcome, fields["received_at"], fields["leaf_sha256"], fields["ruleset"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadReceipt(Flaw.FORM) from error


def _require_ours(fields: dict[str, Any], entry: Entry, device_id: str, outcome: Status, status: Status) -> None:
    """A record is sent in one operation only, so a receipt for anything but the very bytes we sent is another's."""
    ours = (entry.op_id, device_id, entry.op_sha256)
    if (fields["op_id"], fields["device_id"], fields["op_sha256"]) != ours:
        raise BadReceipt(Flaw.OTHER_OP)
    if outcome not in FINAL or status not in (outcome, Status.DUPLICATE):
        raise BadReceipt(Flaw.OUTCOME)
