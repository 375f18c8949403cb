"""Several stalls on one phone: which ones somebody acts for, and opening one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, redirect, render_template
from marshmallow import Schema
from werkzeug.wrappers import Response

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.forms import read_form
from server.memberships import service as memberships
from server.merchant.routes import blueprint, first_page
from server.merchant.schemas import StallSchema
from server.problems import NotFound
from server.registry import service as registry

STALL: Schema = StallSchema()


@dataclass(frozen=True)
class Entrusted:
    """A party that somebody acts for, with its place and stall."""

    party: registry.Party
    place: str | None
    stall: str | None
    is_principal: bool
    is_open: bool


@blueprint.get("/stalls")
def stalls() -> str:
    """Show whom somebody acts for; or that nothing is entrusted to them any more."""
    return render_template("merchant/stalls.html", stalls=_entrusted(), wrong="")


@blueprint.post("/stalls")
def open_stall() -> Response | tuple[str, int]:
    """Open one; a party of others is not there."""
    form = read_form(STALL)
    if not form.is_good:
        return render_template("merchant/stalls.html", stalls=_entrusted(), wrong=next(iter(form.errors.values()))), 422
    party_id = form.values["party"]
    if party_id not in memberships.parties_of(db.session(), g.person):
        raise NotFound
    begin_write()
    memberships.let_in(db.session(), g.person, party_id, g.sign_in, now())
    transaction.commit(db.session(), now())
    return redirect(first_page(party_id), 303)


def _entrusted() -> list[Entrusted]:
    session, found = db.session(), []
    for party_id in memberships.parties_of(session, g.person):
        party = session.get_one(registry.Party, party_id)
        is_principal = memberships.is_principal(memberships.current(session, g.person.id, party_id))
        spot = registry.spot_of_party(session, party_id)
        found.append(Entrusted(party, *spot, is_principal=is_principal, is_open=party_id == g.party_id))
    return found
