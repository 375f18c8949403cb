"""Who may use which route: one row for each endpoint. What stands in no row is refused.

``via`` says how the caller shows who it is: a browser's cookie, a device's token, or not at all. Which data a caller
then sees is the matter of the queries (``accounts.scope``), not of this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from server.accounts import service as accounts
from server.accounts.models import Role
from server.clock import now
from server.database import db
from server.problems import NotAllowed, SignInNeeded, wants_json

STAFF = frozenset({Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR, Role.ADMINISTRATOR})
CONSOLE = frozenset({Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR, Role.ADMINISTRATOR})
FIELD = frozenset({Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR})
PLANNING = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
INVITING = frozenset({Role.INSPECTOR, Role.SUPERVISOR, Role.ADMINISTRATOR})
VERIFYING = frozenset({Role.VERIFIER})
MERCHANT = frozenset({Role.MERCHANT})


@dataclass(frozen=True)
class Row:
    """``roles`` None: anyone, without saying who."""

    via: str
    roles: frozenset[Role] | None


ANYONE = Row("nothing", None)
BY_DEVICE = Row("token", FIELD)

POLICY: dict[str, Row] = {
    "static": ANYONE,
    "assets.asset": ANYONE,
    "health.healthz": ANYONE,
    "health.readyz": ANYONE,
    "health.metrics": ANYONE,
    "public.home": ANYONE,
    "public.show_seal": ANYONE,
    "public.show_seal_lower": ANYONE,
    "public.show_pledge": ANYONE,
    "public.show_problem": ANYONE,
    "public.show_picture": ANYONE,
    "public.icon": ANYONE,
    "calculators.tools": ANYONE,
    "calculators.tool": ANYONE,
    "calculators_api.scale_check": ANYONE,
    "calculators_api.reweigh": ANYONE,
    "calculators_api.phone_weight": ANYONE,
    "calculators_api.prepackage_lot": ANYONE,
    "calculators_api.dispenser_check": ANYONE,
    "openapi.document": ANYONE,
    "openapi.page": ANYONE,
    "accounts.sign_in": ANYONE,
    "accounts.sign_out": Row("cookie", STAFF | MERCHANT),
    "accounts_api.enrol": ANYONE,
    "accounts_api.challenge": ANYONE,
    "accounts_api.token": ANYONE,
    "sync_api.keys": ANYONE,
    "sync_api.revoked": ANYONE,
    "sync_api.push": BY_DEVICE,
    "sync_api.changes": BY_DEVICE,
    "sync_api.scope": BY_DEVICE,
    "sync_api.balance": BY_DEVICE,
    "evidence_api.evidence": BY_DEVICE,
    "uploads_api.options": ANYONE,
    "uploads_api.create": BY_DEVICE,
    "uploads_api.offset": BY_DEVICE,
    "uploads_api.append": BY_DEVICE,
    "audit_api.head": ANYONE,
    "audit_api.consistency": ANYONE,
    "audit_api.inclusion": BY_DEVICE,
    "console.today": Row("cookie", CONSOLE),
    "console.incoming": Row("cookie", CONSOLE),
    "console.visit": Row("cookie", CONSOLE),
    "console.bulletin": Row("cookie", CONSOLE),
    "console.bulletin_csv": Row("cookie", CONSOLE),
    "console.tasks": Row("cookie", CONSOLE),
    "console.assign": Row("cookie", PLANNING),
    "console.enrolment": Row("cookie", FIELD),
    "console.issue_code": Row("cookie", FIELD),
    "console.invitation": Row("cookie", INVITING),
    "console.invite": Row("cookie", INVITING),
    "console.verification": Row("cookie", VERIFYING),
    "console.enter_verification": Row("cookie", VERIFYING),
    "console.picture": Row("cookie", CONSOLE),
    "merchant.invitation": ANYONE,
    "merchant.accept": ANYONE,
    "merchant.home": Row("cookie", MERCHANT),
    "merchant.pledge": Row("cookie", MERCHANT),
    "merchant.sign": Row("cookie", MERCHANT),
    "merchant.poster": Row("cookie", MERCHANT),
}


def cookie_name(secure: bool) -> str:
    """A ``__Host-`` cookie is bound to this host and HTTPS; the demo on loopback has no HTTPS."""
    return "__Host-dingpan" if secure else "dingpan"


def enforce() -> Response | None:
    """Refuse what the table does not allow; leaves ``g.person`` and ``g.device``."""
    g.person = g.device = None
    if request.endpoint is None:
        return None
    row = POLICY.get(request.endpoint)
    if row is None:
        raise NotAllowed
    if row.roles is None:
        return None
    if row.via == "token":
        _by_token()
    elif _by_cookie() is None:
        if wants_json() or request.method != "GET":
            raise SignInNeeded
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if g.person.role not in row.roles:
        raise NotAllowed
    return None


def _by_token() -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise SignInNeeded
    caller = accounts.caller_of_token(db.session(), token, now())
    g.person, g.device = caller.person, caller.device


def _by_cookie() -> accounts.Person | None:
    cookie = request.cookies.get(cookie_name(current_app.extensions["dingpan"].settings.cookies_are_secure))
    person = accounts.person_of_cookie(db.session(), cookie, now()) if cookie else None
    g.person = person
    return person


def register(app: Flask) -> None:
    """Ask the table before every request."""
    app.before_request(enforce)
