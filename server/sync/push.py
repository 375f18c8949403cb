"""Taking in a push: one transaction, one answer for each op, a signed receipt for each final answer.

Signatures, hashes and schemas come first, before any lock. Then each op is answered in the order sent: what came before
is a duplicate, other bytes under a known id are a conflict, what waits for something is sent again later. Ops of one
kind that follow each other are taken in together: what they name is read at once, and what they bring is stored at
once. If one op breaks the whole transaction, all are tried again, each in a savepoint of its own, so that none is in
the others' way.

What a suspended phone made, or sends for another, is put aside as it came and answered ``retry``: it is taken in when
the phone is let in again and sends it anew. What was taken in before is a duplicate for it as for any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import Any

import structlog
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from server import transaction
from server.accounts.service import Person, Scope
from server.audit import service as audit
from server.bulk import insert_rows
from server.database import begin_write, lock_numbers
from server.devices.service import Device, devices_of_ops, put_aside
from server.inspections.service import Context, OutOfScope, Taken
from server.keyring import Keyring
from server.problems import is_trouble, pointers
from server.sync.kinds import KINDS, Together
from server.sync.known import Kept, Known
from server.sync.models import NewOp, StoredOp
from server.sync.problems import Refused, op_problem
from server.sync.receipts import make_receipt, receipt_json
from server.sync.slices import op_slices
from shared import ops
from shared.ops import Status
from shared.wire import quick
from shared.wire.json_text import BadJson, read_json

log = structlog.get_logger(__name__)

REFUSED = (Status.REJECTED, Status.CONFLICT)

# What a single record may bring out in us: a mistake of ours must not keep the other records from coming in.
FAULTS = (SQLAlchemyError, ArithmeticError, LookupError, StopIteration, TypeError, ValueError)


@dataclass(frozen=True)
class Sender:
    """Who pushes: the phone whose token it is, the regions of its person, and the body as it came.

    ``device`` None: nobody's phone, for records that the program itself loads.
    """

    device: Device | None
    scope: Scope
    content: bytes = b""


@dataclass
class Incoming:
    """One op with all that can be found out about it without touching the tables it changes."""

    index: int
    op: ops.Op
    op_sha256: str
    device: Device | None
    person: Person | None
    is_signed: bool
    body: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)


def take_push(
    session: Session, keyring: Keyring, pushed: list[ops.Op], *, sender: Sender, now: datetime
) -> list[dict[str, Any]]:
    """Take in the ops of one push and return their entries."""
    devices, people = devices_of_ops(session, {op.device_id for op in pushed})
    incoming = [_examine(index, op, devices, people) for index, op in enumerate(pushed)]
    push = Push(session, keyring, sender, now)
    try:
        return _all_at_once(push, incoming)
    except FAULTS as error:
        if isinstance(error, DBAPIError) and is_trouble(error):
            raise
        log.warning("push_one_by_one", error=type(error).__name__)
    return _one_by_one(push, incoming)


def _all_at_once(push: Push, incoming: list[Incoming]) -> list[dict[str, Any]]:
    with transaction.whole(push.session):
        begin_write()
        push.look_up(incoming)
        entries = [push.answer(item) for item in incoming]
        push.finish()
        transaction.commit(push.session, push.now)
    return entries


def _one_by_one(push: Push, incoming: list[Incoming]) -> list[dict[str, Any]]:
    with transaction.whole(push.session):
        begin_write()
        push.look_up(incoming)
        entries = [_answer_alone(push, item, incoming) for item in incoming]
        transaction.commit(push.session, push.now)
    return entries


def _answer_alone(push: Push, item: Incoming, incoming: list[Incoming]) -> dict[str, Any]:
    """Answer one op in a savepoint; where it fails, it is the only one that must come again."""
    try:
        with transaction.savepoint(push.session):
            push.is_alone, push.incoming = True, [item]
            entry = push.answer(item)
            push.finish()
            push.session.flush()
            return entry
    except FAULTS as error:
        if isinstance(error, DBAPIError) and is_trouble(error):
            raise
        log.exception("op_failed", op_id=item.op.op_id, kind=item.op.kind)
    push.look_up(incoming)
    return _entry(item, Status.RETRY, problem=op_problem("try-later"))


def _examine(
    index: int, op: ops.Op, devices: Mapping[str, Device], people: Mapping[tuple[str, str], Person]
) -> Incoming:
    device = devices.get(op.device_id)
    try:
        is_signed = device is not None and op.is_signed_by(device.public)
        op_sha256 = op.op_sha256
    except UnicodeEncodeError:
        is_signed, op_sha256 = False, ""
    item = Incoming(index, op, op_sha256, device, people.get((op.device_id, op.person_id)), is_signed)
    kind = KINDS.get(op.kind)
    if is_signed and kind:
        try:
            item.body = quick.load(kind.schema, read_json(op.body))
            item.errors = list(pointers(kind.doubts(item.body)))
        except ValidationError as error:
            item.errors = list(pointers(error.messages))
        except BadJson:
            item.errors = list(pointers(["invalid.json"]))
    return item


class Push:
    """One push being answered: what is already stored, and who asks."""

    def __init__(self, session: Session, keyring: Keyring, sender: Sender, now: datetime) -> None:
        self.session, self.keyring, self.sender, self.now = session, keyring, sender, now
        self.known = Known()
        self.incoming: list[Incoming] = []
        self.is_alone = False
        self._blocked: set[str] = set()
        self._contexts: dict[str, Context] = {}
        self._settled: list[Kept] = []
        self._together: Together | None = None
        self._told: set[int] = set()

    def look_up(self, incoming: list[Incoming]) -> None:
        """Read what earlier ops say about these; whoever compares numbers holds them before any row."""
        if any(kind.takes_number for item in incoming if (kind := KINDS.get(item.op.kind))):
            lock_numbers()
        self.incoming, self._settled, self._together = incoming, [], None
        records = {(item.op.kind, id_) for item in incoming if (id_ := _record_id(item))}
        self.known = Known.about(self.session, (item.op for item in incoming), records)

    def finish(self) -> None:
        """Store what was answered; what is stored alone may still hear of the link that it was missing."""
        self._finish_together()
        if self.is_alone:
            self.session.add_all(self._settled)
        else:
            insert_rows(self.session, StoredOp, [vars(stored) for stored in self._settled])
        self._settled = []

    def answer(self, item: Incoming) -> dict[str, Any]:
        """Answer one op; the order of the questions is the protocol's."""
        if item.device is None:
            return _entry(item, Status.REJECTED, problem=op_problem("unknown-device"))
        if not item.is_signed:
            log.warning("bad_signature", device=item.op.device_id, op=item.op.op_id)
            return _entry(item, Status.REJECTED, problem=op_problem("bad-signature"))
        if known := self.known.by_sha256.get(item.op_sha256):
            return _entry(item, Status.DUPLICATE, receipt=known)
        if suspended := self._suspended(item.device):
            return self._put_aside(item, suspended)
        if item.op.op_id in self.known.claims:
            return self._settle(item, Status.CONFLICT, problem=op_problem("same-op-other-bytes"), claims=False)
        if item.op.kind not in KINDS:
            return _entry(item, Status.RETRY, problem=op_problem("upgrade-server", kind=item.op.kind))
        if item.person is None:
            return self._settle(item, Status.REJECTED, problem=op_problem("not-enrolled"))
        if item.errors:
            return self._settle(item, Status.REJECTED, problem=op_problem("bad-body", errors=item.errors))
        return self._waiting(item) or self._seen(item) or self._apply(item, item.person)

    def _suspended(self, device: Device) -> Device | None:
        """Return the phone because of which an op is put aside: the op's own, or the one that carries it."""
        carrier = self.sender.device
        return next((one for one in (device, carrier) if one is not None and one.is_suspended), None)

    @cached_property
    def _slices(self) -> list[bytes]:
        return op_slices(self.sender.content)

    def _put_aside(self, item: Incoming, device: Device) -> dict[str, Any]:
        wire = self._slices[item.index]
        is_kept = put_aside(self.session, device, item.op, item.op_sha256, wire, self.now)
        slug = "device-suspended" if is_kept else "quarantine-full"
        return _entry(item, Status.RETRY, problem=op_problem(slug))

    def _waiting(self, item: Incoming) -> dict[str, Any] | None:
        for op_id in item.op.depends_on:
            earlier = self.known.claims.get(op_id)
            if op_id in self._blocked:
                return self._block(item, op_id)
            if earlier is None:
                return _entry(item, Status.RETRY, problem=op_problem("waits-for", op=op_id))
            if earlier.outcome in REFUSED:
                return self._block(item, op_id)
        return None

    def _block(self, item: Incoming, op_id: str) -> dict[str, Any]:
        """Nothing is stored of a blocked op, so what builds on it in the same push is told so here."""
        self._blocked.add(item.op.op_id)
        return _entry(item, Status.BLOCKED, problem=op_problem("depends-on-refused", op=op_id))

    def _seen(self, item: Incoming) -> dict[str, Any] | None:
        first = self.known.records.get((item.op.kind, _record_id(item) or ""))
        if first is None:
            return None
        if first.body == item.op.body.encode():
            return _entry(item, Status.DUPLICATE, receipt=first)
        theirs = first.body.decode() if self._may_see(first) else None
        return self._settle(item, Status.CONFLICT, problem=op_problem("same-record-other-body"), theirs=theirs)

    def _may_see(self, stored: Kept) -> bool:
        self._finish_together()  # it may be one of those
        region = KINDS[stored.kind].region_of(self.session, stored.record_id or "")
        return region is not None and self.sender.scope.covers(region)

    def _apply(self, item: Incoming, person: Person) -> dict[str, Any]:
        context = self._contexts.get(person.id) or self._contexts.setdefault(person.id, Context.of(person, self.now))
        try:
            self._those_like(item).take_in(item.op, item.body, context)
        except Refused as refused:
            return self._settle(item, Status.REJECTED, problem=refused.problem())
        except OutOfScope:
            return self._settle(item, Status.REJECTED, problem=op_problem("out-of-scope"))
        except Taken:
            return self._settle(item, Status.CONFLICT, problem=op_problem("same-record-other-body"))
        return self._settle(item, Status.APPLIED)

    def _those_like(self, item: Incoming) -> Together:
        """Return what takes in this op with those of its kind that follow it; each was told to it at its beginning."""
        if self._together is None or item.index not in self._told:
            self._finish_together()
            kind = item.op.kind
            rest = (one for one in self.incoming if one.index >= item.index)
            alike = [one for one in takewhile(lambda one: one.op.kind == kind, rest) if one.body and not one.errors]
            self._together = KINDS[kind].together(self.session, [(one.op, one.body) for one in alike])
            self._told = {one.index for one in alike}
        return self._together

    def _finish_together(self) -> None:
        if self._together is not None:
            self._together.finish()
            self._together = None

    def _settle(
        self,
        item: Incoming,
        outcome: Status,
        *,
        problem: dict[str, Any] | None = None,
        theirs: str | None = None,
        claims: bool = True,
    ) -> dict[str, Any]:
        """Store a final answer with its receipt and its leaf."""
        op = item.op
        leaf = audit.make_leaf(kind="op", ref_id=op.op_id, at=self.now, stands_for=op.op_bytes)
        receipt = make_receipt(self.keyring, op, item.op_sha256, outcome, leaf.leaf_sha256, self.now)
        stored = (StoredOp if self.is_alone else NewOp)(
            op_sha256=item.op_sha256,
            op_id=op.op_id,
            claims=claims,
            device_id=op.device_id,
            person_id=op.person_id,
            device_seq=op.device_seq,
            prev=op.prev,
            kind=op.kind,
            depends_on=",".join(op.depends_on),
            body=op.body.encode(),
            signature=op.signature,
            outcome=outcome,
            problem=problem["type"] if problem else None,
            record_kind=op.kind if outcome is Status.APPLIED else None,
            record_id=_record_id(item) if outcome is Status.APPLIED else None,
            is_chained=self.known.is_chained(op),
            received_at=self.now,
            salt=leaf.salt,
            receipt_body=receipt.body,
            receipt_key_id=receipt.key_id,
            receipt_signature=receipt.signature,
        )
        audit.add_leaf(self.session, leaf)
        self._settled.append(stored)
        self.known.add(stored)
        self.known.close_gap(op)
        return _entry(item, outcome, receipt=stored, problem=problem, theirs=theirs)


def _record_id(item: Incoming) -> str | None:
    kind = KINDS.get(item.op.kind)
    if kind is None or kind.record is None:
        return None
    found: str | None = item.body.get(kind.record)
    return found


def _entry(
    item: Incoming,
    status: Status,
    *,
    receipt: Kept | None = None,
    problem: dict[str, Any] | None = None,
    theirs: str | None = None,
) -> dict[str, Any]:
    entry: dict[str, Any] = {"op_id": item.op.op_id, "index": item.index, "status": status.value}
    if receipt is not None:
        entry["receipt"] = receipt_json(receipt)
    if problem is not None:
        entry["problem"] = problem
    if theirs is not None:
        entry["theirs"] = {"body": theirs}
    return entry
