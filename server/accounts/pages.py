"""Signing in by name and password, and signing out."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import cookies, transaction
from server.accounts import service
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import WrongSignIn
from shared.wire.strict import StrictSchema, Text

blueprint = Blueprint("accounts", __name__)


class SignInSchema(StrictSchema):
    """What somebody types to sign in; ``next`` is where they were going."""

    name = Text(required=True, shortest=1, longest=60)
    password = Text(required=True, shortest=1, longest=200, metadata={"is_verbatim": True})
    next = Text(longest=500, load_default="")


SCHEMA: Schema = SignInSchema()


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> BaseResponse:
    """Ask for name and password; the answer to a wrong one is always the same."""
    if request.method == "GET":
        return _ask(Form({"next": request.args.get("next", "")}), 200)
    form = read_form(SCHEMA)
    if not form.is_good:
        return _ask(form, 422)
    try:
        person = service.authenticate(db.session(), name=form.values["name"], password=form.values["password"])
    except WrongSignIn as problem:
        return _ask(form.wrong("password", f"problem.{problem.slug}.detail"), problem.status)
    begin_write()
    cookie = service.open_sign_in(db.session(), person, now=now(), lasts=service.SIGN_IN_LASTS)
    transaction.commit(db.session(), now())
    answer = redirect(own_path(form.values["next"]) or url_for("console.today"))
    cookies.remember(answer, cookie, service.SIGN_IN_LASTS)
    return answer


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
    return answer


def own_path(text: str) -> str | None:
    """Return where to go after signing in, if it is a path of this server and nothing else.

    >>> own_path("/console/tasks?lang=en"), own_path("//elsewhere.example"), own_path("/\\\\\\\\elsewhere.example")
    ('/console/tasks?lang=en', None, None)
    """
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else None
