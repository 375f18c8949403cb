"""The blueprint of signing in, and what its pages share: where to go, and how a sign-in comes into the browser."""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from server import cookies, transaction
from server.accounts import service
from server.accounts.service import Person, Role
from server.clock import now
from server.database import begin_write, db

blueprint = Blueprint("accounts", __name__)
log = structlog.get_logger(__name__)

HOMES = {
    Role.SYSTEM_ADMINISTRATOR: "console.people",
    Role.SECURITY_ADMINISTRATOR: "console.people",
    Role.AUDIT_ADMINISTRATOR: "console.acts",
    Role.MERCHANT: "merchant.home",
    Role.OPERATOR: "merchant.home",
}


def home_of(person: Person) -> str:
    """Return the first page of somebody's role."""
    return url_for(HOMES.get(Role(person.role), "console.today"))


def own_path(text: str) -> str | None:
    """Return where to go after signing in, if it is a path of this server and nothing else.

    >>> own_path("/console/tasks?lang=en"), own_path("//elsewhere.example"), own_path("/\\\\\\\\elsewhere.example")
    ('/console/tasks?lang=en', None, None)
    """
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else None


def may_try(name: str) -> bool:
    """Count a try to sign in by a name, and say whether it may be one; committed before anything is compared."""
    begin_write()
    may = service.lockout.count_try(db.session(), name, now())
    db.session.commit()
    return may


def open_whole(person: Person, to: str) -> Response:
    """Sign somebody in, forget what failed before, and lead them on; to be called in a transaction that writes."""
    service.lockout.forgive(db.session(), person.sign_in_name or "")
    return _open(person, service.SIGN_IN_LASTS, own_path(to) or home_of(person), is_whole=True)


def open_half(person: Person, to: str) -> Response:
    """Sign somebody in as far as the second factor, and ask for it, or let them enrol it; as ``open_whole``."""
    endpoint = "accounts.code" if person.totp_sealed else "accounts.second_factor"
    return _open(person, service.SECOND_FACTOR_LASTS, url_for(endpoint, next=own_path(to) or ""), is_whole=False)


def _open(person: Person, lasts: timedelta, to: str, *, is_whole: bool) -> Response:
    session, browser = db.session(), service.browser_name(request.user_agent.string)
    if before := request.cookies.get(cookies.own_name()):
        service.sign_out(session, before)
    cookie = service.open_sign_in(session, person, now=now(), lasts=lasts, browser=browser, is_whole=is_whole)
    transaction.commit(session, now())
    answer = redirect(to)
    cookies.remember(answer, cookie, lasts)
    log.info("signed_in" if is_whole else "password_right", person=person.id)
    return answer
