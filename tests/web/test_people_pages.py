"""The staff in a real browser: joining by a link, the second factor, and the pages of the three administrators."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from server import transaction
from server.accounts import staff
from server.accounts.models import Person, Recusal, Role, SignIn
from server.accounts.service import second_factor
from server.clock import new_id, now
from server.database import begin_write, db
from tests.server.conftest import TODAY
from tests.server.people import cookie_of, one_of_each
from tests.server.world import PASSWORD
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import enrol, focus_is_visible, is_cut_off, nameless, read_code, sign_in

SIZES = pytest.mark.parametrize(("size", "language"), [(DESK, "en"), (PHONE, "zh-CN")], ids=["desk", "phone"])
GOOD_PASSWORD = "a sentence only I know"


def people(site: Site) -> dict[Role, str]:
    """Return a cookie of somebody of each role; all of them have a password."""
    with site.inside() as world:
        found = one_of_each(world)
        for role, person in found.items():
            if role in staff.OUTSIDE:
                continue
            person.password_hash, person.sign_in_name = person.password_hash or "x", person.sign_in_name or role.value
        db.session.commit()
        return {role: cookie_of(person) for role, person in found.items()}


def open_as(page: Page, site: Site, cookie: str) -> Page:
    page.context.add_cookies([{"name": "dingpan", "value": cookie, "url": site.url}])
    return page


def test_from_entering_somebody_over_the_link_to_the_desk(site: Site, open_page: Any) -> None:
    cookies = people(site)
    system = open_as(open_page(DESK), site, cookies[Role.SYSTEM_ADMINISTRATOR])
    system.goto("/console/people")
    system.fill("#name", "李新")
    system.select_option("#unit", label="branch")
    system.select_option("#role", label="监管人员")
    system.fill("#sign_in_name", "lixin")
    system.fill("#card_until", "2027-12-31")
    system.click("main form[method=post] button")
    expect(system.locator("h1")).to_have_text("李新")
    security = open_as(open_page(DESK), site, cookies[Role.SECURITY_ADMINISTRATOR])
    security.goto(system.url)
    security.click("text=核准并生成链接")
    link = security.locator("#link").input_value()
    assert read_code(security.locator("svg.code")) == link
    phone = open_page()
    phone.goto("/join/" + link.rpartition("/")[2])
    phone.fill("#password", GOOD_PASSWORD)
    phone.fill("#password_again", GOOD_PASSWORD)
    phone.click("main button")
    secret = "".join((phone.locator("code.secret").text_content() or "").split())
    assert f"secret={secret}" in read_code(phone.locator("svg.code"))
    enrol(phone)
    phone.wait_for_url("**/console/")
    audit = open_as(open_page(DESK), site, cookies[Role.AUDIT_ADMINISTRATOR])
    audit.goto("/console/acts")
    expect(audit.locator("tbody tr")).to_have_count(3)


def test_a_code_of_the_authenticator_signs_in(site: Site, phone: Page) -> None:
    secret = second_factor.new_secret()
    with site.inside() as world:
        second_factor.keep(db.session.get_one(Person, world.supervisor), secret, 0)
        db.session.commit()
    phone.goto("/sign-in?next=/console/tasks")
    phone.fill("#name", "supervisor")
    phone.fill("#password", PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.locator("#code")).to_be_focused()
    phone.keyboard.type("000000")
    phone.keyboard.press("Enter")
    expect(phone.locator("[role=alert]")).to_contain_text("验证码不对")
    expect(phone.locator("#code")).to_be_focused()
    phone.keyboard.type(pyotp.TOTP(secret).at(TODAY))
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/console/tasks")


def test_ending_the_other_sign_ins_and_changing_the_password(site: Site, open_page: Any) -> None:
    other, page = open_page(DESK), open_page()
    for one in (other, page):
        sign_in(one, "inspector")
    page.goto("/account")
    expect(page.locator(".sign-ins li")).to_have_count(2)
    page.click("text=结束其他所有登录")
    expect(page.locator(".sign-ins li")).to_have_count(1)
    other.goto("/console/")
    assert "/sign-in" in other.url
    page.fill("#old_password", PASSWORD)
    page.fill("#password", GOOD_PASSWORD)
    page.fill("#password_again", GOOD_PASSWORD)
    page.click("button:has-text('修改密码')")
    expect(page.locator(".wrong")).to_have_count(0)


def test_an_officer_tells_whom_they_stand_back_from(site: Site, desk: Page) -> None:
    sign_in(desk, "inspector")
    desk.click("nav >> text=回避")
    desk.fill("#q", "merchant")
    desk.click("main >> text=查找")
    desk.click("main a:has-text('merchant 1')")
    desk.select_option("#relation", label="近亲属")
    desk.click("button:has-text('登记')")
    expect(desk.locator("td >> text=merchant 1")).to_be_visible()


def pages(site: Site) -> dict[str, tuple[str, str]]:
    """Return each page by name: the cookie it is opened with, and its path."""
    cookies = people(site)
    with site.inside() as world:
        _lively(world.supervisor, world.inspector, world.parties[0])
        half = cookie_of(db.session.get_one(Person, world.supervisor), is_whole=False)
        auditor = db.session.query(Person).filter_by(role=Role.AUDITOR).one()
        second_factor.keep(auditor, second_factor.new_secret(), 0)
        code = cookie_of(auditor, is_whole=False)
        person = db.session.query(Person).filter_by(sign_in_name="lixin").one()
        secret = staff.issue_link(db.session(), person, by=None, now=now())
        db.session.commit()
        colleague = world.colleague
    system, security = cookies[Role.SYSTEM_ADMINISTRATOR], cookies[Role.SECURITY_ADMINISTRATOR]
    return {
        "sign-in": ("", "/sign-in"),
        "code": (code, "/sign-in/code"),
        "second-factor": (half, "/sign-in/second-factor"),
        "join": ("", f"/join/{secret}"),
        "account": (cookies[Role.INSPECTOR], "/account"),
        "account-merchant": (cookies[Role.MERCHANT], "/account"),
        "people": (system, "/console/people"),
        "people-security": (security, "/console/people"),
        "person": (security, f"/console/people/{colleague}"),
        "person-card": (system, f"/console/people/{colleague}"),
        "acts": (cookies[Role.AUDIT_ADMINISTRATOR], "/console/acts"),
        "recusals": (cookies[Role.SUPERVISOR], "/console/recusals?q=merchant"),
        "recusals-own": (cookies[Role.INSPECTOR], f"/console/recusals?party={site.world.parties[0]}"),
        "tasks": (cookies[Role.SUPERVISOR], "/console/tasks"),
    }


def _lively(supervisor: str, inspector: str, party: str) -> None:
    """Let there be something of each kind to see."""
    by, at = db.session.query(Person).filter_by(role=Role.SECURITY_ADMINISTRATOR).one(), now()
    unit_id = db.session.get_one(Person, inspector).unit_id
    begin_write()
    person = staff.NewPerson(
        name="李新",
        unit_id=str(unit_id),
        role=Role.INSPECTOR,
        sign_in_name="lixin",
        card_no="41160299",
        card_until=TODAY.date(),
    )
    new = staff.enter(db.session(), person, by=by, now=at)
    for name in ("colleague", "verifier"):
        found = db.session.query(Person).filter_by(name=name).one()
        found.card_until = TODAY.date().replace(year=2025 if name == "verifier" else 2027)
    staff.approve(db.session(), new, by=by, now=at)
    staff.suspend(db.session(), db.session.query(Person).filter_by(name="verifier").one(), by=by, now=at)
    told = {"party_id": party, "relation": "relative", "told_by": supervisor, "told_at": at}
    db.session.add(Recusal(id=new_id(at), person_id=inspector, **told))
    times = {"made_at": at, "seen_at": at, "expires_at": at.replace(hour=12)}
    db.session.add(SignIn(sha256="0" * 64, id=new_id(at), person_id=inspector, browser="Chrome · Windows", **times))
    transaction.commit(db.session(), at)


@SIZES
def test_no_page_of_people_is_cut_off_or_without_words(
    site: Site, open_page: Any, size: dict[str, int], language: str
) -> None:
    for name, (cookie, path) in pages(site).items():
        page = open_page(size, locale=language)
        if cookie:
            open_as(page, site, cookie)
        page.goto(path)
        assert page.locator("h1").is_visible(), name
        assert is_cut_off(page) == [], name
        assert nameless(page) == [], name
        page.keyboard.press("Tab")
        assert focus_is_visible(page), name
        page.context.close()
