"""Feedback of consumers about the instruments of a scope, and marking it as read."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from server import transaction
from server.clock import now
from server.console.routes import blueprint, scope
from server.database import begin_write, db
from server.feedback import service as kept
from server.problems import NotFound
from server.query import Count
from server.registry import service as registry
from shared.ids import is_uuid
from shared.wire.strict import StrictSchema, Text

A_PAGE = 50
LAST_PAGE = 10_000


class FeedbackListSchema(StrictSchema):
    """Which page of the list somebody wants to see."""

    page = Count(least=1, most=LAST_PAGE, load_default=1)
    lang = Text(longest=10, load_default="")


SCHEMA: Schema = FeedbackListSchema()


@blueprint.get("/feedback")
def feedback() -> str:
    """List what consumers wrote, what nobody read yet first."""
    asked = SCHEMA.load({name: value for name, value in request.args.items() if value})
    found = kept.within(db.session(), scope(), first=(asked["page"] - 1) * A_PAGE, count=A_PAGE + 1)
    return render_template(
        "console/feedback.html",
        rows=found[:A_PAGE],
        has_more=len(found) > A_PAGE,
        page=asked["page"],
        unread=kept.unread(db.session(), scope()),
        where=registry.whereabouts(db.session(), [row.instrument_id for row in found]),
    )


@blueprint.post("/feedback/<feedback_id>/read")
def read_feedback(feedback_id: str) -> Response:
    """Mark one as read; it stays so."""
    begin_write()
    found = kept.one_within(db.session(), scope(), feedback_id) if is_uuid(feedback_id) else None
    if found is None:
        transaction.rollback(db.session())
        raise NotFound
    if found.read_at is None:
        found.read_at, found.read_by = now(), g.person.id
    transaction.commit(db.session(), now())
    return redirect(url_for("console.feedback"), 303)
