"""Several labels in one picture: each is outlined and numbered, and none is chosen but by the inspector."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fieldapp.camera.port import Frame
from fieldapp.routes import Route
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.outlined import OutlinedFinder, is_within
from fieldapp.scan.reader import small
from fieldapp.scan.sight import Sight, middle
from fieldapp.theme.fonts import find_fonts, register_fonts
from shared.seal import short_code
from tests.builders import a_label
from tests.fieldapp.desk import Desk, until
from tests.fieldapp.field_builders import LABEL_SERIAL, SCALE, WORN
from tests.fieldapp.photographs import a_code, a_frame, a_photograph, a_sight_of

WORN_SERIAL = 1_000_005
WIDE = (1280, 960)


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


def sight_of(picture: Image.Image, turned: int = 0) -> Sight:
    """Return what the real decoder sees in a picture of a camera that lies on its side by so many quarter turns."""
    frame = replace(a_frame(picture), turned=turned)
    return Sight(frame, tuple(Decoder().codes(frame)))


def look(desk: Desk, *links: str, seed: int = 1) -> Any:
    vm = desk.go(Route.SCAN)
    vm.on_sight(a_sight_of(*links, seed=seed))
    return vm


def above_each_other(*links: str) -> Image.Image:
    """Return labels in one column."""
    picture = Image.new("RGB", (720, 1280), "#bab2a0")
    for place, link in enumerate(links):
        picture.paste(a_code(link), (180 + 20 * place, 60 + 420 * place))
    return picture


class TestWhatIsAsked:
    @pytest.mark.parametrize("seed", range(6))
    def test_two_labels_in_a_real_picture_are_numbered_from_the_left(self, desk: Desk, seed: int):
        vm = look(desk, a_label(serial=WORN_SERIAL), a_label(), seed=seed)
        assert (vm.state, desk.route) == ("several", "scan")
        assert [row["title"] for row in vm.rows] == [f"1  {short_code(WORN_SERIAL)}", f"2  {short_code(LABEL_SERIAL)}"]
        left, right = (middle(outline) for outline in vm.outlines)
        assert left[0] < 0.5 < right[0]
        assert all(0.3 < y < 0.7 for _, y in (left, right))

    def test_those_above_each_other_are_numbered_from_the_top(self, desk: Desk):
        links = [a_label(serial=serial) for serial in (1_000_005, 1_000_001, 1_000_009)]
        vm = desk.go(Route.SCAN)
        frame = a_frame(above_each_other(*links))
        vm.on_sight(Sight(frame, tuple(Decoder().codes(frame))))
        heights = [middle(outline)[1] for outline in vm.outlines]
        assert heights == sorted(heights)
        assert [row["second"] for row in vm.rows] == [
            "编号 W-2  秤 衡正衡器 ACS-15",
            "编号 ACS-30 2024 0311  秤 衡正衡器 ACS-15",
            "秤，没有登记",
        ]

    def test_each_outline_lies_on_its_own_label(self):
        link = a_label()
        picture = a_photograph(a_label(serial=WORN_SERIAL), link, size=WIDE)
        sight = a_sight_of(a_label(serial=WORN_SERIAL), link)
        corners = [(x * WIDE[0], y * WIDE[1]) for x, y in sight.outline(link)]
        box = [round(side) for side in (*map(min, *corners), *map(max, *corners))]
        assert Decoder().read(a_frame(_padded(picture.crop(tuple(box))))) == [link]  # type: ignore[arg-type]

    @pytest.mark.parametrize("turned", [1, 2, 3])
    def test_a_camera_that_lies_on_its_side_shows_the_same_upright(self, turned: int):
        """Phones hand out frames as the sensor lies, with the turns that make them upright."""
        links = [a_label(serial=serial) for serial in (1_000_005, 1_000_001)]
        upright = above_each_other(*links)
        lying = upright.rotate(90 * turned, expand=True)
        sight = sight_of(upright)
        seen = sight_of(lying, turned=turned)
        for link in links:
            for corner, expected in zip(seen.outline(link), sight.outline(link), strict=True):
                assert corner == pytest.approx(expected, abs=0.02)
        preview = small(seen.frame)
        assert (preview.turned, preview.width < preview.height) == (0, True)
        assert preview.content == small(sight.frame).content

    def test_each_row_has_the_shape_of_what_the_label_is(self, desk: Desk):
        vm = look(desk, a_label(), a_label(serial=1_000_009), a_label(signer="somebody"))
        assert [row["code"] for row in vm.rows] == ["genuine", "unknown", "forged"]
        assert vm.rows[2]["second"] == "不是本系统签发的标识"

    def test_a_payment_code_beside_one_label_is_no_choice(self, desk: Desk):
        look(desk, "wxp://f2f0x", a_label())
        assert desk.route == "card"

    def test_two_payment_codes_are_no_labels(self, desk: Desk):
        vm = look(desk, "wxp://f2f0x", "https://qr.example.test/pay")
        assert (vm.state, vm.verdict) == ("told", "not_a_seal")

    def test_without_corners_there_is_the_list(self, desk: Desk):
        vm = desk.go(Route.SCAN)
        vm.on_codes([a_label(), a_label(serial=WORN_SERIAL)])
        assert (vm.state, len(vm.rows), vm.outlines) == ("several", 2, [(), ()])
        vm.choose("1")
        assert (desk.route, desk.parts.path.stops[-1].about["instrument"]) == ("card", WORN)


class TestWhatIsChosen:
    @pytest.mark.parametrize(("key", "instrument"), [("0", WORN), ("1", SCALE)])
    def test_the_one_that_is_touched_leads_to_its_card(self, desk: Desk, key: str, instrument: str):
        vm = look(desk, a_label(serial=WORN_SERIAL), a_label())
        vm.rows[int(key)]["choose"](key)
        stop = desk.parts.path.stops[-1]
        assert (stop.route.value, stop.about["instrument"], desk.vm.verdict) == ("card", instrument, "genuine")

    def test_one_that_leads_nowhere_is_told_and_the_choice_is_gone(self, desk: Desk):
        vm = look(desk, a_label(), a_label(signer="somebody"))
        vm.choose("1")
        assert (vm.state, vm.verdict, vm.rows, vm.outlines) == ("told", "forged", [], [])

    @pytest.mark.parametrize("go_on", ["look", "type_short_code"])
    def test_the_inspector_may_go_on_without_choosing(self, desk: Desk, go_on: str):
        vm = look(desk, a_label(), a_label(serial=WORN_SERIAL))
        getattr(vm, go_on)()
        assert (vm.rows, vm.outlines) == ([], [])
        assert vm.state != "several"

    def test_the_camera_rests_while_the_inspector_chooses(self, desk: Desk):
        camera = Still(a_frame(a_photograph(a_label(), a_label(serial=WORN_SERIAL), size=WIDE)))
        desk.parts.new_camera = lambda: camera
        desk.parts.new_decoder = lambda: Decoder().codes
        vm = desk.go(Route.SCAN)
        until(lambda: vm.state == "several")
        assert not camera.is_on
        assert vm.frame.width <= 640
        vm.choose("0")
        assert desk.route == "card"


class Still:
    """A camera that always shows the same."""

    def __init__(self, frame: Frame) -> None:
        self.frame, self.is_on = frame, False

    def start(self) -> None:
        self.is_on = True

    def stop(self) -> None:
        self.is_on = False

    def latest(self) -> Frame | None:
        return self.frame if self.is_on else None


class Touch:
    """A finger that goes down at one place and up at another."""

    def __init__(self, down: tuple[float, float], up: tuple[float, float] | None = None) -> None:
        self.ox, self.oy = down
        self.pos = self.x, self.y = up or down


class TestOutlines:
    @pytest.fixture
    def finder(self) -> tuple[OutlinedFinder, list[int]]:
        """Two labels side by side in a wide picture, on a screen that is high."""
        register_fonts(find_fonts())
        finder = OutlinedFinder(size=(390, 500), is_aiming=False)
        finder.frame = a_frame(Image.new("RGB", (640, 480), "white"))
        squares = [((x, 0.4), (x + 0.2, 0.4), (x + 0.2, 0.6), (x, 0.6)) for x in (0.1, 0.7)]
        finder.outlines = squares
        chosen: list[int] = []
        finder.bind(on_choose=lambda _, place: chosen.append(place))
        return finder, chosen

    def test_all_of_the_picture_is_seen_and_the_places_in_it_are_where_they_should_be(self, finder: Any):
        widget, _ = finder
        assert widget.pictured == [390, pytest.approx(390 * 480 / 640, abs=1)]
        assert widget.seen_at((0.5, 0.5)) == (195, 250)
        left, top = widget.seen_at((0, 0))
        assert (left, top) == (pytest.approx(0), pytest.approx(250 + 390 * 0.375, abs=1))

    def test_a_touch_within_an_outline_or_at_its_number_chooses_it(self, finder: Any):
        widget, chosen = finder
        for share in ((0.2, 0.5), (0.71, 0.42)):
            assert widget.on_touch_up(Touch(widget.seen_at(share)))
        assert chosen == [0, 1]
        assert [number.text for number in reversed(widget.children)] == ["1", "2"]

    def test_a_touch_beside_them_or_one_that_slips_away_chooses_nothing(self, finder: Any):
        widget, chosen = finder
        first, second, nowhere = (widget.seen_at(share) for share in ((0.2, 0.5), (0.8, 0.5), (0.5, 0.1)))
        for touch in (Touch(nowhere), Touch(first, second), Touch(nowhere, first), Touch(first, nowhere)):
            assert not widget.on_touch_up(touch)
        assert chosen == []

    def test_a_number_stays_in_reach_at_the_edge(self, finder: Any):
        widget, _ = finder
        widget.outlines = [((0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.0, 0.02))]
        (number,) = widget.children
        assert number.x >= 0
        assert min(number.size) >= 48

    def test_the_line_is_drawn_around_the_label_and_goes_with_it(self, finder: Any):
        widget, _ = finder
        assert len(widget._lines.children) > 4
        widget.outlines = []
        assert widget._lines.children == []
        assert widget.children == []

    def test_a_tilted_label_is_touched_by_its_own_shape(self):
        kite = [(0.0, 5.0), (5.0, 0.0), (10.0, 5.0), (5.0, 10.0)]
        assert is_within((5, 5), kite)
        assert not is_within((1, 1), kite)


def _padded(picture: Image.Image) -> Image.Image:
    """Return a picture with the quiet ground around it that a code needs."""
    ground = Image.new("RGB", (picture.width + 80, picture.height + 80), "white")
    ground.paste(picture, (40, 40))
    return ground
