"""Editing what was refused and sending it again: the old record, as a draft that will be another operation.

The new one depends on nothing that was refused. The old one stays as it was signed, and points to the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldapp.labelling.model import Filing, Plate, Step, Verified
from fieldapp.labelling.walk import ROUTES, day_of, may_verify
from fieldapp.parts import Parts
from fieldapp.physical_seals.model import LONGEST_AUTHORITY, Move
from fieldapp.routes import Route
from fieldapp.store.filings import Filed
from fieldapp.store.forms import BIND, PHYSICAL_SEAL, REGISTER, SWAP, VERIFICATION, VISIT
from fieldapp.store.outbox import NEEDS_A_LOOK, Entry, OpState
from fieldapp.store.records import Record
from fieldapp.store.store import Store
from fieldapp.visit.model import Evidence, Visit
from fieldapp.visit.walk import keep
from shared.words import SealAct, SealOwner, SealPosition

KINDS = (VISIT, REGISTER, BIND, VERIFICATION, SWAP, PHYSICAL_SEAL)
NOT_SENT_BY_HAND = ("made_at", "clock_offset_s", "clock_doubt_s")
PLATE = ("kind", "maker", "model", "accuracy_class", "max_mg", "e_mg", "price_computing")


def root_of(store: Store, entry: Entry) -> Entry:
    """Return what has to be put right: of a blocked record the refused one that it builds on, else itself."""
    while entry.state is OpState.BLOCKED:
        earlier = (store.outbox.entry(op_id) for op_id in entry.depends_on)
        found = next((one for one in earlier if one is not None and one.state in NEEDS_A_LOOK), None)
        if found is None:
            return entry
        entry = found
    return entry


def can_revise(parts: Parts, entry: Entry) -> bool:
    """Say whether whoever is signed in may edit and send again what was refused."""
    root, revised = root_of(parts.store, entry), parts.store.outbox.revisions()
    if entry.state not in NEEDS_A_LOOK or root.state is OpState.BLOCKED or {entry.op_id, root.op_id} & revised.keys():
        return False
    is_allowed = root.kind in KINDS and (root.kind != VERIFICATION or may_verify(parts))
    return is_allowed and root.person_id == parts.me.id and parts.store.records.of_op(root.op_id) is not None


def revise(parts: Parts, entry: Entry) -> str:
    """Open the draft and return ""; where something else is in hand, return the key of what to do first."""
    root = root_of(parts.store, entry)
    record = parts.store.records.of_op(root.op_id)
    if record is None:
        return ""
    if record.kind == VISIT:
        return _visit(parts, record)
    if record.kind == PHYSICAL_SEAL:
        return _seal(parts, record)
    if record.kind == SWAP:
        parts.path.go(Route.LABELLING_SWAP, known=(record.body["first"], record.body["second"]), revises=root.op_id)
        return ""
    return _filing(parts, record)


def _visit(parts: Parts, record: Record) -> str:
    if parts.store.drafts.running() is not None:
        return "record.finish_first"
    wire = {name: value for name, value in record.body.items() if name not in NOT_SENT_BY_HAND}
    keep(parts, replace(_renewed(parts, Visit.from_wire(wire)), revises=record.op_id))
    parts.path.begin(Route.TODAY)
    parts.path.go(Route.VISIT)
    return ""


def _renewed(parts: Parts, visit: Visit) -> Visit:
    """Return the visit with new ids throughout, its photos with the checks that they belong to."""
    new_id = parts.clock.new_id
    inspections = []
    for one in visit.inspections:
        ids = {check.id: new_id() for check in one.checks}
        checks = tuple(replace(check, id=ids[check.id]) for check in one.checks)
        evidence = tuple(replace(photo, check=ids.get(photo.check or "")) for photo in one.evidence)
        inspections.append(replace(one, id=new_id(), checks=checks, evidence=evidence))
    return replace(visit, id=new_id(), inspections=tuple(inspections))


def _seal(parts: Parts, record: Record) -> str:
    body, me = record.body, parts.me
    position = SealPosition(body["position"])
    if parts.store.seal_moves.draft(me.id, body["instrument"], position) is not None:
        return "record.finish_seal"
    authority, document_no = body.get("authority", ""), ""
    if len(authority) > LONGEST_AUTHORITY:
        authority, _, document_no = authority.rpartition(" ")
    move = Move(
        instrument=body["instrument"],
        position=position,
        act=SealAct(body["act"]),
        owner=SealOwner(body["owner"]),
        old_number=body.get("old_number", ""),
        new_number=body.get("new_number", ""),
        authority=authority,
        document_no=document_no,
        witnesses=parts.texts("balance.comma").join(body.get("witnesses", ())),
        note=body.get("note", ""),
        revises=record.op_id,
    )
    parts.store.seal_moves.keep(me.id, move, parts.clock.now())
    parts.path.go(Route.SEAL_MOVE, instrument=move.instrument, position=position.value, act=move.act.value)
    return ""


def _filing(parts: Parts, record: Record) -> str:
    """Take the whole filing in hand again, at its review: what the server has of it already is not said twice.

    A verification of somebody who verifies no longer is left as it is, and goes along where it was blocked.
    """
    day, filed = day_of(parts), parts.store.filings.of_op(record.op_id)
    if filed is None or day.filing is not None or day.place not in ("", filed.place):
        return "record.finish_filing"
    filing = _refiled(parts, filed)
    begun = replace(day, place=filed.place, filing=filing, is_for_one=not day.place)
    parts.store.labelling.keep(begun, parts.clock.now())
    parts.path.begin(Route.TODAY)
    parts.path.go(Route.LABELLING)
    parts.path.go(ROUTES[filing.step])
    return ""


def _refiled(parts: Parts, filed: Filed) -> Filing:
    store = parts.store
    entries = [entry for op_id in filed.ops if (entry := store.outbox.entry(op_id))]
    bodies = {entry.kind: found.body for entry in entries if (found := store.records.of_op(entry.op_id))}
    register, bind, verification = (bodies.get(kind, {}) for kind in (REGISTER, BIND, VERIFICATION))
    anew = [entry for entry in entries if entry.kind != VERIFICATION or may_verify(parts)]
    refused = tuple(entry.op_id for entry in anew if entry.state in NEEDS_A_LOOK)
    is_new = filed.register_op in refused
    photos = [Evidence(**one) for body in (register, bind) for one in body.get("evidence", ())]
    by_kind = {photo.kind: photo for photo in photos}
    custody = register.get("custody", {})
    return Filing(
        id=parts.clock.new_id(),
        step=Step.REVIEW,
        label_serial=filed.label,
        plate=Plate(**{name: register[name] for name in PLATE if name in register}) if register else None,
        plate_photo=by_kind.get("nameplate"),
        place_photo=by_kind.get("label_in_place"),
        serial=filed.serial,
        production_code=register.get("production_code", ""),
        existing=None if is_new else filed.instrument,
        stall=register.get("stall"),
        user=custody.get("user"),
        verified=_verified(verification) if verification and may_verify(parts) else None,
        revises=refused,
        **{name: value for name, value in (("custody", custody.get("kind")), ("use", register.get("use"))) if value},
    )


def _verified(body: Mapping[str, Any]) -> Verified:
    return Verified(**{name: body[name] or "" for name in ("kind", "result", "document_no", "mark_no") if name in body})
