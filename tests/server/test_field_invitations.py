"""Invitations that an inspector's phone signed offline: accepted once, within a day, from whoever may invite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from server import transaction
from server.accounts.models import Person
from server.database import begin_write, db
from server.devices.models import Device
from server.keyring import Keyring
from server.memberships import service as memberships
from server.memberships.models import FieldInvitation as Accepted
from server.problems import CodeUsed, InvitationTooOld
from server.registry.models import Party
from shared.field_invitation import FieldInvitation, encode
from shared.signing import Signer
from tests.server.conftest import TestClock
from tests.server.joining import accept, memberships_of, operate
from tests.server.live import at_once, in_context, patient_app
from tests.server.pages import visitor, words
from tests.server.test_memberships import end_at_the_desk
from tests.server.test_pages_merchant import invitation, merchant
from tests.server.world import Phone, World, make_world, now

ASK_AGAIN, ASK_FOR_NEWER = "请向发给您的人再要一个。", "请执法人员重新出示一个。"


def shown(phone: Phone, party: str, **changes: object) -> FieldInvitation:
    """What a phone shows now."""
    sound = FieldInvitation(phone.device_id, phone.person_id, party, os.urandom(16), now())
    return replace(sound, **changes)  # type: ignore[arg-type]


def path_of(phone: Phone, party: str, signer: Signer | None = None, **changes: object) -> str:
    return "/m/f/" + encode(shown(phone, party, **changes), signer or phone.signer)


def test_a_merchant_scans_it_and_is_in(world: World) -> None:
    phone, person = world.phone(), visitor(world)
    path = path_of(phone, world.parties[0])
    for _ in range(2):
        said = words(visitor(world).get(path))
        assert "merchant 1 market 411602 · A01 号摊位" in said
    assert accept(person, path) == "/m/"
    assert "秤 ACS-0001" in words(person.get("/m/"))
    (kept,) = db.session.query(Accepted)
    assert (kept.device_id, kept.invited_by, kept.party_id) == (phone.device_id, world.inspector, world.parties[0])
    (membership,) = memberships_of(world.parties[0])
    assert (membership.capacity, membership.person_id) == ("principal", kept.accepted_by)


def test_it_is_accepted_once(world: World) -> None:
    phone, first, second = world.phone(), visitor(world), visitor(world)
    path = path_of(phone, world.parties[0])
    second.get(path)
    accept(first, path)
    answer = second.post(path)
    assert answer.status_code == 410
    assert ASK_AGAIN in words(answer)
    assert visitor(world).get(path).status_code == 410
    assert first.get(path).location == "/m/"
    assert db.session.query(Accepted).count() == len(memberships_of(world.parties[0])) == 1


def test_it_adds_a_stall_to_whoever_is_signed_in_and_makes_an_operator(sqlite_world: World) -> None:
    phone, person = sqlite_world.phone(), merchant(sqlite_world)
    operate(sqlite_world, sqlite_world.place, party=1)
    assert accept(person, path_of(phone, sqlite_world.parties[1])) == "/m/market"
    assert "merchant 2 换摊位" in words(person.get("/m/"))
    assert db.session.query(Person).filter_by(role="operator").count() == 1


def test_it_ends_after_a_day_and_says_so(sqlite_world: World, clock: TestClock) -> None:
    phone, path = sqlite_world.phone(), ""
    path = path_of(phone, sqlite_world.parties[0])
    clock.move(hours=23, minutes=59)
    assert visitor(sqlite_world).get(path).status_code == 200
    clock.move(minutes=1)
    person = visitor(sqlite_world)
    person.get("/sign-in")
    for answer in (person.get(path), person.post(path)):
        assert answer.status_code == 410
        assert ASK_FOR_NEWER in words(answer)
    assert db.session.query(Accepted).count() == 0


def test_a_phones_clock_may_be_ten_minutes_early(sqlite_world: World) -> None:
    phone, person = sqlite_world.phone(), visitor(sqlite_world)
    for minutes, status in ((10, 200), (11, 410)):
        path = path_of(phone, sqlite_world.parties[0], made_at=now() + timedelta(minutes=minutes))
        assert person.get(path).status_code == status, minutes


def change(world: World, table: type, id_: str, **values: object) -> None:
    begin_write()
    row = db.session().get_one(table, id_)
    for name, value in values.items():
        setattr(row, name, value)
    transaction.commit(db.session(), now())


WRONG = {
    "another phone's key": lambda w, p: path_of(p, w.parties[0], Signer(os.urandom(32))),
    "a phone nobody knows": lambda w, p: path_of(p, w.parties[0], device_id=w.place),
    "a person who is not on this phone": lambda w, p: path_of(p, w.parties[0], person_id=w.supervisor),
    "a person nobody knows": lambda w, p: path_of(p, w.parties[0], person_id=w.place),
    "a party nobody knows": lambda w, p: path_of(p, w.place),
    "a party in no one's form": lambda w, p: path_of(p, w.parties[0])[:-1],
    "lower case": lambda w, p: path_of(p, w.parties[0]).lower(),
    "nonsense": lambda w, p: "/m/f/nonsense",
}


@pytest.mark.parametrize("case", WRONG)
def test_whatever_is_wrong_is_answered_alike(sqlite_world: World, case: str) -> None:
    phone, person = sqlite_world.phone(), visitor(sqlite_world)
    person.get("/sign-in")
    path = WRONG[case](sqlite_world, phone)
    nothing = words(person.get("/m/f/" + "A" * 213))
    for answer in (person.get(path), person.post(path)):
        assert (answer.status_code, ASK_AGAIN in words(answer)) == (410, True)
        assert words(answer).partition("请求编号")[0] == nothing.partition("请求编号")[0]
    assert db.session.query(Accepted).count() == 0
    assert visitor(sqlite_world).get(path_of(phone, sqlite_world.parties[0])).status_code == 200, (
        "else nothing is shown"
    )


def test_a_phone_or_person_that_is_suspended_invites_nobody(sqlite_world: World) -> None:
    phone, other = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    paths = [path_of(one, sqlite_world.parties[0]) for one in (phone, other)]
    change(sqlite_world, Device, phone.device_id, is_suspended=True)
    change(sqlite_world, Person, sqlite_world.colleague, is_suspended=True)
    assert [visitor(sqlite_world).get(path).status_code for path in paths] == [410, 410]


def test_a_party_outside_the_inspectors_scope_is_not_invited(sqlite_world: World) -> None:
    path = path_of(sqlite_world.phone(sqlite_world.stranger), sqlite_world.parties[0])
    assert visitor(sqlite_world).get(path).status_code == 410
    change(sqlite_world, Party, sqlite_world.parties[0], region="411681")
    assert visitor(sqlite_world).get(path).status_code == 200


def test_a_verifier_invites_nobody(sqlite_world: World) -> None:
    path = path_of(sqlite_world.phone(sqlite_world.verifier), sqlite_world.parties[0])
    assert visitor(sqlite_world).get(path).status_code == 410


def test_what_was_shown_to_the_former_tenant_opens_nothing_after_the_end(sqlite_world: World, clock: TestClock) -> None:
    phone = sqlite_world.phone()
    accept(visitor(sqlite_world), invitation(sqlite_world))
    before = path_of(phone, sqlite_world.parties[0])
    clock.move(minutes=1)
    end_at_the_desk(sqlite_world)
    assert visitor(sqlite_world).get(before).status_code == 410
    clock.move(seconds=1)
    assert visitor(sqlite_world).get(path_of(phone, sqlite_world.parties[0])).status_code == 200


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


def test_of_four_who_accept_at_once_one_is_in(patient: Flask) -> None:
    world = make_world(patient)
    text = path_of(world.phone(), world.parties[0]).rpartition("/")[2]
    db.session.remove()

    def _accept() -> str:
        begin_write()
        try:
            with transaction.whole(db.session()):
                memberships.accept_field_invitation(db.session(), text, name="m", now=now())
                transaction.commit(db.session(), now())
        except (CodeUsed, InvitationTooOld) as problem:
            return problem.slug
        return "in"

    told = at_once(4, lambda _: in_context(patient, _accept))
    assert sorted(told) == ["code-used", "code-used", "code-used", "in"]
    assert db.session.query(Accepted).count() == len(memberships_of(world.parties[0])) == 1
    assert db.session.query(Person).filter_by(role="merchant").count() == 1
