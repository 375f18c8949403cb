"""What the leaves of operations stand for: each stored op hashed, its signature, receipt and chain checked again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.audit.faults import ERRORS, Fault, FaultCode, at
from server.audit.leaves import ReadLeaf
from server.devices import service as devices
from server.sync.service import StoredOp, record_id_of, signed_op
from shared import tree
from shared.dates import civil_day, instant_text, parse_instant
from shared.keys import KeySet, Purpose
from shared.ops import FIRST_PREV, Op, Status, next_prev, receipt_body, receipt_is_good
from shared.signing import encode_base64

CHUNK = 500
_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True)
class Link:
    """An op's place in its device's chain."""

    seq: int
    index: int
    prev: str
    next_prev: str
    is_chained: bool
    op_id: str


@dataclass
class Ops:
    """Reads the ops behind the leaves, chunk by chunk, and remembers what only the whole can tell."""

    session: Session
    keys: KeySet
    faults: list[Fault] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    chains: dict[str, list[Link]] = field(default_factory=dict)
    photos: dict[str, int] = field(default_factory=dict)
    devices: dict[str, bytes] = field(default_factory=dict)

    def check(self, leaves: list[ReadLeaf]) -> None:
        """Check the ops of some leaves, in the order of the log."""
        wanted = {leaf.hash: leaf for leaf in leaves if leaf.kind == "op"}
        if not wanted:
            return
        found: dict[bytes, Row[Any]] = {}
        known = {row.op_id for row in self._rows(sorted({leaf.ref_id for leaf in wanted.values()}), found)}
        for hash_, leaf in wanted.items():
            if hash_ in found:
                self._check_op(leaf, found[hash_])
            else:
                self.broken.add(leaf.ref_id)
                code = FaultCode.RECORD if leaf.ref_id in known else FaultCode.RECORD_GONE
                self.faults.append(at(code, leaf.index, f"op {leaf.ref_id}"))

    def _rows(self, op_ids: list[str], found: dict[bytes, Row[Any]]) -> Iterator[Row[Any]]:
        """Read the stored ops of some ids; ``found`` gets them by the leaf hash they give."""
        for row in self._read(op_ids):
            try:
                found[leaf_hash_of(row)] = row
            except ERRORS:
                self.broken.add(row.op_id)
            yield row

    def _read(self, op_ids: list[str]) -> list[Row[Any]]:
        try:
            return list(self.session.execute(select(StoredOp.__table__).where(StoredOp.op_id.in_(op_ids))))
        except ERRORS:
            if len(op_ids) == 1:
                return list(self._read_each(op_ids[0]))
        middle = len(op_ids) >> 1
        return self._read(op_ids[:middle]) + self._read(op_ids[middle:])

    def _read_each(self, op_id: str) -> Iterator[Row[Any]]:
        """Read the ops that share an id one by one: what cannot be read of one says nothing of the others."""
        of_id = StoredOp.op_id == op_id
        for sha256 in self.session.scalars(select(StoredOp.op_sha256).where(of_id)).all():
            with suppress(*ERRORS):
                one = select(StoredOp.__table__).where(of_id, StoredOp.op_sha256 == sha256)
                yield self.session.execute(one).one()

    def _check_op(self, leaf: ReadLeaf, row: Row[Any]) -> None:
        op = signed_op(row)
        self.explained.add(row.op_sha256)
        for sha256 in _SHA256.findall(op.body):
            self.photos.setdefault(sha256, leaf.index)
        if not op.is_signed_by(self._device(op.device_id)):
            self.faults.append(at(FaultCode.SIGNATURE, leaf.index, f"op {op.op_id}"))
        if row.salt != leaf.salt or row.op_sha256 != op.op_sha256 or not self._is_receipted(leaf, row, op):
            self.faults.append(at(FaultCode.RECEIPT, leaf.index, f"op {op.op_id}"))
        if not self._is_as_answered(row):
            self.faults.append(at(FaultCode.ANSWER, leaf.index, f"op {op.op_id}"))
        link = Link(op.device_seq, leaf.index, op.prev, next_prev(op.signature), row.is_chained, op.op_id)
        self.chains.setdefault(op.device_id, []).append(link)

    def _device(self, device_id: str) -> bytes:
        if device_id not in self.devices:
            found = devices.devices_of_ops(self.session, {device_id})[0]
            self.devices |= {id_: device.public for id_, device in found.items()}
        return self.devices.get(device_id, b"")

    def _is_receipted(self, leaf: ReadLeaf, row: Row[Any], op: Op) -> bool:
        """The receipt is ours, and says of this very op what the row and the leaf say."""
        try:
            told = json.loads(row.receipt_body)
            key = self.keys.key(Purpose.RECEIPT, row.receipt_key_id)
            expected = receipt_body(
                op,
                op_sha256=op.op_sha256,
                outcome=Status(row.outcome),
                received_at=instant_text(row.received_at),
                leaf_sha256=leaf.leaf_sha256,
                ruleset=told["ruleset"],
            )
            receipt = {"body": row.receipt_body, "signature": encode_base64(row.receipt_signature)}
            return (
                key is not None
                and expected == row.receipt_body
                and key.is_valid_on(civil_day(parse_instant(told["received_at"])))
                and receipt_is_good(receipt, key.public)
            )
        except ERRORS:
            return False

    def _is_as_answered(self, row: Row[Any]) -> bool:
        """What no signature covers follows from what one does: who claims the id, which record, why it was refused."""
        is_first = row.op_id not in self.claimed
        self.claimed.add(row.op_id)
        is_applied = row.outcome == Status.APPLIED
        record = (row.kind, _record_id(row)) if is_applied else (None, None)
        has_problem = row.problem is not None
        return (row.claims, (row.record_kind, row.record_id), has_problem) == (is_first, record, not is_applied)

    def finish(self, size: int) -> None:
        """Say what only the whole shows: broken chains, and ops that no leaf stands for."""
        for links in self.chains.values():
            self.faults += _chain_faults(links)
        unlogged = select(StoredOp.op_sha256, StoredOp.op_id, StoredOp.device_id, StoredOp.device_seq)
        for sha256, op_id, device_id, seq in self.session.execute(unlogged):
            if sha256 not in self.explained and op_id not in self.broken:
                self.faults.append(self._unlogged(op_id, device_id, seq, size))

    def _unlogged(self, op_id: str, device_id: str, seq: int, size: int) -> Fault:
        """Its leaf lay after that of the device's op before it, and not after that of the next."""
        links = self.chains.get(device_id, [])
        first = max((link.index + 1 for link in links if link.seq < seq), default=0)
        last = min((link.index for link in links if link.seq > seq), default=size)
        return Fault(FaultCode.NOT_LOGGED, min(first, last), max(first, last), f"op {op_id}")

    @property
    def gaps(self) -> int:
        """How many ops name one before them that never came: told, and no fault of the log."""
        return sum(not link.is_chained for links in self.chains.values() for link in links)


def _record_id(row: Any) -> str | None:
    try:
        return record_id_of(row.kind, row.body)
    except ERRORS:
        return None


def leaf_hash_of(row: Any) -> bytes:
    """Return the hash of the leaf that stands for a stored op."""
    salted = tree.salted_sha256(row.salt, signed_op(row).op_bytes)
    text = tree.leaf_text(kind="op", id=row.op_id, at=instant_text(row.received_at), salted_sha256=salted)
    return tree.leaf_hash(text.encode())


def _chain_faults(links: list[Link]) -> list[Fault]:
    by_seq: dict[int, set[str]] = {}
    for link in links:
        by_seq.setdefault(link.seq, set()).add(link.next_prev)
    faults = []
    for link in links:
        before = {FIRST_PREV} if link.seq == 1 else by_seq.get(link.seq - 1, set())
        is_chained = link.prev in before
        if link.is_chained and not is_chained:
            first = max((other.index + 1 for other in links if other.seq < link.seq), default=0)
            faults.append(Fault(FaultCode.CHAIN, min(first, link.index), link.index, f"before op {link.op_id}"))
        elif is_chained and not link.is_chained:
            faults.append(at(FaultCode.CHAIN, link.index, f"op {link.op_id}"))
    return faults
