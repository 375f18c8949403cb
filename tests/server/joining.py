"""Ways into the merchants' pages for tests: invitations, delegations, places that somebody operates."""

from __future__ import annotations

import re

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.memberships.models import Membership
from server.registry.models import Place
from tests.server.pages import Visitor, visitor
from tests.server.test_pages_merchant import invitation
from tests.server.world import World

LINK = re.compile(r"/m/i/[\w-]+")


def accept(person: Visitor, path: str, **fields: str) -> str:
    """Open an invitation a second after the last one, accept it, and return where it leads."""
    person.client.application.extensions["dingpan"].clock.move(seconds=1)
    person.get(path)
    answer = person.post(path, **fields)
    assert answer.status_code == 303, answer.text
    person.get(str(answer.location))
    return str(answer.location)


def with_two_stalls(world: World) -> Visitor:
    """Return the browser of a merchant who has accepted the invitations of both parties."""
    person = visitor(world)
    for number in (0, 1):
        accept(person, invitation(world, number))
    return person


def delegation(person: Visitor) -> str:
    """Let a merchant make a link for somebody, and return its path."""
    person.get("/m/people")
    found = LINK.search(person.post("/m/people").text)
    assert found is not None
    return found[0]


def delegate_of(world: World, person: Visitor, name: str = "周小某") -> Visitor:
    """Return the browser of somebody who has accepted to act for a merchant."""
    helper = visitor(world)
    accept(helper, delegation(person), name=name)
    return helper


def operate(world: World, place_id: str, party: int = 0) -> None:
    """Let a party operate a place."""
    begin_write()
    db.session().get_one(Place, place_id).operator_id = world.parties[party]
    transaction.commit(db.session(), now())


def memberships_of(party_id: str) -> list[Membership]:
    """Every membership of a party, ended or not, in order."""
    db.session.rollback()
    return list(db.session.query(Membership).filter_by(party_id=party_id).order_by(Membership.made_at, Membership.id))
