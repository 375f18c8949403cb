"""Somebody of each role, with a cookie and a token as if they had signed in and enrolled a phone."""

from __future__ import annotations

from typing import Any

from server.accounts import service as accounts
from server.accounts.models import Person, Role
from server.clock import new_id, now
from server.database import db
from server.devices import service as devices
from server.devices.models import AccessToken, Device, DevicePerson, TokenFamily
from server.memberships import service as memberships
from tests.server.world import World

OUTSIDE = (Role.MERCHANT, Role.OPERATOR)


def somebody(role: Role, *, unit_id: str | None = None, party_id: str | None = None) -> Person:
    """Add a person of a role: the staff of a unit, or somebody who acts for a party."""
    id_ = new_id(now())
    sign_in_name = None if role in OUTSIDE else f"{role}.{id_[-8:]}"
    person = Person(id=id_, role=role, name=role, unit_id=unit_id, sign_in_name=sign_in_name, approved_at=now())
    person.password_hash = None if role in OUTSIDE else "none that anything fits"
    db.session.add(person)
    db.session.flush()
    if party_id is not None:
        memberships.join(db.session(), person, party_id, memberships.Capacity.PRINCIPAL, granted_by=None, now=now())
    db.session.commit()
    return person


def one_of_each(world: World) -> dict[Role, Person]:
    """Return somebody of each role of the world's bureau, and of its first party; whoever is missing is added."""
    unit = db.session.get_one(Person, world.inspector).unit_id
    known = db.session.query(Person).filter(Person.id != world.stranger)
    found = {Role(person.role): person for person in known}
    for role in set(Role) - set(found):
        is_outside = role in OUTSIDE
        found[role] = somebody(
            role, unit_id=None if is_outside else unit, party_id=world.parties[0] if is_outside else None
        )
    return found


def cookie_of(person: Person, *, is_whole: bool = True) -> str:
    """Return the cookie of a new sign-in; a merchant's opens the pages of the party joined first."""
    parties = memberships.parties_of(db.session(), person)
    about: dict[str, Any] = {"party_id": parties[0] if parties else None, "is_whole": is_whole}
    cookie = accounts.open_sign_in(db.session(), person, now=now(), lasts=accounts.SIGN_IN_LASTS, **about)
    db.session.commit()
    return cookie


def token_of(person: Person) -> str:
    """Return a token as if this person had enrolled a phone; the route of tokens does not ask for the role."""
    device = Device(id=new_id(now()), name="", public=bytes(32), enrolled_at=now())
    db.session.add(device)
    db.session.flush()
    db.session.add(DevicePerson(device_id=device.id, person_id=person.id, enrolled_at=now()))
    return keep_token(f"token of {person.role} {person.id}", device.id, person.id)


def keep_token(token: str, device_id: str, person_id: str) -> str:
    """Let a device and person in with a token of the caller's choice, and return it."""
    lasts = {"made_at": now(), "expires_at": now() + devices.FAMILY_LASTS}
    family = TokenFamily(id=new_id(now()), device_id=device_id, person_id=person_id, **lasts)
    db.session.add(family)
    db.session.flush()
    about = {"family_id": family.id, "device_id": device_id, "person_id": person_id}
    db.session.add(AccessToken(sha256=accounts.sha256_of(token), expires_at=now() + devices.TOKEN_LASTS, **about))
    db.session.commit()
    return token
