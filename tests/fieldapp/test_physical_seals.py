"""Physical seals on the phone: what is shown, what is asked, what is recorded and signed, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fieldapp.routes import Route
from fieldapp.store.outbox import OpState
from shared.dates import instant_text
from shared.words import SealAct, SealPosition
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import COLLEAGUE, ME, NOON, NOZZLE, PIN, PLACE, SCALE, WORN, a_scale_row, fill
from tests.fieldapp.labelling_builders import VERIFIER, bodies, signed
from tests.fieldapp.seal_scenes import fill_in, fill_in_at, record
from tests.fieldapp.test_bad_input import TROUBLES

HOUSING, ADJUSTER = SealPosition.HOUSING, SealPosition.ADJUSTER
APPLIED, OPENED, BROKEN, REPLACED = SealAct.APPLIED, SealAct.OPENED, SealAct.FOUND_BROKEN, SealAct.REPLACED


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


def spots(desk: Desk, instrument: str = SCALE) -> dict[str, tuple[str, str]]:
    vm = desk.go(Route.PHYSICAL_SEALS, instrument=instrument)
    return {spot["key"]: (spot["shape"], spot["state"]) for spot in vm.spots}


def said(vm: Any) -> dict[str, str]:
    return {name: sentence for name, sentence in vm.problems.items() if sentence}


def last_body(desk: Desk) -> dict[str, Any]:
    return bodies(desk.store)[-1][1]


class TestWhatIsShown:
    def test_each_kind_of_instrument_has_its_positions_and_of_none_is_anything_known(self, desk: Desk):
        nothing = ("unknown", "本机没有记录")
        assert spots(desk) == dict.fromkeys(("adjuster", "sensor_cable", "main_board", "housing", "other"), nothing)
        nozzle = dict.fromkeys(("adjuster", "encoder_transducer", "board_housing", "other"), nothing)
        assert spots(desk, NOZZLE) == nozzle

    def test_a_kind_that_only_a_newer_server_knows_has_positions_too(self, desk: Desk):
        fill(desk.store, [("instrument", a_scale_row(kind="parking_meter"))])
        assert list(spots(desk)) == ["adjuster", "housing", "other"]

    def test_the_state_follows_from_what_this_phone_recorded(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        assert spots(desk)["housing"] == ("within", "完好  QF-001")
        record(desk, OPENED, old_number="QF-001", authority="市检定所")
        assert spots(desk)["housing"] == ("indeterminate", "已启封")
        record(desk, APPLIED, new_number="QF-002")
        record(desk, BROKEN)
        assert spots(desk)["housing"] == ("beyond", "发现破损，待核查")
        assert spots(desk)["adjuster"] == ("unknown", "本机没有记录")
        assert spots(desk, WORN)["housing"] == ("unknown", "本机没有记录")

    def test_what_the_server_refused_counts_for_nothing(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        (entry,) = desk.store.outbox.all()
        with desk.store.database.write() as connection:
            desk.store.outbox.move(connection, entry.op_id, OpState.REJECTED, answer={})
        assert spots(desk)["housing"] == ("unknown", "本机没有记录")
        assert desk.store.seal_moves.bearers("QF-001") == []

    def test_an_instrument_that_is_gone_is_told(self, desk: Desk):
        vm = desk.go(Route.PHYSICAL_SEALS, instrument=an_unknown())
        assert (vm.name, vm.spots) == (desk.t("card.gone"), [])

    def test_the_owner_is_guessed_from_who_signs_or_from_what_stands(self, desk: Desk):
        def chosen(act: SealAct) -> str:
            return next(one["key"] for one in fill_in(desk, act).owners if one["chosen"])

        assert chosen(APPLIED) == "supervision"
        desk.store.kept.person = VERIFIER
        assert chosen(APPLIED) == "verification"
        fill_in(desk, APPLIED, new_number="M-1").choose_owner("maker")
        desk.vm.save()
        assert chosen(BROKEN) == "maker"


def an_unknown() -> str:
    return SCALE[:-1] + "f"


class TestWhatIsRecorded:
    def test_each_act_is_signed_as_the_wire_has_it_with_what_it_asks_for(self, desk: Desk):
        record(desk, APPLIED, new_number=" QF-001 ", witnesses="李四、王五", note="首检")
        record(desk, OPENED, old_number="QF-001", authority="市检定所", document_no="周检修〔2026〕7号")
        record(desk, BROKEN, ADJUSTER)
        record(desk, APPLIED, new_number="QF-002")
        record(desk, REPLACED, old_number="QF-002", new_number="QF-003")
        about = {"instrument": SCALE, "position": "housing", "owner": "supervision"}
        expected: list[dict[str, Any]] = [
            {"act": "applied", "new_number": "QF-001", "witnesses": ["李四", "王五"], "note": "首检"},
            {"act": "opened_with_authority", "old_number": "QF-001", "authority": "市检定所 周检修〔2026〕7号"},
            {"act": "found_broken", "position": "adjuster"},
            {"act": "applied", "new_number": "QF-002"},
            {"act": "replaced", "old_number": "QF-002", "new_number": "QF-003"},
        ]
        found = [body for kind, body in bodies(desk.store) if kind == "physical_seal.record/1"]
        ids = {body.pop("id") for body in found}
        assert len(ids) == 5
        assert found[0].pop("at") == instant_text(NOON)
        assert all(body.pop("at") for body in found[1:])
        assert found == [about | one for one in expected]

    def test_it_is_in_the_outbox_by_what_happened_where_and_goes_soon(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        assert (desk.route, desk.pokes) == ("physical_seals", [False])
        assert desk.go(Route.OUTBOX).rows[0]["title"] == "封印 ACS-30 2024 0311 机壳：加封"
        (op,) = signed(desk.store)
        record_of = desk.store.records.of_op(op.op_id)
        assert (record_of.id, op.person_id) == (json.loads(op.body)["id"], ME.id)
        assert desk.store.database.row("SELECT place FROM record") == (PLACE,)

    def test_what_was_typed_for_another_act_is_not_sent(self, desk: Desk):
        vm = fill_in(desk, OPENED, authority="市检定所", document_no="7号", new_number="x")
        vm.choose_act("found_broken")
        vm.save()
        assert set(last_body(desk)) == {"id", "instrument", "position", "owner", "act", "at"}

    def test_two_touches_record_one(self, desk: Desk):
        vm = fill_in(desk, APPLIED, new_number="QF-001")
        vm.save()
        vm.save()
        vm.write("new_number", "QF-002")
        assert len(desk.store.outbox.all()) == 1
        assert desk.store.seal_moves.last_draft(ME.id) is None

    def test_the_longest_that_may_be_typed_is_of_the_wires_form(self, desk: Desk):
        names = "、".join("王" * 60 for _ in range(6))
        typed = {"old_number": "9" * 40, "authority": "局" * 70, "document_no": "号" * 49, "note": "说" * 500}
        fill_in(desk, OPENED, **typed, witnesses=names).save()
        assert len(last_body(desk)["authority"]) == 120

    def test_characters_that_no_database_keeps_alike_are_left_out(self, desk: Desk):
        fill_in(desk, APPLIED, new_number="QF\0-\ud8001", note="\0").save()
        assert last_body(desk)["new_number"] == "QF-1"
        assert "note" not in last_body(desk)


class TestWhatIsAsked:
    @pytest.mark.parametrize(
        ("act", "typed", "field", "sentence"),
        [
            (APPLIED, {"new_number": "  "}, "new_number", "请填写新封印的编号。"),
            (REPLACED, {"old_number": "QF-001"}, "new_number", "请填写新封印的编号。"),
            (OPENED, {"old_number": "1"}, "authority", "请填写批准启封的机关、维修单位，或者文书编号。"),
            (BROKEN, {"witnesses": "甲,乙,丙,丁,戊,己,庚"}, "witnesses", "最多 6 位见证人，每个姓名不超过 60 字。"),
            (BROKEN, {"witnesses": "王" * 61}, "witnesses", "最多 6 位见证人，每个姓名不超过 60 字。"),
        ],
    )
    def test_what_lacks_is_told_at_its_field_and_nothing_is_recorded(
        self, desk: Desk, act: SealAct, typed: dict[str, str], field: str, sentence: str
    ):
        vm = fill_in(desk, act, **typed)
        for _ in range(2):
            vm.save()
            assert said(vm) == {field: sentence}
        assert (vm.notice, vm.is_doubt) == (desk.t("physical_seals.put_right"), False)
        assert (desk.route, desk.store.outbox.all()) == ("physical_seals.move", [])

    def test_a_document_alone_is_authority_enough(self, desk: Desk):
        fill_in(desk, OPENED, document_no="周检修〔2026〕7号").save()
        assert last_body(desk)["authority"] == "周检修〔2026〕7号"

    @pytest.mark.parametrize(
        ("act", "typed", "field", "sentence"),
        [
            (APPLIED, {"new_number": "QF-002"}, "act", "本机记录这里已有封印 QF-001。换下它的，请选“更换封印”。"),
            (BROKEN, {"old_number": "QF-7"}, "old_number", "与本机记录的编号 QF-001 不同。登记后由监管人员核查。"),
            (
                REPLACED,
                {"old_number": "QF-001", "new_number": "qf -001"},
                "new_number",
                "新编号与原编号相同，请核对实物。",
            ),
            (REPLACED, {"new_number": "QF-001"}, "new_number", "新编号与原编号相同，请核对实物。"),
            (
                REPLACED,
                {"new_number": "kt 9"},
                "new_number",
                "编号 kt 9 在本机已登记在 W-2 的调整装置，请核对实物。",
            ),
        ],
    )
    def test_what_contradicts_this_phones_records_is_asked_once(
        self, desk: Desk, act: SealAct, typed: dict[str, str], field: str, sentence: str
    ):
        record(desk, APPLIED, new_number="QF-001")
        fill_in_at(desk, WORN, APPLIED, ADJUSTER, new_number="KT9").save()
        vm = fill_in(desk, act, **typed)
        vm.save()
        assert said(vm) == {field: sentence}
        assert (vm.notice, vm.is_doubt) == (desk.t("physical_seals.sure"), True)
        assert len(desk.store.outbox.all()) == 2
        vm.save()
        assert (desk.route, len(desk.store.outbox.all())) == ("physical_seals", 3)

    def test_a_number_where_no_seal_stood_is_asked_for(self, desk: Desk):
        record(desk, BROKEN)
        vm = fill_in(desk, REPLACED, old_number="QF-001", new_number="QF-002")
        vm.save()
        assert said(vm) == {"old_number": "本机记录这里没有封印。登记后由监管人员核查。"}

    def test_what_was_answered_is_asked_again_of_another_number(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        vm = fill_in(desk, BROKEN, old_number="QF-2")
        vm.save()
        vm.write("old_number", "QF-3")
        assert (said(vm), vm.notice) == ({}, "")
        vm.save()
        assert len(desk.store.outbox.all()) == 1

    def test_a_number_whose_seal_was_opened_is_free_again(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        record(desk, OPENED, old_number="QF-001", authority="市检定所")
        fill_in(desk, APPLIED, ADJUSTER, new_number="QF-001").save()
        assert desk.route == "physical_seals"

    def test_the_number_on_record_is_taken_with_one_touch(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        vm = fill_in(desk, BROKEN)
        assert (vm.known, vm.old_number) == ("QF-001", "")
        vm.take_known()
        vm.save()
        assert last_body(desk)["old_number"] == "QF-001"


class TestNothingIsLost:
    def test_what_is_typed_is_there_after_going_away_and_said_at_its_position(self, desk: Desk):
        fill_in(desk, APPLIED, new_number="QF-001", witnesses="李四")
        desk.vm.back()
        drafts = {spot["key"]: spot["draft"] for spot in desk.vm.spots if spot["draft"]}
        assert drafts == {"housing": desk.t("physical_seals.begun")}
        vm = fill_in(desk, REPLACED)
        assert (vm.new_number, vm.witnesses, vm.is_begun) == ("QF-001", "李四", True)
        assert fill_in(desk, REPLACED, ADJUSTER).new_number == ""

    def test_a_killed_app_comes_back_to_it_after_the_pin(self, desk: Desk):
        fill_in(desk, OPENED, authority="市检定所")
        desk.parts.vault.create(PIN)
        store = desk.store
        desk.parts.open = lambda key: store  # type: ignore[method-assign]
        desk.parts.start_sync = lambda: None  # type: ignore[method-assign]
        desk.parts.path.begin(Route.SIGN_IN)
        for digit in PIN:
            desk.vm.press(digit)
        stops = [stop.route.value for stop in desk.parts.path.stops]
        assert stops == ["today", "card", "physical_seals", "physical_seals.move"]
        assert (desk.vm.authority, desk.vm.asks) == ("市检定所", ["authority", "document_no", "old_number"])

    def test_a_form_that_was_only_opened_or_emptied_or_given_up_leaves_nothing(self, desk: Desk):
        fill_in(desk, APPLIED)
        fill_in(desk, APPLIED, new_number="QF-001").write("new_number", "")
        fill_in(desk, APPLIED, ADJUSTER, new_number="QF-001").give_up()
        assert desk.route == "physical_seals"
        assert desk.store.seal_moves.last_draft(ME.id) is None

    def test_nobody_goes_on_with_what_somebody_else_typed(self, desk: Desk):
        fill_in(desk, APPLIED, new_number="QF-001")
        desk.store.kept.person = COLLEAGUE
        assert fill_in(desk, APPLIED).new_number == ""
        assert desk.store.seal_moves.last_draft(COLLEAGUE.id) is None
        assert desk.store.seal_moves.last_draft(ME.id).new_number == "QF-001"

    def test_the_phone_is_not_handed_over_with_a_seal_half_told(self, desk: Desk):
        fill_in(desk, APPLIED, new_number="QF-001")
        vm = desk.go(Route.PREFERENCES)
        vm.hand_over()
        assert (desk.route, vm.refusal) == ("preferences", desk.t("preferences.handover_seal"))

    def test_a_seal_of_an_instrument_that_is_gone_holds_nobody_up(self, desk: Desk):
        fill_in(desk, APPLIED, new_number="QF-001")
        with desk.store.database.write() as connection:
            connection.execute("DELETE FROM register WHERE kind = 'instrument'")
        desk.go(Route.PREFERENCES).hand_over()
        assert desk.route == "handover"
        vm = desk.go(Route.SEAL_MOVE, instrument=SCALE, position="housing", act="applied")
        vm.save()
        assert (vm.new_number, vm.notice) == ("QF-001", desk.t("card.gone"))

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_what_storage_refuses_is_told_and_recorded_once_it_works_again(self, desk: Desk, trouble: str):
        desk.store.database.pragma("busy_timeout = 20")
        vm = fill_in(desk, APPLIED, new_number="QF-00")
        with TROUBLES[trouble](desk):
            vm.write("new_number", "QF-001")
            assert vm.trouble == desk.t(f"storage.{trouble}")
            vm.save()
            assert (desk.route, vm.trouble) == ("physical_seals.move", desk.t(f"storage.{trouble}"))
        assert desk.store.outbox.all() == []
        vm.save()
        assert last_body(desk)["new_number"] == "QF-001"

    def test_the_register_forgotten_the_records_still_say_what_stands(self, desk: Desk):
        record(desk, APPLIED, new_number="QF-001")
        with desk.store.database.write() as connection:
            connection.execute("DELETE FROM register")
        fill(desk.store)
        assert spots(desk)["housing"] == ("within", "完好  QF-001")
