"""Phones: those of the people of a scope, how each stands, and what is done about one that is lost.

Supervisors and security administrators see the phones of their regions; whoever works in the field reports their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema, fields
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts.service import Scope
from server.clock import now
from server.console.incoming import op_kind
from server.console.routes import blueprint, may, scope
from server.database import begin_write, db
from server.devices import service as devices
from server.devices.service import PhoneLine, Standing, SuspendedWhy
from server.forms import Form, read_form
from server.language import t
from server.problems import NotFound
from server.sync import service as sync
from shared.ids import is_uuid
from shared.ops import Status
from shared.wire import visit
from shared.wire.strict import StrictSchema, one_of


class SuspendSchema(StrictSchema):
    """Why a phone is to be out of use."""

    why = fields.String(required=True, validate=one_of(*SuspendedWhy))


RIGHT_S = 5
SCHEMA: Schema = SuspendSchema()
SHOWN: dict[str, Callable[[Standing], bool]] = {
    "all": lambda one: True,
    "attention": lambda one: bool(one.concerns),
    "suspended": lambda one: one.line.device.is_suspended,
}


@dataclass(frozen=True)
class Refused:
    """An op of a phone that was not taken in. ``visit_id``: the visit that it is in conflict with."""

    op: sync.StoredOp
    what: str
    problem: str
    visit_id: str | None


@blueprint.get("/devices", endpoint="devices")
def list_devices() -> str:
    """List the phones of the scope, those that want attention first."""
    found = _standings(devices.phones_within(db.session(), scope()))
    shown = SHOWN.get(request.args.get("show", ""), SHOWN["all"])
    counts = {name: sum(map(is_shown, found)) for name, is_shown in SHOWN.items()}
    return render_template(
        "console/devices.html",
        found=[one for one in found if shown(one)],
        show=request.args.get("show") if request.args.get("show") in SHOWN else "all",
        counts=counts,
        has_scope=bool(scope().regions),
        **WORDS,
    )


@blueprint.get("/devices/<device_id>")
def device(device_id: str) -> str:
    """Show one phone: how it stands, what was refused of it, and what it left while it was out of use."""
    (standing,) = _standings([_line(device_id)])
    return render_template(
        "console/device.html",
        one=standing,
        line=standing.line,
        waiting=standing.put_aside,
        aside=sync.put_aside_of(db.session(), device_id),
        refused=[_refused(op) for op in sync.refused_of(db.session(), device_id)],
        op_kind=op_kind,
        op_problems=sync.OP_PROBLEMS,
        **WORDS,
    )


@blueprint.post("/devices/<device_id>/again")
def ask_again(device_id: str) -> BaseResponse:
    """Ask a phone to send anew what it set aside, when it is on line next."""
    line = _line(device_id)
    begin_write()
    devices.ask_again(db.session(), line.device, by=g.person, now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("console.device", device_id=device_id), 303)


@blueprint.get("/devices/<device_id>/lost")
def lost_device(device_id: str) -> Response:
    """Say what happens when a phone is shut out, and ask why."""
    return _ask(_line(device_id), Form(), 200)


@blueprint.post("/devices/<device_id>/lost")
def suspend_device(device_id: str) -> BaseResponse:
    """Shut a phone out."""
    line, form = _line(device_id), read_form(SCHEMA)
    if not form.is_good:
        return _ask(line, form, 422)
    begin_write()
    devices.suspend(db.session(), line.device, SuspendedWhy(form.values["why"]), by=g.person, now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("console.device", device_id=device_id), 303)


@blueprint.get("/devices/<device_id>/restore")
def found_device(device_id: str) -> str:
    """Say what happens when a phone is let in again."""
    return render_template("console/found_device.html", line=_line(device_id))


@blueprint.post("/devices/<device_id>/restore")
def restore_device(device_id: str) -> BaseResponse:
    """Let a phone in again."""
    line = _line(device_id)
    begin_write()
    devices.restore(db.session(), line.device, by=g.person, now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("console.device", device_id=device_id), 303)


def span_words(seconds: int) -> str:
    """Write how long something is, in the unit that tells most of it."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return t(f"phones.{unit}", count=seconds // size)
    return t("phones.seconds", count=seconds)


def clock_words(offset_s: int) -> str:
    """Say how far a phone's clock is off; ``offset_s`` is the server's time minus the phone's."""
    if abs(offset_s) <= RIGHT_S:
        return t("phones.clock_right")
    return t("phones.clock_slow" if offset_s > 0 else "phones.clock_fast", by=span_words(abs(offset_s)))


def gigabytes(count: int) -> str:
    """Write a number of bytes in GB with one decimal, rounded down."""
    tenths = count // 10**8
    return f"{tenths // 10}.{tenths % 10}"


WORDS = {"span_words": span_words, "clock_words": clock_words, "gigabytes": gigabytes}


def _standings(lines: Iterable[PhoneLine]) -> list[Standing]:
    lines = list(lines)
    waiting = sync.waiting_aside(db.session(), [line.device.id for line in lines])
    least = current_app.extensions["dingpan"].settings.least_app
    return devices.standings(db.session(), lines, waiting, least=least, now=now())


def _refused(op: sync.StoredOp) -> Refused:
    """Return an op as the page names it; a visit in conflict leads to the visit that was there first."""
    is_visit = op.kind == visit.KIND and op.outcome == Status.CONFLICT
    problem = (op.problem or "").rsplit("/", 1)[-1]
    return Refused(op, op_kind(op.kind), problem, sync.record_id_of(op.kind, op.body) if is_visit else None)


def _line(device_id: str) -> PhoneLine:
    """Return a phone of one's own, or of the scope of somebody who looks after phones; any other is not found."""
    if not is_uuid(device_id):
        raise NotFound
    overseen = scope() if may("console.devices") else Scope(())
    found = devices.phone_of(db.session(), device_id, scope=overseen, person_id=g.person.id)
    if found is None:
        raise NotFound
    return found


def _ask(line: PhoneLine, form: Form, status: int) -> Response:
    page = render_template("console/lost_device.html", line=line, form=form, whys=list(SuspendedWhy))
    return make_response(page, status)
