"""Who may use which route, on whose data, and how often: one row for each route and method.

What stands in no row is refused, and an app with a route without a row, or a row without a route, does not start.
``via`` says how the caller shows who it is; ``scope`` names whose data the route's queries keep to (they do it
themselves, see ``accounts.scope``: a foreign id is not found; ``tests/server/test_policy_matrix.py`` asks each);
``rate`` how often it may be used (``server.limits``); ``is_read_logged`` that each use is an act in the log, because
it shows personal data; ``is_fetch_logged`` the same of what phones fetch by themselves; ``takes_in`` that a suspended
phone may still leave there what it recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import structlog
from flask import Flask, current_app, g, redirect, request, url_for
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.wrappers import Response

from server.accounts import service as accounts
from server.accounts.models import Role
from server.app_versions import refuse_too_old
from server.clock import now
from server.database import begin_write, db
from server.devices import service as devices
from server.memberships import service as memberships
from server.problems import DeviceSuspended, NotAllowed, SignInNeeded, wants_json

log = structlog.get_logger(__name__)

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
FIELD = frozenset({Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR})
STAFF = FIELD | ADMINISTRATORS | {Role.AUDITOR}
DESK = FIELD | {Role.AUDITOR}
PLANNING = frozenset({Role.SUPERVISOR})
PHONES = frozenset({Role.SUPERVISOR, Role.SECURITY_ADMINISTRATOR})
OWN_PHONES = FIELD | PHONES
INVITING = frozenset({Role.INSPECTOR, Role.SUPERVISOR})
VERIFYING = frozenset({Role.VERIFIER})
OUTSIDE = frozenset(memberships.OUTSIDE)
OPERATING = frozenset({Role.OPERATOR})
ENTERING = frozenset({Role.SYSTEM_ADMINISTRATOR})
LETTING_IN = frozenset({Role.SECURITY_ADMINISTRATOR})
READING_ACTS = frozenset({Role.AUDIT_ADMINISTRATOR, Role.AUDITOR})
EVERYBODY = frozenset(Role)


class Via(StrEnum):
    """How a caller shows who it is: not at all, or by what the request itself carries and the route checks.

    Such a proof is a password, a one-time code or link, or a signature; a cookie or token is checked before the route.
    ``half``: by the cookie of a sign-in whose second factor is still to come.
    """

    NOTHING = "nothing"
    PROOF = "proof"
    COOKIE = "cookie"
    HALF = "half"
    TOKEN = "token"  # noqa: S105 - a word, no secret


class DataScope(StrEnum):
    """Whose data a route shows or changes.

    OWN: what belongs to the person who asks. PARTY: of the party whose pages are open. DEVICE: of the phone that asks.
    UNIT: of the person's unit. REGION: within the regions of that unit, whoever made it. OWN_OR_REGION: either. PUBLIC:
    what everyone may see. ALL: everywhere.
    """

    PUBLIC = "public"
    OWN = "own"
    PARTY = "party"
    REGION = "region"
    OWN_OR_REGION = "own_or_region"
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
    SEND = "send"


@dataclass(frozen=True)
class Row:
    """``roles`` None: anyone, without saying who. ``takes_in``: a suspended phone may leave its records there.

    ``is_fetch_logged``: the first time on a day that somebody's phone fetches a thing is an act.

    ``own_to``: to these roles the route shows their own things alone, whatever its scope is to the others.
    """

    via: Via
    roles: frozenset[Role] | None
    scope: DataScope
    rate: RateClass = RateClass.READ
    is_read_logged: bool = False
    takes_in: bool = False
    own_to: frozenset[Role] = frozenset()
    is_fetch_logged: bool = False


class PolicyGap(Exception):
    """The table and the routes do not fit: such an app must not start."""


def _anyone(rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.NOTHING, None, DataScope.PUBLIC, rate)


def _prover(scope: DataScope, rate: RateClass) -> Row:
    return Row(Via.PROOF, None, scope, rate)


def _page(roles: frozenset[Role], scope: DataScope, rate: RateClass = RateClass.READ, *, logged: bool = False) -> Row:
    return Row(Via.COOKIE, roles, scope, rate, logged)


def _phones_page(rate: RateClass = RateClass.READ) -> Row:
    """An officer has the own phones, whoever looks after phones those of the region."""
    return Row(Via.COOKIE, OWN_PHONES, DataScope.REGION, rate, own_to=OWN_PHONES - PHONES)


def _half(rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.HALF, accounts.second_factor.ROLES, DataScope.OWN, rate)


def _phone(scope: DataScope, rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.TOKEN, FIELD, scope, rate)


def _intake(scope: DataScope, rate: RateClass = RateClass.READ) -> Row:
    return Row(Via.TOKEN, FIELD, scope, rate, takes_in=True)


READ, WRITE, GUESS = RateClass.READ, RateClass.WRITE, RateClass.GUESS
OWN, PARTY, REGION, DEVICE = DataScope.OWN, DataScope.PARTY, DataScope.REGION, DataScope.DEVICE
UNIT = DataScope.UNIT
OWN_OR_REGION = DataScope.OWN_OR_REGION

POLICY: dict[tuple[str, str], Row] = {
    ("static", "GET"): _anyone(),
    ("assets.asset", "GET"): _anyone(),
    ("health.healthz", "GET"): _anyone(),
    ("health.readyz", "GET"): _anyone(),
    ("health.metrics", "GET"): _anyone(),
    ("public.home", "GET"): _anyone(),
    ("public.show_seal", "GET"): _anyone(),
    ("public.show_seal_lower", "GET"): _anyone(),
    ("public.give_feedback", "POST"): _anyone(GUESS),
    ("public.show_pledge", "GET"): _anyone(),
    ("public.show_problem", "GET"): _anyone(),
    ("public.show_picture", "GET"): _anyone(),
    ("public.icon", "GET"): _anyone(),
    ("scans.place", "POST"): _anyone(GUESS),
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
    ("accounts.sign_in", "POST"): _prover(OWN, RateClass.SIGN_IN),
    ("accounts.sign_out", "POST"): _page(EVERYBODY, OWN, WRITE),
    ("accounts.code", "GET"): _half(),
    ("accounts.enter_code", "POST"): _half(GUESS),
    ("accounts.second_factor", "GET"): _half(),
    ("accounts.enrol_second_factor", "POST"): _half(GUESS),
    ("accounts.invited", "GET"): _prover(OWN, GUESS),
    ("accounts.join", "POST"): _prover(OWN, GUESS),
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
    ("console.acts_csv", "GET"): _page(READING_ACTS, REGION, logged=True),
    ("console.recusals", "GET"): _page(FIELD, REGION),
    ("console.tell_recusal", "POST"): _page(FIELD, REGION, WRITE),
    ("console.end_recusal", "POST"): _page(PLANNING, REGION, WRITE),
    ("devices_api.enrol", "POST"): _prover(OWN, GUESS),
    ("devices_api.challenge", "GET"): _anyone(),
    ("devices_api.token", "POST"): _prover(DEVICE, WRITE),
    ("devices_api.refresh", "POST"): _prover(DEVICE, WRITE),
    ("sync_api.keys", "GET"): _anyone(),
    ("sync_api.revoked", "GET"): _anyone(),
    ("sync_api.restored", "GET"): _anyone(),
    ("sync_api.push", "POST"): _intake(REGION, WRITE),
    ("rescue_api.bring", "POST"): _intake(REGION, WRITE),
    ("sync_api.state", "POST"): _intake(DEVICE, WRITE),
    ("sync_api.changes", "GET"): _phone(REGION),
    ("sync_api.scope", "GET"): _phone(REGION),
    ("sync_api.snapshot", "GET"): _phone(REGION),
    ("sync_api.manifest", "GET"): _phone(REGION),
    ("sync_api.balance", "GET"): _phone(DEVICE),
    ("evidence_api.evidence", "GET"): Row(Via.TOKEN, FIELD, OWN_OR_REGION, is_fetch_logged=True),
    ("uploads_api.options", "OPTIONS"): _anyone(),
    ("uploads_api.create", "POST"): _intake(OWN, WRITE),
    ("uploads_api.offset", "HEAD"): _intake(OWN),
    ("uploads_api.append", "PATCH"): _intake(OWN, WRITE),
    ("uploads_api.append", "POST"): _intake(OWN, WRITE),
    ("audit_api.head", "GET"): _anyone(),
    ("audit_api.consistency", "GET"): _anyone(),
    ("audit_api.inclusion", "GET"): _phone(DEVICE),
    ("console.today", "GET"): _page(DESK, REGION),
    ("console.incoming", "GET"): _page(DESK, REGION),
    ("console.visit", "GET"): _page(DESK, REGION),
    ("console.finish_review", "POST"): _page(PLANNING, REGION, WRITE),
    ("console.bulletin", "GET"): _page(DESK, REGION),
    ("console.bulletin_csv", "GET"): _page(DESK, REGION),
    ("console.tasks", "GET"): _page(DESK, REGION),
    ("console.feedback", "GET"): _page(DESK, REGION),
    ("console.read_feedback", "POST"): _page(PLANNING, REGION, WRITE),
    ("console.assign", "POST"): _page(PLANNING, REGION, WRITE),
    ("console.comparison", "GET"): _page(DESK, REGION),
    ("console.finish_comparison", "POST"): _page(FIELD, REGION, WRITE),
    ("console.imports_page", "GET"): _page(PLANNING, UNIT),
    ("console.upload_register", "POST"): _page(PLANNING, UNIT, WRITE),
    ("console.import_columns", "GET"): _page(PLANNING, UNIT),
    ("console.choose_columns", "POST"): _page(PLANNING, UNIT, WRITE),
    ("console.show_import", "GET"): _page(PLANNING, UNIT),
    ("console.bad_rows_csv", "GET"): _page(PLANNING, UNIT),
    ("console.take_in_import", "POST"): _page(PLANNING, UNIT, WRITE),
    ("console.undo_import", "POST"): _page(PLANNING, UNIT, WRITE),
    ("console.drop_import", "POST"): _page(PLANNING, UNIT, WRITE),
    ("console.register_csv", "GET"): _page(PLANNING, REGION, logged=True),
    ("console.register_xlsx", "GET"): _page(PLANNING, REGION, logged=True),
    ("console.rescue", "GET"): _page(FIELD, REGION),
    ("console.take_in_rescue", "POST"): _page(FIELD, REGION, WRITE),
    ("console.enrolment", "GET"): _page(FIELD, OWN),
    ("console.issue_code", "POST"): _page(FIELD, OWN, WRITE),
    ("console.devices", "GET"): _page(PHONES, REGION),
    ("console.device", "GET"): _phones_page(),
    ("console.lost_device", "GET"): _phones_page(),
    ("console.ask_again", "POST"): _phones_page(WRITE),
    ("console.suspend_device", "POST"): _phones_page(WRITE),
    ("console.found_device", "GET"): _page(PHONES, REGION),
    ("console.restore_device", "POST"): _page(PHONES, REGION, WRITE),
    ("console.invitation", "GET"): _page(INVITING, REGION),
    ("console.invite", "POST"): _page(INVITING, REGION, WRITE),
    ("console.end_member", "POST"): _page(INVITING, REGION, WRITE),
    ("console.show_number", "POST"): _page(INVITING, REGION, WRITE, logged=True),
    ("console.verification", "GET"): _page(VERIFYING, REGION),
    ("console.enter_verification", "POST"): _page(VERIFYING, REGION, WRITE),
    ("console.labels", "GET"): Row(Via.COOKIE, FIELD, REGION, own_to=FIELD - PLANNING),
    ("console.order_labels", "POST"): _page(PLANNING, REGION, WRITE),
    ("console.move_labels", "POST"): _page(PLANNING, REGION, WRITE),
    ("console.physical_seals", "GET"): _page(DESK, REGION),
    ("console.enter_seal_event", "POST"): _page(FIELD, REGION, WRITE),
    ("console.picture", "GET"): _page(DESK, OWN_OR_REGION, logged=True),
    ("console.hiding", "GET"): _page(FIELD, REGION),
    ("console.hide", "POST"): _page(FIELD, REGION, WRITE),
    ("merchant.invitation", "GET"): _prover(PARTY, GUESS),
    ("merchant.accept", "POST"): _prover(PARTY, GUESS),
    ("merchant.field_invitation", "GET"): _prover(PARTY, GUESS),
    ("merchant.accept_field", "POST"): _prover(PARTY, GUESS),
    ("merchant.enter", "GET"): _anyone(),
    ("merchant.enter", "POST"): _prover(OWN, GUESS),
    ("merchant.enter_code", "GET"): _anyone(),
    ("merchant.enter_code", "POST"): _prover(OWN, GUESS),
    ("merchant.stalls", "GET"): _page(OUTSIDE, OWN),
    ("merchant.open_stall", "POST"): _page(OUTSIDE, OWN, WRITE),
    ("merchant.number", "GET"): _page(OUTSIDE, OWN),
    ("merchant.number", "POST"): _page(OUTSIDE, OWN, RateClass.SEND),
    ("merchant.forget_number", "POST"): _page(OUTSIDE, OWN, WRITE),
    ("merchant.number_code", "GET"): _page(OUTSIDE, OWN),
    ("merchant.number_code", "POST"): _page(OUTSIDE, OWN, GUESS),
    ("merchant.home", "GET"): _page(OUTSIDE, PARTY),
    ("merchant.pledge", "GET"): _page(OUTSIDE, PARTY),
    ("merchant.sign", "POST"): _page(OUTSIDE, PARTY, WRITE),
    ("merchant.poster", "GET"): _page(OUTSIDE, PARTY),
    ("merchant.people", "GET"): _page(OUTSIDE, PARTY),
    ("merchant.delegate", "POST"): _page(OUTSIDE, PARTY, WRITE),
    ("merchant.end_delegation", "POST"): _page(OUTSIDE, PARTY, WRITE),
    ("merchant.market", "GET"): _page(OPERATING, PARTY),
    ("merchant.market_place", "GET"): _page(OPERATING, PARTY),
    ("personal.data", "GET"): _page(OUTSIDE, OWN),
    ("personal.download", "POST"): _page(OUTSIDE, OWN, WRITE),
    ("personal.closing", "GET"): _page(OUTSIDE, OWN),
    ("personal.close", "POST"): _page(OUTSIDE, OWN, WRITE),
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
    """Refuse what the table does not allow; leaves ``g.person``, ``g.device``, ``g.sign_in`` and ``g.membership``.

    ``g.party_id`` is the party of that membership: whose pages a merchant has open, None when nobody's. A route about a
    party then leads to the choice of one.
    """
    g.person = g.device = g.sign_in = g.sign_in_id = g.membership = g.party_id = None
    if request.endpoint is None:
        return None
    row = row_asked()
    if row is None:
        raise NotAllowed
    if row.roles is None:
        return None
    if row.via is Via.TOKEN:
        _by_token(row)
    elif not _by_cookie(is_whole=row.via is Via.COOKIE):
        if wants_json() or request.method != "GET":
            raise SignInNeeded
        here = request.full_path.rstrip("?") if row.via is Via.COOKIE else request.args.get("next", "")
        return redirect(url_for("accounts.sign_in", next=here))
    if g.person.role not in row.roles:
        raise NotAllowed
    if row.scope is DataScope.PARTY and g.party_id is None:
        return redirect(url_for("merchant.stalls"), 302 if request.method == "GET" else 303)
    return None


def _by_token(row: Row) -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise SignInNeeded
    caller = devices.caller_of_token(db.session(), token, now())
    g.person, g.device = caller.person, caller.device
    if caller.device.is_suspended and not row.takes_in:
        raise DeviceSuspended
    if not row.takes_in:
        refuse_too_old(request.user_agent.string, current_app.extensions["dingpan"].settings.least_app)


def _by_cookie(*, is_whole: bool) -> bool:
    """Take the caller from the cookie; False without a sign-in that is whole, or half, as the row wants it."""
    cookie = request.cookies.get(cookie_name(current_app.extensions["dingpan"].settings.cookies_are_secure))
    found = accounts.sign_in_of_cookie(db.session(), cookie, now()) if cookie else None
    if found is None or found.is_whole != is_whole:
        return False
    if accounts.wants_seen(found, now()):
        _mark_seen(found)
    g.sign_in, g.sign_in_id, g.person = found, found.id, found.person
    g.membership = memberships.current(db.session(), found.person_id, found.party_id) if found.party_id else None
    g.party_id = g.membership.party_id if g.membership else None
    return True


def _mark_seen(found: accounts.SignIn) -> None:
    """A page that only reads is shown all the same where nothing can be written."""
    try:
        begin_write()
        accounts.mark_seen(db.session(), found, now())
        db.session.commit()
    except (DBAPIError, ObjectDeletedError) as error:  # nothing can be written, or it was ended just now
        db.session.rollback()
        log.warning("sign_in_not_marked", error=type(error).__name__)


AUTOMATIC = {"HEAD", "OPTIONS"}


def gaps(app: Flask) -> list[str]:
    """Say which routes have no row for a method, and which rows no route; what Flask adds goes with its route's own."""
    routes = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    with_own = {endpoint for endpoint, method in routes if method not in AUTOMATIC}
    open_ones = [
        (endpoint, method)
        for endpoint, method in sorted(routes)
        if not (method in AUTOMATIC and endpoint in with_own) and row_of(endpoint, method) is None
    ]
    return [
        *(f"the route {endpoint} has no row for {method}" for endpoint, method in open_ones),
        *(f"the row of {endpoint} for {method} names no route" for endpoint, method in sorted(POLICY.keys() - routes)),
    ]


def register(app: Flask) -> None:
    """Ask the table before every request; to be called last. Raises PolicyGap where the table and the routes differ."""
    if found := gaps(app):
        raise PolicyGap(f"server/policy.py does not fit the routes: {'; '.join(found)}.")
    app.before_request(enforce)
