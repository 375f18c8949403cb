"""One-time links to a party's pages: the bureau's to a merchant, and a merchant's to somebody who acts for it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.accounts.service import SignIn, sha256_of
from server.memberships.members import Invited, current, hold, is_principal, let_in, take_in
from server.memberships.models import Capacity, Invitation, Membership
from server.problems import CodeUsed

INVITATION_LASTS = timedelta(days=7)
DELEGATION_LASTS = timedelta(hours=24)


def issue_invitation(session: Session, party_id: str, now: datetime) -> str:
    """Return the secret of a one-time link for a merchant."""
    return _issue(session, Invited(party_id, Capacity.PRINCIPAL), now + INVITATION_LASTS)


def issue_delegation(session: Session, membership: Membership, now: datetime) -> str:
    """Return the secret of a one-time link with which a principal lets somebody act for the party."""
    invited = Invited(membership.party_id, Capacity.DELEGATE, membership.person_id)
    return _issue(session, invited, now + DELEGATION_LASTS)


def _issue(session: Session, invited: Invited, expires_at: datetime) -> str:
    secret = secrets.token_urlsafe(24)
    session.add(Invitation(sha256=sha256_of(secret), expires_at=expires_at, **vars(invited)))
    return secret


def invited(session: Session, secret: str, now: datetime) -> Invited:
    """Return what an invitation is for, and leave it unused; raises CodeUsed."""
    found = session.get(Invitation, sha256_of(secret))
    return _sound(session, found, now)


def _sound(session: Session, found: Invitation | None, now: datetime) -> Invited:
    """Raise CodeUsed unless it is good now; a delegation is worth what whoever made it still is."""
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise CodeUsed
    granted_by = found.granted_by
    if granted_by is not None and not is_principal(current(session, granted_by, found.party_id)):
        raise CodeUsed
    return Invited(found.party_id, found.capacity, granted_by)


def accept_invitation(
    session: Session, secret: str, *, name: str, now: datetime, sign_in: SignIn | None = None
) -> str | None:
    """Accept an invitation, once; raises CodeUsed. Returns a new sign-in's cookie, or None: ``sign_in`` goes on."""
    found = session.get(Invitation, sha256_of(secret), with_for_update=True)
    if found is None:
        raise CodeUsed
    hold(found.party_id)
    invited = _sound(session, found, now)
    found.used_at = now
    person = take_in(session, invited, sign_in, name=name, now=now)
    return let_in(session, person, invited.party_id, sign_in, now)
