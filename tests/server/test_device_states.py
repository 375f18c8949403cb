"""Phones tell how they stand: what is kept of it, what the desk sees, who comes first, and asking to send anew."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import inspect

from server.administration.models import Act
from server.database import db
from server.devices.models import DeviceState
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.pages import Visitor, visitor, words
from tests.server.protocol import statuses
from tests.server.standing import a_state, tell
from tests.server.test_pages_devices import report
from tests.server.world import GOOD, Phone, World

LIST = "/console/devices"
ASIDE = [{"state": "quarantined", "reason": "bad-body", "count": 2}, {"state": "conflict", "reason": "", "count": 1}]


def page_of(phone: Phone) -> str:
    return f"{LIST}/{phone.device_id}"


def desk_of(world: World) -> Visitor:
    return visitor(world, "supervisor")


def test_the_desk_sees_what_a_phone_told_and_when(world: World, clock: TestClock) -> None:
    phone = world.phone()
    told = {"waiting": 3, "photos": 2, "oldest_age_s": 3600, "clock_offset_s": 600, "pulled_age_s": 7200}
    answer = tell(phone, **told)
    assert (answer.status_code, answer.json) == (200, {"server_time": "2026-11-21T02:00:00Z", "send_again": None})
    clock.move(minutes=32)
    said = words(desk_of(world).get(LIST))
    for fact in ("3 条记录，2 张照片", "最早 2026-11-21 09:00", "截至 2026-11-21 10:00", "慢 10 分钟", "手机时间不准"):
        assert fact in said, fact
    assert "版本 0.1.0" in said
    assert "2026-11-21 08:00" in said
    page = words(desk_of(world).get(page_of(phone)))
    for fact in ("±1 秒", "32.4 GB", "3 条记录，2 张照片"):
        assert fact in page, fact


def test_the_last_state_stands_and_the_next_replaces_it(world: World) -> None:
    phone = world.phone()
    tell(phone, waiting=3, aside=ASIDE)
    tell(phone)
    (state,) = db.session.query(DeviceState).all()
    assert (state.waiting, json.loads(state.aside), state.oldest_at) == (0, [], None)
    said = words(desk_of(world).get(LIST))
    assert "全部已上传" in said
    assert "手机上有搁置的记录" not in said


def test_what_is_set_aside_is_told_by_reason_and_a_reason_of_another_version_as_it_is(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    strange = {"state": "rejected", "reason": "of-tomorrow", "count": 4}
    tell(phone, aside=[*ASIDE, strange])
    said = words(desk_of(sqlite_world).get(page_of(phone)))
    for fact in ("服务器读不懂", "内容冲突", "没有说明", "of-tomorrow"):
        assert fact in said, fact
    assert "手机上 7 条" in words(desk_of(sqlite_world).get(LIST))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"aside": ASIDE}, "手机上有搁置的记录"),
        ({"alarms": 1}, "手机报警"),
        ({"clock_offset_s": -301}, "手机时间不准"),
        ({"clock_doubt_s": 86_400, "clock_offset_s": 0}, "手机时间无法核对"),
        ({"waiting": 1, "oldest_age_s": 3 * 86_400}, "超过两天没有上传"),
        ({"pulled_age_s": 8 * 86_400}, "数据超过七天没有更新"),
        ({"free_bytes": 1000}, "存储空间不足"),
    ],
)
def test_what_wants_attention_comes_first_and_can_be_shown_alone(
    sqlite_world: World, fields: dict[str, Any], word: str
) -> None:
    bad = sqlite_world.phone()
    fine = sqlite_world.phone(sqlite_world.colleague)
    tell(bad, **fields)
    tell(fine)
    desk = desk_of(sqlite_world)
    page = desk.get(LIST)
    assert word in words(page)
    assert "需要处理 1" in words(page)
    assert page.text.index(bad.device_id) < page.text.index(fine.device_id)
    alone = desk.get(f"{LIST}?show=attention")
    assert bad.device_id in alone.text
    assert fine.device_id not in alone.text


def test_a_phone_that_is_silent_or_has_an_old_app_is_named_without_telling(
    sqlite_world: World, clock: TestClock
) -> None:
    settings = sqlite_world.app.extensions["dingpan"].settings
    object.__setattr__(settings, "least_app", "0.2.0")
    phone = sqlite_world.phone()
    assert tell(phone).status_code == 200, "an old app may say how it stands"
    assert "应用版本过旧" in words(desk_of(sqlite_world).get(LIST))
    clock.move(days=8)
    assert "超过七天没有联网" in words(desk_of(sqlite_world).get(LIST))
    object.__setattr__(settings, "least_app", "")


def test_nothing_to_show_is_said(sqlite_world: World) -> None:
    phone, desk = sqlite_world.phone(), desk_of(sqlite_world)
    assert "没有需要处理的手机。" in words(desk.get(f"{LIST}?show=attention"))
    assert "没有停用的手机。" in words(desk.get(f"{LIST}?show=suspended"))
    assert phone.device_id in desk.get(f"{LIST}?show=nonsense").text
    said = words(desk.get(page_of(phone)))
    assert "还没有报告过自己的情况" in said
    assert "没有未接收的，也没有冲突的" in said


def test_a_phone_is_asked_once_to_send_anew_and_says_that_it_did(world: World, clock: TestClock) -> None:
    phone, desk = world.phone(), desk_of(world)
    tell(phone, aside=ASIDE)
    assert "请手机重发" in words(desk.get(page_of(phone)))
    assert desk.post(f"{page_of(phone)}/again").status_code == 303
    assert "2026-11-21 10:00 已请手机重发，等它联网。" in words(desk.get(page_of(phone)))
    clock.move(minutes=5)
    asked = tell(phone, aside=ASIDE).json["send_again"]
    assert asked == "2026-11-21T02:00:00Z"
    assert tell(phone, again=asked).json["send_again"] == asked
    assert "手机已照办" in words(desk.get(page_of(phone)))
    (act,) = db.session.query(Act).all()
    assert (act.kind, act.by_person, act.about_id) == ("device_asked", world.supervisor, phone.device_id)


def test_what_has_a_final_answer_is_not_asked_for_again(sqlite_world: World) -> None:
    phone, desk = sqlite_world.phone(), desk_of(sqlite_world)
    tell(phone, aside=[{"state": "rejected", "reason": "bad-body", "count": 1}])
    assert "/again" not in desk.get(page_of(phone)).text


def test_a_suspended_phone_tells_too_and_is_not_asked(sqlite_world: World) -> None:
    phone, desk = sqlite_world.phone(), desk_of(sqlite_world)
    report(desk, phone)
    phone.token = ""
    assert tell(phone, waiting=2, aside=ASIDE).status_code == 200
    page = desk.get(page_of(phone))
    assert "2 条记录" in words(page)
    assert "/again" not in page.text


def test_records_that_were_refused_are_listed_with_the_one_that_came_first(world: World) -> None:
    phone, other, desk = world.phone(), world.phone(world.colleague), desk_of(world)
    body = world.visit(world.check(GOOD))
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    later = other.op("visit.record/1", body | {"approval_no": "other"})
    assert statuses(world.app, other, later, other.op("visit.record/1", {})) == [Status.CONFLICT, Status.REJECTED]
    page = desk.get(page_of(other))
    assert f"/console/visit/{body['id']}" in page.text
    for word in ("内容冲突", "先到的记录", "现场检查"):
        assert word in words(page), word
    assert f"/console/visit/{body['id']}" not in desk.get(page_of(phone)).text


@pytest.mark.parametrize(
    "fields", [{"waiting": -1}, {"aside": [{"state": "lost"}]}, {"note": "x"}, {"again": "today"}, {"alarms": True}]
)
def test_a_state_of_another_form_is_refused_and_changes_nothing(sqlite_world: World, fields: dict[str, Any]) -> None:
    phone = sqlite_world.phone()
    assert tell(phone, **fields).status_code == 422
    assert db.session.query(DeviceState).count() == 0


def test_the_ends_of_every_figure_are_kept(world: World) -> None:
    phone, ends = world.phone(), {"waiting": (1 << 63) - 1, "oldest_age_s": 10**10, "clock_offset_s": -(10**10)}
    assert tell(phone, **ends, clock_doubt_s=10**11, pulled_age_s=10**10, free_bytes=0).status_code == 200
    assert "快 115740 天" in words(desk_of(world).get(LIST))


def test_a_state_holds_figures_only(sqlite_world: World) -> None:
    texts = {name for name, value in a_state().items() if isinstance(value, str)}
    columns = {column["name"] for column in inspect(db.engine).get_columns("device_state")}
    assert not texts
    assert not columns & {"person_id", "place_id", "record_id", "op_id", "latitude", "name"}


def test_the_pages_are_there_in_english(sqlite_world: World) -> None:
    phone, desk = sqlite_world.phone(), desk_of(sqlite_world)
    tell(phone, waiting=1, oldest_age_s=86_400 * 3, aside=ASIDE, clock_offset_s=-7_200)
    for path, fact in ((LIST, "2 h fast"), (LIST, "Need attention 1"), (page_of(phone), "Ask the phone to send again")):
        assert fact in words(desk.get(f"{path}?lang=en")), fact
