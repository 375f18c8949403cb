"""Invitations that an inspector's phone signed without a network: each opens once, for a day.

The form is ``shared.field_invitation``. Whatever is wrong with one is answered alike, but for its age: whoever holds a
good one that is too old is told to ask for a new one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.service import Person, Role, SignIn
from server.devices import service as devices
from server.devices.service import Device
from server.memberships.members import Invited, hold, let_in, principal_ended_at, take_in
from server.memberships.models import Capacity, FieldInvitation
from server.problems import CodeUsed, InvitationTooOld
from server.registry import service as registry
from shared import field_invitation
from shared.field_invitation import NotAnInvitation

INVITING = (Role.INSPECTOR, Role.SUPERVISOR)


def field_invited(session: Session, text: str, now: datetime) -> field_invitation.FieldInvitation:
    """Return an invitation that is good now, and leave it unused; raises CodeUsed or InvitationTooOld."""
    try:
        read = field_invitation.open_text(text)
    except NotAnInvitation as error:
        raise CodeUsed from error
    invitation = read.invitation
    public = _public_of(session, invitation)
    if public is None or not read.is_signed_by(public) or invitation.is_early(now):
        raise CodeUsed
    ended_at = principal_ended_at(session, invitation.party_id)
    is_before_the_end = ended_at is not None and invitation.made_at <= ended_at
    if is_before_the_end or session.get(FieldInvitation, invitation.nonce.hex()) is not None:
        raise CodeUsed
    if invitation.is_old(now):
        raise InvitationTooOld
    return invitation


def _public_of(session: Session, invitation: field_invitation.FieldInvitation) -> bytes | None:
    """Return the key of the phone, if it and its person may invite this party today."""
    person = session.get(Person, invitation.person_id, populate_existing=True)
    is_theirs = devices.is_of(session, invitation.device_id, invitation.person_id)
    if person is None or not is_theirs or not _may_invite(person):
        return None
    party = registry.party_in(session, accounts.scope_of(person), invitation.party_id)
    return session.get_one(Device, invitation.device_id).public if party is not None else None


def _may_invite(person: Person) -> bool:
    return person.role in INVITING and not person.is_suspended


def accept_field_invitation(
    session: Session, text: str, *, name: str, now: datetime, sign_in: SignIn | None = None
) -> str | None:
    """Accept an invitation, once, as ``accept_invitation`` does; of two who accept at once, one raises CodeUsed.

    It is looked at again once nobody else can change who acts for the party.
    """
    hold(field_invited(session, text, now).party_id)
    invitation = field_invited(session, text, now)
    invited = Invited(invitation.party_id, Capacity.PRINCIPAL)
    person = take_in(session, invited, sign_in, name=name, now=now)
    about = {"party_id": invitation.party_id, "device_id": invitation.device_id, "invited_by": invitation.person_id}
    times = {"made_at": invitation.made_at, "accepted_at": now}
    session.add(FieldInvitation(nonce=invitation.nonce.hex(), accepted_by=person.id, **about, **times))
    try:
        session.flush()
    except IntegrityError as error:
        raise CodeUsed from error
    return let_in(session, person, invitation.party_id, sign_in, now)
