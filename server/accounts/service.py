"""Who is asking: passwords, and the sign-ins that browsers hold a cookie of."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Person, Role, SignIn, Unit
from server.accounts.responsible import may_be_sent, may_be_sent_to, wholly_within
from server.accounts.scope import Scope
from server.clock import new_id
from server.problems import WrongSignIn

__all__ = ["Person", "Role", "Scope", "SignIn", "Unit", "may_be_sent", "may_be_sent_to", "wholly_within"]

SIGN_IN_LASTS = timedelta(hours=12)

_hasher = PasswordHasher()


def sha256_of(secret: str) -> str:
    """Return what is kept of a secret that is long and random."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(password)


def authenticate(session: Session, *, name: str, password: str) -> Person:
    """Return who signs in; raises WrongSignIn, alike for an unknown name and a wrong password.

    Checking a password is slow on purpose and needs no lock: it belongs before the transaction that writes.
    """
    person = session.scalar(select(Person).where(Person.sign_in_name == name)) if "\0" not in name else None
    if not _password_is_right(person, password) or person is None or person.is_suspended:
        raise WrongSignIn
    return person


def sign_in(session: Session, *, name: str, password: str, now: datetime) -> str:
    """Return the cookie of a new sign-in; raises WrongSignIn."""
    return open_sign_in(session, authenticate(session, name=name, password=password), now=now, lasts=SIGN_IN_LASTS)


def _password_is_right(person: Person | None, password: str) -> bool:
    """Spend the same time whether or not the name is known."""
    try:
        return _hasher.verify((person.password_hash if person else None) or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False


def _nobody() -> str:
    state = current_app.extensions.setdefault("dingpan_nobody", {})
    if "hash" not in state:
        state["hash"] = _hasher.hash(secrets.token_urlsafe())
    hashed: str = state["hash"]
    return hashed


def open_sign_in(
    session: Session,
    person: Person,
    *,
    now: datetime,
    lasts: timedelta,
    party_id: str | None = None,
    browser: str = "",
    is_whole: bool = True,
) -> str:
    """Add a sign-in for a person and return its cookie."""
    cookie = secrets.token_urlsafe(32)
    about = {"person_id": person.id, "party_id": party_id, "browser": browser, "is_whole": is_whole}
    times = {"made_at": now, "seen_at": now, "expires_at": now + lasts}
    session.add(SignIn(sha256=sha256_of(cookie), id=new_id(now), **about, **times))
    return cookie


def sign_in_of_cookie(session: Session, cookie: str, now: datetime) -> SignIn | None:
    """Return the sign-in of a cookie; None when it is unknown, over, or its owner is suspended."""
    found = session.get(SignIn, sha256_of(cookie))
    if found is None or found.expires_at <= now or found.person.is_suspended:
        return None
    return found


def sign_out(session: Session, cookie: str) -> None:
    """End a sign-in."""
    found = session.get(SignIn, sha256_of(cookie))
    if found is not None:
        session.delete(found)


def scope_of(person: Person) -> Scope:
    """Return the regions a person's unit is responsible for; none for a merchant."""
    return Scope(tuple(row.region for row in person.unit.regions)) if person.unit else Scope(())


def colleagues(session: Session, person: Person) -> list[Person]:
    """Return the people of a person's unit who may take part in a visit, in order of name."""
    roles = (Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR)
    query = select(Person).where(Person.unit_id == person.unit_id, Person.role.in_(roles), ~Person.is_suspended)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def names_of(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of some people."""
    wanted = {id_ for id_ in ids if id_}
    found: dict[str | None, str] = {}
    for id_, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))):
        found[id_] = name
    return found
