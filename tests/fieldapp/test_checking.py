"""From a label to a saved record, with viewmodels as plain objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fieldapp.check.viewmodel import CheckViewModel
from fieldapp.clock import Moment, Offset, measure, rule_days
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.rows import Instrument
from fieldapp.visit.model import Visit
from fieldapp.visit.walk import LabelSeen, open_check
from shared.check_words import check_words
from shared.verdict import Code
from shared.wire.visit import VisitSchema
from tests.builders import a_label, a_payload
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    ME,
    NOON,
    NOZZLE,
    OTHER_PLACE,
    PARTY,
    PLACE,
    SCALE,
    TASK,
    WORN,
    a_scale_row,
    a_visit,
    fill,
    open_store,
)


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


def a_running_visit() -> Visit:
    visit = a_visit()
    return Visit(**visit.__dict__ | {"inspections": ()})


def at_the_scale(desk: Desk) -> CheckViewModel:
    """Go to the check of the market's good scale."""
    instrument = desk.store.register.instrument(SCALE)
    visit = open_check(desk.parts, a_running_visit(), instrument, instrument.scale, LabelSeen())
    desk.store.drafts.keep(visit, NOON)
    vm: CheckViewModel = desk.go(Route.CHECK, check=visit.open_check)
    return vm


def weigh(vm: CheckViewModel, load: str, shown: str) -> None:
    vm.another()
    vm.done(load)
    vm.done(shown)


class TestReadings:
    def test_three_points_one_beyond_say_beyond_with_the_sentence_for_the_stallholder(self, desk: Desk):
        vm = at_the_scale(desk)
        for load, shown in (("10", "10.025"), ("1", "1.000"), ("5", "5.010")):
            weigh(vm, load, shown)
        assert (vm.state, vm.code, vm.word) == ("result", "beyond", "现场测试超差（疑似），需检定确认")
        assert vm.sentence == "放 10 公斤，显示 10.025 公斤，多显示 25 克；最多允许差 10 克。对买家不利。"
        assert [row["title"] for row in vm.rows] == [
            "1 公斤 → 1.000 公斤",
            "5 公斤 → 5.010 公斤",
            "10 公斤 → 10.025 公斤",
        ]
        assert [row["code"] for row in vm.rows] == ["within", "within", "beyond"]
        assert vm.rows[2]["second"] == "误差 +25 克，允许 ±10 克"
        assert (vm.value, vm.limit, vm.low_text) == (25_000, 10_000, "−10 克")

    def test_before_three_loads_nothing_is_concluded(self, desk: Desk):
        vm = at_the_scale(desk)
        assert (vm.state, vm.code, vm.word) == ("load", "unknown", "还没有读数")
        weigh(vm, "10", "10.025")
        assert (vm.state, vm.code, vm.word) == ("load", "unknown", "再测 2 点才有结论")
        assert vm.check.verdict == "indeterminate", "the record says what a half-done test says"
        weigh(vm, "10", "10.025")
        weigh(vm, "5", "5.000")
        assert "至少需要 3 个" in vm.reasons
        weigh(vm, "1", "1")
        assert vm.state == "result"

    def test_the_limit_stands_beside_what_is_being_read(self, desk: Desk):
        vm = at_the_scale(desk)
        vm.done("10")
        assert (vm.state, vm.load_text, vm.note) == ("shown", "放上 10 公斤", "最多允许差 ±10 克")
        vm.another()
        vm.done("1")
        assert vm.note == "最多允许差 ±5 克"

    @pytest.mark.parametrize(
        ("unit", "load", "shown", "code", "values"),
        [
            ("公斤", "10", "10.0253", "finer_than_display", {"d": "5"}),
            ("公斤", "10", "15.05", "above_max", {"max": "15"}),
            ("公斤", "10", "-0.005", "negative_reading", {}),
            ("公斤", "10", "1.", "not_a_number", {}),
            ("公斤", "15.001", None, "above_max", {"max": "15"}),
            ("公斤", "0", None, "no_load", {}),
            ("公斤", "0.0000001", None, "too_fine", {"smallest": "mg"}),
            ("克", "10000", "10001", "finer_than_display", {"d": "5"}),
        ],
    )
    def test_a_wrong_number_is_told_and_the_text_stays(self, desk: Desk, unit, load, shown, code, values):
        vm = at_the_scale(desk)
        vm.unit = unit
        vm.done(load)
        if shown is not None:
            assert not vm.is_note_wrong
            vm.done(shown)
        typed = shown or load
        sentence = desk.t(f"error.{code}", text=typed, **values)
        assert (vm.is_note_wrong, vm.note, vm.typed) == (True, sentence, typed)
        assert vm.check.readings == ()
        vm.typed = vm.typed[:-1]
        assert (vm.is_note_wrong, vm.typed) == (False, typed[:-1])

    def test_grams_and_kilograms_are_the_same_load(self, desk: Desk):
        vm = at_the_scale(desk)
        vm.unit = "克"
        weigh(vm, "10000", "10025")
        assert vm.check.readings[0].shown_mg == 10_025_000

    def test_loads_that_tell_most_are_offered(self, desk: Desk):
        vm = at_the_scale(desk)
        assert list(vm.load_choices) == ["0.1", "2.5", "7.5", "10", "15"]
        vm.unit = "克"
        vm.choose_load("10")
        assert (vm.state, vm.unit, vm.load_text) == ("shown", "公斤", "放上 10 公斤")

    def test_a_slip_of_the_finger_is_corrected_or_taken_back(self, desk: Desk):
        vm = at_the_scale(desk)
        weigh(vm, "10", "10.25")
        vm.edit("0")
        assert (vm.is_editing, vm.load_text) == (True, "放上 10 公斤")
        vm.done("10.025")
        assert [reading.shown_mg for reading in vm.check.readings] == [10_025_000]
        vm.edit("0")
        vm.drop()
        assert (vm.check.readings, vm.rows) == ((), [])

    def test_the_same_point_twice_is_kept_twice(self, desk: Desk):
        vm = at_the_scale(desk)
        for _ in range(2):
            weigh(vm, "10", "10.000")
        assert len(vm.check.readings) == 2
        vm.edit("1")
        vm.drop()
        assert len(vm.check.readings) == 1

    def test_every_reading_is_on_the_disk_at_once(self, desk: Desk, folder: Path):
        vm = at_the_scale(desk)
        weigh(vm, "10", "10.025")
        weigh(vm, "5", "5.000")
        vm.done("1")
        after = open_store(folder).drafts.running()
        check = after.check(after.open_check)
        assert [reading.load_mg for reading in check.readings] == [10_000_000, 5_000_000]
        assert check.verdict is Code.INDETERMINATE

    def test_a_scale_at_its_limit_is_within_and_just_beyond_is_in_doubt(self, desk: Desk):
        vm = at_the_scale(desk)
        for load, shown in (("1", "1"), ("5", "5"), ("10", "10.010")):
            weigh(vm, load, shown)
        assert vm.code == "within"
        vm.edit("2")
        vm.done("10.015")
        assert vm.code == "beyond"

    def test_unconfirmed_rules_are_shown_as_such(self, desk: Desk):
        desk.clock.at = datetime(2027, 2, 1, 4, tzinfo=UTC)
        vm = at_the_scale(desk)
        for load, shown in (("1", "1"), ("5", "5"), ("10", "10")):
            weigh(vm, load, shown)
        assert vm.unconfirmed == "所用限值未经核实，仅供参考。"

    def test_in_english_too(self, folder: Path):
        vm = at_the_scale(Desk(folder, language="en"))
        for load, shown in (("10", "10.025"), ("1", "1.000"), ("5", "5.010")):
            weigh(vm, load, shown)
        assert vm.sentence == (
            "10 kg on the pan shows 10.025 kg: 25 g too much; at most 10 g is allowed. This is to the buyer's harm."
        )


class TestClock:
    def test_a_wrong_clock_is_warned_of_but_the_server_s_day_rules(self, desk: Desk):
        desk.parts.facts.set_offset(Offset(3650 * 86_400, 2, NOON))
        vm = at_the_scale(desk)
        assert "相差" in vm.clock_warning
        weigh(vm, "10", "10")
        assert rule_days(NOON, desk.parts.facts.offset())[0].year == 2036

    def test_a_small_difference_is_not_worth_a_word(self, desk: Desk):
        desk.parts.facts.set_offset(Offset(299, 2, NOON))
        assert at_the_scale(desk).clock_warning == ""

    def test_the_doubt_of_an_offset_grows_slowly(self):
        offset = Offset(0, 1, NOON)
        assert offset.doubt_at(NOON + timedelta(days=1)) == 9

    def test_near_midnight_both_days_may_be_meant(self):
        at = datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)
        days = rule_days(at, Offset(0, 2, at))
        assert [day.day for day in days] == [21, 22]

    def test_an_offset_is_measured_from_the_middle_of_the_way(self):
        asked, answered = NOON, NOON + timedelta(seconds=4)
        offset = measure(Moment(asked), Moment(answered), NOON + timedelta(seconds=102))
        assert (offset.seconds, offset.doubt_s) == (100, 3)


class TestNameplate:
    def start(self, desk: Desk):
        desk.store.drafts.keep(a_running_visit(), NOON)
        return desk.go(Route.NAMEPLATE, instrument=WORN, seen=LabelSeen())

    def test_what_nobody_knew_is_picked_and_the_check_begins(self, desk: Desk):
        vm = self.start(desk)
        assert not vm.can_go_on
        vm.choose("accuracy_class", "III")
        vm.choose("max_mg", "6000000")
        vm.choose("e_mg", "2000")
        vm.choose("price_computing", "no")
        assert (vm.summary, vm.can_go_on) == ("III 级  Max 6 公斤  e = 2 克", True)
        vm.go_on()
        assert desk.route == "check"
        scale = desk.vm.check.scale
        assert (scale.max_mg, scale.min_mg, scale.e_mg, scale.d_mg) == (6_000_000, 40_000, 2_000, 2_000)
        assert desk.store.drafts.running().open_check == desk.vm.check.id

    @pytest.mark.parametrize(
        ("accuracy_class", "max_mg", "e_mg"), [("III", "30000000", "2000"), ("IIII", "15000000", "5000")]
    )
    def test_more_intervals_than_the_class_allows_are_no_nameplate(self, desk: Desk, accuracy_class, max_mg, e_mg):
        vm = self.start(desk)
        for name, key in (("accuracy_class", accuracy_class), ("max_mg", max_mg), ("e_mg", e_mg)):
            vm.choose(name, key)
        assert not vm.can_go_on
        assert "限值表" in vm.problem

    def test_a_nameplate_that_differs_is_corrected_and_the_readings_are_judged_anew(self, desk: Desk):
        vm = at_the_scale(desk)
        for load, shown in (("1", "1"), ("5", "5"), ("10", "10.020")):
            weigh(vm, load, shown)
        assert vm.code == "beyond"
        vm.correct_nameplate()
        plate = desk.vm
        assert [choice["text"] for choice in plate.maxima if choice["chosen"]] == ["15 公斤"]
        plate.choose("e_mg", "10000")
        plate.go_on()
        assert (desk.route, desk.vm.code, desk.vm.check.scale.e_mg) == ("check", "within", 10_000)
        assert desk.store.drafts.running().check(desk.vm.check.id).verdict is Code.WITHIN

    def test_an_unusual_nameplate_of_the_register_is_on_offer(self, desk: Desk):
        fill(desk.store, [("instrument", a_scale_row(max_mg=7_500_000, accuracy_class="II"))])
        desk.store.drafts.keep(a_running_visit(), NOON)
        vm = desk.go(Route.NAMEPLATE, instrument=SCALE)
        assert (vm.accuracy_class, vm.can_go_on) == ("", False)
        assert "7.5 公斤" in [choice["text"] for choice in vm.maxima]


class TestStart:
    def test_a_visit_needs_two_officers_the_card_and_the_right_told(self, desk: Desk):
        vm = desk.go(Route.START, place=PLACE)
        assert vm.missing == "还缺：第二名执法人员、出示执法证件、告知申请回避的权利"
        vm.start()
        assert desk.store.drafts.running() is None
        vm.choose_colleague(COLLEAGUE.id)
        vm.card_shown = vm.recusal_told = True
        assert (vm.missing, vm.can_start) == ("", True)
        vm.start()
        visit = desk.store.drafts.running()
        assert [person.person for person in visit.participants] == [ME.id, COLLEAGUE.id]
        assert (desk.route, visit.task) == ("visit", TASK)

    def test_without_colleagues_there_is_no_visit(self, desk: Desk):
        desk.store.kept.colleagues = [ME]
        vm = desk.go(Route.START, place=PLACE)
        vm.card_shown = vm.recusal_told = True
        assert not vm.can_start

    def test_standards_out_of_date_prove_nothing(self, desk: Desk):
        vm = desk.go(Route.START, place=PLACE)
        vm.choose_colleague(COLLEAGUE.id)
        vm.card_shown = vm.recusal_told = True
        vm.choose_class("M1")
        assert "证书编号" in vm.standard_note
        vm.certificate_no = "F1-2026-022"
        assert "年-月-日" in vm.standard_note
        vm.valid_until = "2026-11-20"
        assert (vm.can_start, "有效期已过" in vm.standard_note) == (False, True)
        vm.valid_until = "2026-11-21"
        assert vm.can_start
        vm.start()
        assert desk.store.drafts.running().standards[0].certificate_no == "F1-2026-022"

    def test_the_last_colleague_and_weights_are_offered_again(self, desk: Desk):
        last = {"colleague": COLLEAGUE.id, "weight_class": "M1", "certificate_no": "x", "valid_until": "2027-01-01"}
        desk.parts.facts.set(Fact.LAST_VISIT, last)
        vm = desk.go(Route.START, place=PLACE)
        assert (vm.colleague, vm.certificate_no) == (COLLEAGUE.id, "x")
        assert not vm.card_shown

    def test_a_place_without_phones_is_said_to_be_one(self, desk: Desk):
        assert "禁止使用手机" in desk.go(Route.START, place=OTHER_PLACE).zone_note


class TestCard:
    def test_it_says_what_where_whose_and_until_when(self, desk: Desk):
        vm = desk.go(Route.CARD, instrument=SCALE, link=a_label())
        assert (vm.verdict, vm.label_word) == ("genuine", "标识为真，请核对实物")
        assert vm.check_words == "核对词：" + "  ".join(check_words(a_payload().to_bytes()))
        assert vm.title == "秤 衡正衡器 ACS-15"
        assert list(vm.lines) == ["东关农贸市场  A12 号摊位", "贸易结算  在用"]
        assert vm.custody == "使用人：李记鲜蔬（自有）"
        assert (vm.validity, vm.validity_tone) == ("检定有效期至 2027-06-14", "within")
        assert 0.5 < vm.left < 0.6
        assert list(vm.warnings) == []

    def test_a_label_nobody_signed_has_no_words(self, desk: Desk):
        vm = desk.go(Route.CARD, instrument=SCALE, link=a_label(signer="somebody"))
        assert (vm.verdict, vm.check_words) == ("forged", "")

    def test_a_label_made_for_another_serial_is_warned_of(self, desk: Desk):
        vm = desk.go(Route.CARD, instrument=SCALE, link=a_label(binding=b"abcd"))
        assert list(vm.warnings) == ["标识与登记的出厂编号不符，请核对铭牌。"]

    def test_a_stock_label_binds_to_nothing_and_says_so(self, desk: Desk):
        vm = desk.go(Route.CARD, instrument=SCALE, link=a_label(kind=0, binding=bytes(4)))
        assert (list(vm.warnings), vm.label_sentence) == ([], "这是一枚库存标识，请核对照片和登记信息。")

    @pytest.mark.parametrize(
        ("fields", "sentence", "tone"),
        [
            ({"valid_until": "2026-11-20"}, "检定有效期已过 1 天（2026-11-20）", "beyond"),
            ({"valid_until": "2026-12-01"}, "检定有效期至 2026-12-01", "indeterminate"),
            ({"result": "failed", "document_no": "T-9"}, "检定不合格（通知书编号 T-9），不得用于交易", "beyond"),
            ({"valid_until": None}, "没有检定记录", "unknown"),
        ],
    )
    def test_how_it_stands_with_its_verification(self, desk: Desk, fields, sentence, tone):
        verification = a_scale_row()["verification"] | fields
        fill(desk.store, [("instrument", a_scale_row(verification=verification))])
        vm = desk.go(Route.CARD, instrument=SCALE, link="")
        assert (vm.validity, vm.validity_tone) == (sentence, tone)

    def test_only_trade_use_in_use_is_due(self, desk: Desk):
        fill(desk.store, [("instrument", a_scale_row(use="internal"))])
        assert "没有检定期限" in desk.go(Route.CARD, instrument=SCALE, link="").validity

    def test_a_suspicion_is_shown_with_care(self, desk: Desk):
        fill(desk.store, [("instrument", a_scale_row(finding={"state": "suspected", "suspected_on": "2026-11-01"}))])
        assert "待检定确认" in desk.go(Route.CARD, instrument=SCALE, link="").warnings[0]

    def test_other_things_than_scales_are_said_not_to_be_tested(self, desk: Desk):
        vm = desk.go(Route.CARD, instrument=NOZZLE, link="")
        assert (vm.can_check, vm.check_hint[:9]) == (False, "本版本只能测试秤。")
        assert "3 号枪  92#" in vm.second

    def test_what_is_gone_from_the_register_is_told(self, desk: Desk):
        assert "已经没有这台器具" in desk.go(Route.CARD, instrument="nowhere", link="").title

    def test_the_photo_and_whether_it_is_alike(self, desk: Desk):
        sha256 = desk.store.photos.keep(b"\xff\xd8jpeg")
        fill(desk.store, [("instrument", a_scale_row(photo=sha256))])
        vm = desk.go(Route.CARD, instrument=SCALE, link=a_label())
        assert vm.photo == b"\xff\xd8jpeg"
        vm.compare("no")
        desk.store.drafts.keep(a_running_visit(), NOON)
        vm.check()
        check = desk.vm.check
        assert (check.photo_matches, check.label, check.label_verdict) == (False, a_label()[-133:], "genuine")

    def test_a_check_needs_a_visit_of_the_same_place(self, desk: Desk):
        vm = desk.go(Route.CARD, instrument=SCALE, link=a_label())
        vm.check()
        assert desk.route == "start"
        desk.store.drafts.keep(Visit(**a_running_visit().__dict__ | {"place": OTHER_PLACE}), NOON)
        vm = desk.go(Route.CARD, instrument=SCALE, link="")
        vm.check()
        assert (desk.route, "城南加油站" in vm.check_hint) == ("card", True)

    def test_an_instrument_without_a_place_cannot_be_visited(self, desk: Desk):
        fill(desk.store, [("instrument", a_scale_row(place=None))])
        assert "没有这台器具的场所" in desk.go(Route.CARD, instrument=SCALE, link="").check_hint

    def test_every_field_may_be_missing(self, desk: Desk):
        fill(desk.store, [("instrument", {"id": SCALE, "kind": "sundial"})])
        vm = desk.go(Route.CARD, instrument=SCALE, link="")
        assert (vm.title, vm.custody) == ("sundial", "登记中没有使用人")
        assert Instrument.from_body({}).scale is None


def test_the_whole_walk_from_label_to_record(desk: Desk):
    """Scan, card, visit, three readings, disposition, signature, save."""
    scan = desk.go(Route.TODAY) and desk.go(Route.SCAN)
    scan.on_codes([a_label()])
    assert desk.route == "card"
    desk.vm.compare("yes")
    desk.vm.check()
    start = desk.vm
    start.choose_colleague(COLLEAGUE.id)
    start.card_shown = start.recusal_told = True
    start.start()
    assert desk.route == "check"
    for load, shown in (("10", "10.025"), ("1", "1.000"), ("5", "5.010")):
        weigh(desk.vm, load, shown)
    desk.vm.finish()
    party = desk.vm
    assert (desk.route, party.name, party.second) == ("party", "李记鲜蔬", "A12 号摊位")
    assert party.missing == "还缺：处理方式、当事人签名"
    assert "none" not in [choice["key"] for choice in party.dispositions]
    party.choose_disposition("sent_for_verification")
    party.add_template("told")
    party.write_party_remark("愿意送检")
    party.sign()
    signature = desk.vm
    assert "放 10 公斤，显示 10.025 公斤" in signature.facts
    assert not signature.can_sign
    signature.signer, signature.strokes = "李四", [[1, 2, 3, 4]]
    signature.sign()
    assert (desk.route, desk.vm.signature, desk.vm.is_complete) == ("party", "李四 已签名", True)
    desk.vm.finish()
    visit = desk.vm
    assert (visit.rows[0]["code"], visit.can_save) == ("beyond", True)
    visit.save()
    assert (desk.route, desk.pokes) == ("today", [False])
    assert desk.vm.balance == "还有 1 条未得到服务器确认，都保存在本机，不会丢失。"
    (entry,) = desk.store.outbox.all()
    body = json.loads(desk.store.outbox.op(entry, desk.parts.device.id).body)
    VisitSchema().load(body)
    (inspection,) = body["inspections"]
    (check,) = inspection["checks"]
    assert (inspection["party"], inspection["remark"], check["verdict"]) == (PARTY, "已当场告知结果。", "beyond")
    assert (check["photo_matches"], check["label_verdict"], body["task"]) == (True, "genuine", TASK)
    assert desk.store.drafts.running() is None
