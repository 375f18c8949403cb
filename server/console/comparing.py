"""A label that is scanned as if there were copies of it: what is known, and the end of the task by hand.

A visit that tests the instrument ends the task as well. Either way nothing follows for anybody's credit.
"""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.administration import service as administration
from server.campaigns import service as campaigns
from server.clock import now
from server.console.routes import blueprint, scope
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import NotFound
from server.registry import service as registry
from server.scans import service as scans
from shared.ids import is_uuid
from shared.wire.strict import StrictSchema, Text


class ComparedSchema(StrictSchema):
    """What somebody saw, in a sentence; it stays with the task."""

    note = Text(required=True, shortest=1, longest=500)


SCHEMA: Schema = ComparedSchema()


@blueprint.get("/tasks/<comparison_id>/compare")
def comparison(comparison_id: str) -> Response:
    """Show which label is to be compared, and why."""
    return _show(_found(comparison_id), Form(), 200)


@blueprint.post("/tasks/<comparison_id>/compare")
def finish_comparison(comparison_id: str) -> BaseResponse:
    """End the task by hand; a second time there is nothing to end."""
    form, task = read_form(SCHEMA), _found(comparison_id)
    if not form.is_good:
        return _show(task, form, 422)
    begin_write()
    task = _found(comparison_id, hold=True)
    campaigns.finish_by_hand(db.session(), task, form.values["note"])
    kind, about = administration.ActKind.LABEL_COMPARED, ("instrument", task.instrument_id or "")
    administration.record(db.session(), kind, by=g.person.id, about=about, now=now(), task=task.id)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.tasks"), 303)


def _found(comparison_id: str, *, hold: bool = False) -> campaigns.Task:
    task = campaigns.comparison(db.session(), scope(), comparison_id, hold=hold) if is_uuid(comparison_id) else None
    if task is None:
        raise NotFound
    return task


def _show(task: campaigns.Task, form: Form, status: int) -> Response:
    flag = scans.flag_of_task(db.session(), task.id)
    where = registry.whereabouts(db.session(), [task.instrument_id] if task.instrument_id else [])
    page = render_template(
        "console/comparison.html",
        task=task,
        form=form,
        item=where.get(task.instrument_id or ""),
        why=flag.why.split(",") if flag else [],
    )
    return make_response(page, status)
