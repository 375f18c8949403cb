"""The blueprint of the merchant's pages, and what every page of it shows: for whom somebody acts here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from server import cookies
from server.accounts import service as accounts
from server.accounts.service import Role, SignIn
from server.clock import now
from server.database import db
from server.memberships import service as memberships
from server.registry import service as registry

blueprint = Blueprint("merchant", __name__, url_prefix="/m")


def own_party() -> registry.Party:
    """Return the party whose pages are open."""
    return db.session().get_one(registry.Party, g.party_id)


def own_sign_in() -> SignIn | None:
    """Return the sign-in of a merchant or operator where this browser has one; for routes that anyone may use."""
    cookie = request.cookies.get(cookies.own_name())
    found = accounts.sign_in_of_cookie(db.session(), cookie, now()) if cookie else None
    is_theirs = found is not None and found.is_whole and found.person.role in memberships.OUTSIDE
    return found if is_theirs else None


def operates(party_id: str | None) -> bool:
    """Say whether a party operates a place."""
    return party_id is not None and bool(registry.places_of_operator(db.session(), party_id))


def first_page(party_id: str | None) -> str:
    """Return where somebody begins who has opened a party's pages: at the market it operates, or at its instruments."""
    if party_id is None:
        return url_for("merchant.stalls")
    is_operator = operates(party_id) and (g.get("person") is None or g.person.role == Role.OPERATOR)
    return url_for("merchant.market" if is_operator else "merchant.home")


def signed_in(cookie: str | None, path: str) -> Response:
    """Lead on into the merchant's pages; with a cookie, as somebody who has just signed in for a month."""
    answer = redirect(path, 303)
    if cookie is not None:
        cookies.remember(answer, cookie, memberships.SIGN_IN_LASTS)
    return answer


@blueprint.context_processor
def _for_every_page() -> dict[str, Any]:
    """A page for anyone has no party, and a problem may come before anybody is known."""
    if g.get("party_id") is None:
        return {"acting": None, "is_signed_in": g.get("person") is not None}
    return {
        "is_signed_in": True,
        "acting": own_party(),
        "is_principal": memberships.is_principal(g.membership),
        "has_several": len(memberships.parties_of(db.session(), g.person)) > 1,
    }
