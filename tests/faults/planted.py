"""Bugs of a sync, each planted in the phone or the server: the proofs must see every one of them.

A plant changes the program in one place through ``monkeypatch``. The server's are laid around ``take_push`` and the
feed, so that they do not depend on how these are written inside.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState, Outbox
from fieldapp.sync import client as phone_client
from fieldapp.sync import pull as phone_pull
from fieldapp.sync import push as phone_push
from fieldapp.sync import retry as phone_retry
from fieldapp.sync import uploads as phone_uploads
from fieldapp.sync.failures import Refused, Unreachable
from server import feed, transaction
from server.audit import service as audit
from server.database import begin_write
from server.inspections.models import Correction
from server.sync import api
from server.sync.models import StoredOp
from server.sync.receipts import make_receipt, receipt_json
from shared.ops import Status
from tests.faults import histories

Patch = pytest.MonkeyPatch
Entries = list[dict[str, Any]]
Work = Callable[[Any, Any, list[Any], datetime, Entries], Entries]


def _around_pushes(patch: Patch, work: Work) -> None:
    """Let some work change what a push did and answers."""
    real = api.take_push

    def _take(session: Any, keyring: Any, pushed: list[Any], *, sender: Any, now: datetime) -> Entries:
        return work(session, keyring, pushed, now, real(session, keyring, pushed, sender=sender, now=now))

    patch.setattr(api, "take_push", _take)


def replay_works_again(patch: Patch) -> None:
    """An operation that comes again has its effect again."""

    def _work(session: Any, keyring: Any, pushed: list[Any], now: datetime, entries: Entries) -> Entries:
        again = [op for op, entry in zip(pushed, entries, strict=True) if entry["status"] == Status.DUPLICATE]
        begin_write()
        for op in again:
            audit.add_leaf(session, audit.make_leaf(kind="op", ref_id=op.op_id, at=now, stands_for=op.op_bytes))
        transaction.commit(session, now)
        return entries

    _around_pushes(patch, _work)


def receipt_is_not_stored(patch: Patch) -> None:
    """Each third time the effect is committed, and the receipt would be in a transaction that never came."""
    times = itertools.count()

    def _work(session: Any, keyring: Any, pushed: list[Any], now: datetime, entries: Entries) -> Entries:
        if next(times) % 3 == 0:
            session.execute(delete(StoredOp).where(StoredOp.op_id.in_([op.op_id for op in pushed])))
            session.commit()
        return entries

    _around_pushes(patch, _work)


def new_receipt_for_a_duplicate(patch: Patch) -> None:
    """A duplicate is answered with a receipt made anew."""

    def _work(session: Any, keyring: Any, pushed: list[Any], now: datetime, entries: Entries) -> Entries:
        for op, entry in zip(pushed, entries, strict=True):
            if entry["status"] == Status.DUPLICATE:
                stored = session.scalars(select(StoredOp).where(StoredOp.op_sha256 == op.op_sha256)).one()
                made = make_receipt(keyring, op, op.op_sha256, Status(stored.outcome), "00" * 32, now)
                names = {"receipt_body": made.body, "receipt_signature": made.signature}
                entry["receipt"] = receipt_json(StoredOp(receipt_key_id=made.key_id, **names))
        return entries

    _around_pushes(patch, _work)


def refusal_answered_as_applied(patch: Patch) -> None:
    """What was refused or in conflict is answered, and signed, as applied."""

    def _work(session: Any, keyring: Any, pushed: list[Any], now: datetime, entries: Entries) -> Entries:
        for op, entry in zip(pushed, entries, strict=True):
            if entry["status"] in (Status.REJECTED, Status.CONFLICT) and "receipt" in entry:
                made = make_receipt(keyring, op, op.op_sha256, Status.APPLIED, "00" * 32, now)
                names = {"receipt_body": made.body, "receipt_signature": made.signature}
                receipt = receipt_json(StoredOp(receipt_key_id=made.key_id, **names))
                entry.update(status=Status.APPLIED.value, receipt=receipt)
        return entries

    _around_pushes(patch, _work)


def poison_takes_the_others_along(patch: Patch) -> None:
    """One operation that is refused has the whole push answered ``retry``."""

    def _work(session: Any, keyring: Any, pushed: list[Any], now: datetime, entries: Entries) -> Entries:
        if len(entries) > 1 and any(entry["status"] == Status.REJECTED for entry in entries):
            ids = [op.op_id for op in pushed]
            session.execute(delete(StoredOp).where(StoredOp.op_id.in_(ids)))
            session.execute(delete(Correction).where(Correction.id.in_(ids)))
            session.commit()
            return [{"op_id": entry["op_id"], "index": entry["index"], "status": "retry"} for entry in entries]
        return entries

    _around_pushes(patch, _work)


def effect_is_lost(patch: Patch) -> None:
    """The receipt is given, and each fourth time the effect was in a transaction that was rolled back."""
    times = itertools.count()

    def _work(session: Any, keyring: Any, pushed: list[Any], now: datetime, entries: Entries) -> Entries:
        if next(times) % 4 == 0:
            session.execute(delete(Correction).where(Correction.id.in_([op.op_id for op in pushed])))
            session.commit()
        return entries

    _around_pushes(patch, _work)


def change_is_missed(patch: Patch) -> None:
    """The feed's cursor passes over a row that was committed late."""
    real = feed.page

    def _page(session: Any, scope: Any, cursor: str, limit: int) -> Any:
        rows, after, more = real(session, scope, cursor, limit)
        return (rows[:-1] if cursor else rows), after, more

    patch.setattr(feed, "page", _page)


def unanswered_is_dropped(patch: Patch) -> None:
    """What no entry mentions is taken for done and goes."""
    real = phone_push.Push._judge

    def _judge(self: Any, entry: Any, result: Any, moves: Any) -> Any:
        if result is None:
            with self._store.database.write() as connection:
                connection.execute("DELETE FROM upload WHERE op_id = ?", (entry.op_id,))
                connection.execute("DELETE FROM op WHERE op_id = ?", (entry.op_id,))
        return real(self, entry, result, moves)

    patch.setattr(phone_push.Push, "_judge", _judge)


def poison_at_the_head(patch: Patch) -> None:
    """A push that the server cannot read is sent again as it is."""

    def _refused(self: Any, batch: Any, refusal: Refused) -> int:
        raise refusal

    patch.setattr(phone_push.Push, "_refused", _refused)


def two_hundred_means_taken(patch: Patch) -> None:
    """An answer of 200 is read as: all were taken."""

    def _read(self: Any, batch: Any, answer: Any) -> int:
        with self._store.database.write() as connection:
            for entry in batch:
                self._store.outbox.move(connection, entry.op_id, OpState.RECEIVED, answer={})
        return len(batch)

    patch.setattr(phone_push.Push, "_read", _read)


def cursor_before_rows(patch: Patch) -> None:
    """The cursor is saved in a transaction before that of the rows."""
    real = phone_pull._keep

    def _keep(store: Any, page: Any) -> bool:
        store.facts.set(Fact.CURSOR, page["cursor"])
        return real(store, page)

    patch.setattr(phone_pull, "_keep", _keep)


def photo_named_before_it_came(patch: Patch) -> None:
    """A photo counts as sent once its upload was begun."""

    def _send(self: Any, upload: Any) -> bool:
        self._stand(upload)
        self._store.uploads.done(upload)
        return True

    patch.setattr(phone_uploads.Sender, "send", _send)


def timer_is_lost(patch: Patch) -> None:
    """The pause that the server asked for is not written down."""

    def _failed(self: Any, now: datetime, retry_after_s: int | None) -> None:
        return None

    patch.setattr(phone_retry.Retry, "failed", _failed)


def sent_out_of_order(patch: Patch) -> None:
    """What was made last is sent first."""
    real = Outbox.due
    patch.setattr(Outbox, "due", lambda self, now, *, longest_s: real(self, now, longest_s=longest_s)[::-1])


def busy_means_refused(patch: Patch) -> None:
    """A server that is busy is taken for one that refuses for good."""
    real = phone_client.Client.post

    def _post(self: Any, path: str, body: Any) -> Any:
        try:
            return real(self, path, body)
        except Unreachable as failure:
            if path != "/sync/push":
                raise
            raise Refused(413, "busy", "busy", "busy") from failure

    patch.setattr(phone_client.Client, "post", _post)


def answer_kept_before_it_was_checked(patch: Patch) -> None:
    """An operation is received when it is sent, and not when its receipt came."""
    real = phone_push.Push.send

    def _send(self: Any, batch: Any) -> int:
        with self._store.database.write() as connection:
            for entry in batch:
                connection.execute("UPDATE op SET state = 'received' WHERE op_id = ?", (entry.op_id,))
        return real(self, batch)

    patch.setattr(phone_push.Push, "send", _send)


def waits_for_ever(patch: Patch) -> None:
    """What builds on something blocked is sent again for ever, as it was before this proof found it.

    It takes three records in a row, the first refused, the last sent later: histories here have more of those.
    """
    patch.setattr(histories, "FOLLOWS", 0.7)
    patch.setattr(histories, "POISONED", 0.4)
    patch.setattr(phone_push.Push, "_is_in_vain", lambda self, entry, moves: False)


PLANTS: dict[str, Callable[[Patch], None]] = {
    plant.__name__: plant
    for plant in (
        replay_works_again,
        receipt_is_not_stored,
        new_receipt_for_a_duplicate,
        refusal_answered_as_applied,
        poison_takes_the_others_along,
        effect_is_lost,
        change_is_missed,
        unanswered_is_dropped,
        poison_at_the_head,
        two_hundred_means_taken,
        cursor_before_rows,
        photo_named_before_it_came,
        timer_is_lost,
        sent_out_of_order,
        busy_means_refused,
        answer_kept_before_it_was_checked,
        waits_for_ever,
    )
}
