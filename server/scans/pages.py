"""The place of a scan, where a person gives it: rounded in the browser, rounded again here, and told what was kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request
from marshmallow import Schema, ValidationError, validates_schema

from server.clock import now
from server.database import db
from server.forms import Form, read_form
from server.problems import BadRequest, NotFound
from server.public import service as public
from server.scans import service
from shared.cells import Cell
from shared.dates import civil_day
from shared.errors import NotASeal
from shared.seal import LabelVerdict, open_seal
from shared.wire.strict import StrictSchema, Text

blueprint = Blueprint("scans", __name__)

GENUINE = (LabelVerdict.GENUINE, LabelVerdict.GENUINE_STALE, LabelVerdict.KEY_COMPROMISED)


class PlaceSchema(StrictSchema):
    """A place in degrees of WGS 84, within China."""

    latitude = Text(required=True, shortest=1, longest=20)
    longitude = Text(required=True, shortest=1, longest=20)

    @validates_schema
    def _is_place(self, values: dict[str, Any], **_: object) -> None:
        if Cell.of(values["latitude"], values["longitude"]) is None:
            raise ValidationError("invalid.place", "latitude")


SCHEMA: Schema = PlaceSchema()


@blueprint.post("/V/<text>/place")
def place(text: str) -> Response:
    """Keep the square of a place that somebody gave on the page of a label, and say what was kept."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise BadRequest  # another site sends its visitors' browsers: nobody pressed the button
    serial, form = _serial(text), read_form(SCHEMA)
    cell = Cell.of(form.values["latitude"], form.values["longitude"]) if form.is_good else None
    if cell is None:
        return _shown(text, form, None, 422)
    service.note(serial, cell, now())
    return _shown(text, form, cell, 200)


def _serial(text: str) -> int:
    """Return the serial of a genuine label that the office knows; raises NotFound for any other."""
    dingpan = current_app.extensions["dingpan"]
    link, keyring = f"HTTPS://{dingpan.settings.seal_host}/V/{text}", dingpan.keyring
    try:
        seal = open_seal(link, keyring.key_set, keyring.revoked, civil_day(now()))
    except NotASeal as error:
        raise NotFound from error
    if seal.verdict not in GENUINE or public.find(db.session(), seal.payload.serial) is None:
        raise NotFound
    return seal.payload.serial


def _shown(text: str, form: Form, cell: Cell | None, status: int) -> Response:
    return make_response(render_template("public/place.html", text=text, form=form, cell=cell), status)
