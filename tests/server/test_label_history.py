"""The folded parts of a label's page: what happened, a day of the past, large print, and feedback."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from server import transaction
from server.clock import new_id, now
from server.database import begin_write, db
from server.feedback.models import Feedback
from server.public import service as public
from server.public.state import PageState
from server.registry.models import Custody, Party
from shared.words import VerificationResult
from tests.label_states import make_states, verified
from tests.server.conftest import TestClock
from tests.server.pages import get, visitor, words
from tests.server.test_pages_label import page_of
from tests.server.world import BEYOND, GOOD, World


def moved(world: World, days_ago: int) -> None:
    """Let the second merchant use the first scale since some days ago."""
    begin_write()
    old = db.session().get_one(Custody, world.custodies[0])
    old.first_day, old.last_day = world.day - timedelta(days=900), world.day - timedelta(days=days_ago + 1)
    since = world.day - timedelta(days=days_ago)
    about = {
        "instrument_id": old.instrument_id,
        "kind": "own",
        "user_id": world.parties[1],
        "stall_id": world.stalls[1],
    }
    db.session.add(Custody(id=new_id(now()), first_day=since, **about))
    public.changed(db.session(), world.instruments[0])
    transaction.commit(db.session(), now())


def test_what_happened_is_listed_newest_first(world: World) -> None:
    verified(world, 0, 400)
    verified(world, 0, 20, VerificationResult.FAILED)
    verified(world, 0, 10)
    phone = world.phone()
    (answer,) = phone.answers(phone.op("visit.record/1", world.visit(world.check(GOOD))))
    assert answer["status"] == "applied"
    moved(world, 30)
    said = words(get(world, page_of(world))).partition("检定、检查和使用记录")[2]
    told = [
        "现场检查，未见异常",
        "检定合格",
        "检定不合格",
        "开始使用 A02 号摊位 · merchant 2",
        "检定合格",
        "开始使用 A01 号摊位",
    ]
    places = []
    for line in told:
        places.append(said.index(line, places[-1] + 1 if places else 0))
    assert places == sorted(places)


def test_a_suspicion_is_no_history(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    phone.answers(phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(BEYOND))))
    verified(sqlite_world, 0, 0)
    said = words(get(sqlite_world, page_of(sqlite_world)))
    assert "检定合格" in said
    assert ("疑似" in said, "未见异常" in said) == (False, False)


def test_a_day_of_the_past_says_what_stood_then_and_who_used_it(world: World) -> None:
    verified(world, 0, 400)
    verified(world, 0, 10)
    moved(world, 30)
    for days_ago, word, who in (
        (390, "有效期内", "merchant 1"),
        (20, "超过有效期", "merchant 2"),
        (5, "有效期内", "merchant 2"),
    ):
        day = world.day - timedelta(days=days_ago)
        answer = get(world, f"{page_of(world)}?on={day}")
        said = words(answer).partition(f"{day} 当天")[2].partition("开始使用")[0]
        assert answer.status_code == 200
        assert said.startswith(f" {word}"), (days_ago, said)
        assert who in said, (days_ago, said)
        assert '<details id="history" open>' in answer.text


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("2000-01-01", 200, "那一天登记中还没有这台器具。"),
        ("2027-01-01", 422, "请选择今天或以前的日期。"),
        ("2026-02-30", 422, "请按 2026-01-31 的样子填写日期。"),
        ("20260131", 422, "请按 2026-01-31 的样子填写日期。"),
        ("<script>", 422, "请按 2026-01-31 的样子填写日期。"),
    ],
)
def test_any_other_day_is_answered_in_words(sqlite_world: World, typed: str, status: int, said: str) -> None:
    verified(sqlite_world, 0, 10)
    answer = get(sqlite_world, f"{page_of(sqlite_world)}?on={typed}")
    assert (answer.status_code, said in words(answer)) == (status, True)
    assert "<script>" not in answer.text


def test_a_natural_person_of_before_is_not_named_either(sqlite_world: World) -> None:
    begin_write()
    party = db.session().get_one(Party, sqlite_world.parties[0])
    party.name, party.identity_kind = "某某某", "self_grower"
    transaction.commit(db.session(), now())
    moved(sqlite_world, 30)
    day = sqlite_world.day - timedelta(days=60)
    said = words(get(sqlite_world, f"{page_of(sqlite_world)}?on={day}"))
    assert "某某某" not in said
    assert "A01 号摊位" in said


def test_large_print_is_a_link_and_back(sqlite_world: World) -> None:
    path = page_of(sqlite_world)
    assert 'href="?print=large"' in get(sqlite_world, path).text
    large = get(sqlite_world, f"{path}?print=large&on=2026-11-01")
    assert 'data-scale="160"' in large.text
    assert 'href="?on=2026-11-01"' in large.text


def test_the_page_repeats_the_words_printed_on_the_label(sqlite_world: World) -> None:
    from shared.check_words import check_words

    path = page_of(sqlite_world)
    content = base64.b32decode(path.rpartition("/")[2] + "===")
    assert " ".join(check_words(content[:19])) in words(get(sqlite_world, path))
    assert "核对词" not in words(get(sqlite_world, make_states(sqlite_world)[PageState.FORGED]))


# --- feedback ---------------------------------------------------------------------------------------------------------


def give(world: World, text: str, path: str = "") -> int:
    return world.app.test_client().post((path or page_of(world)) + "/feedback", data={"words": text}).status_code


def test_feedback_is_kept_and_read_at_the_desk_of_the_region(world: World) -> None:
    answer = world.app.test_client().post(page_of(world) + "/feedback", data={"words": "秤盘上有水，看不清"})
    assert (answer.status_code, answer.location) == (303, page_of(world) + "?thanks=1")
    assert "您的意见已交给当地市场监督管理部门。" in words(get(world, answer.location))
    (kept,) = db.session.query(Feedback)
    assert (kept.instrument_id, kept.text) == (world.instruments[0], "秤盘上有水，看不清")
    desk = visitor(world, "supervisor")
    said = words(desk.get("/console/feedback"))
    assert "其中 1 条未读" in said
    assert "秤盘上有水，看不清" in said
    assert "秤盘上有水" not in words(visitor(world, "stranger").get("/console/feedback"))
    path = f"/console/feedback/{kept.id}/read"
    assert visitor(world, "stranger").post(path).status_code in (403, 404)
    assert desk.post(path).status_code == 303
    assert "标为已读" not in words(desk.get("/console/feedback"))
    assert desk.post(path).status_code == 303, "twice is no mistake"


def test_what_is_no_feedback_comes_back_with_what_was_typed(sqlite_world: World) -> None:
    for typed in ("", "好", "长" * 501, "a\x00b"):
        assert give(sqlite_world, typed) in (400, 422), typed[:9]
    answer = sqlite_world.client.post(page_of(sqlite_world) + "/feedback", data={"words": "长" * 501})
    assert "长" * 501 in answer.text
    assert '<details id="feedback" open>' in answer.text
    assert db.session.query(Feedback).count() == 0


def test_a_label_that_stands_for_nothing_takes_no_feedback(sqlite_world: World) -> None:
    paths = make_states(sqlite_world)
    taken = {state for state, path in paths.items() if give(sqlite_world, "看不清", path) == 303}
    assert taken == {state for state in paths if "意见反馈" in words(get(sqlite_world, paths[state]))}
    assert "forged" not in taken
    assert "in_date" in taken


def test_feedback_goes_after_a_year(sqlite_world: World, clock: TestClock) -> None:
    from server.personal import retention

    give(sqlite_world, "看不清")
    clock.move(days=364)
    assert retention.run(db.session(), now())["feedback"] == 0
    clock.move(days=1)
    assert retention.run(db.session(), now())["feedback"] == 1


def test_a_check_that_found_nothing_is_on_the_page_at_once(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    phone.answers(phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD))))
    assert "现场检查，未见异常" in words(get(sqlite_world, page_of(sqlite_world)))
