"""Who is asking: passwords, cookies, enrolment codes, devices and their tokens, merchants' invitations.

A device token is got by signing a fresh challenge of the server with the device key: a phone needs no right clock for
it, a copied request is worthless two minutes later, and the device's public key is all the server keeps.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import (
    AccessToken,
    Device,
    DevicePerson,
    EnrolmentCode,
    Invitation,
    Person,
    Role,
    SignIn,
    Unit,
    UnitRegion,
)
from server.accounts.scope import Scope
from server.clock import new_id
from server.problems import CodeUsed, DeviceSuspended, TokenExpired, WrongSignIn
from shared import signing

__all__ = ["Device", "Person", "Role", "Scope", "Unit"]

SIGN_IN_LASTS = timedelta(hours=12)
MERCHANT_SIGN_IN_LASTS = timedelta(days=30)
TOKEN_LASTS = timedelta(minutes=15)
CODE_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=7)
CHALLENGE_LASTS_S = 120

_hasher = PasswordHasher()


@dataclass(frozen=True)
class Caller:
    """A device with the person who uses it."""

    device: Device
    person: Person


def _sha256(secret: str) -> str:
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


def open_sign_in(session: Session, person: Person, *, now: datetime, lasts: timedelta) -> str:
    """Add a sign-in for a person and return its cookie."""
    cookie = secrets.token_urlsafe(32)
    session.add(SignIn(sha256=_sha256(cookie), person_id=person.id, made_at=now, expires_at=now + lasts))
    return cookie


def person_of_cookie(session: Session, cookie: str, now: datetime) -> Person | None:
    """Return who a cookie belongs to; None when it is unknown, over, or its owner is suspended."""
    found = session.get(SignIn, _sha256(cookie))
    if found is None or found.expires_at <= now or found.person.is_suspended:
        return None
    return found.person


def sign_out(session: Session, cookie: str) -> None:
    """End a sign-in."""
    found = session.get(SignIn, _sha256(cookie))
    if found is not None:
        session.delete(found)


def issue_enrolment_code(session: Session, person: Person, now: datetime) -> str:
    """Return a one-time code with which a phone may be enrolled for a person."""
    code = secrets.token_urlsafe(18)
    session.add(EnrolmentCode(sha256=_sha256(code), person_id=person.id, expires_at=now + CODE_LASTS))
    return code


def enrolment_text(url: str, root_public: bytes, code: str) -> str:
    """Return the JSON text of the enrolment QR: it pins the bureau's root."""
    return json.dumps({"url": url, "root_sha256": hashlib.sha256(root_public).hexdigest(), "code": code})


def enrol(
    session: Session, *, code: str, device_id: str, public: bytes, name: str, signature: bytes, now: datetime
) -> Caller:
    """Register a device (or add a person to one) with a code and a proof that it holds its key.

    Raises CodeUsed for a code that is unknown, used or over, and WrongSignIn when the proof or the key does not fit, or
    its person was suspended meanwhile.
    """
    found = session.get(EnrolmentCode, _sha256(code), with_for_update=True)
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    if not signing.verify(public, signing.ENROL, f"{code}\n{device_id}\n".encode(), signature):
        raise WrongSignIn
    person = session.get_one(Person, found.person_id)
    if person.is_suspended:
        raise WrongSignIn
    device = session.get(Device, device_id)
    if device is None:
        device = Device(id=device_id, name=name, public=public, enrolled_at=now)
        session.add(device)
    elif device.public != public:
        raise WrongSignIn
    found.used_at = now
    session.merge(DevicePerson(device_id=device_id, person_id=found.person_id, enrolled_at=now))
    return Caller(device, person)


class _Challenges(TimestampSigner):
    """Signs and reads challenges by the clock of the running app."""

    def __init__(self) -> None:
        super().__init__(current_app.secret_key or "", salt="challenge")

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def challenge() -> str:
    """Return a text to sign; good for two minutes."""
    return _Challenges().sign(secrets.token_urlsafe(16)).decode()


def issue_token(
    session: Session, *, device_id: str, person_id: str, challenge: str, signature: bytes, now: datetime
) -> str:
    """Return an access token for a device and one of its people; raises WrongSignIn or DeviceSuspended."""
    try:
        _Challenges().unsign(challenge, max_age=CHALLENGE_LASTS_S)
    except BadSignature as error:
        raise WrongSignIn from error
    device = session.get(Device, device_id)
    message = f"{device_id}\n{person_id}\n{challenge}\n".encode()
    if device is None or not signing.verify(device.public, signing.TOKEN, message, signature):
        raise WrongSignIn
    person = session.get(Person, person_id)
    if person is None or person.is_suspended or session.get(DevicePerson, (device_id, person_id)) is None:
        raise WrongSignIn
    if device.is_suspended:
        raise DeviceSuspended
    token = secrets.token_urlsafe(32)
    session.add(
        AccessToken(sha256=_sha256(token), device_id=device_id, person_id=person_id, expires_at=now + TOKEN_LASTS)
    )
    return token


def caller_of_token(session: Session, token: str, now: datetime) -> Caller:
    """Return who a token belongs to; raises TokenExpired, also when its person was suspended meanwhile."""
    found = session.get(AccessToken, _sha256(token))
    if found is None or found.expires_at <= now:
        raise TokenExpired
    person = session.get_one(Person, found.person_id)
    if person.is_suspended:
        raise TokenExpired
    return Caller(session.get_one(Device, found.device_id), person)


def devices_of_ops(session: Session, device_ids: set[str]) -> tuple[dict[str, Device], dict[tuple[str, str], Person]]:
    """Return the named devices, and who may sign with which: people by (device, person)."""
    devices = {device.id: device for device in session.scalars(select(Device).where(Device.id.in_(device_ids)))}
    query = select(DevicePerson.device_id, Person).join(Person, Person.id == DevicePerson.person_id)
    enrolled = session.execute(query.where(DevicePerson.device_id.in_(device_ids)))
    return devices, {(device_id, person.id): person for device_id, person in enrolled}


def issue_invitation(session: Session, party_id: str, now: datetime) -> str:
    """Return the secret of a one-time link for a merchant."""
    secret = secrets.token_urlsafe(24)
    session.add(Invitation(sha256=_sha256(secret), party_id=party_id, expires_at=now + INVITATION_LASTS))
    return secret


def invited_party(session: Session, secret: str, now: datetime) -> str:
    """Return the id of the party that an invitation is for, and leave it unused; raises CodeUsed."""
    found = session.get(Invitation, _sha256(secret))
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    return found.party_id


def accept_invitation(session: Session, secret: str, *, name: str, now: datetime) -> str:
    """Return the cookie of a merchant who opened an invitation; it is accepted once. Raises CodeUsed."""
    found = session.get(Invitation, _sha256(secret), with_for_update=True)
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    found.used_at = now
    person = session.scalar(
        select(Person).where(Person.party_id == found.party_id, Person.role == Role.MERCHANT)
    ) or Person(id=new_id(now), role=Role.MERCHANT, name=name, party_id=found.party_id)
    session.add(person)
    return open_sign_in(session, person, now=now, lasts=MERCHANT_SIGN_IN_LASTS)


def scope_of(person: Person) -> Scope:
    """Return the regions a person's unit is responsible for; none for a merchant."""
    return Scope(tuple(row.region for row in person.unit.regions)) if person.unit else Scope(())


def colleagues(session: Session, person: Person) -> list[Person]:
    """Return the people of a person's unit who may take part in a visit, in order of name."""
    roles = (Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR)
    query = select(Person).where(Person.unit_id == person.unit_id, Person.role.in_(roles), ~Person.is_suspended)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def people_within(session: Session, scope: Scope) -> list[Person]:
    """Return the staff whose unit is responsible for a region of a scope, in order of name."""
    units = select(UnitRegion.unit_id).where(scope.of(UnitRegion.region))
    query = select(Person).where(Person.unit_id.in_(units), Person.role != Role.MERCHANT, ~Person.is_suspended)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def names_of(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of some people."""
    wanted = {id_ for id_ in ids if id_}
    found: dict[str | None, str] = {}
    for id_, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))):
        found[id_] = name
    return found


def devices_of(session: Session, person: Person) -> list[Device]:
    """Return the phones a person may sign with, the newest first."""
    query = select(Device).join(DevicePerson, DevicePerson.device_id == Device.id)
    return list(session.scalars(query.where(DevicePerson.person_id == person.id).order_by(Device.enrolled_at.desc())))
