"""Signing in by phone number: a code by SMS. Nothing tells whether a number is known before its code was typed.

So the page that asks for the code is the same whether a message left, failed or was never meant to leave, and says
itself what to do when none comes.
"""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.language import t
from server.memberships import service as memberships
from server.memberships.service import CodesUsedUp, CodeTooSoon
from server.merchant import codes
from server.merchant.routes import blueprint, first_page, signed_in
from server.merchant.schemas import CodeSchema, NumberSchema

PURPOSE = "sign in"
NUMBER: Schema = NumberSchema()
CODE: Schema = CodeSchema()


@blueprint.route("/enter", methods=["GET", "POST"])
def enter() -> Response:
    """Ask for a number, and send a code to it if it is a merchant's, once the answer has left."""
    if request.method == "GET":
        return _ask(Form(), 200)
    sender, form = codes.sender(), read_form(NUMBER)
    if not form.is_good:
        return _ask(form, 422)
    number = form.values["number"]
    try:
        message = codes.new_message(number, PURPOSE)
    except CodeTooSoon:
        return _ask_code(Form(), 429, number, note=t("enter.too_soon"))
    except CodesUsedUp:
        return _ask(form.wrong("number", "enter.used_up"), 429)
    answer = _ask_code(Form(), 200, number)
    if memberships.person_of_number(db.session(), number) is not None:
        sender.send_after(answer, message, now())
    return answer


@blueprint.route("/enter/code", methods=["GET", "POST"])
def enter_code() -> BaseResponse:
    """Take a code, once; a wrong one, an old one and one for a number that nobody has are answered alike."""
    if request.method == "GET":
        return redirect(url_for("merchant.enter"))
    form = read_form(CODE)
    number = form.values.get("number", "")
    if not form.is_good:
        return _again(form)
    begin_write()
    with transaction.whole(db.session()):
        is_right = memberships.use_code(db.session(), number, form.values["code"], PURPOSE, now())
        person = memberships.person_of_number(db.session(), number) if is_right else None
        parties = memberships.parties_of(db.session(), person) if person else []
        only = parties[0] if len(parties) == 1 else None
        cookie = memberships.let_in(db.session(), person, only, None, now()) if person else None
        transaction.commit(db.session(), now())
    if cookie is None:
        return _ask_code(form.wrong("code", "enter.wrong_code"), 401, number)
    return signed_in(cookie, first_page(only))


def _ask(form: Form, status: int) -> Response:
    return codes.ask_number("merchant/enter.html", form, status)


def _ask_code(form: Form, status: int, number: str, note: str = "") -> Response:
    action, again = url_for("merchant.enter_code"), url_for("merchant.enter")
    return codes.ask_code(form, status, number=number, action=action, again=again, note=note)


def _again(form: Form) -> Response:
    """Ask again beside what is wrong; without a sound number, for that first."""
    if "number" in form.errors or not form.typed.get("number"):
        return _ask(form, 422)
    return _ask_code(form, 422, NUMBER.load({"number": form.typed["number"]})["number"])
