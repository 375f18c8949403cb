"""The page of a label, and what somebody who reads it may write: feedback, without a name."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.feedback import service as feedback
from server.forms import Form, read_form
from server.language import current
from server.problems import NotFound
from server.public import asked, history, label, service, shown
from server.public.drawing import DRAWING
from server.public.routes import blueprint
from server.public.shown import Shown
from server.public.stencils import Unfit
from server.scans import service as scans
from shared.dates import civil_day
from shared.wire.strict import StrictSchema, Text


class FeedbackSchema(StrictSchema):
    """What somebody writes; nothing else is asked."""

    words = Text(required=True, shortest=2, longest=feedback.LONGEST)


SCHEMA: Schema = FeedbackSchema()


@blueprint.get("/V/<text>")
def show_seal(text: str) -> Response:
    """Show what a label belongs to: first the signature, then, where that is not enough, one read of the record."""
    one = _found(text)
    if one is not None and request.method == "GET":
        _note(one)
    return _show(one, Form(), 200)


@blueprint.get("/v/<text>")
def show_seal_lower(text: str) -> Response:
    """The same page: some phones put the path into lower case, the label's text never."""
    return show_seal(text)


@blueprint.post("/V/<text>/feedback")
def give_feedback(text: str) -> BaseResponse:
    """Keep what somebody wrote about an instrument; a label that stands for none takes nothing."""
    one, form = _found(text), read_form(SCHEMA)
    if one is None or one.page.record is None:
        raise NotFound
    if not form.is_good:
        return _show(one, form, 422)
    begin_write()
    serial = one.seal.payload.serial
    instrument_id = service.instrument_of(db.session(), serial)
    if instrument_id is None:
        raise NotFound
    feedback.keep(db.session(), serial=serial, instrument_id=instrument_id, text=form.values["words"], now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("public.show_seal", text=text, thanks=1), 303)


def _note(one: Shown) -> None:
    """Count the page opened; nothing is kept of a label that our key did not sign."""
    if one.record is not None:
        scans.note(one.seal.payload.serial, None, now())
    else:
        scans.note_unknown(one.seal, now())


def _found(text: str) -> Shown | None:
    """Return the label of a text; None for a text that is none."""
    dingpan, session = current_app.extensions["dingpan"], db.session
    host, today = dingpan.settings.seal_host, civil_day(now())
    return shown.found(text, host, dingpan.keyring, today, lambda serial: service.find(session(), serial))


def _show(one: Shown | None, form: Form, status: int) -> Response:
    """A state may change at any moment, so no cache may answer for us without asking."""
    if one is None:
        page, about, status = label.not_a_label(), {}, 404
    else:
        page, about = one.page, _about(one)
    today = one.today if one else civil_day(now())
    asked_for = asked.read(today)
    if asked_for.wrong:
        status = 422 if status == 200 else status
    response = make_response(
        render_template(
            "public/label.html",
            page=page,
            asked=asked_for,
            today=today,
            past=history.on_day(page.record, asked_for.day) if page.record and asked_for.day else None,
            form=form,
            is_thanked="thanks" in request.args and status == 200,
            **about,
        ),
        status,
    )
    response.cache_control.no_cache = True
    response.headers.update(scans.MAY_ASK_PLACE)
    if one is not None and status == 200 and not request.query_string:
        _say_whether_known(one, response)
    return response


def _about(one: Shown) -> dict[str, Any]:
    rows = render_template("public/_events.html", events=shown.events(one))
    return {"rows": Markup(rows), "text": one.seal.text}  # noqa: S704 - a template of ours, which has escaped it


def _say_whether_known(one: Shown, response: Response) -> None:
    """Name what the page says, and send no page to a browser that has it already."""
    with suppress(Unfit):
        page = current_app.extensions[DRAWING].page(one.seal, one.record, one.today, current())
        response.set_etag(page.version, weak=True)
        if request.if_none_match.contains_weak(page.version):
            response.status_code = 304
            response.set_data(b"")
