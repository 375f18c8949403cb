"""What an inspector may hold before the camera, and what may go wrong around it: told in words, and nothing is lost."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kivy.base import ExceptionManager

from fieldapp.routes import Route, Stop
from fieldapp.scan.label import NOTHING_TO_TRUST
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble, Trouble
from fieldapp.sync.push import push_all
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.telling import TellTrouble
from shared.ops import Status
from shared.seal import LabelVerdict
from shared.texts import LANGUAGES, load
from tests.builders import a_label
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOON, PLACE, SCALE, a_visit, open_store, save
from tests.fieldapp.pretend_server import PretendServer, problem, session_with

TEN_YEARS = timedelta(days=3_653)
FORM = 133


@pytest.fixture
def server() -> PretendServer:
    return PretendServer()


@pytest.fixture
def desk(folder: Path, server: PretendServer) -> Desk:
    """A desk with a visit that is running: whatever happens, it must still be there afterwards."""
    desk = Desk(folder, adapter=server)
    desk.store.database.pragma("busy_timeout = 20")
    desk.store.drafts.keep(a_visit(), NOON)
    return desk


def is_whole(desk: Desk) -> bool:
    """Say whether the running visit is still there, as it was, and the right label still leads to its card."""
    desk.go(Route.SCAN).on_codes([a_label()])
    return desk.store.drafts.running() == a_visit() and desk.route == "card"


# --- labels ---------------------------------------------------------------------------------------------------------


def with_bit_flipped(link: str, bit: int) -> str:
    """Return a link whose 83 bytes differ in one bit."""
    content = bytearray(base64.b32decode(link[-FORM:] + "==="))
    content[bit // 8] ^= 0x80 >> bit % 8
    return link[:-FORM] + base64.b32encode(content).decode().rstrip("=")


def test_no_label_with_one_bit_flipped_is_trusted_and_each_is_told_with_what_to_do(desk: Desk):
    vm, told = desk.go(Route.SCAN), set()
    for bit in range(83 * 8):
        vm.on_codes([with_bit_flipped(a_label(), bit)])
        assert (desk.route, vm.state) == ("scan", "told"), bit
        assert LabelVerdict(vm.verdict) in NOTHING_TO_TRUST, bit
        assert (vm.shape, vm.advice) == (vm.verdict, desk.t(f"scan.advice_{vm.verdict}")), bit
        told.add(vm.verdict)
    assert told == {"forged", "unknown_key", "unknown_algorithm", "not_a_seal"}
    assert is_whole(desk)


WHAT_TO_DO: dict[str, tuple[str, str, str]] = {
    "no label": ("weixin://wxpay/bizpayurl?pr=x", "请扫描器具上的", "Scan the label on the instrument"),
    "empty": ("", "请扫描器具上的", "Scan the label on the instrument"),
    "another bureau's host": (
        a_label(host="OTHER.TEST"),
        "从场所名单中找到这台器具继续检查",
        "in the list of the place and go on",
    ),
    "another bureau's key": (a_label(region="341602"), "请联网同步后重试", "Sync"),
    "a newer form": (with_bit_flipped(a_label(), 6), "请更新应用", "Update"),
    "forged": (a_label(signer="somebody"), "拍照留证", "photo"),
    "unknown instrument": (a_label(serial=1_000_009), "核对器具铭牌，报计量科补登记", "have the instrument registered"),
    "void, unknown instrument": (
        a_label(serial=1_000_003),
        "核对器具铭牌，报计量科补登记",
        "have the instrument registered",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", WHAT_TO_DO)
def test_a_label_that_leads_nowhere_says_what_to_do_next(folder: Path, what: str, language: str):
    desk = Desk(folder, language=language)
    desk.store.drafts.keep(a_visit(), NOON)
    link, *advice = WHAT_TO_DO[what]
    vm = desk.go(Route.SCAN)
    vm.on_codes([link])
    assert (desk.route, vm.state) == ("scan", "told")
    assert advice[LANGUAGES.index(language)] in vm.advice
    assert vm.advice.endswith(("。", "."))
    assert vm.word
    vm.look()
    assert (vm.word, vm.advice) == ("", "")
    assert is_whole(desk)


def test_a_short_code_of_an_unknown_instrument_says_what_it_looked_for_and_another_can_be_typed(desk: Desk):
    vm = desk.go(Route.SCAN)
    vm.type_short_code()
    vm.on_short_code("77777777F")
    assert (desk.route, vm.sentence) == ("scan", desk.t("scan.unknown_instrument", short="77777777F"))
    vm.on_short_code("AAAA6QSB9")
    assert desk.route == "card"


# --- storage --------------------------------------------------------------------------------------------------------


@contextmanager
def locked(desk: Desk) -> Iterator[None]:
    """Another program holds the file."""
    other = sqlite3.connect(desk.parts.settings.data_dir / "dingpan.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def read_only(desk: Desk) -> Iterator[None]:
    desk.store.database.pragma("query_only = 1")
    yield
    desk.store.database.pragma("query_only = 0")


TROUBLES: dict[str, Callable[[Desk], Any]] = {"locked": locked, "read_only": read_only}


def weigh(vm: Any, load: str, shown: str) -> None:
    vm.another()
    vm.done(load)
    vm.done(shown)


def test_a_scan_while_the_file_is_locked_is_told_and_done_again_afterwards(desk: Desk):
    vm = desk.go(Route.SCAN)
    with locked(desk):
        vm.on_codes([a_label()])
        assert (desk.route, vm.trouble) == ("scan", desk.t("storage.locked"))
    vm.on_codes([a_label()])
    assert desk.route == "card"


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_reading_that_cannot_be_kept_is_told_and_can_be_typed_again(desk: Desk, trouble: str):
    desk.store.drafts.keep(replace(a_visit(), inspections=()), NOON)
    desk.go(Route.CARD, instrument=SCALE, link=a_label()).check()
    vm = desk.vm
    weigh(vm, "10", "10.025")
    with TROUBLES[trouble](desk):
        weigh(vm, "5", "5.000")
        assert vm.trouble == desk.t(f"storage.{trouble}")
        assert [reading.load_mg for reading in vm.check.readings] == [10_000_000]
    weigh(vm, "5", "5.000")
    assert vm.trouble == ""
    kept = desk.store.drafts.running()
    assert [reading.load_mg for reading in kept.check(kept.open_check).readings] == [10_000_000, 5_000_000]


def test_readings_on_a_disk_that_fills_up_are_kept_up_to_the_one_that_was_told(desk: Desk):
    desk.store.drafts.keep(replace(a_visit(), inspections=()), NOON)
    desk.go(Route.CARD, instrument=SCALE, link=a_label()).check()
    vm = desk.vm
    desk.store.database.pragma(f"max_page_count = {desk.store.database.pragma('page_count')}")
    count = 0
    while not vm.trouble:
        weigh(vm, "10", "10.025")
        count += 1
        assert count < 400
    assert vm.trouble == desk.t("storage.full")
    kept = open_store(desk.parts.settings.data_dir).drafts.running()
    assert len(kept.check(kept.open_check).readings) == len(vm.check.readings) == count - 1
    desk.store.database.pragma("max_page_count = 100000")
    weigh(vm, "5", "5.000")
    assert (vm.trouble, len(vm.check.readings)) == ("", count)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_visit_that_cannot_be_saved_is_told_and_stays_as_it_is(desk: Desk, trouble: str):
    vm = desk.go(Route.VISIT)
    with TROUBLES[trouble](desk):
        vm.save()
        assert (desk.route, vm.trouble) == ("visit", desk.t(f"storage.{trouble}"))
    assert (desk.store.drafts.running(), desk.store.outbox.all()) == (a_visit(), [])
    vm.save()
    assert (desk.route, len(desk.store.outbox.all()), desk.store.drafts.running()) == ("today", 1, None)


SCREENS: dict[Route, dict[str, Any]] = {
    Route.TODAY: {},
    Route.SCAN: {},
    Route.CARD: {"instrument": SCALE},
    Route.VISIT: {},
    Route.PARTY: {"inspection": a_visit().inspections[0].id},
    Route.CHECK: {"check": a_visit().inspections[0].checks[0].id},
    Route.OUTBOX: {},
    Route.PREFERENCES: {},
}


@pytest.mark.parametrize("route", SCREENS, ids=str)
def test_a_screen_that_cannot_be_read_is_told_where_the_person_stands(desk: Desk, route: Route):
    desk.go(Route.START, place=PLACE)
    before = (*desk.parts.path.stops, Stop(route, SCREENS[route]))
    with locked(desk):
        try:
            desk.go(route, **SCREENS[route])
        except StorageTrouble as trouble:
            before = before[:-1]
            TellTrouble(SimpleNamespace(shown=desk)).handle_exception(trouble)
        assert tuple(desk.parts.path.stops) == before
        assert desk.vm.trouble == ("" if route is Route.SCAN else desk.t("storage.locked"))
    desk.go(route, **SCREENS[route])
    assert (desk.route, desk.vm.trouble) == (route.value, "")
    assert is_whole(desk)


def test_a_fault_of_the_program_is_not_taken_for_trouble_with_storage(desk: Desk):
    vm, trouble = desk.go(Route.TODAY), StorageTrouble(Trouble.FULL)
    teller, before_the_first_screen = (TellTrouble(SimpleNamespace(shown=shown)) for shown in (desk, None))
    assert teller.handle_exception(KeyError("x")) == ExceptionManager.RAISE
    assert vm.trouble == ""
    assert teller.handle_exception(trouble) == ExceptionManager.PASS
    assert vm.trouble == desk.t("storage.full")
    assert before_the_first_screen.handle_exception(trouble) == ExceptionManager.RAISE


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_sync_that_cannot_write_is_told_and_the_record_is_sent_again(desk: Desk, server: PretendServer, trouble: str):
    save(desk.store)
    session = session_with(desk.store, server)
    session.sign_in()
    with TROUBLES[trouble](desk):
        assert a_round(desk.store, server) == Outcome(Result.STORAGE, trouble)
    assert [entry.state for entry in desk.store.outbox.all()] == [OpState.WAITING]
    assert a_round(desk.store, server).result is Result.DONE
    assert [entry.state for entry in desk.store.outbox.all()] == [OpState.RECEIVED]


def a_round(store: Store, server: PretendServer) -> Outcome:
    return Round(store, session_with(store, server), Retry(store.facts, lambda: 0.0)).run()


# --- the server's side of it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["database-busy", "database-read-only", "database-full", "no-signing-key"])
def test_a_server_that_cannot_take_records_now_is_quoted_and_every_record_stays(
    desk: Desk, server: PretendServer, slug: str
):
    detail = load("zh-CN", "server")(f"problem.{slug}.detail")
    save(desk.store)
    server.before = lambda method, path, body: problem(503, slug, detail=detail) if path == "/sync/push" else None
    outcome = a_round(desk.store, server)
    assert outcome == Outcome(Result.LATER, detail)
    vm = desk.go(Route.TODAY)
    desk.parts.status.take(outcome, desk.store)
    assert vm.network == f"服务器现在不能接收：{detail}记录都在本机，稍后自动再试。"
    assert [entry.state for entry in desk.store.outbox.all()] == [OpState.WAITING]
    server.before = lambda *_: None
    assert a_round(desk.store, server).result is Result.DONE
    assert [entry.state for entry in desk.store.outbox.all()] == [OpState.RECEIVED]


def test_a_record_in_conflict_shows_the_servers_words_and_both_can_be_told_apart(desk: Desk, server: PretendServer):
    op = save(desk.store)[0]
    why = load("zh-CN", "server")("op.same-op-other-bytes.detail")
    server.statuses[op.op_id] = Status.CONFLICT

    def with_reason(path: str, answer: Any) -> Any:
        if path == "/sync/push":
            answer[1]["results"][0] |= {"problem": {"type": "/problems/same-op-other-bytes", "detail": why}}
        return answer

    server.after = with_reason
    push_all(desk.store, session_with(desk.store, server))
    desk.store.drafts.discard()
    vm = desk.go(Route.RECORD, op_id=op.op_id)
    assert (vm.word, vm.sentence) == ("有冲突", f"服务器没有接受这一条：{why}记录仍在本机，可修改后重发。")
    vm.revise()
    again = desk.store.drafts.running()
    assert again.id != a_visit().id
    desk.vm.save()
    server.after = lambda path, answer: answer
    push_all(desk.store, session_with(desk.store, server))
    assert [entry.state for entry in desk.store.outbox.all()] == [OpState.RECEIVED, OpState.CONFLICT]
    assert json.loads(server.ops[-1].body)["inspections"][0]["checks"][0]["readings"]


# --- the phone's clock ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong_by", [-TEN_YEARS, TEN_YEARS])
def test_a_clock_ten_years_off_is_told_and_its_records_arrive(desk: Desk, server: PretendServer, wrong_by: timedelta):
    desk.clock.at = NOON + wrong_by
    assert a_round(desk.store, server).result is Result.DONE
    vm = desk.go(Route.TODAY)
    assert f"手机时间与服务器相差 {abs(wrong_by).days} 天" in vm.clock_warning
    assert "到期日已按服务器时间计算" in vm.clock_warning
    desk.go(Route.VISIT).save()
    assert a_round(desk.store, server).result is Result.DONE
    assert [entry.state for entry in desk.store.outbox.all()] == [OpState.RECEIVED]
    body = json.loads(server.ops[0].body)
    assert (body["clock_offset_s"], body["made_at"][:4]) == (-wrong_by.total_seconds(), str((NOON + wrong_by).year))


def test_what_waits_by_a_clock_ten_years_ahead_goes_out_once_the_clock_is_right(desk: Desk, server: PretendServer):
    desk.clock.at = NOON + TEN_YEARS
    op = save(desk.store)[0]
    server.statuses[op.op_id] = Status.RETRY
    push_all(desk.store, session_with(desk.store, server))
    del server.statuses[op.op_id]
    assert push_all(desk.store, session_with(desk.store, server)) == 0
    desk.clock.at = NOON
    assert push_all(desk.store, session_with(desk.store, server)) == 1


def test_after_a_first_sync_no_clock_ten_years_behind_spoils_a_label(desk: Desk, server: PretendServer):
    save(desk.store)
    assert a_round(desk.store, server).result is Result.DONE
    desk.clock.at = NOON - TEN_YEARS
    desk.go(Route.SCAN).on_codes([a_label()])
    assert (desk.route, desk.vm.verdict) == ("card", "genuine")


def test_a_label_is_judged_by_the_servers_day_though_the_clock_is_ten_years_ahead(desk: Desk, server: PretendServer):
    desk.clock.at = NOON + TEN_YEARS
    assert a_round(desk.store, server).result is Result.DONE
    desk.go(Route.SCAN).on_codes([a_label()])
    assert (desk.route, desk.vm.verdict) == ("card", "genuine")
    assert "手机时间与服务器相差" in desk.go(Route.TODAY).clock_warning
    assert desk.store.drafts.running() == a_visit()
