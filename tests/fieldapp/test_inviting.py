"""Inviting a merchant without a network: what the phone shows is read by a camera and accepted by the real server."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from string import ascii_uppercase, digits

import pytest
import zxingcpp
from PIL import Image

from fieldapp.clock import Offset
from fieldapp.invitation.viewmodel import modules_of
from fieldapp.routes import Route
from fieldapp.store.kept import Bureau
from fieldapp.widgets.code_picture import pixels
from server.accounts.models import Person
from server.database import db
from server.memberships.models import FieldInvitation as Accepted
from shared.field_invitation import LASTS, open_text
from tests.camera_codes import texts_in
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import DEVICE, ME, NOON, PARTY, URL, a_visit, an_inspection
from tests.fieldapp.server_phone import Phone
from tests.server.pages import visitor, words

MODULE_PX = 3


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder / "desk")


def picture_of(modules: list[list[bool]]) -> Image.Image:
    """Draw a code as large as the narrowest screen shows it."""
    side = len(modules)
    return Image.frombytes("L", (side, side), pixels(modules)).resize((side * MODULE_PX,) * 2, Image.Resampling.NEAREST)


def seen_by_a_camera(modules: list[list[bool]]) -> str:
    """Read a code from its picture."""
    (found,) = texts_in(picture_of(modules))
    return found


def invite(desk: Desk, party: str = PARTY) -> object:
    return desk.go(Route.INVITATION, party=party, name="李记鲜蔬")


class TestTheScreen:
    def test_a_party_of_the_register_can_be_invited_and_another_cannot(self, desk: Desk):
        known, unknown = an_inspection(), an_inspection(party=None, id=desk.clock.new_id())
        desk.store.drafts.keep(a_visit(known, unknown), NOON)
        assert desk.go(Route.PARTY, inspection=known.id).may_invite
        desk.vm.invite()
        assert (desk.route, desk.vm.name) == ("invitation", "李记鲜蔬")
        assert not desk.go(Route.PARTY, inspection=unknown.id).may_invite

    def test_a_verifier_is_not_offered_it(self, desk: Desk):
        inspection = an_inspection()
        desk.store.drafts.keep(a_visit(inspection), NOON)
        desk.store.kept.person = replace(ME, role="verifier")
        assert not desk.go(Route.PARTY, inspection=inspection.id).may_invite

    def test_the_code_is_read_from_the_screen_and_signed_by_this_phone(self, desk: Desk):
        vm = invite(desk)
        text = seen_by_a_camera(vm.modules)
        assert text == vm.link
        assert text.startswith(f"{URL}/m/f/")
        opened = open_text(text.rpartition("/")[2])
        assert opened.is_signed_by(DEVICE.signer.public)
        invitation = opened.invitation
        assert (invitation.device_id, invitation.person_id, invitation.party_id) == (DEVICE.id, ME.id, PARTY)
        assert (invitation.made_at, invitation.until) == (NOON, NOON + LASTS)
        assert vm.until == "11月22日 12:00 前有效"

    def test_a_new_code_is_another_one(self, desk: Desk):
        vm = invite(desk)
        first = (vm.link, vm.modules)
        vm.renew()
        assert seen_by_a_camera(vm.modules) == vm.link != first[0]
        assert vm.modules != first[1]

    def test_a_phone_whose_clock_is_wrong_says_the_right_time(self, desk: Desk):
        desk.parts.facts.set_offset(Offset(-4000, 1, NOON))
        vm = invite(desk)
        assert open_text(vm.link.rpartition("/")[2]).invitation.made_at == NOON - timedelta(seconds=4000)

    def test_a_code_that_came_too_late_is_not_shown(self, desk: Desk):
        vm, waiting = invite(desk), []
        desk.parts.run = waiting.append
        vm.renew()
        assert vm.modules == []
        vm.renew()
        for job in waiting:
            job()
        assert seen_by_a_camera(vm.modules) == vm.link


def test_the_code_has_its_quiet_zone_and_fits_a_narrow_screen():
    modules = modules_of("https://dingpan.some-long-name.example.gov.cn/m/f/" + "A2" * 106 + "A")
    edge = [*modules[:4], *modules[-4:], *([row[place] for row in modules] for place in (0, 1, 2, 3, -1, -2, -3, -4))]
    assert not any(dark for line in edge for dark in line)
    assert (360 - 2 * 16) // len(modules) >= MODULE_PX


def test_a_code_that_is_cut_or_smeared_is_not_read():
    """The reader above reads what is there, and nothing else."""
    modules = modules_of("https://dingpan.test/m/f/A")
    assert seen_by_a_camera(modules) == "https://dingpan.test/m/f/A"
    with pytest.raises(ValueError, match="not enough values"):
        seen_by_a_camera([row[: len(row)] if number % 2 else [False] * len(row) for number, row in enumerate(modules)])


def test_bars_that_stand_in_a_code_by_chance_are_not_taken_for_another_code():
    """Of the invitations drawn at random this is the first in which a reader of everything sees a Codabar as well."""
    text = "http://127.0.0.1:8000/m/f/" + "".join(random.Random(213).choices(digits + ascii_uppercase, k=213))
    modules = modules_of(text)
    assert len(zxingcpp.read_barcodes(picture_of(modules))) == 2
    assert seen_by_a_camera(modules) == text


def test_the_real_server_accepts_what_a_phone_without_a_network_shows(phone: Phone, desk: Desk):
    phone.round()
    phone.adapter.is_cut = True
    world = phone.world
    desk.clock.at = phone.clock.at
    desk.store.kept.device, desk.store.kept.person = phone.store.kept.device, phone.store.kept.person
    desk.store.kept.bureau = Bureau("http://127.0.0.1:8000", phone.store.kept.bureau.root)
    vm = invite(desk, world.parties[0])
    path = seen_by_a_camera(vm.modules).removeprefix("http://127.0.0.1:8000")
    person, second = visitor(world), visitor(world)
    assert "merchant 1" in words(person.get(path))
    second.get(path)
    assert person.post(path).location == "/m/"
    assert "秤 ACS-0001" in words(person.get("/m/"))
    assert second.post(path).status_code == 410
    kept = db.session.query(Accepted).one()
    assert kept.invited_by == world.inspector
    assert db.session.query(Person).filter_by(role="merchant").count() == 1
