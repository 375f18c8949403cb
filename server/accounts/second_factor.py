"""The second factor: codes of an authenticator app.

Source: RFC 6238 with SHA-1, six digits and thirty seconds, which every authenticator understands. A code counts one
step before and after its own (5.2), and none twice. The secret is kept encrypted, bound to its person.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Person, Role
from server.privacy import NoSuchKey, open_text, seal_text

ISSUER = "Dingpan"
STEP_S = 30
WINDOW = 1
ROLES = frozenset(
    {
        Role.SUPERVISOR,
        Role.AUDITOR,
        Role.SYSTEM_ADMINISTRATOR,
        Role.SECURITY_ADMINISTRATOR,
        Role.AUDIT_ADMINISTRATOR,
    }
)


def needs(person: Person) -> bool:
    """Say whether somebody of this role signs in with a second factor."""
    return person.role in ROLES


def new_secret() -> str:
    """Return a fresh secret, in base32."""
    return pyotp.random_base32()


def uri(person: Person, secret: str) -> str:
    """Return what an authenticator reads from a QR."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.sign_in_name or person.name, issuer_name=ISSUER)


def groups(secret: str) -> str:
    """Write a secret so that somebody can type it.

    >>> groups("JBSWY3DPEHPK3PXP")
    'JBSW Y3DP EHPK 3PXP'
    """
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step whose code was typed, later than one used before; None when no step has it."""
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP_S
    clock = pyotp.TOTP(secret)
    for step in range(present - WINDOW, present + WINDOW + 1):
        if hmac.compare_digest(clock.generate_otp(step).encode(), typed.encode()) and step > after:
            return step
    return None


def accept(session: Session, person_id: str, code: str, now: datetime) -> bool:
    """Say whether a code is right, and let it never be right again. Locks the person's row."""
    person = held(session, person_id)
    if person.totp_sealed is None:
        return False
    step = step_of(open_text(_key(), person.totp_sealed, row_id=person.id), code, now, after=person.totp_step)
    person.totp_step = step or person.totp_step
    return step is not None


def enrol(session: Session, person_id: str, secret: str, code: str, now: datetime) -> bool:
    """Keep a secret once its first code is right; somebody who has one keeps that one."""
    person = held(session, person_id)
    step = step_of(secret, code, now, after=0)
    if person.totp_sealed is not None or step is None:
        return False
    keep(person, secret, step)
    return True


def keep(person: Person, secret: str, step: int) -> None:
    """Give somebody a secret; codes up to ``step`` are used."""
    person.totp_sealed, person.totp_step = seal_text(_key(), secret, row_id=person.id), step


def held(session: Session, person_id: str) -> Person:
    """Return a person as committed last, and let nobody else change the row until we commit."""
    query = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def hide(secret: str, sign_in_id: str) -> str:
    """Return a secret that is not confirmed yet, as it travels in the form of one sign-in."""
    return base64.urlsafe_b64encode(seal_text(_key(), secret, row_id=sign_in_id)).decode()


def unhide(hidden: str, sign_in_id: str) -> str | None:
    """Return the secret of a form; None when the form was made for another sign-in or changed."""
    try:
        return open_text(_key(), base64.urlsafe_b64decode(hidden.encode()), row_id=sign_in_id)
    except (InvalidTag, NoSuchKey, binascii.Error, ValueError):
        return None


def _key() -> bytes:
    key: bytes = current_app.extensions["dingpan"].settings.data_key
    return key
