"""Entering a verification: the open tasks, a look-up by serial or label, and the one form with its document number."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.certificates import service as certificates
from server.clock import now
from server.console.routes import asked, blueprint, scope, today
from server.console.task_lines import task_lines
from server.database import begin_write, db
from server.findings import service as findings
from server.forms import Form, read_form
from server.problems import AlreadyThere, NotFound
from server.registry import service as registry
from server.seals import service as seals
from shared.errors import BadShortCode
from shared.ids import is_uuid
from shared.seal import parse_short_code
from shared.wire.strict import Day, StrictSchema, Text, Uuid, one_of
from shared.words import TaskKind, VerificationKind, VerificationResult


class VerificationSchema(StrictSchema):
    """What the verifier copies from the document."""

    instrument = Uuid(required=True)
    kind = Text(required=True, longest=20, validate=one_of(*(kind.value for kind in VerificationKind)))
    result = Text(required=True, longest=10, validate=one_of(*(result.value for result in VerificationResult)))
    document_no = Text(required=True, shortest=1, longest=60)
    mark_no = Text(longest=60, load_default="")
    done_on = Day(required=True)


SCHEMA: Schema = VerificationSchema()


@blueprint.get("/verification")
def verification() -> Response:
    """Show the open tasks and the look-up, the form for one instrument, or what an entry settled."""
    if "done" in request.args:
        return make_response(_entered(request.args["done"]))
    if "instrument" in request.args:
        return _form(_instrument(request.args["instrument"]), Form({"done_on": today().isoformat()}), 200)
    text = asked()
    found = look_up(text) if text else []
    page = render_template(
        "console/verification.html",
        tasks=task_lines(db.session(), scope(), TaskKind.VERIFY),
        asked=text,
        found=registry.whereabouts(db.session(), [item.id for item in found]),
    )
    return make_response(page)


@blueprint.post("/verification")
def enter_verification() -> BaseResponse:
    """Keep a verification; it confirms or withdraws what a field test suspected."""
    instrument = _instrument(request.form.get("instrument", ""))
    form = read_form(SCHEMA)
    form = _with_possible_day(form) if form.is_good else form
    if not form.is_good:
        return _form(instrument, form, 422)
    begin_write()
    try:
        entered = certificates.enter(
            db.session(),
            instrument=instrument,
            verifier=g.person,
            kind=VerificationKind(form.values["kind"]),
            result=VerificationResult(form.values["result"]),
            document_no=form.values["document_no"],
            mark_no=form.values["mark_no"],
            done_on=date.fromisoformat(form.values["done_on"]),
            now=now(),
        )
    except AlreadyThere as problem:
        transaction.rollback(db.session())
        return _form(instrument, form.wrong("document_no", f"problem.{problem.slug}.detail", **problem.values), 409)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.verification", done=entered.id), 303)


def look_up(text: str) -> list[registry.Instrument]:
    """Return the instruments that a label's short code, or the beginning of a serial or national code, names."""
    try:
        label = seals.find(db.session(), parse_short_code(text))
    except BadShortCode:
        label = None
    labelled = registry.instrument_in(db.session(), scope(), label.instrument_id or "") if label else None
    return [labelled] if labelled else registry.instruments_by_number(db.session(), scope(), text)


def _with_possible_day(form: Form) -> Form:
    """Refuse a day to come, and one so long ago that it must be mistyped."""
    match certificates.day_fault(date.fromisoformat(form.values["done_on"]), today()):
        case certificates.DayFault.FUTURE_DAY:
            return form.wrong("done_on", "form.future_day")
        case certificates.DayFault.TOO_LONG_AGO:
            return form.wrong("done_on", "form.too_long_ago", years=certificates.OLDEST_YEARS)
    return form


def _instrument(instrument_id: str) -> registry.Instrument:
    found = registry.instrument_in(db.session(), scope(), instrument_id) if is_uuid(instrument_id) else None
    if found is None:
        raise NotFound
    return found


def _form(instrument: registry.Instrument, form: Form, status: int) -> Response:
    session = db.session()
    about: dict[str, Any] = {
        "where": registry.whereabouts(session, [instrument.id])[instrument.id],
        "last": certificates.latest_of(session, [instrument.id]).get(instrument.id),
        "suspicion": findings.open_of(session, [instrument.id]).get(instrument.id),
    }
    page = render_template(
        "console/verification_form.html", form=form, kinds=VerificationKind, results=VerificationResult, **about
    )
    return make_response(page, status)


def _entered(verification_id: str) -> str:
    found = certificates.verification_in(db.session(), scope(), verification_id) if is_uuid(verification_id) else None
    if found is None:
        raise NotFound
    return render_template(
        "console/verification_done.html",
        verification=found,
        where=registry.whereabouts(db.session(), [found.instrument_id])[found.instrument_id],
        settled=findings.settled_by(db.session(), found.id),
        still_open=findings.open_of(db.session(), [found.instrument_id]).get(found.instrument_id),
    )
