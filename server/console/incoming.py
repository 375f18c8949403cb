"""What phones sent lately: each record with its outcome, who sent it, when it came, and its receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request

from server.accounts import service as accounts
from server.clock import now
from server.console.routes import blueprint, scope
from server.database import db
from server.sync import service as sync
from shared.wire import custody, physical_seal, register, verification, visit

KNOWN = frozenset({visit.KIND, register.REGISTER, register.BIND, register.CORRECTION, physical_seal.KIND})
KNOWN |= {verification.KIND, custody.KIND}
LOOK_BACK = timedelta(days=7)
FEW, MANY = 10, 100


@dataclass(frozen=True)
class Arrival:
    """One op that has a receipt. ``visit_id`` None: not a visit, or not taken in."""

    op: sync.StoredOp
    person: str
    what: str
    leaf_sha256: str
    visit_id: str | None


def arrivals(limit: int) -> list[Arrival]:
    """Return the newest ops of people who work nowhere but within the scope of whoever asks."""
    people = [person.id for person in accounts.wholly_within(db.session(), scope())]
    found = sync.came_in(db.session(), people, now() - LOOK_BACK, limit)
    return [_arrival(op, person) for op, person in found]


def _arrival(op: sync.StoredOp, person: accounts.Person) -> Arrival:
    return Arrival(
        op=op,
        person=person.name,
        what=op_kind(op.kind),
        leaf_sha256=json.loads(op.receipt_body)["leaf_sha256"],
        visit_id=op.record_id if op.record_kind == visit.KIND else None,
    )


def op_kind(kind: str) -> str:
    """Return the word of the catalogue for a kind of op."""
    return kind.partition("/")[0].replace(".", "_") if kind in KNOWN else "other"


@blueprint.get("/incoming")
def incoming() -> str:
    """List what came in; asked for by htmx, only the newest rows, to refresh the card on the first page."""
    if request.headers.get("HX-Request"):
        return render_template("console/arrivals.html", arrivals=arrivals(FEW))
    return render_template("console/incoming.html", arrivals=arrivals(MANY))
