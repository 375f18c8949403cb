"""Tasks: the open ones of a scope, and a form to send somebody on a visit."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.campaigns import service as campaigns
from server.clock import now
from server.console.routes import blueprint, scope, today
from server.console.task_lines import task_lines
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import OfficerRecused
from server.registry import service as registry
from shared.wire.strict import Day, StrictSchema, Text, Uuid
from shared.words import TaskKind


class TaskSchema(StrictSchema):
    """A visit that somebody is to make."""

    place = Uuid(required=True)
    person = Uuid(required=True)
    due_on = Day(required=True)
    note = Text(longest=500, load_default="")


SCHEMA: Schema = TaskSchema()


@blueprint.get("/tasks")
def tasks() -> Response:
    """List the open tasks, with the form for those who may assign."""
    return _show(Form({"due_on": today().isoformat()}), 200)


@blueprint.post("/tasks")
def assign() -> BaseResponse:
    """Send somebody on a visit."""
    form = read_form(SCHEMA)
    place = registry.place_in(db.session(), scope(), form.values["place"]) if form.is_good else None
    form = _checked(form, place) if form.is_good else form
    if place is None or not form.is_good:
        return _show(form, 422)
    if _is_recused(form.values["person"], place):
        slug = OfficerRecused.slug
        return _show(form.wrong("person", f"problem.{slug}.detail"), OfficerRecused.status)
    begin_write()
    campaigns.assign(
        db.session(),
        kind=TaskKind.VISIT,
        region=place.region,
        place_id=place.id,
        assigned_to=form.values["person"],
        due_on=date.fromisoformat(form.values["due_on"]),
        note=form.values["note"],
        now=now(),
    )
    transaction.commit(db.session(), now())
    return redirect(url_for("console.tasks", assigned=1), 303)


def _checked(form: Form, place: registry.Place | None) -> Form:
    """Add what only the register can tell: the place is ours, the person may go there, the day is not over."""
    region = place.region if place else ""
    if place is None:
        form = form.wrong("place", "form.not_in_scope")
    if accounts.may_be_sent_to(db.session(), scope(), form.values["person"], region) is None:
        form = form.wrong("person", "form.not_responsible")
    if form.values["due_on"] < today().isoformat():
        form = form.wrong("due_on", "form.day_over")
    return form


def _is_recused(person_id: str, place: registry.Place) -> bool:
    """Say whether an officer stands back from whoever runs a place, or from all who trade there.

    Then the task has nobody else to inspect. Where it is one stall of many, the list of tasks tells it.
    """
    there = registry.parties_of_places(db.session(), [place.id]).get(place.id, set())
    operator = {place.operator_id} if place.operator_id else set()
    held = accounts.recused_parties(db.session(), [person_id], there | operator, now())
    return bool(held & operator) or (bool(there) and there <= held)


def _show(form: Form, status: int) -> Response:
    places = registry.places_in(db.session(), scope())
    page = render_template(
        "console/tasks.html",
        form=form,
        tasks=task_lines(db.session(), scope()),
        places=places,
        regions=registry.region_names(db.session(), [place.region for place in places]),
        people=accounts.may_be_sent(db.session(), scope()),
        is_assigned=request.method == "GET" and "assigned" in request.args,
    )
    return make_response(page, status)
