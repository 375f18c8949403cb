"""One's own sign-ins: which are open, ending them, another password."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service
from server.accounts.joining import checked
from server.accounts.passwords import LONGEST, SHORTEST
from server.accounts.routes import blueprint, home_of, may_try
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import NotFound, SignInNeeded, WrongSignIn
from shared.ids import is_uuid
from shared.wire.strict import StrictSchema, Text


class PasswordSchema(StrictSchema):
    """The password of today, and another one twice."""

    old_password = Text(required=True, shortest=1, longest=200, metadata={"is_verbatim": True})
    password = Text(required=True, shortest=SHORTEST, longest=LONGEST, metadata={"is_verbatim": True})
    password_again = Text(required=True, longest=LONGEST, metadata={"is_verbatim": True})


SCHEMA: Schema = PasswordSchema()


@blueprint.get("/account")
def account() -> Response:
    """List one's sign-ins, this one marked."""
    return _show(Form(), 200)


@blueprint.post("/account/sign-ins/<sign_in_id>/end")
def end_sign_in(sign_in_id: str) -> BaseResponse:
    """End one of one's own sign-ins."""
    begin_write()
    if not is_uuid(sign_in_id) or not service.end_sign_in(db.session(), g.person.id, sign_in_id):
        raise NotFound
    return _done()


@blueprint.post("/account/sign-ins/end")
def end_others() -> BaseResponse:
    """End every other sign-in of one's own."""
    this = g.sign_in_id
    begin_write()
    service.end_sign_ins(db.session(), g.person.id, but=this)
    return _done()


@blueprint.post("/account/password")
def change_password() -> BaseResponse:
    """Take another password; whoever is signed in elsewhere signs in again."""
    form, this = checked(read_form(SCHEMA), g.person), g.sign_in_id
    if not form.is_good:
        return _show(form, 422)
    is_open = may_try(g.person.sign_in_name or "")
    is_right = service.is_right(g.person.password_hash, form.values["old_password"])
    if not (is_open and is_right):
        return _show(form.wrong("old_password", "password.old_wrong"), WrongSignIn.status)
    verified, hashed = g.person.password_hash, service.hash_password(form.values["password"])
    begin_write()
    person = service.still_let_in(db.session(), g.person.id, verified)
    if person is None:
        transaction.rollback(db.session())
        raise SignInNeeded
    service.lockout.forgive(db.session(), person.sign_in_name or "")
    service.change_password(db.session(), person, hashed, but=this)
    return _done()


def _done() -> BaseResponse:
    transaction.commit(db.session(), now())
    return redirect(url_for("accounts.account"), 303)


def _show(form: Form, status: int) -> Response:
    page = render_template(
        "accounts/account.html",
        person=g.person,
        home=home_of(g.person),
        sign_ins=service.sign_ins_of(db.session(), g.person.id, now()),
        this=g.sign_in_id,
        form=form,
        has_password=g.person.password_hash is not None,
    )
    return make_response(page, status)
