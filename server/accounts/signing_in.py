"""Signing in by name and password, and signing out."""

from __future__ import annotations

import structlog
from flask import Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import cookies, transaction
from server.accounts import service
from server.accounts.routes import blueprint, may_try, open_half, open_whole
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import WrongSignIn
from shared.wire.strict import StrictSchema, Text

log = structlog.get_logger(__name__)


class SignInSchema(StrictSchema):
    """What somebody types to sign in; ``next`` is where they were going."""

    name = Text(required=True, shortest=1, longest=60)
    password = Text(required=True, shortest=1, longest=200, metadata={"is_verbatim": True})
    next = Text(longest=500, load_default="")


SCHEMA: Schema = SignInSchema()


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> BaseResponse:
    """Ask for name and password; the answer to a wrong one is always the same, also while a name is closed."""
    if request.method == "GET":
        return _ask(Form({"next": request.args.get("next", "")}), 200)
    form = read_form(SCHEMA)
    if not form.is_good:
        return _ask(form, 422)
    is_open = may_try(form.values["name"])
    try:
        about = {"name": form.values["name"], "password": form.values["password"], "is_open": is_open}
        person = service.authenticate(db.session(), **about)
    except WrongSignIn as problem:
        log.warning("sign_in_failed", name=service.lockout.hidden(form.values["name"]), is_open=is_open)
        return _ask(form.wrong("password", f"problem.{problem.slug}.detail"), problem.status)
    verified = person.password_hash
    begin_write()
    held = service.still_let_in(db.session(), person.id, verified)
    if held is None:
        transaction.rollback(db.session())
        return _ask(form.wrong("password", f"problem.{WrongSignIn.slug}.detail"), WrongSignIn.status)
    person = held
    if not service.second_factor.needs(person):
        return open_whole(person, form.values["next"])
    service.lockout.give_back(db.session(), form.values["name"])
    return open_half(person, form.values["next"])


def _ask(form: Form, status: int) -> Response:
    answer = make_response(render_template("accounts/sign_in.html", form=form), status)
    answer.cache_control.no_store = True
    return answer


@blueprint.post("/sign-out")
def sign_out() -> BaseResponse:
    """End this sign-in, on the server and in the browser."""
    begin_write()
    service.sign_out(db.session(), request.cookies[cookies.own_name()])
    transaction.commit(db.session(), now())
    g.person = None
    answer = redirect(url_for("public.home"))
    cookies.forget(answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # whoever sits down next finds no page of ours
    return answer
