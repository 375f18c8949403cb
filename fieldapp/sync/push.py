"""Sending what was recorded: at most 100 operations and 1 MiB at a time, and every entry of the answer is read.

A push that the server cannot read is halved until the one operation is found that it cannot read, and that one is set
aside with the reason. An operation that no entry mentions stays. Only a good receipt makes an operation received.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
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
        results = answer.get("results")
        if not isinstance(results, list):
            raise Unreachable("an answer without results")
        answers = _answers(batch, results)
        return sum(self._take(entry, answers.get(entry.op_id)) for entry in batch)

    def _take(self, entry: Entry, result: dict[str, Any] | None) -> bool:
        """Write one answer down; an operation that was not mentioned waits for its next turn."""
        kept = {name: value for name, value in (result or {}).items() if name in KEPT}
        status = _status(kept.get("status"))
        if status in (*STATES, Status.DUPLICATE):
            return self._take_final(entry, status, kept)
        is_blocked = status is Status.BLOCKED or (status is Status.RETRY and self._is_in_vain(entry))
        self._move(entry, OpState.BLOCKED if is_blocked else OpState.WAITING, kept)
        return False

    def _is_in_vain(self, entry: Entry) -> bool:
        """Whether what an operation waits for will not come by itself: the server never stored what it blocks."""
        earlier = (self._store.outbox.entry(op_id) for op_id in entry.depends_on)
        return any(one is not None and one.state in NEEDS_A_LOOK for one in earlier)

    def _take_final(self, entry: Entry, status: Status, kept: dict[str, Any]) -> bool:
        if status is Status.REJECTED and "receipt" not in kept:
            self._move(entry, OpState.REJECTED, kept)
            return False
        try:
            receipt = self._open(kept.get("receipt"), entry, status)
        except BadReceipt as error:
            now = self._store.clock.now()
            self._store.alarms.ring(AlarmCode.BAD_RECEIPT, now, op_id=entry.op_id, flaw=error.flaw.value)
            self._move(entry, OpState.WAITING, {"flaw": error.flaw.value})
            return False
        crashpoint("receipt.checked")
        self._move(entry, STATES[receipt.outcome], kept, has_receipt=True)
        crashpoint("receipt.kept")
        return not entry.has_receipt

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

    def _move(self, entry: Entry, state: OpState, answer: dict[str, Any], *, has_receipt: bool = False) -> None:
        later = self._next_turn(entry) if state is OpState.WAITING else None
        with self._store.database.write() as connection:
            self._store.outbox.move(
                connection, entry.op_id, state, answer=answer, has_receipt=has_receipt, not_before=later
            )

    def _next_turn(self, entry: Entry) -> datetime:
        """Let an operation that got no final answer wait longer each time, beside the round's own timer."""
        return self._store.clock.now() + timedelta(seconds=pause_s(entry.tries + 1, 1))


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
