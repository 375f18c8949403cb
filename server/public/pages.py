"""Pages for everyone: the label, the public pledge, what a problem means, pictures, and the first page."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, render_template, request

from server.audit import service as audit
from server.clock import now
from server.database import db
from server.evidence import service as evidence
from server.look import icon_svg
from server.pledges import service as pledges
from server.problems import NotFound
from server.public import label, problem_words, service
from server.public.promise import promise_page
from server.public.state import SIGNATURE_SAYS_ENOUGH, answer
from server.scans import service as scans
from shared.dates import civil_day
from shared.errors import NotASeal
from shared.seal import open_seal

blueprint = Blueprint("public", __name__)

DAY_S = 86_400


@blueprint.get("/")
def home() -> str:
    """Say what this is, how to scan a label, and where the staff sign in."""
    return render_template("public/home.html")


@blueprint.get("/V/<text>")
def show_seal(text: str) -> Response:
    """Show what a label belongs to: first the signature, then, where that is not enough, one read of the record."""
    dingpan, today = current_app.extensions["dingpan"], civil_day(now())
    link, keyring = f"HTTPS://{dingpan.settings.seal_host}/V/{text}", dingpan.keyring
    try:
        seal = open_seal(link, keyring.key_set, keyring.revoked, today)
    except NotASeal:
        return _always_fresh(label.not_a_label(), 404)
    record = None if seal.verdict in SIGNATURE_SAYS_ENOUGH else service.find(db.session(), seal.payload.serial)
    if record is not None and request.method == "GET":
        scans.note(seal.payload.serial, None, now())
    return _always_fresh(label.label_page(seal, record, answer(seal.verdict, record, today), today), 200)


@blueprint.get("/v/<text>")
def show_seal_lower(text: str) -> Response:
    """The same page: some phones put the path into lower case, the label's text never."""
    return show_seal(text)


def _always_fresh(page: label.LabelPage, status: int) -> Response:
    """A state may change at any moment, so no cache may answer for us without asking."""
    response = make_response(render_template("public/label.html", page=page), status)
    response.cache_control.no_cache = True
    response.headers.update(scans.MAY_ASK_PLACE)
    return response


@blueprint.get("/P/<number>")
def show_pledge(number: str) -> str:
    """Show a signed pledge to everyone, with its hash and its place in the log."""
    pledge = pledges.by_number(db.session(), number)
    if pledge is None:
        raise NotFound
    leaf = audit.leaf_about(db.session(), pledge.id)
    return render_template("public/pledge.html", page=promise_page(db.session(), pledge), leaf=leaf)


@blueprint.get("/problems/<slug>")
def show_problem(slug: str) -> str:
    """Explain a problem that the API or a page named."""
    words = problem_words.explain(slug)
    if words is None:
        raise NotFound
    return render_template("public/problem.html", words=words)


@blueprint.get("/pictures/<sha256>")
def show_picture(sha256: str) -> Response:
    """Send the public copy of a picture that a label page shows; no other file is public, and no original."""
    if not service.has_photo(db.session(), sha256):
        raise NotFound
    response = evidence.send(sha256)
    response.cache_control.immutable = True
    return response


@blueprint.get("/icon.svg")
def icon() -> Response:
    """Send the product's mark for the browser's tab."""
    response = Response(icon_svg(), mimetype="image/svg+xml")
    response.cache_control.max_age, response.cache_control.public = DAY_S, True
    return response
