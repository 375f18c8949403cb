"""What was refused is edited and sent again: a new operation on nothing refused; the old one stays and points to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fieldapp.labelling import records
from fieldapp.labelling.model import Step
from fieldapp.record.sides import sides
from fieldapp.routes import Route
from fieldapp.store.chain import Entry
from fieldapp.store.forms import BIND, REGISTER, SWAP, VERIFICATION
from fieldapp.store.outbox import OpState
from fieldapp.sync.push import push_all
from fieldapp.visit.model import Evidence
from shared.ops import Op, Status
from shared.words import SealAct, SealPosition
from tests.builders import an_id
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    ME,
    PARTY,
    PLACE,
    SCALE,
    WORN,
    a_scale_row,
    a_visit,
    fill,
    save,
)
from tests.fieldapp.labelling_builders import a_filing, a_labelling_desk, file_one, signed, stand_at
from tests.fieldapp.pretend_server import PretendServer, session_with
from tests.fieldapp.seal_scenes import record as record_seal

BLOCKED = Status.BLOCKED


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


@pytest.fixture
def server() -> PretendServer:
    return PretendServer()


def send(desk: Desk, server: PretendServer, **refused: Status) -> None:
    """Push everything; some operations are answered otherwise, with a reason."""
    server.statuses |= refused
    person = desk.store.kept.person
    push_all(desk.store, session_with(desk.store, server))
    desk.store.kept.person = person
    desk.parts.status.look(desk.store)


def states(desk: Desk) -> list[OpState]:
    return [entry.state for entry in reversed(desk.store.outbox.all())]


def filed(desk: Desk) -> tuple[Op, Op, Op]:
    """File one instrument with its label and verification."""
    a_labelling_desk(desk)
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    desk.vm.back()
    day = desk.store.labelling.of(desk.parts.me.id)
    desk.store.labelling.keep(replace(day, filing=None), desk.clock.now())
    register, bind, verification = signed(desk.store)
    return register, bind, verification


def test_a_refused_visit_becomes_a_new_record_with_its_photos_at_their_checks(desk: Desk, server: PretendServer):
    visit = a_visit()
    check = visit.inspections[0].checks[0]
    photo = desk.store.photos.keep(b"scale")
    shots = (Evidence(photo, 5, "photo", check.id), Evidence(photo, 5, "photo", None))
    op = save(desk.store, visit.with_inspection(replace(visit.inspections[0], evidence=shots)))[0]
    send(desk, server, **{op.op_id: Status.REJECTED})
    assert desk.parts.status.needs_a_look == 1
    desk.go(Route.RECORD, op_id=op.op_id).revise()
    assert desk.route == "visit"
    running = desk.store.drafts.running()
    assert running is not None
    assert {running.id, running.inspections[0].id}.isdisjoint({visit.id, visit.inspections[0].id})
    assert [shot.check for shot in running.inspections[0].evidence] == [running.inspections[0].checks[0].id, None]
    desk.vm.save()
    send(desk, server)
    assert states(desk) == [OpState.REJECTED, OpState.RECEIVED]
    old, new = reversed(desk.store.outbox.all())
    assert (old.op_id, new.depends_on, "revises" in signed(desk.store)[1].body) == (op.op_id, (), False)
    assert desk.parts.status.needs_a_look == 0
    vm = desk.go(Route.RECORD, op_id=old.op_id)
    assert (vm.word, vm.can_revise, vm.can_send_again) == ("已改正重发", False, False)
    assert vm.sentence == "已改正，并作为第 2 条重发。这一条原样保留。"
    assert desk.go(Route.RECORD, op_id=new.op_id).sentence == "本条由第 1 条改正而来。"


def test_a_draft_that_says_something_anew_survives_a_restart_and_may_be_given_up(desk: Desk, server: PretendServer):
    op = save(desk.store)[0]
    send(desk, server, **{op.op_id: Status.REJECTED})
    desk.go(Route.RECORD, op_id=op.op_id).revise()
    running = desk.store.drafts.running()
    assert running is not None
    assert running.revises == op.op_id
    desk.store.drafts.discard()
    assert desk.go(Route.RECORD, op_id=op.op_id).can_revise


def test_a_refused_registration_is_filed_again_and_what_was_blocked_goes_along(desk: Desk, server: PretendServer):
    register, bind, verification = filed(desk)
    instrument = json.loads(register.body)["id"]
    swap = {"id": an_id(0x901), "first": SCALE, "second": instrument, "on": "2026-11-21"}
    desk.store.filings.swap(Entry(kind=SWAP, body=swap, name="swap", place=None), records.author(desk.parts))
    third = signed(desk.store)[3]
    blocked = dict.fromkeys((bind.op_id, verification.op_id, third.op_id), Status.BLOCKED)
    send(desk, server, **{register.op_id: Status.REJECTED}, **blocked)
    assert states(desk) == [OpState.REJECTED, *[OpState.BLOCKED] * 3]
    vm = desk.go(Route.RECORD, op_id=verification.op_id)
    assert vm.sentence == "这一条以第 1 条为依据，那一条没有被接受。改正那一条重发时，这一条一起重发。"
    vm.revise()
    assert (desk.route, desk.vm.title, desk.vm.can_save) == (
        "labelling.review",
        json.loads(register.body)["serial"],
        True,
    )
    desk.vm.save()
    assert desk.route == "outbox"
    anew = signed(desk.store)[4:]
    assert [op.kind for op in anew] == [REGISTER, BIND, VERIFICATION, SWAP]
    named = json.loads(anew[0].body)["id"]
    assert named != instrument
    assert [json.loads(op.body).get("instrument") for op in anew[1:3]] == [named, named]
    assert (json.loads(anew[3].body)["second"], json.loads(anew[3].body)["id"] == swap["id"]) == (named, False)
    refused = {register.op_id, bind.op_id, verification.op_id, third.op_id}
    assert all(refused.isdisjoint(op.depends_on) for op in anew)
    assert [op.depends_on for op in anew] == [(), (anew[0].op_id,), (anew[1].op_id,), (anew[0].op_id,)]
    send(desk, server)
    assert states(desk)[4:] == [OpState.RECEIVED] * 4
    assert desk.store.outbox.revisions() == {
        old.op_id: new.op_id for old, new in zip((register, bind, verification, third), anew, strict=True)
    }
    assert (desk.parts.status.needs_a_look, desk.parts.status.balance.settled) == (0, 3)
    found = desk.store.filings.of_label(json.loads(bind.body)["serial"])
    assert found is not None
    assert found.instrument == named


@pytest.mark.parametrize("place", [PLACE, ""], ids=["a day is running", "it has ended"])
@pytest.mark.parametrize("is_saved", [True, False], ids=["saved", "given up"])
def test_a_filing_said_anew_leaves_the_day_as_it_was(desk: Desk, server: PretendServer, place: str, is_saved: bool):
    """Neither does a day begin with it, nor are the numbers of the last one offered to the next."""
    register, *others = filed(desk)
    me, keep = desk.parts.me.id, desk.store.labelling.keep
    keep(replace(desk.store.labelling.of(me), place=place, passed_no="ZJ2026-0460", last_label=77), desk.clock.now())
    before = desk.store.labelling.of(me)
    blocked = {op.op_id: Status.BLOCKED for op in others}
    send(desk, server, **{register.op_id: Status.REJECTED}, **blocked)
    desk.go(Route.RECORD, op_id=register.op_id).revise()
    assert desk.store.labelling.of(me).place == PLACE
    if is_saved:
        desk.vm.save()
    else:
        desk.go(Route.LABELLING).give_up()
    assert desk.store.labelling.of(me) == before


def test_a_refused_verification_is_entered_again_for_the_instrument_that_the_server_has(
    desk: Desk, server: PretendServer
):
    register, _, verification = filed(desk)
    send(desk, server, **{verification.op_id: Status.REJECTED})
    desk.go(Route.RECORD, op_id=verification.op_id).revise()
    assert desk.vm.can_save
    desk.vm.save()
    anew = signed(desk.store)[3:]
    assert [op.kind for op in anew] == [BIND, VERIFICATION]
    assert {json.loads(op.body)["instrument"] for op in anew} == {json.loads(register.body)["id"]}
    assert desk.store.outbox.revisions() == {verification.op_id: anew[1].op_id}


def test_whoever_verifies_no_longer_says_no_verification_anew_and_a_blocked_one_goes_along(
    desk: Desk, server: PretendServer
):
    register, bind, verification = filed(desk)
    send(desk, server, **{register.op_id: Status.REJECTED}, **dict.fromkeys((bind.op_id, verification.op_id), BLOCKED))
    desk.store.kept.person = ME
    desk.go(Route.RECORD, op_id=register.op_id).revise()
    desk.vm.save()
    anew = signed(desk.store)[3:]
    assert [op.kind for op in anew] == [REGISTER, BIND, VERIFICATION]
    assert anew[2].depends_on == (anew[1].op_id,)
    send(desk, server, **{anew[2].op_id: Status.REJECTED})
    assert not desk.go(Route.RECORD, op_id=anew[2].op_id).can_revise


def test_a_refused_seal_comes_back_as_it_was_typed(desk: Desk, server: PretendServer):
    record_seal(desk, SealAct.APPLIED, SealPosition.HOUSING, new_number="QF-0417", note="机壳背面")
    (op,) = signed(desk.store)
    send(desk, server, **{op.op_id: Status.REJECTED})
    desk.go(Route.RECORD, op_id=op.op_id).revise()
    assert (desk.route, desk.vm.new_number, desk.vm.note) == ("physical_seals.move", "QF-0417", "机壳背面")
    desk.vm.write("new_number", "QF-0418")
    desk.vm.save()
    new = signed(desk.store)[1]
    assert (json.loads(new.body)["new_number"], new.depends_on) == ("QF-0418", ())
    assert desk.store.outbox.revisions() == {op.op_id: new.op_id}
    desk.go(Route.RECORD, op_id=op.op_id).revise()
    assert desk.route == "record"


def test_a_refused_swap_is_said_again_with_both_known(desk: Desk, server: PretendServer):
    a_labelling_desk(desk)
    desk.store.filings.swap(records.swap(desk.parts, SCALE, WORN, name="x"), records.author(desk.parts))
    (op,) = signed(desk.store)
    send(desk, server, **{op.op_id: Status.REJECTED})
    desk.go(Route.RECORD, op_id=op.op_id).revise()
    assert (desk.route, desk.vm.is_ready) == ("labelling.swap", True)
    desk.vm.save()
    new = json.loads(signed(desk.store)[1].body)
    assert (new["first"], new["second"]) == (SCALE, WORN)
    assert list(desk.store.outbox.revisions()) == [op.op_id]


@pytest.mark.parametrize("kind", ["visit", "filing", "seal"])
def test_what_is_in_hand_is_finished_first(desk: Desk, server: PretendServer, kind: str):
    if kind == "visit":
        op = save(desk.store)[0]
        desk.store.drafts.keep(a_visit(id=desk.clock.new_id()), desk.clock.now())
    elif kind == "seal":
        record_seal(desk, SealAct.APPLIED, SealPosition.HOUSING, new_number="QF-1")
        (op,) = signed(desk.store)
        desk.go(Route.CARD, instrument=SCALE).look_at_seals()
        desk.vm.choose(SealPosition.HOUSING.value, SealAct.REPLACED.value)
        desk.vm.write("new_number", "QF-2")
    else:
        op = filed(desk)[0]
        stand_at(desk, a_filing(Step.NUMBER), Route.LABELLING)
    send(desk, server, **{op.op_id: Status.REJECTED})
    vm = desk.go(Route.RECORD, op_id=op.op_id)
    vm.revise()
    first = {"visit": "finish_first", "filing": "finish_filing", "seal": "finish_seal"}[kind]
    assert (desk.route, vm.sentence) == ("record", desk.t(f"record.{first}"))
    assert desk.store.outbox.revisions() == {}


def test_the_records_of_another_are_not_edited(desk: Desk, server: PretendServer):
    op = save(desk.store)[0]
    send(desk, server, **{op.op_id: Status.REJECTED})
    desk.store.kept.person = COLLEAGUE
    vm = desk.go(Route.RECORD, op_id=op.op_id)
    assert (vm.can_revise, vm.sides) == (False, [])
    vm.revise()
    assert desk.route == "record"


class TestBothSides:
    def conflict(self, desk: Desk, server: PretendServer, theirs: Any) -> Any:
        op = save(desk.store)[0]

        def _tell(path: str, answer: Any) -> Any:
            if path == "/sync/push":
                problem = {"type": "/problems/same-record-other-body", "detail": "以前收到过不同的内容。"}
                answer[1]["results"][0] |= {"problem": problem} | ({"theirs": theirs(op)} if theirs else {})
            return answer

        server.after = _tell
        send(desk, server, **{op.op_id: Status.CONFLICT})
        return desk.go(Route.RECORD, op_id=op.op_id)

    def test_a_conflict_tells_in_words_what_each_side_says(self, desk: Desk, server: PretendServer):
        def _theirs(op: Op) -> dict[str, str]:
            body = json.loads(op.body)
            body["inspections"][0] |= {"disposition": "order_to_correct", "remark": "已当场告知"}
            body["inspections"][0]["checks"][0]["readings"][2]["shown_mg"] = 10_000_000
            body["place"] = an_id(0xABC)
            return {"body": json.dumps(body)}

        vm = self.conflict(desk, server, _theirs)
        assert (vm.word, vm.can_revise) == ("有冲突", True)
        assert vm.sentence == desk.t("record.conflict")
        assert dict(map(tuple, vm.sides)) == {
            "场所": f"本机：东关农贸市场\n服务器：…{an_id(0xABC)[-8:]}",
            "第 1 户 处理方式": "本机：送检\n服务器：责令改正",
            "第 1 户 检查情况": "本机：（空）\n服务器：已当场告知",
            "第 1 户 第 1 台 第 3 点 显示": "本机：10.025 公斤\n服务器：10 公斤",
        }

    def test_a_side_that_may_not_be_shown_is_told_so(self, desk: Desk, server: PretendServer):
        vm = self.conflict(desk, server, None)
        assert (vm.sides, "不在您的管辖范围" in vm.sentence) == ([], True)

    @pytest.mark.parametrize("theirs", ["x", {"body": "["}, {"body": "[]"}, {}, None])
    def test_a_side_that_makes_no_sense_is_none(self, desk: Desk, server: PretendServer, theirs: Any):
        vm = self.conflict(desk, server, lambda op: theirs)
        assert vm.sides == []

    def test_many_differences_are_counted_from_the_thirteenth_on(self, desk: Desk, server: PretendServer):
        vm = self.conflict(desk, server, lambda op: {"body": "{}"})
        assert len(vm.sides) == 13
        assert vm.sides[-1][0] == "其他"

    def test_the_fields_that_the_server_found_wrong_are_named(self, desk: Desk, server: PretendServer):
        op = save(desk.store)[0]
        errors = [
            {"pointer": "/inspections/0/checks/1/readings/2/shown_mg", "detail": "应为整数。"},
            {"pointer": "/new"},
        ]

        def _tell(path: str, answer: Any) -> Any:
            if path == "/sync/push":
                answer[1]["results"][0] |= {"problem": {"type": "/problems/bad-body", "errors": errors}}
            return answer

        server.after = _tell
        send(desk, server, **{op.op_id: Status.REJECTED})
        vm = desk.go(Route.RECORD, op_id=op.op_id)
        assert vm.sides == [["第 1 户 第 2 台 第 3 点 显示", "需改正：应为整数。"], ["new", "需改正："]]


def test_the_register_names_what_a_side_names(desk: Desk, server: PretendServer):
    fill(desk.store, [("instrument", a_scale_row())])
    ours = {
        "party": PARTY,
        "instrument": SCALE,
        "stall": None,
        "place": PLACE,
        "at": "2026-11-21T03:50:00Z",
        "ok": True,
    }
    theirs = {"party": None, "instrument": WORN, "witnesses": ["甲", "乙"], "at": "x", "ok": False, "act": "replaced"}
    told = dict(map(tuple, sides(desk.parts.texts, desk.store.register, ours, theirs)))
    assert told["检查对象"] == "本机：李记鲜蔬\n服务器：（空）"
    assert told["器具"] == "本机：ACS-30 2024 0311\n服务器：W-2"
    assert told["时间"] == "本机：11月21日 11:50\n服务器：x"
    assert (told["ok"], told["情况"]) == ("本机：是\n服务器：否", "本机：（空）\n服务器：更换封印")
    assert told["在场人"] == "本机：（空）\n服务器：2 项"
