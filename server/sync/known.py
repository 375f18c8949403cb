"""What earlier ops say about those of a push: read in a few queries, and kept up while the push is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from server.bulk import among
from server.sync.models import NewOp, StoredOp
from shared import ops
from shared.ops import Status

MOST_SEQ = (1 << 63) - 1
Kept = StoredOp | NewOp


class Known:
    """Stored ops by their bytes, by the id they claim, by the record they made, and by their place in the chain."""

    def __init__(self) -> None:
        self.by_sha256: dict[str, Kept] = {}
        self.claims: dict[str, Kept] = {}
        self.records: dict[tuple[str, str], Kept] = {}
        self._places: dict[tuple[str, int], list[Kept]] = {}

    @classmethod
    def about(cls, session: Session, pushed: Iterable[ops.Op], records: Iterable[tuple[str, str]]) -> Known:
        """Read what is stored about some ops; ``records`` are the (kind, id) that they would make."""
        known, all_ops = cls(), list(pushed)
        op_ids = {op.op_id for op in all_ops} | {id_ for op in all_ops for id_ in op.depends_on}
        places = {(op.device_id, seq) for op in all_ops for seq in (op.device_seq - 1, op.device_seq + 1)}
        conditions = [
            among(session, StoredOp.op_id, op_ids),
            *_pairs(session, StoredOp.device_id, StoredOp.device_seq, {one for one in places if one[1] <= MOST_SEQ}),
            *_pairs(session, StoredOp.record_kind, StoredOp.record_id, set(records)),
        ]
        for condition in conditions:
            for stored in session.scalars(select(StoredOp).where(condition)):
                known.add(stored)
        return known

    def add(self, stored: Kept) -> None:
        """Remember one more stored op."""
        if stored.op_sha256 not in self.by_sha256:
            self._places.setdefault((stored.device_id, stored.device_seq), []).append(stored)
        self.by_sha256[stored.op_sha256] = stored
        if stored.claims:
            self.claims[stored.op_id] = stored
        if stored.record_kind and stored.record_id and stored.outcome == Status.APPLIED:
            self.records[stored.record_kind, stored.record_id] = stored

    def is_chained(self, op: ops.Op) -> bool:
        """Say whether an op names an op of its device that stands before it; the first one names none."""
        if op.device_seq == 1:
            return op.prev == ops.FIRST_PREV
        before = self._places.get((op.device_id, op.device_seq - 1), [])
        return op.prev in {ops.next_prev(stored.signature) for stored in before}

    def close_gap(self, op: ops.Op) -> None:
        """An op that came late is the link that those after it were missing."""
        for stored in self._places.get((op.device_id, op.device_seq + 1), []):
            stored.is_chained = stored.is_chained or stored.prev == op.next_prev


def _pairs(
    session: Session, first: Any, second: Any, pairs: Iterable[tuple[str, str | int]]
) -> Iterator[ColumnElement[bool]]:
    """Return a condition for each value of the first column: most pushes come from one phone, and are of one kind."""
    by_first: dict[str, list[str | int]] = {}
    for one, other in pairs:
        by_first.setdefault(one, []).append(other)
    for one, others in by_first.items():
        yield and_(first == one, among(session, second, others))
