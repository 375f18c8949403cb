"""Today, the register of a visit, parties, the outbox and the preferences, with viewmodels as plain objects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.clock import Offset
from fieldapp.parts import Locked
from fieldapp.routes import Route
from fieldapp.store.alarms import AlarmCode
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.sync.balance import Balance
from fieldapp.sync.push import push_all
from fieldapp.sync.round import Outcome, Result
from fieldapp.visit.model import Signature, Visit
from shared.dates import instant_text
from shared.ops import Status
from shared.words import Disposition
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    ME,
    NOON,
    OTHER_PLACE,
    PARTY,
    PLACE,
    SCALE,
    STALL,
    a_field_check,
    a_scale_row,
    a_visit,
    an_inspection,
    fill,
    save,
)
from tests.fieldapp.pretend_server import PretendServer, session_with


@pytest.fixture
def server() -> PretendServer:
    return PretendServer()


@pytest.fixture
def desk(folder: Path, server: PretendServer) -> Desk:
    return Desk(folder, adapter=server)


def run(desk: Desk, visit: Visit) -> None:
    desk.store.drafts.keep(visit, NOON)


class TestToday:
    def test_tasks_come_first_then_places(self, desk: Desk):
        vm = desk.go(Route.TODAY)
        assert [(row["title"], row["trailing"]) for row in vm.rows] == [
            ("东关农贸市场", "今天"),
            ("东关农贸市场", "2 台"),
            ("城南加油站", "1 台"),
        ]
        assert (vm.person, vm.date_text) == ("林知衡", "11月21日 星期六")
        assert vm.balance == "今日还没有记录。"

    def test_tasks_of_others_and_finished_ones_are_not_mine(self, desk: Desk):
        task = {"kind": "visit", "place": PLACE, "instrument": None, "due_on": None, "note": ""}
        rows = [
            ("task", task | {"id": "t1", "state": "open", "assigned_to": "somebody"}),
            ("task", task | {"id": "t2", "state": "done", "assigned_to": ME.id}),
            ("task", task | {"id": "t3", "state": "open", "assigned_to": None, "kind": "novelty"}),
        ]
        fill(desk.store, rows)
        keys = [row["key"] for row in desk.go(Route.TODAY).rows]
        assert ("t1" in keys, "t2" in keys, "t3" in keys) == (False, False, True)

    def test_a_late_task_says_so(self, desk: Desk):
        desk.clock.at = NOON + timedelta(days=3)
        row = desk.go(Route.TODAY).rows[0]
        assert (row["trailing"], row["code"]) == ("已过 3 天", "indeterminate")

    def test_a_task_about_an_instrument_leads_to_its_card(self, desk: Desk):
        task = {"id": "t1", "kind": "verify", "state": "open", "place": None, "instrument": SCALE, "assigned_to": None}
        fill(desk.store, [("task", task | {"due_on": None, "note": ""})])
        desk.go(Route.TODAY).choose_task("t1")
        assert desk.route == "card"

    def test_a_place_begins_a_visit_or_goes_on_with_the_one_there(self, desk: Desk):
        vm = desk.go(Route.TODAY)
        vm.choose_place(PLACE)
        assert desk.route == "start"
        run(desk, a_visit())
        vm = desk.go(Route.TODAY)
        assert vm.running == "正在检查：东关农贸市场"
        vm.choose_place(PLACE)
        assert desk.route == "visit"
        vm = desk.go(Route.TODAY)
        vm.choose_place(OTHER_PLACE)
        assert (desk.route, "请先完成" in vm.running) == ("today", True)

    def test_stale_data_says_since_when_and_no_network_says_that_work_goes_on(self, desk: Desk):
        vm = desk.go(Route.TODAY)
        desk.parts.status.take(Outcome(Result.OFFLINE), desk.store)
        assert vm.network == "没有网络，可以照常检查；有网络时自动上传。"
        desk.clock.at = NOON + timedelta(days=2)
        vm.look()
        assert "11月21日 12:00" in vm.network
        assert vm.balance == "今日还没有记录。"

    def test_a_refusal_shows_the_servers_words(self, desk: Desk):
        vm = desk.go(Route.TODAY)
        desk.parts.status.take(Outcome(Result.REFUSED, "设备已停用。"), desk.store)
        assert "设备已停用。" in vm.network

    def test_alarms_and_a_wrong_clock_are_loud(self, desk: Desk):
        desk.store.alarms.ring(AlarmCode.LOG_CHANGED, NOON, size=3)
        desk.parts.facts.set_offset(Offset(-420, 1, NOON))
        vm = desk.go(Route.TODAY)
        assert vm.alarm
        assert vm.clock_warning.startswith("手机时间与服务器相差 7 分钟。请在手机设置里")

    def test_the_balance_line_is_equal_only_when_it_is(self, desk: Desk):
        vm = desk.go(Route.TODAY)
        earlier = desk.t("balance.earlier", count=1)
        for balance, words in (
            (Balance(37, 37, is_equal=True), "今日 37 条，服务器已收到 37 条，一致。"),
            (Balance(37, 35, is_equal=False, open=(36, 37)), "还有 2 条未得到服务器确认，都保存在本机，不会丢失。"),
            (Balance(2, 2, is_equal=True, earlier=1), "今日 2 条，服务器已收到 2 条，一致。\n" + earlier),
            (Balance(37, 37, is_equal=False), "今日 37 条都有回执，尚未与服务器核对。"),
        ):
            desk.parts.status.balance = balance
            vm.look()
            assert vm.balance == words

    def test_a_screen_that_was_left_follows_no_longer(self, desk: Desk):
        vm = desk.go(Route.TODAY)
        desk.go(Route.PREFERENCES)
        desk.parts.status.take(Outcome(Result.OFFLINE), desk.store)
        assert vm.network == ""


class TestVisit:
    def test_every_party_of_the_place_is_listed_with_its_instruments(self, desk: Desk):
        fill(desk.store, [("instrument", a_scale_row("s9", serial="F-1", custody=None, stall=None, use="fair_scale"))])
        run(desk, replace(a_visit(), inspections=()))
        vm = desk.go(Route.VISIT)
        assert [row["title"] for row in vm.rows] == ["A12 号摊位  李记鲜蔬", "未登记使用人"]
        assert vm.second == "日常检查  林知衡、何守正"
        assert (vm.can_save, vm.can_discard, vm.missing) == (False, True, "还缺：至少一户的检查")

    def test_a_party_that_was_checked_shows_its_worst_result(self, desk: Desk):
        run(desk, a_visit(an_inspection(disposition=None)))
        row = desk.go(Route.VISIT).rows[0]
        assert (row["code"], row["second"]) == ("beyond", "疑似超差  还没有填完")

    def test_a_visit_with_a_reading_cannot_be_given_up(self, desk: Desk):
        run(desk, a_visit())
        vm = desk.go(Route.VISIT)
        vm.discard()
        assert desk.store.drafts.running() is not None
        run(desk, replace(a_visit(), inspections=()))
        desk.go(Route.VISIT).discard()
        assert (desk.route, desk.store.drafts.running()) == ("today", None)

    def test_saving_makes_the_record_and_goes_back_to_today(self, desk: Desk):
        run(desk, a_visit())
        desk.go(Route.VISIT).save()
        assert (desk.route, desk.pokes, len(desk.store.outbox.all())) == ("today", [False], 1)

    def test_a_full_disk_at_the_save_keeps_the_visit(self, desk: Desk):
        run(desk, a_visit())
        vm = desk.go(Route.VISIT)
        desk.store.database.pragma(f"max_page_count = {desk.store.database.pragma('page_count')}")
        for _ in range(20):
            vm.save()
            if vm.trouble:
                break
            run(desk, replace(a_visit(), id=desk.clock.new_id()))
            vm = desk.go(Route.VISIT)
        assert vm.trouble == desk.t("storage.full")
        assert desk.store.drafts.running() is not None
        desk.store.database.pragma("max_page_count = 100000")
        vm.save()
        assert desk.route == "today"

    def test_without_a_running_visit_there_is_nothing_to_show(self, desk: Desk):
        desk.go(Route.VISIT)
        assert desk.route == "today"

    def test_choosing_a_party_begins_its_inspection(self, desk: Desk):
        run(desk, replace(a_visit(), inspections=()))
        desk.go(Route.VISIT).choose("0")
        assert desk.route == "party"
        (inspection,) = desk.store.drafts.running().inspections
        assert (inspection.party, inspection.stall, inspection.party_name) == (PARTY, STALL, "李记鲜蔬")


class TestParty:
    def party(self, desk: Desk, **fields):
        inspection = replace(an_inspection(disposition=None, signature=None), **fields)
        run(desk, a_visit(inspection))
        return desk.go(Route.PARTY, inspection=inspection.id)

    def test_a_closed_stall_needs_why(self, desk: Desk):
        vm = self.party(desk, checks=())
        vm.choose_disposition("not_inspected")
        assert (vm.missing, [choice["text"] for choice in vm.reasons]) == (
            "还缺：未检查的原因",
            ["未营业", "已撤摊", "拒绝检查"],
        )
        vm.choose_reason("gone")
        assert vm.is_complete
        vm.choose_disposition("none")
        assert desk.store.drafts.running().inspections[0].not_inspected is None

    def test_a_clean_party_is_done_without_a_choice(self, desk: Desk):
        clean = a_field_check((1_000, 1_000), (5_000, 5_000), (10_000, 10_000))
        vm = self.party(desk, checks=(clean,))
        assert (vm.is_complete, vm.needs_signature) == (True, False)
        assert [choice["key"] for choice in vm.dispositions if choice["chosen"]] == ["none"]

    def test_a_party_that_refuses_to_sign_is_recorded_so(self, desk: Desk):
        vm = self.party(desk, disposition=Disposition.CASE_FILED)
        vm.sign()
        desk.vm.refuse()
        assert (desk.route, desk.vm.signature, desk.vm.missing) == ("party", "当事人拒绝签名，已记录", "")
        assert desk.store.drafts.running().inspections[0].signature == Signature("", True, ())

    def test_remarks_are_kept_and_templates_are_added_once(self, desk: Desk):
        vm = self.party(desk)
        vm.add_template("stopped")
        vm.add_template("stopped")
        vm.write_remark(vm.remark + "老板不在。")
        assert desk.store.drafts.running().inspections[0].remark == "已要求停止使用该器具。老板不在。"

    def test_an_unregistered_party_is_asked_for_its_name(self, desk: Desk):
        vm = self.party(desk, party=None, party_name="", stall=None)
        assert (vm.needs_name, vm.name) == (True, "未登记使用人")
        vm.write_name("流动摊贩王某")
        assert desk.store.drafts.running().inspections[0].party_name == "流动摊贩王某"

    def test_an_instrument_leads_to_its_check_or_to_its_card(self, desk: Desk):
        vm = self.party(desk)
        vm.choose_instrument(SCALE)
        assert desk.route == "check"
        vm = self.party(desk, checks=())
        vm.choose_instrument(SCALE)
        assert desk.route == "card"


class TestOutbox:
    def test_each_record_says_how_far_it_has_come(self, desk: Desk, server: PretendServer):
        first, second = save(desk.store)[0], save(desk.store, number=2)[0]
        server.statuses[second.op_id] = Status.REJECTED
        vm = desk.go(Route.OUTBOX)
        assert [(row["code"], row["second"][:3]) for row in vm.rows] == [("unknown", "待上传")] * 2
        push_all(desk.store, session_with(desk.store, server))
        desk.parts.status.take(Outcome(Result.DONE), desk.store)
        assert [(row["code"], row["second"][:3]) for row in vm.rows] == [("beyond", "未接受"), ("within", "已收到")]
        vm.sync()
        assert desk.pokes == [True]
        vm.choose(first.op_id)
        names = [name for name, _ in desk.vm.lines]
        assert names[:2] == ["结果", "服务器收到时间"]
        assert ["回执核对", "签名、日期、内容摘要均相符"] in [list(line) for line in desk.vm.lines]
        assert (desk.vm.word, desk.vm.can_revise) == ("已收到", False)

    def test_a_refused_record_shows_why_and_can_be_edited_and_sent_again(self, desk: Desk, server: PretendServer):
        refused = save(desk.store)[0]
        server.statuses[refused.op_id] = Status.REJECTED
        push_all(desk.store, session_with(desk.store, server))
        vm = desk.go(Route.RECORD, op_id=refused.op_id)
        assert vm.sentence == "服务器没有接受这一条：缺少场所。记录仍在本机，可修改后重发。"
        vm.revise()
        assert desk.route == "visit"
        draft = desk.store.drafts.running()
        assert (draft.id != a_visit().id, draft.inspections[0].checks[0].readings) == (True, a_field_check().readings)
        desk.vm.save()
        assert [entry.state for entry in desk.store.outbox.all()] == [OpState.WAITING, OpState.REJECTED]

    def test_a_visit_in_progress_is_not_overwritten_by_an_edit(self, desk: Desk, server: PretendServer):
        refused = save(desk.store)[0]
        server.statuses[refused.op_id] = Status.REJECTED
        push_all(desk.store, session_with(desk.store, server))
        run(desk, a_visit())
        vm = desk.go(Route.RECORD, op_id=refused.op_id)
        vm.revise()
        assert (desk.route, vm.sentence) == ("record", desk.t("record.finish_first"))

    @pytest.mark.parametrize(("state", "again"), [("blocked", True), ("quarantined", True), ("waiting", False)])
    def test_what_has_no_final_answer_can_be_sent_again(self, desk: Desk, state: str, again: bool):
        op = save(desk.store)[0]
        with desk.store.database.write() as connection:
            problem = {"problem": {"detail": "等前一条。"}}
            desk.store.outbox.move(connection, op.op_id, OpState(state), answer=problem)
        vm = desk.go(Route.RECORD, op_id=op.op_id)
        assert (vm.can_send_again, "等前一条。" in vm.sentence) == (again, True)
        if again:
            vm.send_again()
            assert (desk.store.outbox.entry(op.op_id).state, desk.pokes) == (OpState.WAITING, [True])

    def test_a_receipt_is_proven_to_stand_in_the_log(self, desk: Desk, server: PretendServer):
        op = save(desk.store)[0]
        save(desk.store, number=2)
        push_all(desk.store, session_with(desk.store, server))
        vm = desk.go(Route.RECORD, op_id=op.op_id)
        vm.prove()
        assert vm.proof == "已入册：日志共 2 条，这是第 1 条，证明成立。"
        server.leaves[1] = b"changed"
        vm.prove()
        assert vm.proof == desk.t("record.proof_failed")

    def test_alarms_are_told_in_words(self, desk: Desk):
        desk.store.alarms.ring(AlarmCode.LOG_CHANGED, NOON, size=3)
        desk.store.alarms.ring(AlarmCode.BAD_RECEIPT, NOON, op_id="x")
        assert desk.go(Route.OUTBOX).alarms.count("\n") == 1


class TestPreferences:
    def test_what_is_chosen_is_worn_at_once_and_survives(self, desk: Desk):
        worn: list[bool] = []
        desk.parts.wear = lambda: worn.append(True)
        vm = desk.go(Route.PREFERENCES)
        assert [choice["text"] for choice in vm.languages if choice["chosen"]] == ["简体中文"]
        vm.choose_language("en")
        vm.choose_scale("1.6")
        vm.choose_style("dark")
        facts = desk.parts.facts
        assert [facts.get(name) for name in (Fact.LANGUAGE, Fact.TEXT_SCALE, Fact.STYLE)] == ["en", 1.6, "dark"]
        assert len(worn) == 3

    def test_signing_out_locks_and_keeps_everything(self, desk: Desk):
        save(desk.store)
        run(desk, a_visit())
        desk.go(Route.PREFERENCES).sign_out()
        assert desk.route == "signin"
        with pytest.raises(Locked):
            _ = desk.parts.store
        assert (len(desk.store.outbox.all()), desk.store.drafts.running()) == (1, a_visit())


def test_a_restore_of_the_server_that_was_excused_is_told_once(desk: Desk) -> None:
    desk.parts.facts.set(Fact.RESTORE_NEWS, instant_text(NOON))
    vm = desk.go(Route.OUTBOX)
    assert vm.restored.startswith("服务器 11月21日 12:00 由备份恢复。")
    desk.go(Route.TODAY)
    assert desk.go(Route.OUTBOX).restored == ""
