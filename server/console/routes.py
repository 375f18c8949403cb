"""The blueprint of the bureau's desk, and what every page of it needs: who is signed in, their scope, their menu."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, g, request

from server.accounts.service import Scope, scope_of
from server.clock import now
from server.policy import row_of
from shared.dates import civil_day

blueprint = Blueprint("console", __name__, url_prefix="/console")

LONGEST_QUERY = 300  # a national code may be a link
DAILY = ("today", "incoming", "tasks", "verification", "bulletin", "feedback", "invitation", "enrolment")
MENU = (*DAILY, "labels", "physical_seals", "imports_page", "rescue", "devices", "recusals", "people", "acts")


def scope() -> Scope:
    """Return the regions that the person at the desk may see."""
    return scope_of(g.person)


def today() -> date:
    """Return the civil day by the server's clock."""
    return civil_day(now())


def asked() -> str:
    """Return what somebody looks for."""
    return request.args.get("q", "").strip()[:LONGEST_QUERY]


def may(endpoint: str, method: str = "GET") -> bool:
    """Say whether the person at the desk may use a route."""
    row = row_of(endpoint, method)
    return row is not None and (row.roles is None or g.person.role in row.roles)


@blueprint.context_processor
def _for_every_page() -> dict[str, Any]:
    """A problem is shown by a page too, and may come before anybody is known."""
    if g.get("person") is None:
        return {}
    menu = [page for page in MENU if may(f"console.{page}")]
    return {"menu": menu, "may": may, "me": g.person, "today": today()}
