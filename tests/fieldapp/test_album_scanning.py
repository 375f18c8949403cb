"""A picture of the album read on the scan screen: as from the camera, with a plain sentence where it says nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from fieldapp.album.port import MOST_BYTES, NoAlbum, Picture, Told
from fieldapp.routes import Route
from fieldapp.scan.sight import middle
from fieldapp.scan.still import NoPicture, see_picture
from fieldapp.sync.client import Client
from shared.seal import short_code
from shared.texts import LANGUAGES
from tests.builders import a_label
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import LABEL_SERIAL, SCALE
from tests.fieldapp.photographs import a_jpeg, a_photograph
from tests.fieldapp.pretend_server import PretendServer

WORN_SERIAL = 1_000_005
TWELVE_MEGAPIXELS = (4000, 3000)


class Album:
    """An album in the inspector's hand: the test answers for them."""

    def __init__(self) -> None:
        self.told: Told | None = None
        self.closed = 0

    def ask(self, told: Told) -> None:
        self.told = told

    def close(self) -> None:
        self.closed += 1

    def choose(self, content: bytes) -> None:
        assert self.told is not None
        self.told(Picture(lambda: io.BytesIO(content)))


@pytest.fixture
def album() -> Album:
    return Album()


@pytest.fixture
def desk(folder: Path, album: Album) -> Desk:
    desk = Desk(folder)
    desk.parts.new_album = lambda: album
    return desk


def choosing(desk: Desk) -> Any:
    vm = desk.go(Route.SCAN)
    vm.choose_picture()
    return vm


def large(*labels: tuple[str, int, tuple[int, int]], turn: int = 1) -> bytes:
    """Return a JPEG file of twelve megapixels with labels, each with pixels of a module and its place."""
    picture = Image.new("L", TWELVE_MEGAPIXELS, 120)
    for text, module_px, place in labels:
        side = 66 * module_px
        photograph = a_photograph(text, size=(side, side), module_px=module_px, blur_px=0.4, noise=2, turn=3)
        picture.paste(photograph, place)
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = turn
    picture.convert("RGB").save(content, "JPEG", quality=90, exif=exif)
    return content.getvalue()


class TestWhatIsRead:
    def test_one_label_in_twelve_megapixels_leads_to_its_card(self, desk: Desk, album: Album):
        vm = choosing(desk)
        assert (vm.state, vm.sentence) == ("choosing", desk.t("picture.choosing"))
        album.choose(large((a_label(), 8, (2400, 1800))))
        stop = desk.parts.path.stops[-1]
        assert (stop.route.value, stop.about["instrument"], desk.vm.verdict) == ("card", SCALE, "genuine")

    def test_two_labels_are_asked_for_as_from_the_camera(self, desk: Desk, album: Album):
        vm = choosing(desk)
        album.choose(large((a_label(), 9, (2600, 1200)), (a_label(serial=WORN_SERIAL), 9, (500, 1200))))
        assert [row["title"] for row in vm.rows] == [f"1  {short_code(WORN_SERIAL)}", f"2  {short_code(LABEL_SERIAL)}"]
        assert (vm.state, vm.sentence) == ("several", "")
        left, right = (middle(outline) for outline in vm.outlines)
        assert left == pytest.approx((0.199, 0.499), abs=0.03)
        assert right == pytest.approx((0.724, 0.499), abs=0.03)
        assert (vm.frame.width, vm.frame.height) == (500, 375)

    def test_a_payment_code_is_told_as_from_the_camera(self, desk: Desk, album: Album):
        vm = choosing(desk)
        album.choose(a_jpeg(a_photograph("https://qr.example.test/pay")))
        assert (vm.state, vm.verdict) == ("told", "not_a_seal")

    def test_while_it_is_read_the_screen_says_so(self, desk: Desk, album: Album):
        waiting: list[Callable[[], None]] = []
        desk.parts.run = waiting.append
        vm = choosing(desk)
        album.choose(a_jpeg(a_photograph(a_label())))
        assert (vm.state, vm.sentence, desk.route) == ("reading", desk.t("picture.reading"), "scan")
        waiting[0]()
        assert desk.route == "card"


class TestWhatSaysNothing:
    def told(self, vm: Any, desk: Desk, fault: str) -> None:
        assert (vm.state, vm.shape, vm.verdict) == ("told", "unknown", "unknown")
        assert (vm.word, vm.advice) == (desk.t(f"picture.{fault}"), desk.t(f"picture.advice_{fault}"))

    def test_a_picture_without_a_label_is_shown_with_what_to_do(self, desk: Desk, album: Album):
        vm = choosing(desk)
        album.choose(a_jpeg(Image.effect_noise((800, 600), 60)))
        self.told(vm, desk, "nothing")
        assert (vm.frame.width, vm.frame.height, vm.is_picture) == (400, 300, True)

    @pytest.mark.parametrize("content", [b"", b"no picture", a_jpeg(a_photograph(a_label()))[:900]])
    def test_a_damaged_file_is_told(self, desk: Desk, album: Album, content: bytes):
        vm = choosing(desk)
        album.choose(content)
        self.told(vm, desk, "damaged")

    def test_a_picture_of_too_many_pixels_or_bytes_is_told(self, desk: Desk, album: Album):
        content = io.BytesIO()
        Image.new("1", (10_000, 6_001)).save(content, "PNG")
        for large_file in (content.getvalue(), bytes(MOST_BYTES + 1)):
            vm = choosing(desk)
            album.choose(large_file)
            self.told(vm, desk, "too_big")

    def test_a_picture_that_is_gone_is_told(self, desk: Desk, album: Album, tmp_path: Path):
        vm = choosing(desk)
        assert album.told is not None
        album.told(Picture(lambda: (tmp_path / "deleted.jpg").open("rb")))
        self.told(vm, desk, "gone")

    def test_a_phone_without_an_album_is_told(self, desk: Desk, album: Album):
        vm = choosing(desk)
        assert album.told is not None
        album.told(NoAlbum())
        self.told(vm, desk, "no_album")

    def test_after_it_the_next_picture_is_read(self, desk: Desk, album: Album):
        vm = choosing(desk)
        album.choose(b"no picture")
        vm.choose_picture()
        assert (vm.state, vm.word, vm.advice) == ("choosing", "", "")
        album.choose(a_jpeg(a_photograph(a_label())))
        assert desk.route == "card"


class TestWhoLeaves:
    def test_nothing_chosen_leads_back_to_the_camera(self, desk: Desk, album: Album):
        vm = choosing(desk)
        assert album.told is not None
        album.told(None)
        assert (vm.state, vm.sentence) == ("no_camera", desk.t("camera.no_provider"))
        assert not vm.is_picture

    def test_nothing_chosen_keeps_what_was_told(self, desk: Desk, album: Album):
        vm = desk.go(Route.SCAN)
        vm.on_code(a_label(signer="somebody"))
        before = (vm.state, vm.verdict, vm.shape, vm.word, vm.advice)
        assert before[:2] == ("told", "forged")
        vm.choose_picture()
        assert album.told is not None
        album.told(None)
        assert (vm.state, vm.verdict, vm.shape, vm.word, vm.advice) == before

    @pytest.mark.parametrize("leave", ["back", "look", "type_short_code"])
    def test_a_picture_chosen_after_that_is_nobodys(self, desk: Desk, album: Album, leave: str):
        desk.go(Route.TODAY)
        vm = choosing(desk)
        getattr(vm, leave)()
        assert album.closed == 1
        before = (desk.route, vm.state, len(desk.parts.path.stops))
        album.choose(a_jpeg(a_photograph(a_label())))
        assert (desk.route, vm.state, len(desk.parts.path.stops)) == before

    @pytest.mark.parametrize("content", [b"no picture", a_jpeg(a_photograph(a_label()))])
    @pytest.mark.parametrize("leave", ["back", "look", "type_short_code"])
    def test_what_is_read_after_that_is_dropped(self, desk: Desk, album: Album, leave: str, content: bytes):
        waiting: list[Callable[[], None]] = []
        desk.parts.run = waiting.append
        desk.go(Route.TODAY)
        vm = choosing(desk)
        album.choose(content)
        getattr(vm, leave)()
        before = (desk.route, vm.state, vm.word, vm.frame)
        for job in waiting:
            job()
        assert (desk.route, vm.state, vm.word, vm.frame) == before


class TestSight:
    @pytest.mark.parametrize("turn", [1, 3, 6, 8])
    def test_the_picture_stands_upright_with_its_label_in_place(self, turn: int):
        sight = see_picture(io.BytesIO(large((a_label(), 8, (200, 200)), turn=turn)))
        x, y = middle(sight.outline(a_label()))
        upright = {1: (0.116, 0.155), 3: (0.884, 0.845), 6: (0.845, 0.116), 8: (0.155, 0.884)}
        assert (x, y) == pytest.approx(upright[turn], abs=0.03)
        assert (sight.frame.width > sight.frame.height) is (turn in (1, 3))

    def test_a_label_too_small_for_the_draft_is_not_hidden_by_a_large_one(self):
        small = a_label(serial=WORN_SERIAL)
        sight = see_picture(io.BytesIO(large((a_label(), 8, (1700, 1200)), (small, 2, (300, 2500)))))
        assert sorted(sight.texts) == sorted([a_label(), small])

    def test_nothing_is_found_in_nothing(self):
        assert see_picture(io.BytesIO(a_jpeg(Image.new("L", TWELVE_MEGAPIXELS, 90)))).codes == ()

    def test_what_is_no_picture_says_why(self):
        with pytest.raises(NoPicture) as caught:
            see_picture(io.BytesIO(b"no picture"))
        assert caught.value.fault == "damaged"


class Listening(PretendServer):
    """A server that notes which language is asked for."""

    def send(self, request: Any, *rest: Any, **options: Any) -> Any:
        self.calls.append(request.headers["Accept-Language"])
        return super().send(request, *rest, **options)


def test_requests_ask_for_problems_in_the_language_of_the_screens():
    server, carrier, spoken = Listening(), requests.Session(), list(LANGUAGES)
    carrier.mount("http://", server)
    client = Client("http://127.0.0.1:9", carrier, language=lambda: spoken[0])
    client.token = server.token
    client.get("/keys")
    spoken.reverse()
    client.get("/keys")
    assert [call for call in server.calls if call in LANGUAGES] == ["zh-CN", "en"]
