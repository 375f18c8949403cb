"""Merchants and market operators on a phone: the code by SMS, several stalls, family, the market, an inspector's QR."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server import transaction
from server.contacts import service as contacts
from server.database import begin_write, db
from server.memberships import service as memberships
from server.registry.models import Place
from server.sms.port import Message
from server.sms.service import Sender
from shared.field_invitation import FieldInvitation, encode
from tests.server.world import now
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import focus_is_visible, is_cut_off, nameless, read_code, set_print, sign_in

NUMBER = "13800000000"


class Pocket:
    """The phone of whoever waits for a code."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def send(self, message: Message, now: datetime) -> None:
        self.codes.append(message.code)


@pytest.fixture
def pocket(site: Site) -> Pocket:
    found = Pocket()
    site.app.extensions["dingpan_sms"] = Sender(found)
    return found


def accept(site: Site, page: Page, party: int = 0) -> None:
    page.goto(site.invitation(party))
    page.click("main button")
    page.wait_for_url("**/m/**")


def register(site: Site) -> None:
    """Keep a number for the first merchant, as if its code had been typed."""
    with site.inside() as world:
        begin_write()
        person = memberships.principal_of(db.session(), world.parties[0])
        assert person is not None
        contacts.keep_number(db.session(), owner=("person", person.id), number=NUMBER, now=now())
        transaction.commit(db.session(), now())


def operate(site: Site) -> None:
    with site.inside() as world:
        begin_write()
        db.session().get_one(Place, world.place).operator_id = world.parties[0]
        transaction.commit(db.session(), now())


def a_field_invitation(site: Site) -> str:
    """Return the path that an inspector's phone shows for the first merchant."""
    with site.inside() as world:
        phone = world.phone()
        invitation = FieldInvitation(phone.device_id, world.inspector, world.parties[0], os.urandom(16), now())
    return "/m/f/" + encode(invitation, phone.signer)


def is_sound(page: Page) -> None:
    """Nothing is cut off at any size of print on phone and desk, and everything has a name."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scale in ("100", "160"):
            set_print(page, scale)
            assert is_cut_off(page) == [], (page.url, size, scale)
    assert nameless(page) == [], page.url
    page.evaluate("delete document.documentElement.dataset.scale")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def test_a_merchant_comes_in_with_a_code_and_chooses_a_stall(site: Site, open_page: Any, pocket: Pocket) -> None:
    own = open_page()
    for party in (0, 1):
        accept(site, own, party)
    register(site)
    page = open_page()
    page.goto("/m/enter")
    is_sound(page)
    page.fill("#number", "138 0000")
    page.click("main button")
    expect(page.locator("[role=alert]")).to_contain_text("请输入 11 位手机号")
    page.fill("#number", "+86 138 0000 0000")
    page.click("main button")
    expect(page.locator("#code")).to_be_focused()
    assert focus_is_visible(page)
    is_sound(page)
    page.wait_for_timeout(200)
    page.fill("#code", pocket.codes[-1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/m/stalls")
    is_sound(page)
    page.click("main form:has-text('merchant 2') button")
    page.wait_for_url("**/m/")
    assert "ACS-0002" in page.locator("main").inner_text()
    page.click("text=换摊位")
    assert "正在使用" in page.locator("main form:has-text('merchant 2')").inner_text()


def test_a_merchant_registers_a_number(site: Site, phone: Page, pocket: Pocket) -> None:
    accept(site, phone)
    phone.click("text=登记手机号")
    is_sound(phone)
    phone.fill("#number", NUMBER)
    phone.click("main form button")
    phone.fill("#code", pocket.codes[-1])
    phone.click("text=确定")
    expect(phone.locator(".verdict-word")).to_have_text("已登记")
    assert NUMBER not in phone.content()
    is_sound(phone)


def test_family_acts_by_a_link_that_is_scanned_and_ended(site: Site, open_page: Any) -> None:
    page, other = open_page(), open_page()
    accept(site, page)
    page.click("text=谁在办理")
    is_sound(page)
    page.click("text=生成一次性链接")
    is_sound(page)
    link = read_code(page.locator(".code"))
    assert link == page.input_value("#link")
    other.goto(link.removeprefix("http://127.0.0.1:8000"))
    is_sound(other)
    other.fill("#name", "周小某")
    other.click("main button")
    other.wait_for_url("**/m/")
    other.goto("/m/pledge")
    assert "本人签署" in other.locator("[role=status]").inner_text()
    assert other.locator("canvas").count() == 0
    page.goto("/m/people")
    page.click("text=停止代办 >> nth=0")
    expect(page.locator(".verdict-word")).to_have_text("已停止")
    is_sound(page)
    other.goto("/m/")
    assert "现在没有委托给您的摊位了。" in other.locator("main").inner_text()
    is_sound(other)


def test_an_operator_sees_the_market(site: Site, phone: Page) -> None:
    operate(site)
    accept(site, phone)
    expect(phone.locator("h1")).to_have_text("market 411602")
    assert "需要处理的器具" in phone.locator("main").inner_text()
    is_sound(phone)
    phone.goto("/m/market?lang=en")
    is_sound(phone)


def test_an_invitation_of_an_inspectors_phone_is_accepted(site: Site, open_page: Any) -> None:
    page, path = open_page(), a_field_invitation(site)
    page.goto(path)
    assert "merchant 1" in page.locator("main").inner_text()
    is_sound(page)
    page.click("main button")
    page.wait_for_url("**/m/")
    second = open_page()
    second.goto(path)
    assert "请向发给您的人再要一个。" in second.locator("main").inner_text()


def test_the_desk_sees_who_acts_and_ends_it(site: Site, open_page: Any) -> None:
    accept(site, open_page())
    desk = open_page(DESK)
    sign_in(desk, "supervisor")
    desk.goto("/console/invitation?q=merchant 1")
    is_sound(desk)
    desk.set_viewport_size(DESK)
    desk.click("main table >> text=停止")
    expect(desk.locator("main [role=status]")).to_contain_text("已停止")
    assert is_cut_off(desk) == []
