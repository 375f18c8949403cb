"""The single steps of a labelling day: what is offered first, what is remembered, what is told, and the way back."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from fieldapp.camera.photo import jpeg_of
from fieldapp.camera.port import Frame, Pixels
from fieldapp.labelling.model import Day, Plate, Step, Verified
from fieldapp.labelling.walk import LABELLING_ROLES
from fieldapp.routes import Route
from shared.seal import short_code
from tests.builders import a_label, an_id
from tests.fieldapp.desk import Desk, NoLens
from tests.fieldapp.field_builders import (
    ME,
    NOON,
    NOZZLE,
    OTHER_PLACE,
    PARTY,
    PIN,
    PLACE,
    STALL,
    a_nozzle_row,
    fill,
)
from tests.fieldapp.labelling_builders import (
    FRESH,
    OPERATOR,
    PLATE,
    SECOND_PARTY,
    SECOND_STALL,
    VERIFIER,
    HeldCamera,
    a_day,
    a_filing,
    a_fresh_label,
    a_labelling_desk,
    bodies,
    file_one,
    stand_at,
    with_photos,
)
from tests.fieldapp.pretend_server import PretendServer


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder, adapter=PretendServer())


@pytest.fixture
def camera(desk: Desk) -> HeldCamera:
    return a_labelling_desk(desk)


def in_hand(desk: Desk):
    return desk.store.labelling.of(VERIFIER.id).filing


class TestTheDay:
    @pytest.mark.parametrize("role", ["inspector", "verifier", "supervisor", "auditor", ""])
    def test_officers_begin_one_from_today(self, desk: Desk, role: str):
        desk.store.kept.person = replace(ME, role=role)
        vm = desk.go(Route.TODAY)
        assert vm.may_label is (role in LABELLING_ROLES)

    def test_a_running_day_is_gone_on_with_from_today(self, desk: Desk, camera: HeldCamera):
        desk.store.labelling.keep(a_day(), NOON)
        vm = desk.go(Route.TODAY)
        assert vm.labelling == "正在贴码：东关农贸市场"
        vm.label()
        assert (desk.vm.title, desk.vm.second) == ("东关农贸市场", "今天已建档 0 台")
        desk.vm.finish()
        assert (desk.route, desk.vm.labelling) == ("today", "")
        assert desk.store.labelling.of(VERIFIER.id).plates == (PLATE,), "what was used last is remembered"

    def test_another_place_begins_at_no_stall_and_warns_where_phones_are_not_wanted(
        self, desk: Desk, camera: HeldCamera
    ):
        desk.store.labelling.keep(a_day(place=""), NOON)
        vm = desk.go(Route.LABELLING)
        assert [row["title"] for row in vm.rows] == ["东关农贸市场", "城南加油站"]
        vm.choose_place(OTHER_PLACE)
        assert vm.zone_note == desk.t("start.zone_forbidden")
        assert desk.store.labelling.of(VERIFIER.id).stall is None

    def test_whoever_signs_in_again_stands_where_they_stood(self, desk: Desk, camera: HeldCamera):
        desk.parts.vault.create(PIN)
        desk.store.labelling.keep(a_day(a_filing(Step.RESULT, serial="X")), NOON)
        desk.parts.open = lambda key: desk.store  # type: ignore[method-assign]
        desk.parts.start_sync = lambda: None  # type: ignore[method-assign]
        vm = desk.go(Route.SIGN_IN)
        for digit in PIN:
            vm.press(digit)
        assert [stop.route.value for stop in desk.parts.path.stops] == ["today", "labelling", "labelling.result"]

    def test_the_phone_is_not_handed_over_with_an_instrument_in_hand(self, desk: Desk, camera: HeldCamera):
        desk.store.labelling.keep(a_day(a_filing()), NOON)
        vm = desk.go(Route.PREFERENCES)
        vm.hand_over()
        assert (desk.route, vm.refusal) == ("preferences", desk.t("preferences.handover_filing"))

    def test_one_that_is_given_up_leaves_the_next_one_free(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(), Route.LABELLING)
        assert vm.in_hand
        vm.give_up()
        assert (vm.in_hand, in_hand(desk)) == (False, None)
        vm.next()
        assert (desk.route, in_hand(desk).step) == ("labelling.aim", Step.LABEL)


class TestTheNameplate:
    def test_it_is_asked_for_once_and_then_offered(self, desk: Desk, camera: HeldCamera):
        desk.store.labelling.keep(Day(person=VERIFIER.id, place=PLACE), NOON)
        desk.parts.path.begin(Route.TODAY)
        desk.go(Route.LABELLING).next()
        desk.vm.on_codes([a_fresh_label()])
        desk.vm.shoot()
        assert desk.route == "labelling.plate"
        for name, key in (("maker", "衡正衡器"), ("accuracy_class", "III"), ("max_mg", "30000000"), ("e_mg", "10000")):
            desk.vm.choose(name, key)
        desk.vm.write("model", " TCS-30 ")
        desk.vm.go_on()
        desk.vm.use_keyboard()
        desk.vm.write("Q-0001")
        desk.vm.choose_stall(STALL)
        desk.vm.later()
        desk.vm.shoot()
        desk.vm.save()
        body = bodies(desk.store)[0][1]
        assert (body["maker"], body["model"], body["min_mg"]) == ("衡正衡器", "TCS-30", 200_000)
        desk.vm.on_codes([a_fresh_label(FRESH + 1)])
        desk.vm.shoot()
        assert desk.route == "labelling.number"
        assert "TCS-30" in desk.vm.second

    def test_what_was_used_last_comes_first(self, desk: Desk, camera: HeldCamera):
        other = Plate(maker="永正衡器", model="TCS-150")
        vm = stand_at(desk, a_filing(Step.PLATE), Route.LABELLING_PLATE, plates=(other, PLATE))
        assert [choice["text"].partition("\n")[0] for choice in vm.recent] == [
            "秤 永正衡器 TCS-150",
            "秤 衡正衡器 ACS-30",
        ]
        assert [choice["key"] for choice in vm.makers] == ["永正衡器", "衡正衡器"]
        assert [choice["key"] for choice in vm.models] == ["ACS-30", "ACS-15"], "ours, then the market's"
        vm.choose_recent("0")
        assert (desk.route, in_hand(desk).plate) == ("labelling.number", other)

    def test_what_nobody_can_read_is_left_out(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.PLATE), Route.LABELLING_PLATE)
        for name in ("accuracy_class", "max_mg", "e_mg"):
            vm.choose(name, getattr(vm, name))
        vm.go_on()
        assert in_hand(desk).plate == Plate(maker="衡正衡器", model="ACS-30")

    def test_one_that_cannot_be_is_told(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.PLATE), Route.LABELLING_PLATE)
        vm.choose("e_mg", "1000")
        assert vm.problem
        vm.go_on()
        assert desk.route == "labelling.plate"

    def test_other_kinds_have_no_class_and_no_masses(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.PLATE), Route.LABELLING_PLATE)
        vm.choose("kind", "optometer")
        vm.go_on()
        assert in_hand(desk).plate == Plate(kind="optometer", maker="衡正衡器", model="ACS-30", price_computing=False)
        assert "fuel_nozzle" not in [choice["key"] for choice in vm.kinds]

    def test_the_way_back_changes_nothing(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.NUMBER), Route.LABELLING_NUMBER)
        vm.change_plate()
        desk.vm.choose("maker", "永正衡器")
        desk.vm.back()
        assert (desk.route, in_hand(desk).plate) == ("labelling.number", PLATE)


class TestTheSerial:
    def test_digits_take_the_place_of_the_last_ones(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        for key in "312":
            vm.press(key)
        assert (vm.before, vm.typed, vm.serial) == ("ACS-30 2024 0", "312", "ACS-30 2024 0312")
        vm.press("erase")
        assert vm.serial == "ACS-30 2024 0331"
        vm.part()
        assert vm.serial == "31"
        vm.part()
        vm.press("-")
        assert vm.serial == "31-", "more than the digits at its end: a number of its own"

    def test_a_makers_code_needs_no_typing(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.NAMEPLATE), Route.LABELLING_AIM)
        vm.on_codes([a_fresh_label(), "https://pay.example/x", "SN:ACS24-00311"])
        vm.shoot()
        assert (desk.route, desk.vm.serial) == ("labelling.number", "ACS24-00311")

    def test_no_serial_no_stall(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        vm.choose_stall(STALL)
        assert (desk.route, vm.problem) == ("labelling.number", desk.t("labelling.needs_serial"))
        vm.press("1")
        assert vm.problem == ""

    def test_the_next_stall_and_the_last_one_are_a_touch_away(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        assert [way["text"] for way in vm.ways] == ["A13 号摊位  王大姐豆腐", "A12 号摊位  李记鲜蔬"]
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER, stall=SECOND_STALL)
        assert [way["key"] for way in vm.ways] == [SECOND_STALL]

    def test_a_place_without_stalls_has_whoever_runs_it(self, desk: Desk, camera: HeldCamera):
        with desk.store.database.write() as connection:
            connection.execute("DELETE FROM register WHERE kind = 'stall'")
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        (way,) = vm.ways
        assert (way["text"], vm.has_stalls) == ("就在东关农贸市场", False)
        vm.press("7")
        vm.choose_stall(way["key"])
        assert (in_hand(desk).stall, in_hand(desk).user) == (None, OPERATOR)

    def test_an_older_server_names_no_tenants_so_whoever_uses_a_scale_there_is_taken(
        self, desk: Desk, camera: HeldCamera
    ):
        fill(desk.store, [("stall", {"id": STALL, "place": PLACE, "number": "A12"})])
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        vm.press("7")
        vm.choose_stall(STALL)
        assert in_hand(desk).user == PARTY


class TestTheStall:
    def test_the_list_begins_after_the_last_one(self, desk: Desk, camera: HeldCamera):
        more = [("stall", {"id": an_id(0x7200 + n), "place": PLACE, "number": f"A{n}"}) for n in (2, 100)]
        fill(desk.store, more)
        vm = stand_at(desk, a_filing(serial="X1"), Route.LABELLING_STALL)
        assert [row["title"] for row in vm.rows] == [
            *(f"{number} 号摊位" for number in ("A13", "A100", "A2", "A12")),
            "不在摊位上",
        ]
        vm.asked = "a1"
        assert [row["title"] for row in vm.rows][:-1] == ["A13 号摊位", "A100 号摊位", "A12 号摊位"]

    def test_a_stall_of_the_list_takes_the_serial_with_it(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        vm.press("5")
        vm.choose_stall("other")
        assert desk.route == "labelling.stall"
        desk.vm.choose(SECOND_STALL)
        assert (desk.route, in_hand(desk).serial) == ("labelling.result", "ACS-30 2024 0315")
        assert (in_hand(desk).stall, in_hand(desk).user) == (SECOND_STALL, SECOND_PARTY)
        assert [stop.route.value for stop in desk.parts.path.stops] == ["today", "labelling", "labelling.result"]

    def test_terms_hold_for_those_that_follow_and_a_chosen_user_for_this_one(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
        vm.press("5")
        vm.choose_stall("other")
        desk.vm.show_terms()
        desk.vm.choose_custody("market_provided")
        desk.vm.choose_use("fair_scale")
        desk.vm.ask_party("东关")
        desk.vm.choose_party(OPERATOR)
        desk.vm.choose(SECOND_STALL)
        desk.vm.passes()
        desk.vm.shoot()
        desk.vm.save()
        body = bodies(desk.store)[0][1]
        assert body["custody"] == {"kind": "market_provided", "owner": OPERATOR, "user": OPERATOR}
        assert body["use"] == "fair_scale"
        assert (in_hand(desk).custody, in_hand(desk).use, in_hand(desk).user) == ("market_provided", "fair_scale", None)


class TestTheResult:
    def test_numbers_follow_the_last_ones_and_stay_when_one_comes_back(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.RESULT, serial="X"), Route.LABELLING_RESULT)
        assert (vm.passed_no, vm.mark_no) == ("周检2026-0118", "H26-00421")
        assert vm.until == "合格的，有效期至 2027-11-20。"
        vm.passed_no = "周检2026-0200"
        vm.choose_kind("initial")
        vm.passes()
        verified = in_hand(desk).verified
        assert verified == Verified(kind="initial", document_no="周检2026-0200", mark_no="H26-00421")
        desk.vm.back()
        assert (desk.route, desk.vm.passed_no, desk.vm.kind) == ("labelling.result", "周检2026-0200", "initial")

    def test_the_way_back_from_a_notice_is_the_result(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.RESULT, serial="X"), Route.LABELLING_RESULT)
        vm.fails()
        vm.back()
        assert (desk.route, vm.is_failing) == ("labelling.result", False)
        vm.back()
        assert desk.route == "labelling.number"


class TestThePhotos:
    def test_another_label_in_the_photo_is_a_mix_up(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.IN_PLACE, serial="X"), Route.LABELLING_AIM)
        vm.on_codes([a_fresh_label(FRESH + 5)])
        assert (vm.can_shoot, vm.word) == (False, desk.t("labelling.other_label"))
        vm.shoot()
        assert in_hand(desk).place_photo is None
        vm.on_codes([a_fresh_label()])
        assert (vm.can_shoot, vm.found) == (True, desk.t("labelling.same_label"))

    def test_one_that_is_taken_anew_takes_the_place_of_the_first(self, desk: Desk, camera: HeldCamera):
        camera.look_at("navy")
        filing = with_photos(desk, a_filing(Step.REVIEW, serial="X"))
        vm = stand_at(desk, filing, Route.LABELLING_REVIEW)
        first = filing.place_photo.sha256
        vm.back()
        camera.look_at("olive")
        desk.vm.shoot()
        assert in_hand(desk).place_photo.sha256 != first
        assert desk.store.photos.get(first) is not None, "it is the photo of the nameplate too"
        desk.vm.back()
        second = in_hand(desk).place_photo.sha256
        camera.look_at("purple")
        desk.vm.shoot()
        assert desk.store.photos.get(second) is None

    def test_a_phone_without_a_camera_says_so(self, desk: Desk, camera: HeldCamera):
        desk.parts.new_camera = NoLens
        vm = stand_at(desk, a_filing(Step.NAMEPLATE), Route.LABELLING_AIM)
        vm.shoot()
        assert (vm.camera_trouble, in_hand(desk).plate_photo) == (desk.t("camera.no_provider"), None)

    def test_a_camera_that_shows_nothing_yet_is_waited_for(self, desk: Desk, camera: HeldCamera):
        vm = stand_at(desk, a_filing(Step.NAMEPLATE), Route.LABELLING_AIM)
        camera.frame = None
        vm.shoot()
        assert (vm.word, vm.can_shoot) == (desk.t("labelling.no_frame"), True)

    @pytest.mark.parametrize("pixels", Pixels)
    def test_they_stand_upright(self, pixels: Pixels):
        frame = Frame(1, 40, 20, bytes(40 * 20 * pixels.size), pixels, turned=1)
        with Image.open(io.BytesIO(jpeg_of(frame))) as picture:
            assert (picture.format, picture.size) == ("JPEG", (20, 40))


def test_every_step_has_a_way_back_to_the_day(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.REVIEW, serial="X", verified=Verified(document_no="1")), Route.LABELLING_REVIEW)
    shown = [in_hand(desk).step]
    while desk.route != "labelling":
        desk.vm.back()
        shown.append(in_hand(desk).step)
    assert shown == [Step.REVIEW, Step.IN_PLACE, Step.RESULT, Step.NUMBER, Step.NAMEPLATE, Step.LABEL, Step.LABEL]


def test_something_wrong_is_corrected_from_the_end(desk: Desk, camera: HeldCamera):
    filing = with_photos(desk, a_filing(Step.REVIEW, serial="X"))
    stand_at(desk, filing, Route.LABELLING_REVIEW).correct()
    assert (desk.route, desk.vm.serial) == ("labelling.number", "X")
    assert in_hand(desk).photos == filing.photos


def test_a_nozzle_stays_with_its_dispenser(desk: Desk, camera: HeldCamera):
    label = {"serial": FRESH + 3, "short": short_code(FRESH + 3), "text": ""}
    fill(desk.store, [("instrument", a_nozzle_row() | {"label": label})])
    vm = stand_at(desk, None, Route.LABELLING_SWAP)
    vm.on_codes([a_label(serial=FRESH + 3)])
    assert (vm.first, vm.problem, desk.store.register.instrument(NOZZLE).kind) == (
        "",
        desk.t("labelling.stays"),
        "fuel_nozzle",
    )


def test_the_day_counts_what_was_filed_here_today(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    for number in (1, 2):
        file_one(desk, number)
    desk.vm.back()
    assert desk.vm.second == "今天已建档 2 台"
    assert [(row["title"], row["trailing"]) for row in desk.vm.rows] == [
        ("ACS-30 2024 0002", "A13"),
        ("ACS-30 2024 0001", "A13"),
    ]
