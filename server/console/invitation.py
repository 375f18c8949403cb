"""Inviting a merchant: a one-time link to its own page, shown as QR and as text; and ending who acts for it."""

from __future__ import annotations

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import transaction
from server.administration import service as administration
from server.clock import now
from server.console.routes import asked, blueprint, scope
from server.contacts import service as contacts
from server.database import begin_write, db
from server.language import t
from server.memberships import service as memberships
from server.problems import NotFound
from server.qr import qr_svg
from server.registry import service as registry
from shared.ids import is_uuid


@blueprint.get("/invitation")
def invitation() -> str:
    """Find a merchant by name, or show the one that another page named."""
    text, named = asked(), request.args.get("party")
    parties = [_party(named)] if named else registry.parties_named(db.session(), scope(), text) if text else []
    return _show(parties, text)


def _show(parties: list[registry.Party], text: str, numbers: dict[str, str | None] | None = None) -> str:
    """Show parties with who acts for them; ``numbers`` are those just read, by membership."""
    spots = {party.id: registry.spot_of_party(db.session(), party.id, scope()) for party in parties}
    members = {party.id: memberships.members_of(db.session(), party.id) for party in parties}
    is_ended = "ended" in request.args
    return render_template(
        "console/invitation.html",
        asked=text,
        parties=parties,
        spots=spots,
        members=members,
        is_ended=is_ended,
        numbers=numbers or {},
    )


@blueprint.post("/invitation")
def invite() -> str:
    """Make a link and show it once: only its hash is kept."""
    party = _party(request.form.get("party", ""))
    begin_write()
    secret = memberships.issue_invitation(db.session(), party.id, now())
    invited, about = administration.ActKind.MEMBER_INVITED, ("party", party.id)
    administration.record(db.session(), invited, by=g.person.id, about=about, now=now())
    transaction.commit(db.session(), now())
    link = current_app.extensions["dingpan"].settings.public_url + url_for("merchant.invitation", secret=secret)
    return render_template(
        "console/invited.html",
        party=party,
        link=link,
        code=qr_svg(link, t("invitation.code_label")),
        until=now() + memberships.INVITATION_LASTS,
    )


@blueprint.post("/invitation/number")
def show_number() -> str:
    """Show how somebody who acts for a party can be reached; that it was read stands in the log."""
    party, named = _party(request.form.get("party", "")), request.form.get("membership", "")
    begin_write()
    found = memberships.member_in(db.session(), party.id, named) if is_uuid(named) else None
    if found is None:
        transaction.rollback(db.session())
        raise NotFound
    number = contacts.number_of(db.session(), ("person", found.person_id), by=g.person.id, now=now())
    transaction.commit(db.session(), now())
    return _show([party], "", {named: number})


@blueprint.post("/invitation/end")
def end_member() -> Response:
    """End that somebody acts for a party, because a stall has passed on: whoever is invited then is somebody new."""
    party, named = _party(request.form.get("party", "")), request.form.get("membership", "")
    begin_write()
    found = memberships.member_in(db.session(), party.id, named) if is_uuid(named) else None
    if found is None:
        transaction.rollback(db.session())
        raise NotFound
    memberships.end(db.session(), found, by=g.person.id, now=now())
    transaction.commit(db.session(), now())
    return redirect(url_for("console.invitation", party=party.id, ended=1), 303)


def _party(party_id: str) -> registry.Party:
    found = registry.party_in(db.session(), scope(), party_id) if is_uuid(party_id) else None
    if found is None:
        raise NotFound
    return found
