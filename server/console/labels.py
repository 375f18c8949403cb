"""The stock of labels: counted by state and holder, ordered, issued, taken back, written off; and the life of one.

A supervisor moves the stock of the region; officers see what they hold themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.clock import now
from server.console.routes import asked, blueprint, may, scope, today
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import Problem
from server.query import Count
from server.registry import service as registry
from server.seals import service as seals
from shared import label_life
from shared.errors import BadShortCode
from shared.label_life import Place
from shared.seal import parse_short_code, short_code
from shared.wire.strict import StrictSchema, Text, Uuid, one_of
from shared.words import SealState

MOVES = (SealState.PRINTED, SealState.ISSUED, SealState.RETURNED, SealState.BROKEN, SealState.VOID, SealState.LOST)
NEEDS_REASON = (SealState.BROKEN, SealState.VOID, SealState.LOST)
MOST_MOVED = 20_000
MOST_DIGITS = 13


class OrderSchema(StrictSchema):
    """How many labels for which region."""

    region = Text(required=True, longest=6)
    count = Count(required=True, least=1, most=seals.MOST)


class MoveSchema(StrictSchema):
    """What happens to the labels from the first to the last; without a last one, to the first alone."""

    move = Text(required=True, longest=16, validate=one_of(*(move.value for move in MOVES)))
    first = Text(required=True, longest=20)
    last = Text(longest=20, load_default="")
    person = Uuid(load_default=None)
    reason = Text(longest=500, load_default="")


ORDER: Schema = OrderSchema()
MOVE: Schema = MoveSchema()


@dataclass(frozen=True)
class Found:
    """One label with its history, who is named in it, and what it is on."""

    label: seals.SealStock
    events: list[seals.SealEvent]
    where: registry.Whereabouts | None


@blueprint.get("/labels")
def labels() -> Response:
    """Count the labels of the scope, or one's own, and show the history of one."""
    return _show(Form(), Form(), 200)


@blueprint.post("/labels/order")
def order_labels() -> BaseResponse:
    """Sign new labels and bring them into the ledger."""
    form, session = read_form(ORDER), db.session()
    if form.is_good and form.values["region"] not in {region.code for region in registry.regions_in(session, scope())}:
        form = form.wrong("region", "form.not_in_scope")
    if not form.is_good:
        return _show(form, Form(), 422)
    dingpan = current_app.extensions["dingpan"]
    try:
        about = {"host": dingpan.settings.seal_host, "day": today()}
        order = seals.draft(session, dingpan.keyring, **form.values, **about)
        begin_write()
        seals.place(session, order, by=g.person.id, now=now())
    except (seals.LabelsTaken, seals.SerialsUsedUp) as problem:
        transaction.rollback(session)
        return _show(form.wrong("count", f"problem.{problem.slug}.detail", **problem.values), Form(), problem.status)
    transaction.commit(session, now())
    return redirect(url_for("console.labels", done=len(order.labels), q=order.first), 303)


@blueprint.post("/labels/move")
def move_labels() -> BaseResponse:
    """Mark labels as printed, issue them, take them back, or write them off."""
    form = read_form(MOVE)
    first = last = None
    if form.is_good:
        first = read_label(form.values["first"])
        last = read_label(form.values["last"]) if form.values["last"] else first
        form = _checked(form, first, last)
    if first is None or last is None or not form.is_good:
        return _show(Form(), form, 422)
    to = SealState(form.values["move"])
    begin_write()
    try:
        wanted = seals.Move(
            first=first, last=last, to=to, by=g.person.id, holder_id=_holder(to, form), note=form.values["reason"]
        )
        seals.move(db.session(), wanted, scope=scope(), now=now())
    except (seals.LabelRefused, seals.LabelsMissing) as problem:
        transaction.rollback(db.session())
        return _refuse(form, problem)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.labels", done=wanted.count, q=first), 303)


def read_label(text: str) -> int | None:
    """Return the serial of a typed serial or short code; None when it is neither."""
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) <= MOST_DIGITS else None
    try:
        return parse_short_code(text)
    except BadShortCode:
        return None


def _checked(form: Form, first: int | None, last: int | None) -> Form:
    """Add what a schema cannot tell: the numbers are numbers, the officer is one of ours, a loss has a reason."""
    to = SealState(form.values["move"])
    if first is None:
        form = form.wrong("first", "labels.bad_number")
    if last is None:
        form = form.wrong("last", "labels.bad_number")
    if first is not None and last is not None and not 0 <= last - first < MOST_MOVED:
        form = form.wrong("last", "labels.bad_range", most=MOST_MOVED)
    if to is SealState.ISSUED and form.values["person"] not in {one.id for one in _officers()}:
        form = form.wrong("person", "form.not_responsible")
    if to is not SealState.ISSUED and form.values["person"]:
        form = form.wrong("person", "labels.no_person")
    if to in NEEDS_REASON and not form.values["reason"]:
        form = form.wrong("reason", "labels.needs_reason")
    return form


def _holder(to: SealState, form: Form) -> str | None:
    """Return who has the labels then: the officer, the unit of whoever registers it, or nobody."""
    if to is SealState.ISSUED:
        return str(form.values["person"])
    return g.person.unit_id if label_life.PLACE_IN[to] is Place.STORE else None


def _officers() -> list[accounts.Person]:
    return accounts.may_be_sent(db.session(), scope())


def _refuse(form: Form, problem: Problem) -> Response:
    return _show(Form(), form.wrong("first", f"problem.{problem.slug}.detail", **problem.values), problem.status)


def _found(own: str | None) -> Found | None:
    serial = read_label(asked()) if asked() else None
    label = seals.label_in(db.session(), scope(), serial, own) if serial is not None else None
    if label is None:
        return None
    instruments = [label.instrument_id] if label.instrument_id else []
    where = registry.whereabouts(db.session(), instruments).get(label.instrument_id or "")
    return Found(label, seals.history(db.session(), label.serial), where)


def _show(ordered: Form, moved: Form, status: int) -> Response:
    session, may_move = db.session(), may("console.move_labels", "POST")
    own = None if may_move else label_life.holder(SealState.ISSUED, g.person.id)
    counts = seals.counts(session, scope(), own)
    found = _found(own)
    done = request.args.get("done", "")
    about: dict[str, Any] = {
        "counts": counts,
        "total": sum(one.count for one in counts),
        "entered": seals.entered(session, scope()),
        "adds_up": seals.adds_up(session, scope()) if may_move else None,
        "runs": seals.runs(session, scope(), own),
        "found": found,
        "names": _names(counts, found),
        "officers": _officers() if may_move else [],
        "regions": registry.regions_in(session, scope()) if may_move else [],
        "done": done if request.method == "GET" and done.isdecimal() else None,
    }
    page = render_template(
        "console/labels.html", ordered=ordered, moved=moved, moves=MOVES, asked=asked(), code=short_code, **about
    )
    return make_response(page, status)


def _names(counts: list[seals.Count], found: Found | None) -> dict[str, str]:
    """Return the names of the people and units that hold labels or moved the one that is shown, by id."""
    events = found.events if found else []
    held = [one.holder for one in counts] + [
        text for one in events for text in (one.from_holder, one.to_holder) if text
    ]
    ids = {label_life.read_holder(text)[1] for text in held if text} | {one.by_person for one in events}
    wanted = sorted(id_ for id_ in ids if id_)
    people = {id_: name for id_, name in accounts.names_of(db.session(), wanted).items() if id_}
    return accounts.unit_names(db.session(), wanted) | people
