"""What earlier ops say about those of a push: read in a few queries, and kept up while the push is answered."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from server.sync.models import StoredOp
from shared import ops
from shared.ops import Status

MOST_SEQ = (1 << 63) - 1


class Known:
    """Stored ops by their bytes, by the id they claim, by the record they made, and by their place in the chain."""

    def __init__(self) -> None:
        self.by_sha256: dict[str, StoredOp] = {}
        self.claims: dict[str, StoredOp] = {}
        self.records: dict[tuple[str, str], StoredOp] = {}
        self._places: dict[tuple[str, int], list[StoredOp]] = {}

    @classmethod
    def about(cls, session: Session, pushed: Iterable[ops.Op], records: Iterable[tuple[str, str]]) -> Known:
        """Read what is stored about some ops; ``records`` are the (kind, id) that they would make."""
        known, all_ops = cls(), list(pushed)
        op_ids = {op.op_id for op in all_ops} | {id_ for op in all_ops for id_ in op.depends_on}
        places = {(op.device_id, seq) for op in all_ops for seq in (op.device_seq - 1, op.device_seq + 1)}
        place, record = (
            tuple_(StoredOp.device_id, StoredOp.device_seq),
            tuple_(StoredOp.record_kind, StoredOp.record_id),
        )
        for condition in (
            StoredOp.op_id.in_(op_ids),
            place.in_({one for one in places if one[1] <= MOST_SEQ}),
            record.in_(set(records)),
        ):
            for stored in session.scalars(select(StoredOp).where(condition)):
                known.add(stored)
        return known

    def add(self, stored: StoredOp) -> None:
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
