"""Numbers are kept encrypted, found by a keyed hash, and opened by nobody without an act."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server import transaction
from server.administration import service as administration
from server.administration.service import Act, ActKind
from server.clock import now
from server.contacts import service as contacts
from server.contacts.models import Contact
from server.database import begin_write, db
from tests.server.conftest import TestClock
from tests.server.world import World

NUMBER, OTHER = "13800138000", "13900139000"


def keep(owner: tuple[str, str], number: str) -> None:
    begin_write()
    contacts.keep_number(db.session(), owner=owner, number=number, now=now())
    transaction.commit(db.session(), now())


def test_a_number_is_found_and_read_and_the_reading_is_an_act(world: World) -> None:
    owner = ("person", world.inspector)
    keep(owner, NUMBER)
    assert contacts.person_of_number(db.session(), " +86 138-0013-8000") == world.inspector
    assert contacts.person_of_number(db.session(), OTHER) is None
    begin_write()
    assert contacts.number_of(db.session(), owner, by=world.supervisor, now=now()) == NUMBER
    transaction.commit(db.session(), now())
    act = db.session.scalars(select(Act)).one()
    assert (act.about_kind, act.about_id) == owner
    assert (act.kind, act.by_person, NUMBER in act.details) == (ActKind.DATA_READ, world.supervisor, False)


def test_nobody_s_number_is_none_and_no_act(world: World) -> None:
    begin_write()
    assert contacts.number_of(db.session(), ("party", world.parties[0]), by=world.supervisor, now=now()) is None
    assert administration.decided(db.session()) == set()


def test_a_new_number_replaces_the_one_before(world: World) -> None:
    keep(("person", world.inspector), OTHER)
    keep(("person", world.inspector), NUMBER)
    assert contacts.person_of_number(db.session(), OTHER) is None
    assert len(list(db.session.scalars(select(Contact)))) == 1


def test_a_number_that_changed_hands_is_whose_it_was_given_by_last(world: World, clock: TestClock) -> None:
    keep(("person", world.inspector), NUMBER)
    clock.move(days=100)
    keep(("person", world.supervisor), NUMBER)
    keep(("party", world.parties[0]), NUMBER)
    assert contacts.person_of_number(db.session(), NUMBER) == world.supervisor


def test_the_row_tells_neither_the_number_nor_its_plain_hash(world: World) -> None:
    keep(("person", world.inspector), NUMBER)
    row = db.session.scalars(select(Contact)).one()
    assert NUMBER.encode() not in row.sealed
    assert row.blind_index == contacts.number_index(NUMBER) != contacts.number_index(OTHER)
    assert (len(row.blind_index), row.key_id) == (64, 1)


@pytest.mark.parametrize(
    "wrong", ["", "1380013800", "138001380000", "12800138000", "021-63211234", "1" * 100, "+1 3800138000"]
)
def test_what_is_no_mobile_number_of_the_mainland_is_refused(sqlite_world: World, wrong: str) -> None:
    with pytest.raises(contacts.NotANumber):
        contacts.number_index(wrong)
