"""Several labels in one picture on a labelling day: touched in the picture, on the screens of label and of swap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fieldapp.labelling.model import Step
from fieldapp.routes import Route
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.finder import LabelFinder
from fieldapp.scan.outlined import OutlinedFinder
from fieldapp.screens import new_screen
from fieldapp.store.forms import SWAP
from fieldapp.theme.face import face
from fieldapp.theme.fonts import find_fonts, register_fonts
from shared.seal import short_code
from tests.builders import a_label
from tests.fieldapp.desk import Desk, until
from tests.fieldapp.field_builders import LABEL_SERIAL, SCALE, WORN
from tests.fieldapp.labelling_builders import (
    FRESH,
    VERIFIER,
    HeldCamera,
    a_filing,
    a_fresh_label,
    a_labelling_desk,
    bodies,
    file_one,
    stand_at,
)
from tests.fieldapp.labelling_scenes import several_fresh_labels, swap_side_by_side
from tests.fieldapp.photographs import a_frame, a_photograph, a_sight_of
from tests.fieldapp.settling import settle

WORN_SERIAL = 1_000_005
NEIGHBOURS = (a_label(serial=LABEL_SERIAL), a_label(serial=WORN_SERIAL))


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


@pytest.fixture
def camera(desk: Desk) -> HeldCamera:
    held = a_labelling_desk(desk)
    desk.parts.new_decoder = lambda: Decoder().codes
    return held


def hold_before(camera: HeldCamera, *links: str, number: int = 2) -> None:
    """Hold the camera before a picture of labels side by side."""
    camera.frame = a_frame(a_photograph(*links, size=(1280, 960)), number=number)


def kept(desk: Desk) -> Any:
    return desk.store.labelling.of(VERIFIER.id).filing


def aim(desk: Desk, *links: str) -> Any:
    vm = stand_at(desk, a_filing(Step.LABEL, label="", label_serial=0), Route.LABELLING_AIM)
    vm.on_sight(a_sight_of(*links))
    return vm


class TestTheLabelOfADay:
    def test_the_camera_asks_rests_and_looks_again_once_one_was_touched(self, desk: Desk, camera: HeldCamera) -> None:
        hold_before(camera, a_fresh_label(FRESH), a_fresh_label(FRESH + 1))
        vm = stand_at(desk, a_filing(Step.LABEL, label="", label_serial=0), Route.LABELLING_AIM)
        until(lambda: bool(vm.rows))
        assert [row["title"] for row in vm.rows] == [f"1  {short_code(FRESH)}", f"2  {short_code(FRESH + 1)}"]
        assert (camera.is_on, vm.step, kept(desk).label, vm.frame.width) == (False, "label", "", 640)
        vm.rows[1]["choose"]("1")
        assert (camera.is_on, vm.step, vm.rows, vm.outlines) == (True, "nameplate", [], [])
        assert kept(desk).label_serial == FRESH + 1

    @pytest.mark.parametrize("seed", range(4))
    def test_each_is_outlined_where_it_is_in_the_picture(self, desk: Desk, camera: HeldCamera, seed: int) -> None:
        vm = stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
        vm.on_sight(a_sight_of(a_fresh_label(), a_fresh_label(FRESH + 1), seed=seed))
        left, right = ([x for x, _ in outline] for outline in vm.outlines)
        assert max(left) < 0.5 < min(right)

    def test_one_that_is_used_is_told_and_the_other_is_still_there_to_touch(
        self, desk: Desk, camera: HeldCamera
    ) -> None:
        vm = aim(desk, a_label(serial=LABEL_SERIAL), a_fresh_label())
        assert vm.rows[0]["second"].endswith("A12 号摊位")
        assert vm.word == ""
        vm.choose("0")
        assert (vm.step, vm.word, len(vm.rows)) == ("label", "这枚标识已经用过", 2)
        assert (kept(desk).label, bodies(desk.store)) == ("", [])
        vm.choose("1")
        assert (vm.step, vm.word, kept(desk).label_serial) == ("nameplate", "", FRESH)

    def test_one_that_was_filed_here_says_so_and_is_not_taken_again(self, desk: Desk, camera: HeldCamera) -> None:
        stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
        file_one(desk, 1)
        desk.vm.on_sight(a_sight_of(a_fresh_label(FRESH + 1), a_fresh_label(FRESH + 2)))
        assert ["编号" in row["second"] for row in desk.vm.rows] == [True, False]
        desk.vm.choose("0")
        assert (desk.vm.step, desk.vm.word) == ("label", "这枚标识已经用过")

    def test_whoever_touches_none_looks_again(self, desk: Desk, camera: HeldCamera) -> None:
        vm = aim(desk, a_fresh_label(), a_fresh_label(FRESH + 1))
        assert not camera.is_on
        vm.look()
        assert (vm.rows, vm.outlines, vm.word, camera.is_on) == ([], [], "", True)
        vm.on_sight(a_sight_of(a_fresh_label(), a_fresh_label(FRESH + 1)))
        assert len(vm.rows) == 2, "the same picture asks again"

    def test_two_payment_codes_are_no_labels(self, desk: Desk, camera: HeldCamera) -> None:
        vm = aim(desk, "wxp://f2f0x", "https://qr.example.test/pay")
        assert (vm.rows, vm.shape, camera.is_on) == ([], "not_a_seal", True)


class TestTwoThatChangedPlaces:
    def test_both_stand_in_one_picture_and_are_touched_one_after_the_other(
        self, desk: Desk, camera: HeldCamera
    ) -> None:
        hold_before(camera, *NEIGHBOURS)
        vm = stand_at(desk, None, Route.LABELLING_SWAP)
        until(lambda: bool(vm.rows))
        assert (camera.is_on, vm.first, vm.is_ready) == (False, "", False)
        vm.choose("0")
        assert ("ACS-30 2024 0311" in vm.first, vm.second, len(vm.rows)) == (True, "", 2)
        vm.choose("0")
        assert not vm.is_ready, "one is no two"
        vm.choose("1")
        assert (vm.is_ready, vm.rows, vm.outlines, camera.is_on) == (True, [], [], False)
        vm.save()
        ((kind, body),) = bodies(desk.store)
        assert (kind, {body["first"], body["second"]}) == (SWAP, {SCALE, WORN})

    def test_one_of_several_then_the_other_alone(self, desk: Desk, camera: HeldCamera) -> None:
        vm = stand_at(desk, None, Route.LABELLING_SWAP)
        vm.on_sight(a_sight_of(NEIGHBOURS[0], a_fresh_label()))
        vm.choose("1")
        assert vm.problem == desk.t("scan.unknown_instrument", short=short_code(FRESH))
        vm.choose("0")
        vm.look()
        assert (bool(vm.first), vm.rows, vm.problem, camera.is_on) == (True, [], "", True)
        vm.on_sight(a_sight_of(NEIGHBOURS[1]))
        assert vm.is_ready


@pytest.mark.parametrize("scale", [1.0, 1.6])
@pytest.mark.parametrize(("scene", "fit"), [(several_fresh_labels, 0), (swap_side_by_side, 1)])
def test_the_picture_stays_large_enough_to_touch_and_a_touch_in_it_chooses(
    desk: Desk, scene: Any, fit: int, scale: float
) -> None:
    register_fonts(find_fonts())
    face.text_scale = scale
    try:
        scene(desk)
        vm = desk.vm
        screen = new_screen(desk.parts.path.stops[-1].route, vm)
        screen.size = (390, 844)
        settle(screen)
        (finder,) = (one for one in screen.walk(restrict=True) if isinstance(one, OutlinedFinder))
        (whole,) = (one for one in screen.walk(restrict=True) if isinstance(one, LabelFinder))
        numbers = [child.text for child in reversed(finder.children)]
        assert finder.height >= 80
        assert whole.question == ("" if fit == 0 else desk.t("scan.which"))
        assert numbers == [str(number) for number in range(1, len(vm.rows) + 1)]
        desk.parts.post = lambda call: None  # the screen is drawn by this thread alone
        finder.dispatch("on_choose", fit)
        assert vm.rows == []
    finally:
        face.text_scale = 1.0
