"""Pictures: what comes in is decided by decoding, and what goes out to everyone is pixels alone."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator

import pytest
from flask import Flask
from PIL import Image, ImageChops

from server.evidence.pictures import COPY_SIDE, Rectangle, mimetype_of, public_copy, require_picture
from server.evidence.problems import BadRectangle, NoPicture
from server.language import t
from tests.server import photos

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # a decoder grumbles at odd files, and goes on
SEED = int(os.environ.get("DINGPAN_SEED", random.SystemRandom().randrange(1 << 32)))


@pytest.fixture(autouse=True)
def _words(sqlite_app: Flask) -> Iterator[None]:
    with sqlite_app.test_request_context("/?lang=en"):
        yield


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def reason(content: bytes) -> str:
    """Return the key of why a file is refused, or that it is kept."""
    try:
        require_picture(content)
    except NoPicture as refusal:
        names = (photos.EMPTY, photos.TYPE, photos.BROKEN, photos.PIXELS, photos.MOVING, photos.HIGH)
        return next(name for name in names if t(f"picture.{name}", megapixels=50, side=20_000) == refusal.values["why"])
    return photos.KEPT


def test_there_are_sixty_files() -> None:
    assert len(photos.FILES) >= 60


@pytest.mark.parametrize("name", photos.FILES)
def test_each_file_is_refused_with_its_reason_or_has_a_copy_without_metadata(name: str) -> None:
    make, fate = photos.FILES[name]
    content = make()
    assert reason(content) == fate
    if fate == photos.KEPT:
        copy = public_copy(content)
        assert photos.metadata_of(copy) == b""
        assert photos.MARK not in copy
        image = opened(copy)
        assert (image.format, image.mode, max(image.size) <= COPY_SIDE) == ("JPEG", "RGB", True)
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert public_copy(content) == copy
    else:
        with pytest.raises(NoPicture):
            public_copy(content)


def test_metadata_left_in_would_be_found() -> None:
    for name in ("jpeg with comment", "jpeg with icc", "jpeg with xmp", "jpeg with zip behind", "orientation 3"):
        assert photos.MARK in photos.metadata_of(photos.FILES[name][0]()) or name == "jpeg with zip behind", name
    assert photos.metadata_of(photos.FILES["jpeg with zip behind"][0]())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_copy_stands_upright(orientation: int) -> None:
    """The scene is stored as a camera held that way stores it; its copy shows the scene."""
    scene = photos.painted()
    turn = Image.Transpose
    back = {
        *(((2, turn.FLIP_LEFT_RIGHT), (3, turn.ROTATE_180), (4, turn.FLIP_TOP_BOTTOM), (5, turn.TRANSPOSE))),
        *(((6, turn.ROTATE_90), (7, turn.TRANSVERSE), (8, turn.ROTATE_270))),
    }
    stored = scene.transpose(dict(back)[orientation]) if orientation > 1 else scene
    copy = opened(public_copy(photos.jpeg(stored, exif=photos.exif(orientation=orientation), quality=95)))
    assert copy.size == scene.size
    for at in [(8, 8), (40, 8), (8, 24), (40, 24)]:
        assert all(abs(a - b) < 12 for a, b in zip(copy.getpixel(at), scene.getpixel(at), strict=True)), at


def test_a_large_photo_is_made_smaller_and_keeps_its_shape() -> None:
    copy = opened(public_copy(photos.jpeg(photos.painted((4000, 3000)))))
    assert copy.size == (1600, 1200)


def test_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    copy = opened(public_copy(photos.FILES["png 16 bit"][0]())).convert("L")
    levels = set(copy.get_flattened_data())
    assert max(levels) > 200
    assert len(levels) > 100


def test_what_can_be_seen_through_is_seen_on_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert opened(public_copy(photos.png(clear))).getpixel((10, 10)) == (255, 255, 255)


def test_what_a_person_marked_is_gone_and_the_rest_is_not() -> None:
    """A plate of fine stripes: no detail of it is left, and no other pixel is another."""
    scene = photos.painted((400, 300))
    for x in range(100, 200, 4):
        scene.paste((255, 255, 255) if x % 8 else (0, 0, 0), (x, 100, x + 4, 140))
    original = photos.png(scene)
    marked = Rectangle(100, 100, 200, 140)
    copy, plain = opened(public_copy(original, [marked])), opened(public_copy(original))
    part = copy.crop((104, 104, 196, 136)).convert("L")
    low, high = part.getextrema()
    assert high - low < 40
    low, high = plain.crop((104, 104, 196, 136)).convert("L").getextrema()
    assert high - low > 200
    different = ImageChops.difference(copy, plain)
    different.paste((0, 0, 0), (88, 88, 212, 152))
    assert different.getbbox() is None


def test_what_is_marked_is_marked_in_the_upright_picture() -> None:
    stored = photos.painted((40, 20)).transpose(Image.Transpose.ROTATE_90)
    content = photos.jpeg(stored, exif=photos.exif(orientation=6))
    assert opened(public_copy(content, [Rectangle(0, 0, 40, 20)])).size == (40, 20)
    with pytest.raises(BadRectangle):
        public_copy(content, [Rectangle(0, 0, 20, 40)])


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 49, 5), (5, 5, 5, 9), (9, 5, 5, 9), (0, 30, 5, 33)])
def test_a_rectangle_outside_the_picture_is_told(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(BadRectangle):
        public_copy(photos.jpeg(), [Rectangle(*box)])


def test_a_few_pixels_are_blurred_to_one_colour() -> None:
    stripes = Image.new("RGB", (16, 16))
    stripes.paste((255, 255, 255), (0, 0, 2, 16))
    copy = opened(public_copy(photos.png(stripes), [Rectangle(0, 0, 4, 4)]))
    low, high = copy.crop((0, 0, 4, 4)).convert("L").getextrema()
    assert high - low < 60


def test_the_type_of_an_answer_comes_from_what_the_file_begins_with() -> None:
    kinds = [mimetype_of(content) for content in (photos.jpeg(), photos.png(), photos.SVG, b"")]
    assert kinds == ["image/jpeg", "image/png", *["application/octet-stream"] * 2]


def test_spoiled_files_are_refused_or_kept_and_nothing_else(is_full: bool) -> None:
    count = 5_000 if is_full else 400
    kept = 0
    for number, content in enumerate(photos.mutations(count, SEED)):
        try:
            fate = reason(content)
            if fate == photos.KEPT:
                kept += 1
                assert photos.metadata_of(public_copy(content)) == b""
        except BaseException as error:
            error.add_note(f"DINGPAN_SEED={SEED}, file {number} of {count}")
            raise
    assert 0 < kept < count
