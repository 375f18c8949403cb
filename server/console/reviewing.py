"""The end of a review: a supervisor looked at a record with something irregular, and says what came of it."""

from __future__ import annotations

from flask import g, redirect, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from server import transaction
from server.administration import service as administration
from server.campaigns import service as campaigns
from server.clock import now
from server.console.routes import blueprint, scope
from server.console.visit import show_visit, visit_found
from server.database import begin_write, db
from server.forms import read_form
from server.problems import NotFound, NotOneself
from shared.wire.strict import StrictSchema, Text


class ReviewedSchema(StrictSchema):
    """What came of it, in a sentence; it stays with the task."""

    note = Text(required=True, shortest=1, longest=500)


SCHEMA: Schema = ReviewedSchema()


@blueprint.post("/visit/<visit_id>/reviewed")
def finish_review(visit_id: str) -> Response:
    """End the review of a visit; nobody ends that of an own one. A second time there is nothing to end."""
    kept, place = visit_found(visit_id)
    form = read_form(SCHEMA)
    if not form.is_good:
        return show_visit(kept, place, form, 422)
    if g.person.id in {row.person_id for row in kept.participants}:
        raise NotOneself
    begin_write()
    task = campaigns.review_of(db.session(), scope(), visit_id, hold=True)
    if task is None:
        raise NotFound
    campaigns.finish_review(db.session(), task, form.values["note"])
    kind, about = administration.ActKind.VISIT_REVIEWED, ("visit", visit_id)
    administration.record(db.session(), kind, by=g.person.id, about=about, now=now(), task=task.id)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.visit", visit_id=visit_id), 303)
