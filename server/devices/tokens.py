"""Tokens of the phones: families, their access and refresh tokens.

A signed challenge begins a family. Each refresh token is good once and is followed by one successor, which is derived
and not stored: whoever lost the answer on a bad network and asks again within the grace gets the same one. After the
grace a used token can only be a copy, or a copy was used before it: the whole family ends, and the phone signs a
challenge. Only hashes of tokens are kept. A refresh is signed by the device key: a token alone is worth nothing.

The row of the device is the lock of all its families: whoever changes one takes it first.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.orm import Session

from server.accounts.service import Person, sha256_of
from server.administration import service as administration
from server.administration.service import ActKind
from server.clock import new_id
from server.devices.models import AccessToken, Device, DevicePerson, RefreshToken, TokenFamily
from server.problems import TokenExpired, WrongSignIn
from shared import signing

TOKEN_LASTS = timedelta(minutes=15)
FAMILY_LASTS = timedelta(days=30)
GRACE = timedelta(seconds=60)
KEPT_AFTER = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=10)

REUSED = "reuse"

# Asked at every request of a phone, and so put together once.
_CALLER = (
    select(AccessToken.expires_at, Device, Person)
    .join(Device, Device.id == AccessToken.device_id)
    .join(Person, Person.id == AccessToken.person_id)
    .where(AccessToken.sha256 == bindparam("sha256"))
)


@dataclass(frozen=True)
class Caller:
    """A device with the person who uses it."""

    device: Device
    person: Person


@dataclass(frozen=True)
class Issued:
    """What a phone is given: a token to sync with, and one to get the next with."""

    caller: Caller
    access: str
    refresh: str


def require_signed(session: Session, device_id: str, context: bytes, message: str, signature: bytes) -> None:
    """Raise WrongSignIn unless the device's key signed a message."""
    device = session.get(Device, device_id)
    if device is None or not signing.verify(device.public, context, message.encode(), signature):
        raise WrongSignIn


def begin_family(session: Session, device_id: str, person_id: str, now: datetime) -> Issued:
    """Return the first tokens of a new family; raises WrongSignIn for somebody who may not use the device."""
    caller = _caller(session, _locked(session, device_id), person_id)
    _tidy(session, device_id, now)
    about = {"device_id": device_id, "person_id": person_id}
    family = TokenFamily(id=new_id(now), made_at=now, expires_at=now + FAMILY_LASTS, **about)
    session.add(family)
    session.flush()
    first = secrets.token_urlsafe(32)
    session.add(RefreshToken(sha256=sha256_of(first), family_id=family.id, made_at=now))
    return Issued(caller, _access_token(session, family, now), first)


def refresh(session: Session, device_id: str, refresh_token: str, now: datetime) -> Issued | None:
    """Return new tokens for a refresh token of the device; None when it is over, or was used too long ago.

    That its family has ended then belongs to the transaction, so it is the caller who commits and tells.
    Raises WrongSignIn for somebody who may no longer use the device.
    """
    device = _locked(session, device_id)
    presented = session.get(RefreshToken, sha256_of(refresh_token), populate_existing=True)
    family = session.get(TokenFamily, presented.family_id, populate_existing=True) if presented else None
    if presented is None or family is None or family.device_id != device_id or _is_over(family, now):
        return None
    caller = _caller(session, device, family.person_id)
    if presented.used_at is not None and now - presented.used_at > GRACE:
        _end_as_reused(session, family, now)
        return None
    following = successor(family.id, refresh_token)
    if presented.used_at is None:
        presented.used_at = now
        session.add(RefreshToken(sha256=sha256_of(following), family_id=family.id, made_at=now))
    return Issued(caller, _access_token(session, family, now), following)


def successor(family_id: str, refresh_token: str) -> str:
    """Return the one token that may follow another; nobody without the server's secret can work it out."""
    secret = current_app.extensions["dingpan"].settings.secret.encode()
    key = hmac.digest(secret, b"refresh tokens", hashlib.sha256)
    digest = hmac.digest(key, f"refresh\n{family_id}\n{refresh_token}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def end_families(session: Session, device_id: str, why: str, now: datetime, *, but_of: str = "") -> None:
    """End every family of a device that is not over, but those of one person: its tokens are worth nothing any more."""
    _locked(session, device_id)
    alive = select(TokenFamily).where(TokenFamily.device_id == device_id, TokenFamily.ended_at.is_(None))
    for family in session.scalars(alive):
        if family.person_id == but_of:
            continue
        _end(session, family, why, now)


def caller_of_token(session: Session, token: str, now: datetime) -> Caller:
    """Return who a token belongs to; raises TokenExpired, also when its person was suspended meanwhile."""
    found = session.execute(_CALLER, {"sha256": sha256_of(token)}).one_or_none()
    if found is None:
        raise TokenExpired
    expires_at, device, person = found
    if expires_at <= now or person.is_suspended:
        raise TokenExpired
    return Caller(device, person)


def note_seen(device: Device, now: datetime, app: str) -> None:
    """Remember when a device got tokens last, to ten minutes, its app, and when a suspended one was told to wipe.

    Tokens last a quarter of an hour, so a phone that syncs is seen that often, and reading costs no writing.
    """
    if app and app != device.app:
        device.app = app
    if device.is_suspended or device.seen_at is None or now - device.seen_at >= SEEN_EVERY:
        device.seen_at = now
    if device.is_suspended and device.wipe_told_at is None:
        device.wipe_told_at = now


def _locked(session: Session, device_id: str) -> Device:
    """Return the device, to ourselves until the end of the transaction; who only names it need not wait."""
    alone = {"key_share": True}
    return session.get_one(Device, device_id, populate_existing=True, with_for_update=alone)


def _caller(session: Session, device: Device, person_id: str) -> Caller:
    person = session.get(Person, person_id)
    enrolled = session.get(DevicePerson, (device.id, person_id), populate_existing=True)
    if person is None or person.is_suspended or enrolled is None or enrolled.ended_at is not None:
        raise WrongSignIn
    return Caller(device, person)


def _access_token(session: Session, family: TokenFamily, now: datetime) -> str:
    """Add an access token; those of the family that are over go."""
    session.execute(delete(AccessToken).where(AccessToken.family_id == family.id, AccessToken.expires_at <= now))
    token = secrets.token_urlsafe(32)
    about = {"family_id": family.id, "device_id": family.device_id, "person_id": family.person_id}
    session.add(AccessToken(sha256=sha256_of(token), expires_at=now + TOKEN_LASTS, **about))
    return token


def _is_over(family: TokenFamily, now: datetime) -> bool:
    return family.ended_at is not None or family.expires_at <= now


def _end_as_reused(session: Session, family: TokenFamily, now: datetime) -> None:
    _end(session, family, REUSED, now)
    about = ("device", family.device_id)
    administration.record(session, ActKind.TOKEN_REUSED, by=None, about=about, now=now, family=family.id)


def _end(session: Session, family: TokenFamily, why: str, now: datetime) -> None:
    family.ended_at, family.ended_why = now, why
    session.execute(delete(AccessToken).where(AccessToken.family_id == family.id))


def _tidy(session: Session, device_id: str, now: datetime) -> None:
    """Remove the families of a device that have been over for more than a day, with their tokens."""
    before = now - KEPT_AFTER
    over = or_(TokenFamily.expires_at < before, TokenFamily.ended_at < before)
    gone = list(session.scalars(select(TokenFamily.id).where(TokenFamily.device_id == device_id, over)))
    for table in (AccessToken, RefreshToken):
        session.execute(delete(table).where(table.family_id.in_(gone)))
    session.execute(delete(TokenFamily).where(TokenFamily.id.in_(gone)))
