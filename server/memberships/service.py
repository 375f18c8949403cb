"""Who acts for which party: invitations, and the stalls somebody may open."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Person, Role, open_sign_in, sha256_of
from server.clock import new_id
from server.memberships.models import Capacity, Invitation, Membership
from server.problems import CodeUsed

__all__ = ["Capacity", "Membership"]

SIGN_IN_LASTS = timedelta(days=30)
INVITATION_LASTS = timedelta(days=7)


def issue_invitation(session: Session, party_id: str, now: datetime) -> str:
    """Return the secret of a one-time link for a merchant."""
    secret = secrets.token_urlsafe(24)
    session.add(Invitation(sha256=sha256_of(secret), party_id=party_id, expires_at=now + INVITATION_LASTS))
    return secret


def invited_party(session: Session, secret: str, now: datetime) -> str:
    """Return the id of the party that an invitation is for, and leave it unused; raises CodeUsed."""
    found = session.get(Invitation, sha256_of(secret))
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    return found.party_id


def accept_invitation(session: Session, secret: str, *, name: str, now: datetime) -> str:
    """Return the cookie of a merchant who opened an invitation; it is accepted once. Raises CodeUsed."""
    found = session.get(Invitation, sha256_of(secret), with_for_update=True)
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    found.used_at = now
    person = principal_of(session, found.party_id)
    if person is None:
        person = Person(id=new_id(now), role=Role.MERCHANT, name=name, approved_at=now)
        session.add(person)
        session.flush()
        join(session, person, found.party_id, found.capacity, granted_by=found.granted_by, now=now)
    return open_sign_in(session, person, now=now, lasts=SIGN_IN_LASTS, party_id=found.party_id)


def principal_of(session: Session, party_id: str) -> Person | None:
    """Return who acts for a party in its own name; None when nobody has accepted an invitation yet."""
    query = select(Person).join(Membership, Membership.person_id == Person.id)
    query = query.where(Membership.party_id == party_id, Membership.ended_at.is_(None))
    return session.scalar(query.where(Membership.capacity == Capacity.PRINCIPAL).order_by(Membership.made_at))


def join(
    session: Session, person: Person, party_id: str, capacity: str, *, granted_by: str | None, now: datetime
) -> Membership:
    """Let somebody act for a party from now on."""
    about = {"person_id": person.id, "party_id": party_id, "capacity": capacity, "granted_by": granted_by}
    membership = Membership(id=new_id(now), made_at=now, **about)
    session.add(membership)
    return membership


def parties_of(session: Session, person: Person) -> list[str]:
    """Return the ids of the parties that somebody acts for, the first joined first."""
    query = select(Membership.party_id).where(Membership.person_id == person.id, Membership.ended_at.is_(None))
    return list(session.scalars(query.order_by(Membership.made_at, Membership.id)))
