"""Who may use which route, on whose data, and how often: one row for each route and method.

What stands in no row is refused. ``via`` says how the caller shows who it is; ``scope`` names whose data the route's
queries keep to (they do it themselves, see ``accounts.scope``: a foreign id is not found); ``rate`` how often it may be
used (``server.limits``); ``is_read_logged`` that each use is an act in the log, because it shows personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import structlog
from flask import Flask, current_app, g, redirect, request, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from server.accounts import service as accounts
from server.accounts.models import Role
from server.clock import now
from server.database import begin_write, db
from server.devices import service as devices
from server.problems import NotAllowed, SignInNeeded, wants_json

log = structlog.get_logger(__name__)

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
FIELD = frozenset({Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR})
STAFF = FIELD | ADMINISTRATORS | {Role.AUDITOR}
DESK = FIELD | {Role.AUDITOR}
PLANNING = frozenset({Role.SUPERVISOR})
INVITING = frozenset({Role.INSPECTOR, Role.SUPERVISOR})
VERIFYING = frozenset({Role.VERIFIER})
MERCHANT = frozenset({Role.MERCHANT})
ENTERING = frozenset({Role.SYSTEM_ADMINISTRATOR})
LETTING_IN = frozenset({Role.SECURITY_ADMINISTRATOR})
READING_ACTS = frozenset({Role.AUDIT_ADMINISTRATOR, Role.AUDITOR})
EVERYBODY = frozenset(Role)


class Via(StrEnum):
    """How a caller shows who it is. ``half``: by the cookie of a sign-in whose second factor is still to come."""

    NOTHING = "nothing"
    COOKIE = "cookie"
    HALF = "half"
    TOKEN = "token"  # noqa: S105 - a word, no secret


class DataScope(StrEnum):
    """Whose data a route shows or changes."""

    PUBLIC = "public"
    OWN = "own"
    PARTY = "party"
    REGION = "region"
    UNIT = "unit"
    DEVICE = "device"
    ALL = "all"


class RateClass(StrEnum):
    """How often a route may be used; the figures are in ``server.limits``."""

    READ = "read"
    WRITE = "write"
    GUESS = "guess"
    SIGN_IN = "sign_in"
    CALCULATE = "calculate"


@dataclass(frozen=True)
class Row:
    """``roles`` None: anyone, without saying who."""

    via: Via
    roles: frozenset[Role] | None
    scope: DataScope
    rate: RateClass = RateClass.READ
    is_read_logged: bool = False


def _anyone(rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.NOTHING, None, DataScope.PUBLIC, rate)


def _page(roles: frozenset[Role], scope: DataScope, rate: RateClass = RateClass.READ, *, logged: bool = False) -> Row:
    return Row(Via.COOKIE, roles, scope, rate, logged)


def _half(rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.HALF, accounts.second_factor.ROLES, DataScope.OWN, rate)


def _phone(scope: DataScope, rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.TOKEN, FIELD, scope, rate)


READ, WRITE, GUESS = RateClass.READ, RateClass.WRITE, RateClass.GUESS
OWN, PARTY, REGION, DEVICE = DataScope.OWN, DataScope.PARTY, DataScope.REGION, DataScope.DEVICE

POLICY: dict[tuple[str, str], Row] = {
    ("static", "GET"): _anyone(),
    ("assets.asset", "GET"): _anyone(),
    ("health.healthz", "GET"): _anyone(),
    ("health.readyz", "GET"): _anyone(),
    ("health.metrics", "GET"): _anyone(),
    ("public.home", "GET"): _anyone(),
    ("public.show_seal", "GET"): _anyone(),
    ("public.show_seal_lower", "GET"): _anyone(),
    ("public.show_pledge", "GET"): _anyone(),
    ("public.show_problem", "GET"): _anyone(),
    ("public.show_picture", "GET"): _anyone(),
    ("public.icon", "GET"): _anyone(),
    ("calculators.tools", "GET"): _anyone(),
    ("calculators.tool", "GET"): _anyone(RateClass.CALCULATE),
    ("calculators_api.scale_check", "POST"): _anyone(RateClass.CALCULATE),
    ("calculators_api.reweigh", "POST"): _anyone(RateClass.CALCULATE),
    ("calculators_api.phone_weight", "POST"): _anyone(RateClass.CALCULATE),
    ("calculators_api.prepackage_lot", "POST"): _anyone(RateClass.CALCULATE),
    ("calculators_api.dispenser_check", "POST"): _anyone(RateClass.CALCULATE),
    ("openapi.document", "GET"): _anyone(),
    ("openapi.page", "GET"): _anyone(),
    ("accounts.sign_in", "GET"): _anyone(),
    ("accounts.sign_in", "POST"): _anyone(RateClass.SIGN_IN),
    ("accounts.sign_out", "POST"): _page(EVERYBODY, OWN, WRITE),
    ("accounts.code", "GET"): _half(),
    ("accounts.enter_code", "POST"): _half(GUESS),
    ("accounts.second_factor", "GET"): _half(),
    ("accounts.enrol_second_factor", "POST"): _half(GUESS),
    ("accounts.invited", "GET"): _anyone(GUESS),
    ("accounts.join", "POST"): _anyone(GUESS),
    ("accounts.account", "GET"): _page(EVERYBODY, OWN),
    ("accounts.end_sign_in", "POST"): _page(EVERYBODY, OWN, WRITE),
    ("accounts.end_others", "POST"): _page(EVERYBODY, OWN, WRITE),
    ("accounts.change_password", "POST"): _page(STAFF, OWN, GUESS),
    ("console.people", "GET"): _page(ENTERING | LETTING_IN, REGION),
    ("console.person", "GET"): _page(ENTERING | LETTING_IN, REGION),
    ("console.enter_person", "POST"): _page(ENTERING, REGION, WRITE),
    ("console.renew_card", "POST"): _page(ENTERING, REGION, WRITE),
    ("console.approve", "POST"): _page(LETTING_IN, REGION, WRITE),
    ("console.invite_again", "POST"): _page(LETTING_IN, REGION, WRITE),
    ("console.suspend", "POST"): _page(LETTING_IN, REGION, WRITE),
    ("console.restore", "POST"): _page(LETTING_IN, REGION, WRITE),
    ("console.end_sign_ins", "POST"): _page(LETTING_IN, REGION, WRITE),
    ("console.unlock", "POST"): _page(LETTING_IN, REGION, WRITE),
    ("console.acts", "GET"): _page(READING_ACTS, REGION),
    ("console.acts_csv", "GET"): _page(READING_ACTS, REGION),
    ("console.recusals", "GET"): _page(FIELD, REGION),
    ("console.tell_recusal", "POST"): _page(FIELD, REGION, WRITE),
    ("console.end_recusal", "POST"): _page(PLANNING, REGION, WRITE),
    ("devices_api.enrol", "POST"): _anyone(GUESS),
    ("devices_api.challenge", "GET"): _anyone(),
    ("devices_api.token", "POST"): _anyone(WRITE),
    ("sync_api.keys", "GET"): _anyone(),
    ("sync_api.revoked", "GET"): _anyone(),
    ("sync_api.push", "POST"): _phone(REGION, WRITE),
    ("sync_api.changes", "GET"): _phone(REGION),
    ("sync_api.scope", "GET"): _phone(REGION),
    ("sync_api.balance", "GET"): _phone(DEVICE),
    ("evidence_api.evidence", "GET"): _phone(REGION),
    ("uploads_api.options", "OPTIONS"): _anyone(),
    ("uploads_api.create", "POST"): _phone(OWN, WRITE),
    ("uploads_api.offset", "HEAD"): _phone(OWN),
    ("uploads_api.append", "PATCH"): _phone(OWN, WRITE),
    ("uploads_api.append", "POST"): _phone(OWN, WRITE),
    ("audit_api.head", "GET"): _anyone(),
    ("audit_api.consistency", "GET"): _anyone(),
    ("audit_api.inclusion", "GET"): _phone(REGION),
    ("console.today", "GET"): _page(DESK, REGION),
    ("console.incoming", "GET"): _page(DESK, REGION),
    ("console.visit", "GET"): _page(DESK, REGION),
    ("console.bulletin", "GET"): _page(DESK, REGION),
    ("console.bulletin_csv", "GET"): _page(DESK, REGION),
    ("console.tasks", "GET"): _page(DESK, REGION),
    ("console.assign", "POST"): _page(PLANNING, REGION, WRITE),
    ("console.enrolment", "GET"): _page(FIELD, OWN),
    ("console.issue_code", "POST"): _page(FIELD, OWN, WRITE),
    ("console.invitation", "GET"): _page(INVITING, REGION),
    ("console.invite", "POST"): _page(INVITING, REGION, WRITE),
    ("console.verification", "GET"): _page(VERIFYING, REGION),
    ("console.enter_verification", "POST"): _page(VERIFYING, REGION, WRITE),
    ("console.picture", "GET"): _page(DESK, REGION),
    ("merchant.invitation", "GET"): _anyone(GUESS),
    ("merchant.accept", "POST"): _anyone(GUESS),
    ("merchant.home", "GET"): _page(MERCHANT, PARTY),
    ("merchant.pledge", "GET"): _page(MERCHANT, PARTY),
    ("merchant.sign", "POST"): _page(MERCHANT, PARTY, WRITE),
    ("merchant.poster", "GET"): _page(MERCHANT, PARTY),
}


def cookie_name(secure: bool) -> str:
    """A ``__Host-`` cookie is bound to this host and HTTPS; the demo on loopback has no HTTPS."""
    return "__Host-dingpan" if secure else "dingpan"


def row_of(endpoint: str, method: str) -> Row | None:
    """Return the row of a route and method. HEAD is GET without a body; OPTIONS, where Flask answers it, tells no data.

    So OPTIONS takes the row of any method of its route, and a route without any row has none.
    """
    if (endpoint, method) in POLICY:
        return POLICY[endpoint, method]
    if method == "HEAD":
        return POLICY.get((endpoint, "GET"))
    if method == "OPTIONS":
        return next((row for (name, _), row in POLICY.items() if name == endpoint), None)
    return None


def row_asked() -> Row | None:
    """Return the row of the request that is being answered; None when no route fits it."""
    return row_of(request.endpoint, request.method) if request.endpoint else None


def enforce() -> Response | None:
    """Refuse what the table does not allow; leaves ``g.person``, ``g.device``, ``g.sign_in`` and ``g.party_id``."""
    g.person = g.device = g.sign_in = g.party_id = None
    if request.endpoint is None:
        return None
    row = row_asked()
    if row is None:
        raise NotAllowed
    if row.roles is None:
        return None
    if row.via is Via.TOKEN:
        _by_token()
    elif not _by_cookie(is_whole=row.via is Via.COOKIE):
        if wants_json() or request.method != "GET":
            raise SignInNeeded
        here = request.full_path.rstrip("?") if row.via is Via.COOKIE else request.args.get("next", "")
        return redirect(url_for("accounts.sign_in", next=here))
    if g.person.role not in row.roles:
        raise NotAllowed
    return None


def _by_token() -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise SignInNeeded
    caller = devices.caller_of_token(db.session(), token, now())
    g.person, g.device = caller.person, caller.device


def _by_cookie(*, is_whole: bool) -> bool:
    """Take the caller from the cookie; False without a sign-in that is whole, or half, as the row wants it."""
    cookie = request.cookies.get(cookie_name(current_app.extensions["dingpan"].settings.cookies_are_secure))
    found = accounts.sign_in_of_cookie(db.session(), cookie, now()) if cookie else None
    if found is None or found.is_whole != is_whole:
        return False
    if accounts.wants_seen(found, now()):
        _mark_seen(found)
    g.sign_in, g.person, g.party_id = found, found.person, found.party_id
    return True


def _mark_seen(found: accounts.SignIn) -> None:
    """A page that only reads is shown all the same where nothing can be written."""
    try:
        begin_write()
        accounts.mark_seen(db.session(), found, now())
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        log.warning("sign_in_not_marked", error=type(error.orig).__name__)


def register(app: Flask) -> None:
    """Ask the table before every request."""
    app.before_request(enforce)
