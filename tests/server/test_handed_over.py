"""A phone that goes to a colleague is the colleague's alone; what its former officer recorded is still taken in."""

from __future__ import annotations

from typing import Any

import pytest

from server.database import db
from server.devices.models import DevicePerson
from server.memberships import field_invitations
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.joining import accept
from tests.server.pages import visitor, words
from tests.server.protocol import statuses
from tests.server.test_accounts import a_code, enrol, enrolment, slug_of
from tests.server.test_field_invitations import path_of
from tests.server.test_memberships import end_at_the_desk
from tests.server.test_pages_merchant import invitation
from tests.server.world import GOOD, Phone, World


def handed_over(world: World) -> tuple[Phone, Phone]:
    """Return one phone as its former officer knows it, signed in, and as the colleague who took it does."""
    former = world.phone()
    former.get_token()
    return former, take(world, former, world.colleague)


def take(world: World, phone: Phone, person: str) -> Phone:
    assert enrol(world, enrolment(a_code(person), phone.signer, phone.device_id)).status_code == 201
    return Phone(phone.client, phone.device_id, person, phone.signer, phone.seq, phone.prev)


def asks_for_a_token(phone: Phone) -> Any:
    with pytest.raises(AssertionError) as refused:
        phone.get_token()
    return str(refused.value)


def test_the_former_officer_gets_nothing_through_it_and_the_new_one_does(world: World) -> None:
    former, taken = handed_over(world)
    assert former.client.get("/api/v1/sync/scope", headers=former.headers).status_code == 401
    assert slug_of(former.ask_refresh()) == (401, "token-expired")
    assert "wrong-sign-in" in asks_for_a_token(former)
    assert taken.get_token()
    assert taken.ask_refresh().status_code == 200


def test_what_the_former_officer_recorded_is_taken_in_under_that_name(world: World) -> None:
    former = world.phone()
    op = former.op("visit.record/1", world.visit(world.check(GOOD)))
    taken = take(world, former, world.colleague)
    assert statuses(world.app, taken, op) == [Status.APPLIED]


def test_it_can_come_back(sqlite_world: World) -> None:
    _, taken = handed_over(sqlite_world)
    again = take(sqlite_world, taken, sqlite_world.inspector)
    assert again.get_token()
    assert "wrong-sign-in" in asks_for_a_token(taken)
    ended = {row.person_id: row.ended_at is not None for row in db.session.query(DevicePerson)}
    assert ended == {sqlite_world.inspector: False, sqlite_world.colleague: True}


def test_enrolling_again_ends_nothing_of_ones_own(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    phone.get_token()
    take(sqlite_world, phone, sqlite_world.inspector)
    assert phone.ask_refresh().status_code == 200


def test_the_desk_shows_it_as_the_new_officer_s(sqlite_world: World) -> None:
    former, _ = handed_over(sqlite_world)
    path = f"/console/devices/{former.device_id}"
    assert visitor(sqlite_world, "inspector").get(f"{path}/lost").status_code == 404
    assert visitor(sqlite_world, "colleague").get(f"{path}/lost").status_code == 200
    said = words(visitor(sqlite_world, "supervisor").get("/console/devices"))
    assert ("inspector" in said.partition("设备")[2], "colleague" in said) == (False, True)


def test_nobody_is_invited_any_more_in_the_former_officer_s_name(sqlite_world: World) -> None:
    former, taken = handed_over(sqlite_world)
    asked = [visitor(sqlite_world).get(path_of(one, sqlite_world.parties[0])) for one in (former, taken)]
    assert [answer.status_code for answer in asked] == [410, 200]


def test_an_invitation_is_looked_at_again_once_nobody_else_can_end_it(
    sqlite_world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bureau ends the tenant's membership while the merchant's request waits for its turn."""
    accept(visitor(sqlite_world), invitation(sqlite_world))
    path = path_of(sqlite_world.phone(), sqlite_world.parties[0])
    clock.move(minutes=1)
    waits = field_invitations.hold

    def end_before(party_id: str) -> None:
        monkeypatch.setattr(field_invitations, "hold", waits)
        end_at_the_desk(sqlite_world)

    person = visitor(sqlite_world)
    person.get(path)
    monkeypatch.setattr(field_invitations, "hold", end_before)
    assert person.post(path).status_code == 410
