"""Phones: enrolment codes and challenges; tokens, lost phones and what those left stand in files of their own.

A device gets in by signing a fresh challenge of the server with the device key: a phone needs no right clock for it, a
copied request is worthless two minutes later, and the device's public key is all the server keeps.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server import clock
from server.accounts.service import Person, sha256_of
from server.devices.lost import (
    PhoneLine,
    SuspendedWhy,
    devices_within,
    phone_of,
    phones_within,
    restore,
    suspend,
)
from server.devices.models import AccessToken, Device, DevicePerson, EnrolmentCode, QuarantinedOp, TokenFamily
from server.devices.quarantine import put_aside
from server.devices.states import Concern, Standing, ask_again, standings, take_state
from server.devices.tokens import FAMILY_LASTS, TOKEN_LASTS, Caller, caller_of_token, end_families
from server.problems import CodeUsed, WrongSignIn
from shared import signing

__all__ = [
    "FAMILY_LASTS",
    "TOKEN_LASTS",
    "Caller",
    "Concern",
    "Device",
    "DevicePerson",
    "PhoneLine",
    "QuarantinedOp",
    "Standing",
    "SuspendedWhy",
    "ask_again",
    "caller_of_token",
    "devices_within",
    "phone_of",
    "phones_within",
    "put_aside",
    "restore",
    "standings",
    "suspend",
    "take_state",
]

CODE_LASTS = timedelta(minutes=30)
CHALLENGE_LASTS_S = 120


def issue_enrolment_code(session: Session, person: Person, now: datetime) -> str:
    """Return a one-time code with which a phone may be enrolled for a person."""
    code = secrets.token_urlsafe(18)
    session.add(EnrolmentCode(sha256=sha256_of(code), person_id=person.id, expires_at=now + CODE_LASTS))
    return code


def shut_out(session: Session, person_id: str, now: datetime) -> None:
    """End the tokens that somebody's phones hold, and every enrolment code: they begin with a new challenge."""
    unused = update(EnrolmentCode).where(EnrolmentCode.person_id == person_id, EnrolmentCode.used_at.is_(None))
    session.execute(unused.values(used_at=now))
    theirs = update(TokenFamily).where(TokenFamily.person_id == person_id, TokenFamily.ended_at.is_(None))
    session.execute(theirs.values(ended_at=now, ended_why="person"))
    session.execute(delete(AccessToken).where(AccessToken.person_id == person_id))


def enrolment_text(url: str, root_public: bytes, code: str) -> str:
    """Return the JSON text of the enrolment QR: it pins the bureau's root."""
    return json.dumps({"url": url, "root_sha256": hashlib.sha256(root_public).hexdigest(), "code": code})


def enrol(
    session: Session, *, code: str, device_id: str, public: bytes, name: str, signature: bytes, now: datetime
) -> Caller:
    """Register a device (or hand one over to another person) with a code and a proof that it holds its key.

    Raises CodeUsed for a code that is unknown, used or over, and WrongSignIn when the proof or the key does not fit, or
    its person was suspended meanwhile.
    """
    found = session.get(EnrolmentCode, sha256_of(code), with_for_update=True)
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
    session.merge(DevicePerson(device_id=device_id, person_id=found.person_id, enrolled_at=now, ended_at=None))
    session.flush()
    _end_the_others(session, device_id, person.id, now)
    return Caller(device, person)


def _end_the_others(session: Session, device_id: str, person_id: str, now: datetime) -> None:
    """Let a phone be the one person's who took it last."""
    end_families(session, device_id, "handed over", now, but_of=person_id)
    others = (DevicePerson.device_id == device_id, DevicePerson.person_id != person_id, DevicePerson.ended_at.is_(None))
    session.execute(update(DevicePerson).where(*others).values(ended_at=now))


class _Challenges(TimestampSigner):
    """Signs and reads challenges by the clock of the running app."""

    def __init__(self) -> None:
        super().__init__(current_app.secret_key or "", salt="challenge", digest_method=hashlib.sha256)

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def challenge() -> str:
    """Return a text to sign; good for two minutes."""
    return _Challenges().sign(secrets.token_urlsafe(16)).decode()


def require_challenge(challenge: str) -> None:
    """Raise WrongSignIn for a text that is none of our challenges, or is too old."""
    try:
        _Challenges().unsign(challenge, max_age=CHALLENGE_LASTS_S)
    except BadSignature as error:
        raise WrongSignIn from error


def devices_of_ops(session: Session, device_ids: set[str]) -> tuple[dict[str, Device], dict[tuple[str, str], Person]]:
    """Return the named devices, and who signs or signed with which: people by (device, person)."""
    devices = {device.id: device for device in session.scalars(select(Device).where(Device.id.in_(device_ids)))}
    query = select(DevicePerson.device_id, Person).join(Person, Person.id == DevicePerson.person_id)
    enrolled = session.execute(query.where(DevicePerson.device_id.in_(device_ids)))
    return devices, {(device_id, person.id): person for device_id, person in enrolled}


def devices_of(session: Session, person: Person) -> list[Device]:
    """Return the phones that are a person's now, the newest first."""
    query = select(Device).join(DevicePerson, DevicePerson.device_id == Device.id)
    theirs = query.where(DevicePerson.person_id == person.id, DevicePerson.ended_at.is_(None))
    return list(session.scalars(theirs.order_by(Device.enrolled_at.desc())))


def is_of(session: Session, device_id: str, person_id: str) -> bool:
    """Say whether a phone is a person's now, and in use."""
    query = select(DevicePerson.device_id).join(Device, Device.id == DevicePerson.device_id).where(~Device.is_suspended)
    theirs = (DevicePerson.device_id == device_id, DevicePerson.person_id == person_id)
    return session.scalar(query.where(*theirs, DevicePerson.ended_at.is_(None))) is not None


def people_of(session: Session, device_id: str) -> list[str]:
    """Return the ids of those who sign or signed with a device."""
    return list(session.scalars(select(DevicePerson.person_id).where(DevicePerson.device_id == device_id)))
