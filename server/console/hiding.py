"""Hiding faces and number plates in the picture that everyone sees; the original is evidence and stays as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from flask import g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema, ValidationError, fields
from werkzeug.wrappers import Response

from server import transaction
from server.clock import now
from server.console.routes import blueprint, scope
from server.database import begin_write, db
from server.evidence import service as evidence
from server.forms import Form, read_form
from server.problems import NotFound
from server.public import service as public
from server.registry import service as registry
from shared.wire.strict import StrictSchema

MOST = 50
LONGEST_SIDE = 20_000


class RectanglesText(fields.Field[list[evidence.Rectangle]]):
    """Rectangles as JSON text, ``[[left, top, right, bottom], ...]`` in pixels of the upright original."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[evidence.Rectangle]:
        try:
            rows = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError("hide.not_readable") from error
        if not isinstance(rows, list) or len(rows) > MOST or not all(map(_is_rectangle, rows)):
            raise ValidationError("hide.not_readable")
        return [evidence.Rectangle(*row) for row in rows]


def _is_rectangle(row: Any) -> bool:
    is_four = isinstance(row, list) and len(row) == 4
    return is_four and all(type(side) is int and 0 <= side <= LONGEST_SIDE for side in row)


class HidingSchema(StrictSchema):
    """What to hide; an empty list shows the whole picture again."""

    rectangles = RectanglesText(required=True)


SCHEMA: Schema = HidingSchema()


@blueprint.get("/pictures/<sha256>/hiding")
def hiding(sha256: str) -> Response:
    """Show the original with what is hidden in it, and the picture that everyone sees."""
    _instruments(sha256)
    hidden = [list(astuple(one)) for one in evidence.hidden_in(db.session(), sha256)]
    return _page(sha256, Form({"rectangles": json.dumps(hidden)}), 200)


@blueprint.post("/pictures/<sha256>/hiding")
def hide(sha256: str) -> Response:
    """Make the picture for everyone anew from the original's pixels, with the marked parts hidden."""
    instruments = _instruments(sha256)
    form = read_form(SCHEMA)
    if not form.is_good:
        return _page(sha256, form, 422)
    rectangles = form.values["rectangles"]
    db.session.rollback()  # nothing is held while a picture is decoded
    try:
        with evidence.told():
            copy = evidence.make_copy(evidence.store(), sha256, rectangles)
    except evidence.BadRectangle as problem:
        return _page(sha256, form.wrong("rectangles", f"problem.{problem.slug}.detail", **problem.values), 422)
    begin_write()
    evidence.keep_copy(db.session(), sha256, copy, blurred=rectangles, made_by=g.person.id, now=now())
    public.changed(db.session(), *instruments)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.hiding", sha256=sha256, done=1), 303)


def _instruments(sha256: str) -> list[str]:
    found = registry.instruments_shown(db.session(), sha256, scope())
    if not found:
        raise NotFound
    return found


def _page(sha256: str, form: Form, status: int) -> Response:
    copy = evidence.public_copies(db.session(), [sha256]).get(sha256)
    page = render_template(
        "console/hiding.html", sha256=sha256, form=form, copy=copy, is_done="done" in request.args and status == 200
    )
    return make_response(page, status)
