"""Too many failures in a row close a name for a while, known or not, without telling anybody.

Each try is counted before the password is looked at, in one statement: however many try at once, no more than ``MOST``
in a row are ever compared. The name itself is not kept, only a keyed hash of it; OWASP ASVS 5.0, 6.3.1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import and_, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.accounts.models import FailedSignIns

MOST = 10
LOCKED_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
OLD_AT_ONCE = 20


def count_try(session: Session, name: str, now: datetime) -> bool:
    """Count a try as failed until it proves right; say whether it may be one. Wants a transaction of its own."""
    table = FailedSignIns
    is_full = table.failures >= MOST
    is_over = and_(is_full, table.last_at <= now - LOCKED_FOR)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = (
        insert(table)
        .values(name_hmac=hidden(name), failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=["name_hmac"],
            set_={
                "failures": case((is_over, 1), (table.failures > MOST, table.failures), else_=table.failures + 1),
                "last_at": case((is_over, now), (is_full, table.last_at), else_=now),
            },
        )
    )
    failures: int = session.execute(counted.returning(table.failures)).scalar_one()
    if failures == 1:
        _forget_old(session, now)
    return failures <= MOST


def _forget_old(session: Session, now: datetime) -> None:
    """Delete a few names that nobody failed by for a day: the table never outgrows those who try."""
    table = FailedSignIns
    old = select(table.name_hmac).where(table.last_at < now - FORGOTTEN_AFTER).limit(OLD_AT_ONCE)
    session.execute(delete(table).where(table.name_hmac.in_(old.with_for_update(skip_locked=True))))


def give_back(session: Session, name: str) -> None:
    """Take back a try that was right but does not yet sign in: the second factor is still to come."""
    table = FailedSignIns
    counted = table.name_hmac == hidden(name)
    session.execute(update(table).where(counted, table.failures > 0).values(failures=table.failures - 1))


def forgive(session: Session, name: str) -> None:
    """Begin anew for a name: it signed in, or a security administrator unlocked it."""
    session.execute(delete(FailedSignIns).where(FailedSignIns.name_hmac == hidden(name)))


def locked_names(session: Session, names: Iterable[str], now: datetime) -> set[str]:
    """Return which of some names are closed now."""
    known = {hidden(name): name for name in names}
    table = FailedSignIns
    closed = and_(table.failures >= MOST, table.last_at > now - LOCKED_FOR)
    return {known[found] for found in session.scalars(select(table.name_hmac).where(closed)) if found in known}


def hidden(name: str) -> str:
    """Return the keyed hash under which a name is counted, and named in the log."""
    secret: str = current_app.extensions["dingpan"].settings.secret
    key = hmac.new(secret.encode(), b"failed sign-ins", hashlib.sha256).digest()
    return hmac.new(key, name.strip().casefold().encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
