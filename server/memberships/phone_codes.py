"""Codes by SMS: six digits that show who holds a phone number, once, for ten minutes and five tries.

Rows are kept under the blind index of the number, known to us or not, so that nothing tells the two apart. The limits
are counted in these rows, and so are one for all processes. A code is bound to what it was asked for: one that was sent
to register a number signs nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.clock import new_id
from server.contacts import service as contacts
from server.database import lock_name
from server.memberships.models import PhoneCode

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
PAUSE = timedelta(minutes=1)
WINDOW = timedelta(hours=1)
MOST_IN_WINDOW = 5
MOST_IN_A_DAY = 10
KEPT = timedelta(days=1)
OLD_AT_ONCE = 20
CODES = 10**6


class CodeTooSoon(Exception):
    """A code for this number was made less than a minute ago."""


class CodesUsedUp(Exception):
    """As many codes as there may be in an hour, or in a day, were made for this number."""


def issue_code(session: Session, number: str, purpose: str, now: datetime) -> str:
    """Return a new code for a number, which ends the ones before; raises CodeTooSoon or CodesUsedUp."""
    index = contacts.number_index(number)
    lock_name(f"phone code {index}")
    _require_room(session, number, now)
    _forget_old(session, now)
    earlier = update(PhoneCode).where(PhoneCode.number_index.in_(contacts.number_indexes(number)))
    session.execute(earlier.where(PhoneCode.expires_at > now).values(expires_at=now))
    id_, code = new_id(now), f"{secrets.randbelow(CODES):06d}"
    about = {"number_index": index, "code_hmac": _hmac(id_, purpose, code)}
    session.add(PhoneCode(id=id_, made_at=now, expires_at=now + CODE_LASTS, **about))
    return code


def _forget_old(session: Session, now: datetime) -> None:
    """Delete a few old rows for each that is added: the table never outgrows its callers."""
    old = select(PhoneCode.id).where(PhoneCode.made_at < now - KEPT).limit(OLD_AT_ONCE)
    session.execute(delete(PhoneCode).where(PhoneCode.id.in_(old.with_for_update(skip_locked=True))))


def _require_room(session: Session, number: str, now: datetime) -> None:
    query = select(PhoneCode.made_at).where(PhoneCode.number_index.in_(contacts.number_indexes(number)))
    made = list(session.scalars(query.where(PhoneCode.made_at > now - KEPT)))
    if made and max(made) > now - PAUSE:
        raise CodeTooSoon
    if len(made) >= MOST_IN_A_DAY or sum(at > now - WINDOW for at in made) >= MOST_IN_WINDOW:
        raise CodesUsedUp


def use_code(session: Session, number: str, code: str, purpose: str, now: datetime) -> bool:
    """Say whether a code is right, and count the try; to be committed either way. A right one is used with that.

    The row is held from here on: of two who try at once, the second sees what the first left.
    """
    query = select(PhoneCode).where(PhoneCode.number_index.in_(contacts.number_indexes(number)))
    query = query.where(PhoneCode.used_at.is_(None), PhoneCode.expires_at > now)
    found = session.scalar(query.order_by(PhoneCode.made_at.desc(), PhoneCode.id.desc()).limit(1).with_for_update())
    if found is None or found.tries >= MOST_TRIES:
        return False
    found.tries += 1
    if not hmac.compare_digest(found.code_hmac, _hmac(found.id, purpose, code)):
        return False
    found.used_at = now
    return True


def _hmac(id_: str, purpose: str, code: str) -> str:
    """Return what is kept of a code: with the database alone, a million guesses find nothing."""
    secret: str = current_app.extensions["dingpan"].settings.secret
    text = f"phone code\n{purpose}\n{id_}\n{code}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
