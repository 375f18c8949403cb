"""Sign-ins: rows that browsers hold a cookie of, listed and ended on the server."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.accounts.models import Person, Role, SignIn
from server.clock import new_id

SIGN_IN_LASTS = timedelta(hours=12)
SECOND_FACTOR_LASTS = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=10)
IDLE_LASTS = timedelta(hours=2)
IDLE_ENDS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})


def sha256_of(secret: str) -> str:
    """Return what is kept of a secret that is long and random."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


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
    if found is None or found.person.is_suspended or not _is_open(found, now):
        return None
    return found


def _is_open(found: SignIn, now: datetime) -> bool:
    is_idle = found.person.role in IDLE_ENDS and found.seen_at <= now - IDLE_LASTS
    return found.expires_at > now and not is_idle


def wants_seen(found: SignIn, now: datetime) -> bool:
    """Say whether it is time to write down again that a sign-in is in use."""
    return found.seen_at <= now - SEEN_EVERY


def mark_seen(session: Session, found: SignIn, now: datetime) -> None:
    """Write down that a sign-in is in use."""
    session.execute(update(SignIn).where(SignIn.sha256 == found.sha256).values(seen_at=now))


def sign_ins_of(session: Session, person_id: str, now: datetime) -> list[SignIn]:
    """Return somebody's open sign-ins, the one used last first."""
    query = select(SignIn).where(SignIn.person_id == person_id, SignIn.is_whole, SignIn.expires_at > now)
    found = session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.made_at.desc(), SignIn.id))
    return [one for one in found if _is_open(one, now)]


def sign_out(session: Session, cookie: str) -> None:
    """End a sign-in."""
    session.execute(delete(SignIn).where(SignIn.sha256 == sha256_of(cookie)))


def end_sign_in(session: Session, person_id: str, sign_in_id: str) -> bool:
    """End one of somebody's own sign-ins; say whether there was such a one."""
    mine = delete(SignIn).where(SignIn.person_id == person_id, SignIn.id == sign_in_id)
    return bool(session.execute(mine.returning(SignIn.id)).all())


def end_sign_ins(session: Session, person_id: str, *, but: str | None = None) -> int:
    """End somebody's sign-ins, all or all but one; return how many there were."""
    theirs = delete(SignIn).where(SignIn.person_id == person_id)
    theirs = theirs.where(SignIn.id != but) if but else theirs
    return len(session.execute(theirs.returning(SignIn.id)).all())
