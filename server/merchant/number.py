"""Registering the own phone number: by the code that was sent there. It is kept encrypted and shown nowhere."""

from __future__ import annotations

from flask import Response, g, redirect, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.administration import service as administration
from server.clock import now
from server.contacts import service as contacts
from server.database import begin_write, db
from server.forms import Form, read_form
from server.language import t
from server.memberships import service as memberships
from server.memberships.service import CodesUsedUp, CodeTooSoon
from server.merchant import codes
from server.merchant.routes import blueprint
from server.merchant.schemas import CodeSchema, NumberSchema

NUMBER: Schema = NumberSchema()
CODE: Schema = CodeSchema()


def _purpose() -> str:
    """A code that was sent for one person registers the number of nobody else, and signs nobody in."""
    return f"number of {g.person.id}"


@blueprint.route("/number", methods=["GET", "POST"])
def number() -> Response:
    """Say whether there is a number, and send a code to a new one; whether that failed is said at once."""
    if request.method == "GET":
        return _ask(Form(), 200)
    sender, form = codes.sender(), read_form(NUMBER)
    if not form.is_good:
        return _ask(form, 422)
    asked = form.values["number"]
    try:
        message = codes.new_message(asked, _purpose())
    except CodeTooSoon:
        return _ask_code(Form(), 429, asked, note=t("enter.too_soon"))
    except CodesUsedUp:
        return _ask(form.wrong("number", "enter.used_up"), 429)
    sender.send(message, now())
    return _ask_code(Form(), 200, asked)


@blueprint.post("/number/forget")
def forget_number() -> BaseResponse:
    """Delete the number; whoever has none deletes nothing."""
    begin_write()
    owner = ("person", g.person.id)
    if contacts.forget(db.session(), owner):
        kind = administration.ActKind.DATA_DELETED
        administration.record(db.session(), kind, by=g.person.id, about=owner, now=now(), numbers=1)
    transaction.commit(db.session(), now())
    return redirect(url_for("merchant.number", gone=1), 303)


@blueprint.route("/number/code", methods=["GET", "POST"])
def number_code() -> BaseResponse:
    """Keep a number whose code was typed, unless it is somebody else's."""
    if request.method == "GET":
        return redirect(url_for("merchant.number"))
    form = read_form(CODE)
    if "number" in form.errors or not form.typed.get("number"):
        return _ask(form, 422)
    asked = NUMBER.load({"number": form.typed["number"]})["number"]
    if not form.is_good:
        return _ask_code(form, 422, asked)
    wrong = _keep(asked, form.values["code"])
    if wrong is None:
        return redirect(url_for("merchant.number", kept=1), 303)
    return _ask_code(form.wrong("code", wrong), 401, asked)


def _keep(asked: str, code: str) -> str | None:
    """Return the key of what is wrong, None when the number is kept."""
    begin_write()
    with transaction.whole(db.session()):
        is_right = memberships.use_code(db.session(), asked, code, _purpose(), now())
        owner = contacts.person_of_number(db.session(), asked) if is_right else None
        if is_right and owner in (None, g.person.id):
            contacts.keep_number(db.session(), owner=("person", g.person.id), number=asked, now=now())
        transaction.commit(db.session(), now())
    if not is_right:
        return "enter.wrong_code"
    return None if owner in (None, g.person.id) else "number.somebody_elses"


def _ask(form: Form, status: int) -> Response:
    is_kept = contacts.is_kept(db.session(), ("person", g.person.id))
    told = {"is_new": "kept" in request.args, "is_gone": "gone" in request.args and not is_kept}
    return codes.ask_number("merchant/number.html", form, status, is_kept=is_kept, **told)


def _ask_code(form: Form, status: int, asked: str, note: str = "") -> Response:
    action, again = url_for("merchant.number_code"), url_for("merchant.number")
    return codes.ask_code(form, status, number=asked, action=action, again=again, note=note)
