"""Inviting again is one hand alone: it opens no account of those who enter people, or read what was done to them."""

from __future__ import annotations

import pytest

from server import transaction
from server.accounts import staff
from server.accounts.models import Person, Role, SignIn, StaffInvitation
from server.clock import now
from server.database import begin_write, db
from server.problems import OtherHand
from tests.server.pages import visitor, words
from tests.server.people import cookie_of, one_of_each
from tests.server.test_people import LINK, desk_of, kinds, with_passwords
from tests.server.world import World

CHECKING = (Role.SYSTEM_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR, Role.AUDITOR)
WORKING = (Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR)


@pytest.mark.parametrize("role", CHECKING)
def test_a_security_administrator_gets_no_link_into_another_hand(world: World, role: Role) -> None:
    people = with_passwords(one_of_each(world))
    person, kept = people[role], people[role].password_hash
    cookie_of(person)
    security = desk_of(world, people[Role.SECURITY_ADMINISTRATOR])
    path = f"/console/people/{person.id}"
    page = security.get(path)
    assert f'action="{path}/invite-again"' not in page.text
    assert f"dingpan people invite --name {person.sign_in_name}" in words(page)
    answer = security.post(f"{path}/invite-again")
    assert answer.status_code == 403
    assert LINK.search(answer.text) is None
    assert "dingpan people invite" in words(answer)
    found = db.session.get_one(Person, person.id, populate_existing=True)
    assert found.password_hash == kept, "nothing was taken away"
    assert db.session.query(SignIn).filter_by(person_id=person.id).count() == 1
    assert (db.session.query(StaffInvitation).count(), kinds()) == (0, [])


@pytest.mark.parametrize("role", WORKING)
def test_whoever_works_in_the_field_is_offered_a_link(sqlite_world: World, role: Role) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    security, path = desk_of(sqlite_world, people[Role.SECURITY_ADMINISTRATOR]), f"/console/people/{people[role].id}"
    page = security.get(path)
    assert f'action="{path}/invite-again"' in page.text
    assert "dingpan people invite" not in words(page)
    assert LINK.search(security.post(f"{path}/invite-again").text) is not None


@pytest.mark.parametrize("act", ["suspend", "end-sign-ins", "unlock"])
def test_what_gives_no_link_stays_with_the_security_administrator(sqlite_world: World, act: str) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    security = desk_of(sqlite_world, people[Role.SECURITY_ADMINISTRATOR])
    for role in CHECKING:
        assert security.post(f"/console/people/{people[role].id}/{act}").status_code == 303, role


def test_the_rule_holds_for_the_role_as_it_was_committed_last(sqlite_world: World) -> None:
    """A page that was opened before the role changed is of no use."""
    people = with_passwords(one_of_each(sqlite_world))
    stale = people[Role.SUPERVISOR]
    db.session.execute(db.update(Person).where(Person.id == stale.id).values(role=Role.AUDITOR))
    db.session.commit()
    begin_write()
    with pytest.raises(OtherHand):
        staff.invite_again(db.session(), stale, by=people[Role.SECURITY_ADMINISTRATOR], now=now())


def test_every_role_of_the_staff_is_of_one_hand_or_may_be_invited_again() -> None:
    assert set(CHECKING) == staff.OTHER_HANDS
    assert set(staff.ENTERED) - staff.OTHER_HANDS == {*WORKING, Role.SECURITY_ADMINISTRATOR}


def test_the_program_itself_invites_them_again(sqlite_world: World) -> None:
    """What ``dingpan people invite`` does, which the journeys run as a command."""
    person = with_passwords(one_of_each(sqlite_world))[Role.AUDIT_ADMINISTRATOR]
    begin_write()
    secret = staff.begin_anew(db.session(), person, by=None, now=now())
    transaction.commit(db.session(), now())
    assert visitor(sqlite_world).get(f"/join/{secret}").status_code == 200
    assert kinds() == ["invited_again"]
