"""Phones: those of the people of a scope, and what is done about one that is lost.

Supervisors and security administrators see the phones of their regions; whoever works in the field reports their own.
"""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, url_for
from marshmallow import Schema, fields
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts.service import Scope
from server.clock import now
from server.console.incoming import op_kind
from server.console.routes import blueprint, may, scope
from server.database import begin_write, db
from server.devices import service as devices
from server.devices.service import PhoneLine, SuspendedWhy
from server.forms import Form, read_form
from server.problems import NotFound
from server.sync import service as sync
from shared.ids import is_uuid
from shared.wire.strict import StrictSchema, one_of


class SuspendSchema(StrictSchema):
    """Why a phone is to be out of use."""

    why = fields.String(required=True, validate=one_of(*SuspendedWhy))


SCHEMA: Schema = SuspendSchema()


@blueprint.get("/devices", endpoint="devices")
def list_devices() -> str:
    """List the phones of the scope, those out of use first."""
    lines = sorted(devices.phones_within(db.session(), scope()), key=lambda line: not line.device.is_suspended)
    waiting = sync.waiting_aside(db.session(), [line.device.id for line in lines])
    return render_template("console/devices.html", lines=lines, waiting=waiting, has_scope=bool(scope().regions))


@blueprint.get("/devices/<device_id>")
def device(device_id: str) -> str:
    """Show one phone: how it stands, and what it left while it was out of use."""
    line = _line(device_id)
    waiting = sync.waiting_aside(db.session(), [device_id])[device_id]
    aside = sync.put_aside_of(db.session(), device_id)
    return render_template("console/device.html", line=line, waiting=waiting, aside=aside, op_kind=op_kind)


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
