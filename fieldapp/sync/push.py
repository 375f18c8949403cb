"""Sending what was recorded: at most 100 operations and 1 MiB at a time, and every entry of the answer is read.

A push that the server cannot read is halved until the one operation is found that it cannot read, and that one is set
aside with the reason. An operation that no entry mentions stays. Only a good receipt makes an operation received.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.alarms import AlarmCode
from fieldapp.store.outbox import NEEDS_A_LOOK, Entry, OpState
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.sync.failures import Refused, Unreachable
from fieldapp.sync.papers import refresh_keys
from fieldapp.sync.receipts import BadReceipt, Flaw, Receipt, open_receipt
from fieldapp.sync.retry import LONGEST_S, pause_s
from fieldapp.sync.token import Session
from fieldapp.sync.witness import take_head
from shared.ops import MAX_OPS, MAX_PUSH_BYTES, Status

UNREADABLE = (400, 413, 422)
ENVELOPE_BYTES = 2048
KEPT = ("status", "problem", "theirs", "receipt")
STATES = {
    Status.APPLIED: OpState.RECEIVED,
    Status.CONFLICT: OpState.CONFLICT,
    Status.REJECTED: OpState.REJECTED,
}


def push_all(store: Store, session: Session) -> int:
    """Send everything that is due, each operation once; return how many now have a receipt that had none."""
    push, received = Push(store, session), 0
    for batch in batches(store.outbox.due(store.clock.now(), longest_s=LONGEST_S)):
        received += push.send(batch)
    return received


def batches(
    entries: Iterable[Entry], *, most_ops: int = MAX_OPS, most_bytes: int = MAX_PUSH_BYTES
) -> Iterator[list[Entry]]:
    """Cut the outbox into pushes; the size of an operation's JSON is bounded from above by twice its body."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        entry_bytes = 2 * entry.bytes + ENVELOPE_BYTES
        if batch and (len(batch) == most_ops or size + entry_bytes > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry_bytes
    if batch:
        yield batch


@dataclass(frozen=True)
class Move:
    """Where an answer puts an operation, and what is kept of the answer."""

    state: OpState
    answer: dict[str, Any]
    has_receipt: bool = False
    not_before: datetime | None = None


class Push:
    """Sends batches and writes down the answers."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store, self._session = store, session
        device = store.kept.device
        if device is None:
            raise NotEnrolled
        self._device_id = device.id

    def send(self, batch: list[Entry]) -> int:
        """Send one batch, halving it while the server cannot read it."""
        wire = [self._store.outbox.op(entry, self._device_id).to_wire() for entry in batch]
        crashpoint("push.sending")
        try:
            answer = self._session.call(lambda client: client.post("/sync/push", {"ops": wire}))
        except Refused as refusal:
            return self._refused(batch, refusal)
        crashpoint("push.answered")
        received = self._read(batch, answer)
        crashpoint("push.read")
        take_head(self._store, self._session, answer.get("tree_head"))
        return received

    def _refused(self, batch: list[Entry], refusal: Refused) -> int:
        if refusal.status not in UNREADABLE:
            raise refusal
        if len(batch) > 1:
            middle = len(batch) // 2
            return self.send(batch[:middle]) + self.send(batch[middle:])
        with self._store.database.write() as connection:
            answer = {"problem": refusal.problem}
            self._store.outbox.move(connection, batch[0].op_id, OpState.QUARANTINED, answer=answer)
        return 0

    def _read(self, batch: list[Entry], answer: dict[str, Any]) -> int:
        """Judge every entry of an answer, then write all of them down at once: a commit costs a phone more than a sum.

        Judging may ask for fresh keys, so no transaction is open meanwhile; a crash before the commit sends all again.
        """
        results = answer.get("results")
        if not isinstance(results, list):
            raise Unreachable("an answer without results")
        answers, moves = _answers(batch, results), dict[str, Move]()
        for entry in batch:
            moves[entry.op_id] = self._judge(entry, answers.get(entry.op_id), moves)
        with self._store.database.write() as connection:
            for op_id, move in moves.items():
                self._store.outbox.move(connection, op_id, **vars(move))
        crashpoint("receipt.kept")
        return sum(
            move.has_receipt and not entry.has_receipt for entry, move in zip(batch, moves.values(), strict=True)
        )

    def _judge(self, entry: Entry, result: dict[str, Any] | None, moves: Mapping[str, Move]) -> Move:
        """Say what one answer means; an operation that was not mentioned waits for its next turn."""
        kept = {name: value for name, value in (result or {}).items() if name in KEPT}
        status = _status(kept.get("status"))
        if status in (*STATES, Status.DUPLICATE):
            return self._judge_final(entry, status, kept)
        if status is Status.BLOCKED or (status is Status.RETRY and self._is_in_vain(entry, moves)):
            return Move(OpState.BLOCKED, kept)
        return self._next_turn(entry, kept)

    def _is_in_vain(self, entry: Entry, moves: Mapping[str, Move]) -> bool:
        """Whether what an operation waits for will not come by itself: the server never stored what it blocks."""
        return any(self._state(op_id, moves) in NEEDS_A_LOOK for op_id in entry.depends_on)

    def _state(self, op_id: str, moves: Mapping[str, Move]) -> OpState | None:
        """Return how an operation stands, by the same answer where that speaks of it."""
        if op_id in moves:
            return moves[op_id].state
        earlier = self._store.outbox.entry(op_id)
        return earlier.state if earlier else None

    def _judge_final(self, entry: Entry, status: Status, kept: dict[str, Any]) -> Move:
        if status is Status.REJECTED and "receipt" not in kept:
            return Move(OpState.REJECTED, kept)
        try:
            receipt = self._open(kept.get("receipt"), entry, status)
        except BadReceipt as error:
            now = self._store.clock.now()
            self._store.alarms.ring(AlarmCode.BAD_RECEIPT, now, op_id=entry.op_id, flaw=error.flaw.value)
            return self._next_turn(entry, {"flaw": error.flaw.value})
        crashpoint("receipt.checked")
        return Move(STATES[receipt.outcome], kept, has_receipt=True)

    def _open(self, receipt: Any, entry: Entry, status: Status) -> Receipt:
        """Check a receipt; when its key is unknown or out of use, once more with a fresh key set."""
        keys = self._store.documents.keys
        if keys is None:
            raise BadReceipt(Flaw.KEY)
        try:
            return open_receipt(receipt, entry, self._device_id, status, keys)
        except BadReceipt as error:
            if error.flaw is not Flaw.KEY:
                raise
        refresh_keys(self._store, self._session)
        return open_receipt(receipt, entry, self._device_id, status, self._store.documents.keys or keys)

    def _next_turn(self, entry: Entry, answer: dict[str, Any]) -> Move:
        """Let an operation that got no final answer wait longer each time, beside the round's own timer."""
        later = self._store.clock.now() + timedelta(seconds=pause_s(entry.tries + 1, 1))
        return Move(OpState.WAITING, answer, not_before=later)


def _answers(batch: list[Entry], results: list[Any]) -> dict[str, dict[str, Any]]:
    """Return the entry of each operation; one whose signature failed has only its place in the push."""
    found = {}
    for result in results:
        if not isinstance(result, dict):
            continue
        index, op_id = result.get("index"), result.get("op_id")
        if op_id is None and isinstance(index, int) and 0 <= index < len(batch):
            op_id = batch[index].op_id
        if isinstance(op_id, str):
            found[op_id] = result
    return found


def _status(text: object) -> Status | None:
    """Return a status of this protocol; None for a word of a newer server, which settles nothing."""
    return Status(text) if isinstance(text, str) and text in list(Status) else None


def receipt_of(entry: Entry) -> Receipt | None:
    """Return what the stored receipt of an operation says; None when it has none. It was checked when it came."""
    if not entry.has_receipt:
        return None
    fields = json.loads(entry.answer["receipt"]["body"])
    return Receipt(Status(fields["outcome"]), fields["received_at"], fields["leaf_sha256"], fields["ruleset"])
