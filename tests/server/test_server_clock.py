"""The server's own clock ten years off: no key is valid on such a day, so nothing is receipted, and nothing is lost."""

from __future__ import annotations

import pytest

from server.audit import service as audit
from server.database import db
from server.inspections.models import Visit
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.pages import get, words
from tests.server.protocol import statuses, stored
from tests.server.world import GOOD, World

TEN_YEARS = 3_653


@pytest.mark.parametrize("days", [-TEN_YEARS, TEN_YEARS])
def test_a_push_is_told_to_wait_for_the_administrator_and_taken_once_the_clock_is_right(
    world: World, clock: TestClock, days: int
) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    clock.move(days=days)
    answer = phone.push(op)
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.json["type"] == "/problems/no-signing-key"
    assert "请管理员先核对时钟" in answer.json["detail"]
    assert "手机上的记录不会丢失" in answer.json["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    db.session.rollback()
    assert (stored(), db.session.query(Visit).count(), audit.state(db.session()).size) == ([], 0, 0)
    clock.move(days=-days)
    phone.token = ""
    assert statuses(world.app, phone, op) == [Status.APPLIED]


@pytest.mark.parametrize("days", [-TEN_YEARS, TEN_YEARS])
def test_what_needs_a_signature_is_told_and_what_needs_none_is_answered(
    sqlite_world: World, clock: TestClock, days: int
) -> None:
    phone, label = sqlite_world.phone(), "/V/" + sqlite_world.links[0].rpartition("/")[2]
    clock.move(days=days)
    for path in ("/api/v1/sync/changes", "/api/v1/log/head"):
        answer = phone.client.get(path, headers=phone.headers)
        assert (answer.status_code, answer.json["type"]) == (503, "/problems/no-signing-key"), path
    for path in ("/", "/healthz", "/api/v1/keys", "/api/v1/revoked", label):
        assert get(sqlite_world, path).status_code == 200, path
    word = "签发日期不对" if days < 0 else "无检定记录"
    assert word in words(get(sqlite_world, label))
