"""One's own sign-ins: seen with browser and times, ended one by one or all, and ended by being left alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from server.accounts.browsers import browser_name
from server.accounts.models import Person, Role, SignIn
from server.database import db
from tests.server.conftest import TestClock
from tests.server.pages import Visitor, visitor, words
from tests.server.people import cookie_of, one_of_each
from tests.server.test_pages_merchant import merchant
from tests.server.world import PASSWORD, World, now

NEW = "a sentence only I know"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
AGENTS = {
    CHROME: "Chrome · Windows",
    f"{CHROME} Edg/142.0.0.0": "Edge · Windows",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0": "Firefox · Linux",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18 Safari/605": "Safari · macOS",
    "Mozilla/5.0 (Linux; Android 14; ALN-AL00) Chrome/130 Mobile Safari/537 MicroMessenger/8": "WeChat · Android",
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 ArkWeb/4.1 HuaweiBrowser/5": (
        "Huawei Browser · HarmonyOS"
    ),
    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) CriOS/140 Mobile Safari/604": "Chrome · iPadOS",
    "curl/8.5.0": "",
    "": "",
    "<script>Chrome": "Chrome",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items(), ids=AGENTS.values())
def test_a_browser_has_a_short_name_without_version(agent: str, name: str) -> None:
    assert browser_name(agent) == name
    assert not re.search(r"[0-9]", name)


def ids() -> dict[str, str]:
    """Return the open sign-ins: their ids by browser."""
    return {row.browser: row.id for row in db.session.query(SignIn)}


def by_password(world: World, agent: str = "", name: str = "inspector") -> Visitor:
    person = visitor(world)
    person.get("/sign-in")
    fields = {"csrf_token": person.token, "name": name, "password": PASSWORD, "next": ""}
    assert person.client.post("/sign-in", data=fields, headers={"User-Agent": agent}).status_code == 302
    person.get("/account")
    return person


def test_every_sign_in_is_listed_with_browser_and_times_and_this_one_is_marked(
    sqlite_world: World, clock: TestClock
) -> None:
    by_password(sqlite_world, CHROME)
    clock.move(hours=1)
    person = by_password(sqlite_world, "Firefox Linux")
    page = words(person.get("/account"))
    assert "Firefox · Linux 本机 登录于 2026-11-21 11:00 · 最近使用 2026-11-21 11:00" in page
    assert "Chrome · Windows 登录于 2026-11-21 10:00 · 最近使用 2026-11-21 10:00 结束" in page
    assert page.count("本机") == 1
    assert all(row.sha256 not in person.get("/account").text for row in db.session.query(SignIn))


def test_one_is_ended_and_the_others_stay(world: World) -> None:
    other, third, person = (by_password(world, agent) for agent in (CHROME, "Firefox", "Safari"))
    assert person.post(f"/account/sign-ins/{ids()['Chrome · Windows']}/end").status_code == 303
    assert [one.get("/console/").status_code for one in (other, third, person)] == [302, 200, 200]


def test_all_others_are_ended_at_once(world: World) -> None:
    other, third, person = (by_password(world, agent) for agent in (CHROME, "Firefox", "Safari"))
    assert person.post("/account/sign-ins/end").status_code == 303
    assert [one.get("/console/").status_code for one in (other, third, person)] == [302, 302, 200]


def test_a_sign_in_of_somebody_else_is_not_found_and_goes_on(sqlite_world: World) -> None:
    theirs = by_password(sqlite_world, CHROME, "colleague")
    person = by_password(sqlite_world)
    for one in (ids()["Chrome · Windows"], "019aa111-0000-7000-8000-00000000dead", "x", "%00", "秤"):
        assert person.post(f"/account/sign-ins/{one}/end").status_code in (400, 404), one
    assert theirs.get("/console/").status_code == 200


def change(person: Visitor, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> int:
    answer = person.post("/account/password", old_password=old, password=new, password_again=again or new)
    return answer.status_code


def test_another_password_ends_every_other_sign_in(world: World) -> None:
    other, person = by_password(world, CHROME), by_password(world)
    assert change(person) == 303
    assert person.get("/console/").status_code == 200
    assert other.get("/console/").status_code == 302
    assert visitor(world).sign_in("inspector").status_code == 401
    assert visitor(world).sign_in("inspector", NEW).status_code == 302


def test_a_password_is_not_changed_without_the_present_one_or_to_a_weak_one(sqlite_world: World) -> None:
    person = by_password(sqlite_world)
    assert change(person, old="not this") == 401
    assert change(person, new="inspector 2026") == 422
    assert change(person, again=f"{NEW}!") == 422
    assert visitor(sqlite_world).sign_in("inspector").status_code == 302


def test_the_present_password_cannot_be_guessed_at_the_account_either(sqlite_world: World) -> None:
    person = by_password(sqlite_world)
    assert [change(person, old="not this") for _ in range(10)] == [401] * 10
    assert change(person) == 401
    assert visitor(sqlite_world).sign_in("inspector").status_code == 401


def test_a_merchant_sees_the_page_without_the_part_of_passwords(sqlite_world: World) -> None:
    shop = merchant(sqlite_world)
    page = shop.get("/account")
    assert "经营者" in words(page)
    assert "old_password" not in page.text
    assert shop.post("/account/password", old_password="x", password=NEW, password_again=NEW).status_code == 403
    assert shop.post("/account/sign-ins/end").status_code == 303


def opened(world: World, role: Role) -> Visitor:
    found = visitor(world)
    found.client.set_cookie("dingpan", cookie_of(one_of_each(world)[role]))
    return found


HOMES = {
    Role.SYSTEM_ADMINISTRATOR: "/console/people",
    Role.SECURITY_ADMINISTRATOR: "/console/people",
    Role.AUDIT_ADMINISTRATOR: "/console/acts",
    Role.SUPERVISOR: "/console/tasks",
    Role.INSPECTOR: "/console/tasks",
}


@pytest.mark.parametrize("role", HOMES)
def test_an_administrator_left_alone_for_two_hours_signs_in_again(
    sqlite_world: World, clock: TestClock, role: Role
) -> None:
    is_administrator = role.endswith("_administrator")
    person, path = opened(sqlite_world, role), HOMES[role]
    clock.move(hours=1, minutes=59)
    assert person.get(path).status_code == 200
    clock.move(hours=1, minutes=59)
    assert person.get(path).status_code == 200, "each use begins the two hours anew"
    clock.move(hours=2)
    assert person.get(path).status_code == (302 if is_administrator else 200)


@pytest.mark.parametrize("role", HOMES)
def test_no_use_makes_a_sign_in_last_longer_than_twelve_hours(
    sqlite_world: World, clock: TestClock, role: Role
) -> None:
    person = opened(sqlite_world, role)
    for _ in range(11):
        clock.move(hours=1)
        assert person.get(HOMES[role]).status_code == 200
    clock.move(hours=1)
    assert person.get(HOMES[role]).status_code == 302


def test_use_is_written_down_every_ten_minutes_at_most(world: World, clock: TestClock) -> None:
    person, began = by_password(world), now()
    clock.move(minutes=9, seconds=59)
    person.get("/console/")
    assert {row.seen_at for row in db.session.query(SignIn)} == {began}
    clock.move(seconds=1)
    person.get("/console/")
    db.session.expire_all()
    assert {row.seen_at for row in db.session.query(SignIn)} == {began + timedelta(minutes=10)}


def test_a_page_is_shown_where_nothing_can_be_written(
    sqlite_world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text

    person = by_password(sqlite_world)
    clock.move(minutes=10)
    db.session.rollback()
    db.session.execute(text("PRAGMA query_only=ON"))
    db.session.rollback()
    assert person.get("/console/tasks").status_code == 200
    db.session.execute(text("PRAGMA query_only=OFF"))


def test_signing_in_leads_each_role_to_a_page_it_may_see(sqlite_world: World) -> None:
    from server.accounts.routes import home_of

    for role, person in one_of_each(sqlite_world).items():
        browser = visitor(sqlite_world)
        browser.client.set_cookie("dingpan", cookie_of(person))
        with sqlite_world.app.test_request_context():
            path = home_of(db.session.get_one(Person, person.id))
        assert browser.get(path).status_code == 200, role
        assert browser.get("/account").status_code == 200, role
