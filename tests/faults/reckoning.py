"""What phones and server hold after everything was healed: none lost, none doubled, none stuck, all copies equal.

``faults_of`` compares three tellings of one story, which have no code in common: what the phones meant to record, what
their stores say, and what stands in the server's tables. It returns sentences, so that a wrong run says all at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from fieldapp.store.outbox import Entry, OpState
from fieldapp.sync.balance import balance_of_today
from server.audit.models import Leaf
from server.database import db
from server.evidence import service as evidence
from server.evidence.models import NamedFile
from server.inspections.models import Correction
from server.sync.models import Change, StoredOp
from server.sync.receipts import receipt_json
from shared.ops import MAX_OPS, Status
from tests.faults.handset import Handset, receipt_kept

REGION = "411602"
WITH_RECEIPT = (OpState.RECEIVED, OpState.REJECTED, OpState.CONFLICT)
OUTCOMES = {
    OpState.RECEIVED: Status.APPLIED,
    OpState.REJECTED: Status.REJECTED,
    OpState.CONFLICT: Status.CONFLICT,
}


def faults_of(handsets: Iterable[Handset]) -> list[str]:
    """Return what is wrong with some phones and their server; an empty list after a healthy run."""
    db.session.remove()
    found: list[str] = []
    rows = _rows()
    for number, handset in enumerate(handsets):
        told = [*_outbox(handset), *_tables(handset), *_proofs(handset), *_photos(handset), *_replay(handset)]
        if handset.register() != rows:
            told.append("the register is not the server's")
        found += [f"phone {number}: {one}" for one in told]
    db.session.remove()
    return found


def _outbox(handset: Handset) -> Iterator[str]:
    held = {entry.op_id: entry for entry in handset.store.outbox.all()}
    yield from (f"forgotten on the phone: {op_id}" for op_id in handset.wishes.keys() - held.keys())
    for op_id, wish in handset.wishes.items():
        if op_id in held and held[op_id].state is not wish.state:
            yield f"stands {held[op_id].state}, not {wish.state}: {held[op_id].answer}"
    if not handset.is_drained:
        yield "stuck: something still waits"


def _tables(handset: Handset) -> Iterator[str]:
    entries = handset.store.outbox.all()
    stored = {op.op_id: op for op in _stored(handset)}
    counts = Counter(op.op_id for op in _stored(handset))
    leaves = Counter(db.session.scalars(db.select(Leaf.ref_id).where(Leaf.ref_id.in_([*handset.wishes]))))
    notes = Counter(
        db.session.scalars(db.select(Correction.note).where(Correction.note.in_([*handset.notes.values()])))
    )
    for entry in entries:
        is_expected = handset.wishes[entry.op_id].state in WITH_RECEIPT
        if counts[entry.op_id] != is_expected or leaves[entry.op_id] != is_expected:
            yield f"{counts[entry.op_id]} times in the table, {leaves[entry.op_id]} in the log: {entry.op_id}"
        if entry.op_id in handset.notes:
            wanted = handset.wishes[entry.op_id].state is OpState.RECEIVED
            if notes[handset.notes[entry.op_id]] != wanted:
                yield f"its effect stands {notes[handset.notes[entry.op_id]]} times: {entry.op_id}"
        if (op := stored.get(entry.op_id)) is not None:
            yield from _told(entry, op)
    yield from _order(entries, stored)


def _told(entry: Entry, op: StoredOp) -> Iterator[str]:
    if entry.state not in OUTCOMES or OUTCOMES[entry.state] != op.outcome:
        yield f"the phone says {entry.state}, the server {op.outcome}"
    if entry.has_receipt and receipt_kept(entry.answer) != receipt_kept({"receipt": receipt_json(op)}):
        yield f"another receipt than the server's: {entry.op_id}"
    if entry.state is OpState.RECEIVED and not entry.has_receipt:
        yield f"received without a receipt: {entry.op_id}"


def _order(entries: list[Entry], stored: dict[str, StoredOp]) -> Iterator[str]:
    """What builds on another stands after it in the log."""
    query = db.select(Leaf.ref_id, Leaf.index).where(Leaf.ref_id.in_([*stored]))
    places: dict[str, int] = {}
    for ref_id, index in db.session.execute(query):
        places[ref_id] = index
    for entry in entries:
        if any(places.get(entry.op_id, 1 << 62) < places.get(op_id, 1 << 61) for op_id in entry.depends_on):
            yield f"stands before what it builds on: {entry.op_id}"


def _proofs(handset: Handset) -> Iterator[str]:
    store = handset.store
    yield from (f"alarm: {alarm.code}" for alarm in store.alarms.all())
    if store.heads.unproven():
        yield "a tree head that was never proven"
    balance = balance_of_today(store)
    # On a day on which nothing was made yet, equal also says that nothing of earlier days is open.
    may_be_equal = balance.made == balance.received and (balance.made > 0 or balance.earlier == 0)
    if may_be_equal and not balance.is_equal:
        yield "the balance of the day is not equal"


def _photos(handset: Handset) -> Iterator[str]:
    for digest, content in handset.photos.items():
        came = db.session.scalars(db.select(NamedFile.received_at).where(NamedFile.sha256 == digest)).all()
        if not came or None in came:
            yield "a photo that the server does not say has come"
        elif evidence.store().get(digest) != content:
            yield "a photo said to have come that is not whole"


def _replay(handset: Handset) -> Iterator[str]:
    """Send everything that has a receipt once more: the same answer, and nothing new anywhere."""
    before = _totals()
    entries = [entry for entry in handset.store.outbox.all() if entry.has_receipt]
    for start in range(0, len(entries), MAX_OPS):
        some = entries[start : start + MAX_OPS]
        ops = [handset.store.outbox.op(entry, handset.signer.device_id) for entry in some]
        handset.signer.token = handset.session.client.token
        answer = handset.signer.push(*ops)
        for entry, result in zip(some, answer.json["results"], strict=True):
            if result["status"] != Status.DUPLICATE:
                yield f"answered {result['status']} when sent again: {entry.op_id}"
            elif receipt_kept(result) != receipt_kept(entry.answer):
                yield f"another receipt when sent again: {entry.op_id}"
    db.session.remove()
    if _totals() != before:
        yield f"a replay changed the server: {before} became {_totals()}"


def _totals() -> list[int]:
    return [db.session.query(table).count() for table in (StoredOp, Leaf, Correction)]


def _stored(handset: Handset) -> list[StoredOp]:
    return db.session.query(StoredOp).filter_by(device_id=handset.signer.device_id).all()


def _rows() -> dict[tuple[str, str], tuple[int, object]]:
    """Return the register as the tables have it, of the phones' region and of everyone."""
    rows = db.session.query(Change).where(Change.scope.in_(("", REGION)), ~Change.deleted)
    return {(row.kind, row.id): (row.rev, json.loads(row.body or "null")) for row in rows}
