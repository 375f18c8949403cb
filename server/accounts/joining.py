"""Joining the staff by a one-time link: a password of one's own, then the second factor where the role wants one."""

from __future__ import annotations

from flask import Response, make_response, render_template
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server.accounts import service
from server.accounts.models import Person
from server.accounts.passwords import LONGEST, SHORTEST
from server.accounts.routes import blueprint, open_half, open_whole
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from shared.wire.strict import StrictSchema, Text


class JoinSchema(StrictSchema):
    """A password, and the same again."""

    password = Text(required=True, shortest=SHORTEST, longest=LONGEST, metadata={"is_verbatim": True})
    password_again = Text(required=True, longest=LONGEST, metadata={"is_verbatim": True})


SCHEMA: Schema = JoinSchema()


@blueprint.get("/join/<secret>")
def invited(secret: str) -> Response:
    """Show who is invited; the link stays unused, because messengers open links to preview them."""
    return _show(secret, service.staff.invited_person(db.session(), secret, now()), Form(), 200)


@blueprint.post("/join/<secret>")
def join(secret: str) -> BaseResponse:
    """Let somebody in with the password they chose."""
    person = service.staff.invited_person(db.session(), secret, now())
    form = checked(read_form(SCHEMA), person)
    if not form.is_good:
        return _show(secret, person, form, 422)
    hashed = service.hash_password(form.values["password"])
    begin_write()
    joined = service.staff.join_staff(db.session(), secret, password_hash=hashed, now=now())
    return open_half(joined, "") if service.second_factor.needs(joined) else open_whole(joined, "")


def checked(form: Form, person: Person) -> Form:
    """Add what no schema can tell of a new password: that nobody guesses it first, and that it was typed twice."""
    if not form.is_good:
        return form
    wrong = service.weakness(form.values["password"], person.sign_in_name)
    if wrong is None and service.is_breached(form.values["password"]):
        wrong = "password.breached"
    if wrong is not None:
        return form.wrong("password", wrong)
    is_same = form.values["password"] == form.values["password_again"]
    return form if is_same else form.wrong("password_again", "password.differs")


def _show(secret: str, person: Person, form: Form, status: int) -> Response:
    answer = make_response(render_template("accounts/join.html", secret=secret, person=person, form=form), status)
    answer.cache_control.no_store = True
    return answer
