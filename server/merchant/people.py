"""Who acts for a stall: the merchant lets family or staff act (代办), and ends it."""

from __future__ import annotations

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.forms import read_form
from server.language import t
from server.memberships import service as memberships
from server.merchant.routes import blueprint, own_party
from server.merchant.schemas import MembershipSchema
from server.problems import NotFound, PrincipalOnly
from server.qr import qr_svg

MEMBERSHIP: Schema = MembershipSchema()


@blueprint.get("/people")
def people() -> str:
    """Show who acts for this stall; the merchant itself can let others in, and end it."""
    return _page(wrong="")


@blueprint.post("/people")
def delegate() -> str:
    """Make a link with which somebody may act for the merchant, and show it once: only its hash is kept."""
    _require_principal()
    begin_write()
    secret = memberships.issue_delegation(db.session(), g.membership, now())
    transaction.commit(db.session(), now())
    link = current_app.extensions["dingpan"].settings.public_url + url_for("merchant.invitation", secret=secret)
    until = now() + memberships.DELEGATION_LASTS
    code = qr_svg(link, t("delegates.code_label"))
    return render_template("merchant/delegated.html", party=own_party(), link=link, code=code, until=until)


@blueprint.post("/people/end")
def end_delegation() -> Response:
    """End that somebody acts for the merchant, by the merchant or by them; nobody ends the merchant's own here."""
    form = read_form(MEMBERSHIP)
    if not form.is_good:
        return make_response(_page(wrong=next(iter(form.errors.values()))), 422)
    begin_write()
    found = memberships.member_in(db.session(), g.party_id, form.values["membership"])
    is_own = found is not None and found.person_id == g.person.id
    if found is None or memberships.is_principal(found) or not (is_own or memberships.is_principal(g.membership)):
        transaction.rollback(db.session())
        raise NotFound
    memberships.end(db.session(), found, by=g.person.id, now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("merchant.stalls") if is_own else url_for("merchant.people", ended=1), 303)


def _require_principal() -> None:
    if not memberships.is_principal(g.membership):
        raise PrincipalOnly


def _page(wrong: str) -> str:
    members = memberships.members_of(db.session(), g.party_id)
    is_ended = "ended" in request.args
    about = {"party": own_party(), "members": members, "me": g.person}
    return render_template("merchant/people.html", wrong=wrong, is_ended=is_ended, **about)
