"""Ordering labels: serials that run on, signed before the transaction that writes, because signing takes its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.database import lock_name
from server.keyring import Keyring
from server.seals import ledger
from server.seals.models import SealStock
from server.seals.problems import LabelsTaken, SerialsUsedUp
from shared import label_life, seal
from shared.keys import ED25519, SERIAL_BITS, Purpose
from shared.words import SealState

FIRST_SERIAL = 1_000_001
MOST = 10_000
UNBOUND = bytes(seal.BINDING_BYTES)


@dataclass(frozen=True)
class Order:
    """New stock labels, signed and not yet in the ledger: rows of the stock, in order of serial."""

    labels: list[dict[str, Any]]

    @property
    def first(self) -> int:
        return int(self.labels[0]["serial"])

    @property
    def last(self) -> int:
        return int(self.labels[-1]["serial"])


def draft(session: Session, keyring: Keyring, *, region: str, count: int, host: str, day: date) -> Order:
    """Sign the next labels of a region: kind stock, bound to nothing, for life.

    Raises SerialsUsedUp when the key's ranges hold no so many, and MissingKeys when no key signs for the region.
    """
    key_id, signer = keyring.signer(Purpose.SEAL, day, region[:4])
    key = keyring.key_set.seal_key(region[:4], key_id, ED25519)
    ranges = key.serials if key is not None and key.serials is not None else ((FIRST_SERIAL, (1 << SERIAL_BITS) - 1),)
    first = _next_serial(session, ranges, count)
    labels = []
    for serial in range(first, first + count):
        payload = seal.Payload(key_id, serial, region, seal.Kind.STOCK, day, None, UNBOUND)
        text = seal.make_link(payload, signer, host).rpartition("/")[2]
        about = {"region": region, "kind": payload.kind, "issued_on": day, "last_day": None, "instrument_id": None}
        labels.append({"serial": serial, "text": text, "state": SealState.ORDERED} | about)
    return Order(labels)


def place(session: Session, order: Order, *, by: str | None, now: datetime) -> None:
    """Bring drafted labels into the ledger; raises LabelsTaken when their serials went to another order meanwhile."""
    lock_name("labels")
    taken = select(SealStock.serial).where(SealStock.serial.between(order.first, order.last)).limit(1)
    if session.scalar(taken) is not None:
        raise LabelsTaken
    ledger.add(session, order.labels, by=by, holder=label_life.holder(SealState.ORDERED), now=now)


def _next_serial(session: Session, ranges: tuple[tuple[int, int], ...], count: int) -> int:
    for first, last in sorted(ranges):
        used = session.scalar(select(func.max(SealStock.serial)).where(SealStock.serial.between(first, last)))
        start = first if used is None else used + 1
        if start + count - 1 <= last:
            return start
    raise SerialsUsedUp(count=count)
