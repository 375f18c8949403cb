"""Phones at the desk: who sees which, reporting one lost, what the page says of it afterwards, letting it in again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.accounts.models import Person, Role
from server.administration.models import Act
from server.database import db
from server.devices.models import Device
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.pages import Visitor, visitor, words
from tests.server.people import cookie_of, somebody
from tests.server.protocol import statuses
from tests.server.world import GOOD, Phone, World

LIST = "/console/devices"


def lost(phone: Phone) -> str:
    return f"{LIST}/{phone.device_id}/lost"


def restore(phone: Phone) -> str:
    return f"{LIST}/{phone.device_id}/restore"


def report(desk: Visitor, phone: Phone, why: str = "lost") -> Any:
    """Report a phone lost; return the page that follows."""
    answer = desk.post(lost(phone), why=why)
    assert answer.status_code == 303, answer.text
    return desk.get(answer.headers["Location"])


def as_role(world: World, role: Role) -> Visitor:
    """Return the browser of somebody of a role in the world's branch."""
    unit = db.session.get_one(Person, world.inspector).unit_id
    found = visitor(world)
    found.client.set_cookie("dingpan", cookie_of(somebody(role, unit_id=unit)))
    return found


def is_out(phone: Phone) -> bool:
    db.session.rollback()
    return db.session.get_one(Device, phone.device_id).is_suspended


def test_a_supervisor_sees_the_phones_of_the_own_people_and_how_they_stand(
    sqlite_world: World, clock: TestClock
) -> None:
    world = sqlite_world
    phone, _other, far = world.phone(), world.phone(world.colleague), world.phone(world.stranger)
    clock.move(minutes=5)
    phone.get_token()
    page = visitor(world, "supervisor").get(LIST)
    said = words(page)
    for fact in ("inspector", "colleague", "2026-11-21 10:05", "还没有", "在用"):
        assert fact in said, fact
    assert "stranger" not in said
    assert "2026-11-21 10:00" in words(visitor(world, "supervisor").get(f"{LIST}/{phone.device_id}"))
    assert far.device_id not in page.text
    assert phone.device_id in page.text


def test_a_security_administrator_sees_them_too_and_other_roles_do_not(sqlite_world: World) -> None:
    sqlite_world.phone()
    assert "inspector" in words(as_role(sqlite_world, Role.SECURITY_ADMINISTRATOR).get(LIST))
    for role in set(Role) - {Role.SUPERVISOR, Role.SECURITY_ADMINISTRATOR}:
        assert as_role(sqlite_world, role).get(LIST).status_code == 403, role


def test_a_scope_without_phones_and_an_account_without_a_scope_are_told_apart(sqlite_world: World) -> None:
    desk = visitor(sqlite_world, "supervisor")
    assert "辖区内还没有人登记手机。" in words(desk.get(LIST))
    nobody = visitor(sqlite_world)
    nobody.client.set_cookie("dingpan", cookie_of(somebody(Role.SECURITY_ADMINISTRATOR)))
    assert "没有分配辖区" in words(nobody.get(LIST))


def test_a_phone_of_somebody_suspended_is_still_listed(sqlite_world: World) -> None:
    sqlite_world.phone()
    db.session.get_one(Person, sqlite_world.inspector).is_suspended = True
    db.session.commit()
    assert "inspector" in words(visitor(sqlite_world, "supervisor").get(LIST))


def test_the_page_says_what_will_happen_before_it_asks(sqlite_world: World) -> None:
    phone, desk = sqlite_world.phone(), visitor(sqlite_world, "supervisor")
    said = words(desk.get(lost(phone)))
    facts = ("立即退出登录", "清除场所、器具、经营者等登记信息", "没有上传的记录和照片不会清除")
    for fact in (*facts, "写入只能追加的日志"):
        assert fact in said, fact
    for word in ("遗失", "被盗", "交回", "损坏"):
        assert word in said, word
    assert not is_out(phone)


@pytest.mark.parametrize("fields", [{}, {"why": ""}, {"why": "bored"}, {"why": "lost", "device": "x"}])
def test_without_a_sound_reason_nothing_happens(sqlite_world: World, fields: dict[str, str]) -> None:
    phone, desk = sqlite_world.phone(), visitor(sqlite_world, "supervisor")
    desk.get(lost(phone))
    assert desk.post(lost(phone), **fields).status_code == 422
    assert not is_out(phone)
    assert db.session.query(Act).count() == 0


@pytest.mark.parametrize(
    ("why", "word"), [("lost", "遗失"), ("stolen", "被盗"), ("handed_in", "交回"), ("broken", "损坏")]
)
def test_a_reported_phone_is_out_with_its_reason(world: World, why: str, word: str) -> None:
    phone, desk = world.phone(), visitor(world, "supervisor")
    phone.get_token()
    said = words(report(desk, phone, why))
    facts = ("这部手机已停用", f"已停用：{word}", f"2026-11-21 10:00 停用，原因：{word}。")
    for fact in (*facts, "还没有告知它清除登记信息", "没有另存的记录"):
        assert fact in said, fact
    (act,) = db.session.query(Act).all()
    assert (act.kind, act.by_person, json.loads(act.details)) == (
        "device_suspended",
        world.supervisor,
        {"why": why},
    )
    assert phone.client.get("/api/v1/sync/scope", headers=phone.headers).status_code == 401
    assert f"已停用：{word}" in words(desk.get(LIST))


def test_the_page_says_whether_it_has_reported_and_what_it_left(world: World, clock: TestClock) -> None:
    phone, desk = world.phone(), visitor(world, "supervisor")
    report(desk, phone)
    clock.move(minutes=7)
    phone.get_token()
    sent = [phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(2)]
    assert statuses(world.app, phone, *sent) == [Status.RETRY] * 2
    said = words(desk.get(f"{LIST}/{phone.device_id}"))
    facts = ("2026-11-21 10:07 已告知它清除登记信息。", "停用后最近联网：2026-11-21 10:07")
    for fact in (*facts, "有 2 条待收。", "现场检查", "待收"):
        assert fact in said, fact
    assert "2 条待收" in words(desk.get(LIST))


def test_letting_it_in_again_asks_first_and_shows_what_became_of_the_records(world: World) -> None:
    phone, desk = world.phone(), visitor(world, "supervisor")
    report(desk, phone)
    phone.get_token()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    statuses(world.app, phone, op)
    assert "请确认手机已在本人手中。" in words(desk.get(restore(phone)))
    assert is_out(phone)
    assert desk.post(restore(phone)).status_code == 303
    assert not is_out(phone)
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    said = words(desk.get(f"{LIST}/{phone.device_id}"))
    assert "在用" in said
    assert "已接收" in said
    assert "待收" not in said
    assert sorted(act.kind for act in db.session.query(Act)) == ["device_restored", "device_suspended"]


def test_an_officer_reports_the_own_phone_and_cannot_let_it_in_again(sqlite_world: World) -> None:
    phone, officer = sqlite_world.phone(), visitor(sqlite_world, "inspector")
    page = officer.get("/console/enrolment")
    assert lost(phone) in page.text
    assert "这部手机已停用" in words(report(officer, phone, "stolen"))
    assert is_out(phone)
    assert restore(phone) not in officer.get(f"{LIST}/{phone.device_id}").text
    assert officer.post(restore(phone)).status_code == 403
    assert is_out(phone)
    assert f"{LIST}/{phone.device_id}" in officer.get("/console/enrolment").text


def test_an_officer_finds_no_phone_of_a_colleague(sqlite_world: World) -> None:
    phone, officer = sqlite_world.phone(sqlite_world.colleague), visitor(sqlite_world, "inspector")
    officer.get("/console/enrolment")
    for answer in (
        officer.get(f"{LIST}/{phone.device_id}"),
        officer.get(lost(phone)),
        officer.post(lost(phone), why="lost"),
    ):
        assert answer.status_code == 404
    assert not is_out(phone)


def test_a_phone_of_another_region_is_not_found(sqlite_world: World) -> None:
    phone = sqlite_world.phone(sqlite_world.stranger)
    for desk in (visitor(sqlite_world, "supervisor"), as_role(sqlite_world, Role.SECURITY_ADMINISTRATOR)):
        desk.get("/console/enrolment")
        for answer in (desk.get(f"{LIST}/{phone.device_id}"), desk.get(lost(phone)), desk.get(restore(phone))):
            assert answer.status_code == 404
    desk = visitor(sqlite_world, "supervisor")
    assert desk.post(lost(phone), why="lost").status_code == 404
    assert desk.post(restore(phone)).status_code == 404
    assert not is_out(phone)


def test_the_pages_are_there_in_english(sqlite_world: World) -> None:
    phone, desk = sqlite_world.phone(), visitor(sqlite_world, "supervisor")
    report(desk, phone)
    for path, fact in (
        (f"{LIST}?lang=en", "Suspended: lost"),
        (f"{LIST}/{phone.device_id}?lang=en", "It has not been on line since"),
        (f"{restore(phone)}?lang=en", "Make sure the phone is in the right hands."),
        (f"{lost(phone)}?lang=en", "signed out at once"),
    ):
        assert fact in words(desk.get(path)), path
