"""One of the staff: letting in, suspending, ending sign-ins; each act in the hands of one administrator alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.accounts.service import staff
from server.clock import now
from server.console.people import last_day, lines
from server.console.routes import blueprint, scope, today
from server.database import begin_write, db
from server.devices import service as devices
from server.forms import Form, read_form
from server.language import t
from server.problems import NotFound
from server.qr import qr_svg
from shared.ids import is_uuid
from shared.wire.strict import Day, StrictSchema, Text


class CardSchema(StrictSchema):
    """The enforcement card somebody has now."""

    card_no = Text(longest=40, load_default="")
    card_until = Day(load_default=None)


SCHEMA: Schema = CardSchema()


@blueprint.get("/people/<person_id>")
def person(person_id: str) -> Response:
    """Show somebody with what may be done; one outside the scope is not found."""
    return _show(_person(person_id), Form(), 200)


@blueprint.post("/people/<person_id>/card")
def renew_card(person_id: str) -> BaseResponse:
    """Write down another card, or another last day."""
    found, form = _person(person_id), read_form(SCHEMA)
    if not form.is_good:
        return _show(found, form, 422)
    begin_write()
    card = {"card_no": form.values["card_no"], "card_until": last_day(form.values["card_until"])}
    staff.renew_card(db.session(), found, **card, by=g.person, now=now())
    return _done(found.id)


@blueprint.post("/people/<person_id>/approve")
def approve(person_id: str) -> Response:
    """Let somebody in, and show the link once."""
    return _with_link(person_id, staff.approve)


@blueprint.post("/people/<person_id>/invite-again")
def invite_again(person_id: str) -> Response:
    """Let somebody begin anew who lost password or phone, and show the link once."""
    return _with_link(person_id, staff.invite_again, also=devices.shut_out)


@blueprint.post("/people/<person_id>/suspend")
def suspend(person_id: str) -> BaseResponse:
    """Shut somebody out."""
    return _do(person_id, staff.suspend, also=devices.shut_out)


@blueprint.post("/people/<person_id>/restore")
def restore(person_id: str) -> BaseResponse:
    """Let somebody in again."""
    return _do(person_id, staff.restore)


@blueprint.post("/people/<person_id>/end-sign-ins")
def end_sign_ins(person_id: str) -> BaseResponse:
    """End every sign-in of somebody."""
    return _do(person_id, staff.end_all_sign_ins)


@blueprint.post("/people/<person_id>/unlock")
def unlock(person_id: str) -> BaseResponse:
    """Open a name that too many failures closed."""
    return _do(person_id, staff.unlock)


def _do(person_id: str, act: Callable[..., None], *, also: Callable[..., None] | None = None) -> BaseResponse:
    """Act upon somebody; ``also`` ends what their phones hold."""
    found = _person(person_id)
    begin_write()
    act(db.session(), found, by=g.person, now=now())
    if also is not None:
        also(db.session(), found.id, now())
    return _done(found.id)


def _done(person_id: str) -> BaseResponse:
    transaction.commit(db.session(), now())
    return redirect(url_for("console.person", person_id=person_id), 303)


def _with_link(person_id: str, act: Callable[..., str], *, also: Callable[..., None] | None = None) -> Response:
    found = _person(person_id)
    begin_write()
    secret = act(db.session(), found, by=g.person, now=now())
    if also is not None:
        also(db.session(), found.id, now())
    transaction.commit(db.session(), now())
    link = current_app.extensions["dingpan"].settings.public_url + url_for("accounts.invited", secret=secret)
    until = now() + staff.INVITATION_LASTS
    return _show(found, Form(), 200, link=link, qr=qr_svg(link, t("person.qr_label")), until=until)


def _person(person_id: str) -> accounts.Person:
    found = accounts.person_within(db.session(), scope(), person_id) if is_uuid(person_id) else None
    if found is None:
        raise NotFound
    return found


def _show(found: accounts.Person, form: Form, status: int, **about: Any) -> Response:
    (line,) = lines([found])
    card = {"card_no": found.card_no, "card_until": str(found.card_until or "")}
    form = form if form.typed else Form(card)
    return make_response(render_template("console/person.html", line=line, form=form, day=today(), **about), status)
