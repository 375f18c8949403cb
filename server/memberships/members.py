"""Who acts for a party: joining, ending, and what anybody may be asked about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, union, update
from sqlalchemy.orm import Session

from server.accounts.service import Person, Role, Scope, SignIn, open_sign_in, staff_within
from server.administration import service as administration
from server.administration.service import ActKind
from server.clock import new_id
from server.contacts import service as contacts
from server.database import lock_name
from server.memberships.models import Capacity, Invitation, Membership
from server.registry import service as registry

SIGN_IN_LASTS = timedelta(days=30)
OUTSIDE = (Role.MERCHANT, Role.OPERATOR)


@dataclass(frozen=True)
class Invited:
    """What an invitation lets somebody do; ``granted_by`` as in ``Membership``."""

    party_id: str
    capacity: str
    granted_by: str | None = None

    @property
    def is_delegation(self) -> bool:
        """Whether it is a merchant's, to somebody who is to act for it."""
        return self.capacity == Capacity.DELEGATE


@dataclass(frozen=True)
class Member:
    """Somebody who acts for a party now."""

    membership: Membership
    person: Person

    @property
    def is_principal(self) -> bool:
        """Whether it is the merchant itself."""
        return self.membership.capacity == Capacity.PRINCIPAL


def is_principal(membership: Membership | None) -> bool:
    """Say whether a membership is the merchant's own."""
    return membership is not None and membership.capacity == Capacity.PRINCIPAL


def hold(party_id: str) -> None:
    """Let nobody else join or end at a party until the end of the transaction."""
    lock_name(f"members of {party_id}")


def principal_of(session: Session, party_id: str) -> Person | None:
    """Return who acts for a party in its own name; None when nobody has accepted an invitation yet."""
    return next((one.person for one in members_of(session, party_id) if one.is_principal), None)


def members_of(session: Session, party_id: str) -> list[Member]:
    """Return who acts for a party now: principals before delegates, the first joined first."""
    query = select(Membership, Person).join(Person, Person.id == Membership.person_id)
    query = query.where(Membership.party_id == party_id, Membership.ended_at.is_(None))
    found = [Member(*row) for row in session.execute(query.order_by(Membership.made_at, Membership.id))]
    return sorted(found, key=lambda one: not one.is_principal)


def current(session: Session, person_id: str, party_id: str | None) -> Membership | None:
    """Return in which capacity somebody acts for a party now; None when in none."""
    query = select(Membership).where(Membership.person_id == person_id, Membership.party_id == party_id)
    found = session.scalars(query.where(Membership.ended_at.is_(None)).order_by(Membership.made_at, Membership.id))
    return min(found, key=lambda one: not is_principal(one), default=None)


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
    return list(dict.fromkeys(session.scalars(query.order_by(Membership.made_at, Membership.id))))


def everybody_within(scope: Scope) -> Select[str]:
    """Return the query for the ids of the staff of a scope and of whoever acts, or acted, for a party of it."""
    outside = select(Membership.person_id).where(Membership.party_id.in_(registry.parties_within(scope)))
    return select(union(staff_within(scope), outside).subquery().c[0])


def memberships_of(session: Session, person_id: str) -> list[Membership]:
    """Return in which capacities somebody acts for parties now."""
    query = select(Membership).where(Membership.person_id == person_id, Membership.ended_at.is_(None))
    return list(session.scalars(query.order_by(Membership.party_id, Membership.id)))


def member_in(session: Session, party_id: str, membership_id: str) -> Membership | None:
    """Return a current membership of a party by its id."""
    found = session.get(Membership, membership_id, with_for_update=True)
    return found if found is not None and found.party_id == party_id and found.ended_at is None else None


def end(session: Session, membership: Membership, *, by: str, now: datetime) -> None:
    """End that somebody acts for a party, at once; with a principal goes whom they let in, and every link not yet used.

    Nothing is asked of the sign-ins: each request asks for the membership.
    """
    is_own = Membership.person_id == membership.person_id
    if is_principal(membership):
        open_links = update(Invitation).where(Invitation.party_id == membership.party_id, Invitation.used_at.is_(None))
        session.execute(open_links.where(Invitation.expires_at > now).values(expires_at=now))
        is_own |= Membership.granted_by == membership.person_id
    hold(membership.party_id)
    query = select(Membership).where(Membership.party_id == membership.party_id, Membership.ended_at.is_(None))
    _end(session, session.scalars(query.where(is_own)).all(), by=by, now=now)


def principal_ended_at(session: Session, party_id: str) -> datetime | None:
    """Return when the bureau last ended that somebody acts for a party in its own name; None when it never did."""
    query = select(func.max(Membership.ended_at)).where(Membership.party_id == party_id)
    return session.scalar(query.where(Membership.capacity == Capacity.PRINCIPAL))


def _end(session: Session, ended: Iterable[Membership], *, by: str, now: datetime) -> None:
    for one in ended:
        one.ended_at = now
        details = {"person": one.person_id, "capacity": one.capacity}
        about = ("party", one.party_id)
        administration.record(session, ActKind.MEMBER_ENDED, by=by, about=about, now=now, **details)


def take_in(session: Session, invited: Invited, sign_in: SignIn | None, *, name: str, now: datetime) -> Person:
    """Let whoever is signed in, else the party's principal, else somebody new act for a party."""
    person = sign_in.person if sign_in else None
    if person is None and not invited.is_delegation:
        person = _only_here(session, principal_of(session, invited.party_id))
    if person is None:
        person = Person(id=new_id(now), role=Role.MERCHANT, name=name, approved_at=now)
        session.add(person)
        session.flush()
    if registry.places_of_operator(session, invited.party_id):
        person.role = Role.OPERATOR
    _join_once(session, person, invited, now)
    return person


def _only_here(session: Session, principal: Person | None) -> Person | None:
    """Return a principal who acts for one party alone: a link for one stall opens nobody's other stalls."""
    return principal if principal is not None and len(parties_of(session, principal)) == 1 else None


def _join_once(session: Session, person: Person, invited: Invited, now: datetime) -> None:
    """Add a membership, unless there is one that is as good; a delegate who is invited itself becomes a principal."""
    known = current(session, person.id, invited.party_id)
    if known is not None and (invited.is_delegation or is_principal(known)):
        _joined(session, person, invited, now, again=1)
        return
    if known is not None:
        known.ended_at = now
    join(session, person, invited.party_id, invited.capacity, granted_by=invited.granted_by, now=now)
    _joined(session, person, invited, now)


def _joined(session: Session, person: Person, invited: Invited, now: datetime, **more: int) -> None:
    """Record that somebody came in by an invitation; ``again`` where they acted for the party before."""
    details: dict[str, str | int] = {"person": person.id, "capacity": str(invited.capacity)}
    about = ("party", invited.party_id)
    administration.record(session, ActKind.MEMBER_JOINED, by=person.id, about=about, now=now, **details, **more)


def let_in(session: Session, person: Person, party_id: str | None, sign_in: SignIn | None, now: datetime) -> str | None:
    """Open a party's pages in a sign-in that is there; else return the cookie of a new one."""
    if sign_in is None:
        return open_sign_in(session, person, now=now, lasts=SIGN_IN_LASTS, party_id=party_id)
    sign_in.party_id = party_id
    return None


def person_of_number(session: Session, number: str) -> Person | None:
    """Return the merchant or operator whose number it is; None when nobody's, the staff's, or a suspended one's."""
    found = contacts.person_of_number(session, number)
    person = session.get(Person, found) if found else None
    return person if person is not None and person.role in OUTSIDE and not person.is_suspended else None
