"""Pages for everyone: the label, the public pledge, what a problem means, pictures, and the first page."""

from __future__ import annotations

from flask import Response, render_template

from server.audit import service as audit
from server.database import db
from server.evidence import service as evidence
from server.look import icon_svg
from server.pledges import service as pledges
from server.problems import NotFound
from server.public import problem_words, seal_page, service
from server.public.promise import promise_page
from server.public.routes import blueprint

__all__ = ["blueprint", "seal_page"]

DAY_S = 86_400


@blueprint.get("/")
def home() -> str:
    """Say what this is, how to scan a label, and where the staff sign in."""
    return render_template("public/home.html")


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
