"""The second step of signing in: a code of the authenticator, or enrolling one before anything else opens."""

from __future__ import annotations

import structlog
from flask import Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service
from server.accounts.routes import blueprint, may_try, open_whole
from server.accounts.service import Person, second_factor
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.language import t
from server.problems import SignInNeeded, WrongSignIn
from server.qr import qr_svg
from shared.wire.strict import StrictSchema, Text

LONGEST_CODE = 12
log = structlog.get_logger(__name__)


class CodeSchema(StrictSchema):
    """Six digits, and where somebody was going."""

    code = Text(required=True, shortest=1, longest=LONGEST_CODE)
    next = Text(longest=500, load_default="")


class EnrolSecondFactorSchema(CodeSchema):
    """The first code of a secret that this sign-in was shown; ``hidden`` is the secret, encrypted."""

    hidden = Text(required=True, shortest=1, longest=200)


SCHEMA: Schema = CodeSchema()
ENROL_SCHEMA: Schema = EnrolSecondFactorSchema()


@blueprint.get("/sign-in/code")
def code() -> BaseResponse:
    """Ask for a code."""
    if g.person.totp_sealed is None:
        return redirect(url_for("accounts.second_factor", next=request.args.get("next", "")))
    return _ask("accounts/code.html", Form({"next": request.args.get("next", "")}), 200)


@blueprint.post("/sign-in/code")
def enter_code() -> BaseResponse:
    """Sign in by a code; a wrong one counts as a wrong password does."""
    form, this = read_form(SCHEMA), g.sign_in_id
    if not form.is_good:
        return _ask("accounts/code.html", form, 422)
    is_open = may_try(g.person.sign_in_name)
    begin_write()
    is_right = second_factor.accept(db.session(), g.person.id, form.values["code"], now())
    if not (is_right and is_open):
        db.session.commit()
        log.warning("second_factor_failed", person=g.person.id, is_open=is_open)
        return _ask("accounts/code.html", form.wrong("code", "second_factor.wrong"), WrongSignIn.status)
    return _go_on(form, this)


@blueprint.get("/sign-in/second-factor", endpoint="second_factor")
def second_factor_page() -> BaseResponse:
    """Show a new secret as QR and as text."""
    if g.person.totp_sealed is not None:
        return redirect(url_for("accounts.code", next=request.args.get("next", "")))
    return _show(second_factor.new_secret(), g.sign_in_id, Form({"next": request.args.get("next", "")}), 200)


@blueprint.post("/sign-in/second-factor")
def enrol_second_factor() -> BaseResponse:
    """Keep the secret whose first code is right."""
    form, this = read_form(ENROL_SCHEMA), g.sign_in_id
    secret = second_factor.unhide(form.typed.get("hidden", ""), this)
    if not form.is_good or secret is None:
        return _show(secret or second_factor.new_secret(), this, form, 422)
    is_open = may_try(g.person.sign_in_name)
    begin_write()
    is_right = is_open and second_factor.enrol(db.session(), g.person.id, secret, form.values["code"], now())
    if not is_right:
        db.session.commit()
        return _show(secret, this, form.wrong("code", "second_factor.wrong"), WrongSignIn.status)
    return _go_on(form, this)


def _go_on(form: Form, half: str) -> BaseResponse:
    """Give the browser another cookie, of a sign-in that is whole."""
    person = db.session().get_one(Person, g.person.id)
    if not service.end_sign_in(db.session(), person.id, half) or person.is_suspended:
        transaction.rollback(db.session())
        raise SignInNeeded
    return open_whole(person, form.values["next"])


def _show(secret: str, sign_in_id: str, form: Form, status: int) -> Response:
    drawn = qr_svg(second_factor.uri(g.person, secret), t("second_factor.qr_label"))
    hidden = second_factor.hide(secret, sign_in_id)
    about = {"qr": drawn, "secret": second_factor.groups(secret), "hidden": hidden}
    return _ask("accounts/second_factor.html", form, status, **about)


def _ask(template: str, form: Form, status: int, **about: object) -> Response:
    return make_response(render_template(template, form=form, person=g.person, **about), status)
