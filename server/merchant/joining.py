"""The ways in with a link: the bureau's, a merchant's to somebody who is to act for it, and an inspector's phone's."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.memberships import service as memberships
from server.memberships.service import Invited
from server.merchant.routes import blueprint, first_page, own_sign_in, signed_in
from server.merchant.schemas import NameSchema
from server.problems import CodeUsed
from server.registry import service as registry

NAME: Schema = NameSchema()
LONGEST_NAME = 60


@blueprint.get("/i/<secret>")
def invitation(secret: str) -> BaseResponse:
    """Say who is invited, and leave the link unused: a preview in a chat must not burn it."""
    try:
        invited = memberships.invited(db.session(), secret, now())
    except CodeUsed:
        if own_sign_in() is not None:
            return redirect(url_for("merchant.home"))
        raise
    return _show(invited, url_for("merchant.accept", secret=secret), Form(), 200)


@blueprint.post("/i/<secret>")
def accept(secret: str) -> BaseResponse:
    """Accept an invitation, once; somebody new who acts for a merchant says who they are."""
    invited = memberships.invited(db.session(), secret, now())
    name = _party(invited.party_id).name
    if invited.is_delegation and own_sign_in() is None:
        form = read_form(NAME)
        if not form.is_good:
            return _show(invited, url_for("merchant.accept", secret=secret), form, 422)
        name = form.values["name"]
    begin_write()
    with transaction.whole(db.session()):
        cookie = memberships.accept_invitation(
            db.session(), secret, name=name[:LONGEST_NAME], now=now(), sign_in=own_sign_in()
        )
        transaction.commit(db.session(), now())
    return signed_in(cookie, first_page(invited.party_id))


@blueprint.get("/f/<text>")
def field_invitation(text: str) -> BaseResponse:
    """Say whom an inspector's phone invites, and leave it unused."""
    try:
        invited = memberships.field_invited(db.session(), text, now())
    except CodeUsed:
        if own_sign_in() is not None:
            return redirect(url_for("merchant.home"))
        raise
    return _show(_own(invited.party_id), url_for("merchant.accept_field", text=text), Form(), 200)


@blueprint.post("/f/<text>")
def accept_field(text: str) -> BaseResponse:
    """Accept what an inspector's phone signed, once."""
    party = _party(memberships.field_invited(db.session(), text, now()).party_id)
    name = party.name[:LONGEST_NAME]
    begin_write()
    with transaction.whole(db.session()):
        cookie = memberships.accept_field_invitation(db.session(), text, name=name, now=now(), sign_in=own_sign_in())
        transaction.commit(db.session(), now())
    return signed_in(cookie, first_page(party.id))


def _own(party_id: str) -> Invited:
    return Invited(party_id, memberships.Capacity.PRINCIPAL)


def _party(party_id: str) -> registry.Party:
    return db.session().get_one(registry.Party, party_id)


def _show(invited: Invited, action: str, form: Form, status: int) -> Response:
    place, stall = registry.spot_of_party(db.session(), invited.party_id)
    page = render_template(
        "merchant/invitation.html",
        party=_party(invited.party_id),
        place=place,
        stall=stall,
        action=action,
        is_delegation=invited.is_delegation,
        is_known=own_sign_in() is not None,
        form=form,
    )
    answer = make_response(page, status)
    answer.cache_control.no_store = True
    return answer
