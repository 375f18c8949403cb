"""Physical seals at the desk: find an instrument, see what happened to its seals, enter what happened."""

from __future__ import annotations

from datetime import date, datetime, time

from flask import Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.clock import new_id, now
from server.console.nameplates import nameplates_of
from server.console.routes import asked, blueprint, scope, today
from server.console.verification import look_up
from server.database import begin_write, db
from server.forms import Form, read_form
from server.physical_seals import service as physical_seals
from server.physical_seals.service import Told
from server.problems import NotFound
from server.registry import service as registry
from shared.dates import SHANGHAI
from shared.ids import is_uuid
from shared.physical_seals import (
    LONGEST_NAME,
    MOST_WITNESSES,
    SealFact,
    is_over_another,
    names_in,
    positions_of,
    wanting,
)
from shared.wire.strict import Day, StrictSchema, Text, Uuid, one_of
from shared.words import SealAct, SealOwner, SealPosition

OLDEST_YEARS = 10


class SealEventSchema(StrictSchema):
    """What happened to the seal at one position. Witnesses are names, with commas between them."""

    instrument = Uuid(required=True)
    position = Text(required=True, longest=24, validate=one_of(*(word.value for word in SealPosition)))
    owner = Text(required=True, longest=16, validate=one_of(*(word.value for word in SealOwner)))
    act = Text(required=True, longest=24, validate=one_of(*(word.value for word in SealAct)))
    done_on = Day(required=True)
    old_number = Text(longest=40, load_default="")
    new_number = Text(longest=40, load_default="")
    authority = Text(longest=120, load_default="")
    witnesses = Text(longest=400, load_default="")
    note = Text(longest=500, load_default="")


SCHEMA: Schema = SealEventSchema()


@blueprint.get("/physical-seals", endpoint="physical_seals")
def seals_of_instrument() -> Response:
    """Find an instrument, or show the seals of one with the form to enter what happened."""
    if "instrument" in request.args:
        return _show(_instrument(request.args["instrument"]), Form({"done_on": today().isoformat()}), 200)
    text = asked()
    found = look_up(text) if text else []
    where = registry.whereabouts(db.session(), [item.id for item in found])
    return make_response(render_template("console/physical_seals.html", asked=text, found=where))


@blueprint.post("/physical-seals")
def enter_seal_event() -> BaseResponse:
    """Keep what happened."""
    instrument = _instrument(request.form.get("instrument", ""))
    form = read_form(SCHEMA)
    form = _checked(form, instrument) if form.is_good else form
    if not form.is_good:
        return _show(instrument, form, 422)
    begin_write()
    told = Told(
        id=new_id(now()),
        fact=_fact(form),
        by=g.person.id,
        authority=form.values["authority"],
        witnesses=names_in(form.values["witnesses"]),
        note=form.values["note"],
    )
    physical_seals.record(db.session(), instrument, told, now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("console.physical_seals", instrument=instrument.id, done=1), 303)


def _fact(form: Form) -> SealFact:
    return SealFact(
        position=SealPosition(form.values["position"]),
        owner=SealOwner(form.values["owner"]),
        act=SealAct(form.values["act"]),
        at=_moment(date.fromisoformat(form.values["done_on"])),
        old_number=form.values["old_number"],
        new_number=form.values["new_number"],
    )


def _moment(day: date) -> datetime:
    """Return the moment of a day that is all we know: now for today, else noon."""
    return now() if day == today() else datetime.combine(day, time(12), SHANGHAI)


def _checked(form: Form, instrument: registry.Instrument) -> Form:
    """Add what the act needs, what the day cannot be, and a new seal where one stands already."""
    values = form.values
    act = SealAct(values["act"])
    for name in wanting(act, new_number=values["new_number"], authority=values["authority"]):
        form = form.wrong(name, f"seals.needs_{name}")
    if values["position"] not in positions_of(instrument.kind):
        form = form.wrong("position", "seals.not_its_position")
    if values["done_on"] > today().isoformat():
        form = form.wrong("done_on", "seals.future_day")
    if values["done_on"] < str(today().year - OLDEST_YEARS):
        form = form.wrong("done_on", "seals.too_long_ago", years=OLDEST_YEARS)
    names = names_in(values["witnesses"])
    if len(names) > MOST_WITNESSES or any(len(name) > LONGEST_NAME for name in names):
        form = form.wrong("witnesses", "seals.too_many_witnesses", most=MOST_WITNESSES)
    if not form.is_good:
        return form
    fact = _fact(form)
    before = physical_seals.standing_of(db.session(), instrument.id, until=fact.at).get(fact.position)
    if is_over_another(before, act) and before is not None:
        form = form.wrong("act", "seals.stands_already", number=before.number)
    return form


def _instrument(instrument_id: str) -> registry.Instrument:
    found = registry.instrument_in(db.session(), scope(), instrument_id) if is_uuid(instrument_id) else None
    if found is None:
        raise NotFound
    return found


def _show(instrument: registry.Instrument, form: Form, status: int) -> Response:
    session = db.session()
    events = physical_seals.history(session, instrument.id)
    page = render_template(
        "console/physical_seals_of.html",
        form=form,
        where=registry.whereabouts(session, [instrument.id])[instrument.id],
        positions=positions_of(instrument.kind),
        standing=physical_seals.standing_of(session, instrument.id),
        events=events[::-1],
        names=accounts.names_of(session, [event.by_person for event in events]),
        nameplates=nameplates_of(session, instrument.id),
        acts=SealAct,
        owners=SealOwner,
        is_done=request.method == "GET" and "done" in request.args,
    )
    return make_response(page, status)
