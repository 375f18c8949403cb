"""The staff of a bureau, looked after in two hands: one administrator enters people, another lets them in.

Each act is a row of the log of acts. Nobody acts upon themselves, and one security administrator at least can always
sign in; both hold too when two of them act at the same moment, because each act locks the rows of all of them first.

Whoever is let in for the first time has passed through both hands. Inviting again takes one, and its link opens an
account as it is: so it leads into no account of the other hands, or one administrator would be two of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts import lockout
from server.accounts.models import Person, Role, StaffInvitation
from server.accounts.second_factor import held
from server.accounts.sign_ins import end_sign_ins, sha256_of
from server.administration import service as administration
from server.administration.service import ActKind
from server.clock import new_id
from server.problems import (
    AlreadyThere,
    CodeUsed,
    LastSecurityAdministrator,
    NotAllowed,
    NotOneself,
    OtherHand,
    OtherState,
)

INVITATION_LASTS = timedelta(hours=72)
OUTSIDE = frozenset({Role.MERCHANT, Role.OPERATOR})
ENTERED = tuple(role for role in Role if role not in OUTSIDE)
OTHER_HANDS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR, Role.AUDITOR})


class PersonState(StrEnum):
    """How far somebody of the staff has come; each has its words in the catalogues under ``person_state.``."""

    ENTERED = "entered"
    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


def state_of(person: Person) -> PersonState:
    """Return how far somebody has come."""
    if person.is_suspended:
        return PersonState.SUSPENDED
    if person.approved_at is None:
        return PersonState.ENTERED
    return PersonState.ACTIVE if person.password_hash else PersonState.INVITED


def is_other_hand(person: Person) -> bool:
    """Say whether somebody's role keeps the security administrators in check: it enters people, or reads the acts."""
    return person.role in OTHER_HANDS


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """What a system administrator enters of somebody."""

    name: str
    unit_id: str
    role: Role
    sign_in_name: str
    card_no: str
    card_until: date | None


def enter(session: Session, new: NewPerson, *, by: Person, now: datetime) -> Person:
    """Add somebody whom a security administrator may then let in; raises AlreadyThere for a name that is taken."""
    if session.scalar(select(Person.id).where(Person.sign_in_name == new.sign_in_name)):
        raise AlreadyThere(what=new.sign_in_name)
    person = Person(id=new_id(now), **vars(new))
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else was quicker with the same name
        raise AlreadyThere(what=new.sign_in_name) from error
    _record(session, ActKind.PERSON_ENTERED, person, by, now, role=new.role.value)
    return person


def renew_card(
    session: Session, person: Person, *, card_no: str, card_until: date | None, by: Person, now: datetime
) -> None:
    """Write down the enforcement card that somebody has now."""
    found = _held(session, person, by)
    found.card_no, found.card_until = card_no, card_until
    _record(session, ActKind.CARD_RENEWED, found, by, now, until=str(card_until or ""))


def approve(session: Session, person: Person, *, by: Person, now: datetime) -> str:
    """Let in somebody who was entered, and return the secret of a one-time link; raises OtherState."""
    found = _held(session, person, by)
    if found.approved_at is not None or found.is_suspended:
        raise OtherState
    found.approved_at = now
    _record(session, ActKind.PERSON_APPROVED, found, by, now)
    return issue_link(session, found, by=by.id, now=now)


def invite_again(session: Session, person: Person, *, by: Person, now: datetime) -> str:
    """Take away password, second factor and sign-ins, and return the secret of a new link.

    Raises OtherState, and OtherHand for somebody whom only ``begin_anew`` lets in again.
    """
    found = _held(session, person, by)
    if is_other_hand(found):
        raise OtherHand
    if found.approved_at is None or found.is_suspended:
        raise OtherState
    _spare_the_last(session, found)
    return begin_anew(session, found, by=by.id, now=now)


def begin_anew(session: Session, person: Person, *, by: str | None, now: datetime) -> str:
    """Do the same without asking who may; ``by`` None: the program itself."""
    person.password_hash = person.totp_sealed = None
    if person.approved_at is None:
        person.approved_at = now
        administration.record(session, ActKind.PERSON_APPROVED, by=by, about=("person", person.id), now=now)
    end_sign_ins(session, person.id)
    lockout.forgive(session, person.sign_in_name or "")
    about = ("person", person.id)
    administration.record(session, ActKind.INVITED_AGAIN, by=by, about=about, now=now)
    return issue_link(session, person, by=by, now=now)


def issue_link(session: Session, person: Person, *, by: str | None, now: datetime) -> str:
    """Return the secret of a one-time link; links of before are worth nothing from now on."""
    older = update(StaffInvitation).where(StaffInvitation.person_id == person.id, StaffInvitation.used_at.is_(None))
    session.execute(older.values(used_at=now))
    secret = secrets.token_urlsafe(24)
    about = {"person_id": person.id, "made_by": by, "expires_at": now + INVITATION_LASTS}
    session.add(StaffInvitation(sha256=sha256_of(secret), **about))
    return secret


def invited_person(session: Session, secret: str, now: datetime, *, hold: bool = False) -> Person:
    """Return who a link is for, and leave it unused; raises CodeUsed. ``hold`` locks it to be used."""
    found = session.get(StaffInvitation, sha256_of(secret), with_for_update=hold, populate_existing=hold)
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    person = held(session, found.person_id) if hold else session.get_one(Person, found.person_id)
    if person.is_suspended or person.password_hash is not None:
        raise CodeUsed
    return person


def join_staff(session: Session, secret: str, *, password_hash: str, now: datetime) -> Person:
    """Let somebody in by a link, with the password they chose; raises CodeUsed."""
    person = invited_person(session, secret, now, hold=True)
    session.get_one(StaffInvitation, sha256_of(secret)).used_at = now
    person.password_hash = password_hash
    _record(session, ActKind.PERSON_JOINED, person, person, now)
    return person


def suspend(session: Session, person: Person, *, by: Person, now: datetime) -> None:
    """Shut somebody out at once: no sign-in, no phone; raises LastSecurityAdministrator."""
    found = _held(session, person, by)
    if found.is_suspended:
        return
    _spare_the_last(session, found)
    found.is_suspended = True
    _record(session, ActKind.PERSON_SUSPENDED, found, by, now, sign_ins=end_sign_ins(session, found.id))


def restore(session: Session, person: Person, *, by: Person, now: datetime) -> None:
    """Let somebody in again who was suspended."""
    found = _held(session, person, by)
    if found.is_suspended:
        found.is_suspended = False
        _record(session, ActKind.PERSON_RESTORED, found, by, now)


def end_all_sign_ins(session: Session, person: Person, *, by: Person, now: datetime) -> None:
    """End every sign-in of somebody."""
    found = _held(session, person, by)
    _record(session, ActKind.SIGN_INS_ENDED, found, by, now, sign_ins=end_sign_ins(session, found.id))


def unlock(session: Session, person: Person, *, by: Person, now: datetime) -> None:
    """Open a name again that too many failures closed."""
    found = _held(session, person, by)
    lockout.forgive(session, found.sign_in_name or "")
    _record(session, ActKind.UNLOCKED, found, by, now)


def _held(session: Session, person: Person, by: Person) -> Person:
    """Return a person as committed last, locked, and see that whoever acts is still let in and somebody else."""
    if person.id == by.id:
        raise NotOneself
    query = (
        select(Person)
        .where(Person.role == Role.SECURITY_ADMINISTRATOR)
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
    session.execute(query.execution_options(populate_existing=True)).scalars().all()
    found = held(session, person.id)
    session.refresh(by)
    if by.is_suspended or (by.password_hash is None and by.role == Role.SECURITY_ADMINISTRATOR):
        raise NotAllowed
    return found


def _spare_the_last(session: Session, person: Person) -> None:
    """Raise LastSecurityAdministrator when nobody else could let people in; their rows are locked."""
    if person.role != Role.SECURITY_ADMINISTRATOR or person.is_suspended or person.password_hash is None:
        return
    others = select(Person.id).where(Person.role == Role.SECURITY_ADMINISTRATOR, Person.id != person.id)
    able = others.where(~Person.is_suspended, Person.password_hash.is_not(None), Person.approved_at.is_not(None))
    if session.scalar(able.limit(1)) is None:
        raise LastSecurityAdministrator


def _record(session: Session, kind: ActKind, person: Person, by: Person, now: datetime, **details: str | int) -> None:
    administration.record(session, kind, by=by.id, about=("person", person.id), now=now, **details)
