"""The merchant's own pages: the first page, the pledge and its poster; the others stand in the files of their names."""

from __future__ import annotations

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from server import transaction
from server.audit import service as audit
from server.clock import now
from server.database import begin_write, db
from server.forms import Form, read_form
from server.language import t
from server.memberships import service as memberships
from server.merchant import entering, joining, market, number, people, service, stalls, term_words
from server.merchant.routes import blueprint, operates, own_party
from server.merchant.schemas import PledgeSchema
from server.pledges import service as pledges
from server.problems import AlreadyThere, NotFound, PrincipalOnly
from server.qr import qr_svg
from server.registry import service as registry
from shared.dates import civil_day

__all__ = ["blueprint", "entering", "joining", "market", "number", "people", "stalls"]

SCHEMA: Schema = PledgeSchema()


@blueprint.get("/")
def home() -> str:
    """Show the merchant's instruments, score and pledge."""
    party, today = own_party(), civil_day(now())
    return render_template(
        "merchant/home.html",
        party=party,
        instruments=service.instruments_of(db.session(), party.id, today),
        own=service.score_of(db.session(), party.id, today),
        pledge=pledges.current_of(db.session(), party.id, today),
        words=term_words,
        operates=operates(party.id),
    )


@blueprint.get("/pledge")
def pledge() -> Response:
    """Show the pledge: to be signed, or as it was signed."""
    return _show_pledge(Form(), 200)


@blueprint.post("/pledge")
def sign() -> Response:
    """Sign the pledge; within a year of the last one it only says that it is signed."""
    if not memberships.is_principal(g.membership):
        raise PrincipalOnly
    party, form = own_party(), read_form(SCHEMA)
    chosen = service.wording_for(db.session(), party.id)
    if form.is_good and (form.values["text_id"], form.values["sha256"]) != (chosen.id, chosen.sha256):
        form = form.wrong("signer_name", "form.other_text")
    if not form.is_good:
        return _show_pledge(form, 422)
    begin_write()
    try:
        pledges.sign(
            db.session(),
            party=party,
            person=g.person,
            chosen=chosen,
            signer_name=form.values["signer_name"],
            strokes=form.values["strokes"],
            now=now(),
        )
    except AlreadyThere:
        transaction.rollback(db.session())
        return redirect(url_for("merchant.pledge", again=1), 303)
    transaction.commit(db.session(), now())
    return redirect(url_for("merchant.pledge", signed=1), 303)


def _show_pledge(form: Form, status: int) -> Response:
    party, session = own_party(), db.session()
    current = pledges.current_of(session, party.id, civil_day(now()))
    if current is None:
        chosen = service.wording_for(session, party.id)
        return make_response(render_template("merchant/pledge.html", party=party, wording=chosen, form=form), status)
    page = render_template(
        "merchant/signed.html",
        pledge=current,
        wording=pledges.wording(current.text_id),
        signed_on=civil_day(current.signed_at),
        renewal=pledges.renewal_day(current),
        leaf=audit.leaf_about(session, current.id),
        is_again="again" in request.args,
    )
    return make_response(page, status)


@blueprint.get("/poster")
def poster() -> str:
    """Show the signed pledge as a sheet to print and hang up."""
    party = own_party()
    current = pledges.current_of(db.session(), party.id, civil_day(now()))
    if current is None:
        raise NotFound
    link = current_app.extensions["dingpan"].settings.public_url
    link += url_for("public.show_pledge", number=current.number)
    place, stall = registry.spot_of_party(db.session(), party.id)
    return render_template(
        "merchant/poster.html",
        party=party,
        place=place,
        stall=stall,
        pledge=current,
        wording=pledges.wording(current.text_id),
        signed_on=civil_day(current.signed_at),
        code=qr_svg(link, t("poster.code_label")),
    )
