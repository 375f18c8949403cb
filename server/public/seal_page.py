"""The page of a label, and what somebody who reads it may write: feedback, without a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.feedback import service as feedback
from server.forms import Form, read_form
from server.problems import NotFound
from server.public import asked, history, label, service
from server.public.routes import blueprint
from server.public.state import SIGNATURE_SAYS_ENOUGH, answer
from server.scans import service as scans
from shared.dates import civil_day
from shared.errors import NotASeal
from shared.seal import Seal, open_seal
from shared.wire.strict import StrictSchema, Text


class FeedbackSchema(StrictSchema):
    """What somebody writes; nothing else is asked."""

    words = Text(required=True, shortest=2, longest=feedback.LONGEST)


SCHEMA: Schema = FeedbackSchema()


@dataclass(frozen=True)
class Shown:
    """A label with what the office knows of it."""

    seal: Seal
    record: dict[str, Any] | None
    page: label.LabelPage
    today: date


@blueprint.get("/V/<text>")
def show_seal(text: str) -> Response:
    """Show what a label belongs to: first the signature, then, where that is not enough, one read of the record."""
    shown = _found(text)
    if shown is not None and shown.record is not None and request.method == "GET":
        scans.note(shown.seal.payload.serial, None, now())
    return _show(shown, Form(), 200)


@blueprint.get("/v/<text>")
def show_seal_lower(text: str) -> Response:
    """The same page: some phones put the path into lower case, the label's text never."""
    return show_seal(text)


@blueprint.post("/V/<text>/feedback")
def give_feedback(text: str) -> BaseResponse:
    """Keep what somebody wrote about an instrument; a label that stands for none takes nothing."""
    shown, form = _found(text), read_form(SCHEMA)
    if shown is None or shown.page.record is None:
        raise NotFound
    if not form.is_good:
        return _show(shown, form, 422)
    begin_write()
    serial = shown.seal.payload.serial
    instrument_id = service.instrument_of(db.session(), serial)
    if instrument_id is None:
        raise NotFound
    feedback.keep(db.session(), serial=serial, instrument_id=instrument_id, text=form.values["words"], now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("public.show_seal", text=text, thanks=1), 303)


def _found(text: str) -> Shown | None:
    """Return the label of a text; None for a text that is none."""
    dingpan, today = current_app.extensions["dingpan"], civil_day(now())
    link, keyring = f"HTTPS://{dingpan.settings.seal_host}/V/{text}", dingpan.keyring
    try:
        seal = open_seal(link, keyring.key_set, keyring.revoked, today)
    except NotASeal:
        return None
    record = None if seal.verdict in SIGNATURE_SAYS_ENOUGH else service.find(db.session(), seal.payload.serial)
    return Shown(seal, record, label.label_page(seal, record, answer(seal.verdict, record, today), today), today)


def _show(shown: Shown | None, form: Form, status: int) -> Response:
    """A state may change at any moment, so no cache may answer for us without asking."""
    if shown is None:
        page, about, status = label.not_a_label(), {}, 404
    else:
        page, about = shown.page, _about(shown)
    asked_for = asked.read(shown.today if shown else civil_day(now()))
    if asked_for.wrong:
        status = 422 if status == 200 else status
    response = make_response(
        render_template(
            "public/label.html",
            page=page,
            asked=asked_for,
            today=civil_day(now()),
            past=history.on_day(page.record, asked_for.day) if page.record and asked_for.day else None,
            form=form,
            is_thanked="thanks" in request.args and status == 200,
            **about,
        ),
        status,
    )
    response.cache_control.no_cache = True
    response.headers.update(scans.MAY_ASK_PLACE)
    return response


def _about(shown: Shown) -> dict[str, Any]:
    events = history.events(shown.page.record, shown.today) if shown.page.record else []
    return {"events": events, "text": shown.seal.text}
