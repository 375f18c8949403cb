"""What share of the hard frames is read, class by class, on a sample; and pictures from a file."""

from __future__ import annotations

import io
import time
from pathlib import Path

import cv2
import pytest
from PIL import Image

from fieldapp.scan.code import View
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.engines import second_engine, zxing
from fieldapp.scan.still import NoPicture, read_picture
from tests.builders import a_label
from tests.fieldapp.hard_frames import GRADES, KINDS, Shot, a_shot, shots
from tests.fieldapp.hard_labels import a_printed_label
from tests.fieldapp.photographs import a_jpeg, a_photograph

# At least this many of the first five frames of a class, one of each grade.
FLOOR = {
    "plain": 5,
    "blur": 4,
    "motion": 3,
    "perspective": 4,
    "glare": 4,
    "dirt": 3,
    "curl": 2,
    "dark": 4,
    "small": 2,
    "inverted": 4,
    "rotated": 2,
    "jpeg": 4,
    "shadow": 4,
    "faded": 4,
    "mixed": 2,
}
CAMERA_FRAMES = 8


def reads(shot: Shot) -> bool:
    """Hold the camera still; the budget is counted in processor time, because tests share the machine."""
    decoder = Decoder(second=second_engine(), clock=time.process_time)
    return any(decoder.read(shot.frame(number)) == [shot.text] for number in range(CAMERA_FRAMES))


def zxing_reads(shot: Shot) -> bool:
    height, width = shot.grey.shape
    return any(
        code.text == shot.text for code in zxing(View(shot.grey.tobytes(), width, height, shot.frame().pixels, width))
    )


class TestRates:
    @pytest.mark.parametrize("kind", list(KINDS))
    def test_a_class_is_read_as_often_as_it_was(self, kind: str):
        made = list(shots(kind, GRADES))
        read = sum(reads(shot) for shot in made)
        assert read >= FLOOR[kind]
        assert read >= sum(zxing_reads(shot) for shot in made)

    def test_a_class_that_nobody_can_read_would_be_noticed(self):
        shot = a_shot("plain", 0)
        assert not reads(Shot("plain", 0, shot.text, shot.grey * 0 + 90, shot.corners))

    def test_the_same_seed_draws_the_same_frame(self):
        first, again, other = a_shot("mixed", 3), a_shot("mixed", 3), a_shot("mixed", 3, seed=2)
        assert (first.grey == again.grey).all()
        assert (first.grey != other.grey).any()

    def test_both_versions_of_the_label_are_drawn(self):
        # The modules themselves are counted: 49 a side in version 8, 53 in version 9.
        assert [a_printed_label(number).modules for number in (0, 1)] == [49, 53]


class TestStill:
    def test_a_picture_of_twelve_megapixels_is_read_with_corners_in_its_pixels(self, tmp_path: Path):
        shot = a_shot("plain", 5)
        width = shot.grey.shape[1]
        factor = 4608 / width
        large = cv2.resize(shot.grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        path = tmp_path / "album.jpg"
        Image.fromarray(large).convert("RGB").save(path, quality=90)
        codes = read_picture(path)
        assert [code.text for code in codes] == [shot.text]
        low, high = shot.corners.min(axis=0) * factor, shot.corners.max(axis=0) * factor
        assert all(low[0] < x < high[0] and low[1] < y < high[1] for x, y in codes[0].corners)

    def test_a_label_too_small_for_the_draft_is_read_in_the_whole(self):
        picture = Image.new("L", (4000, 3000), 120)
        picture.paste(a_photograph(a_label(), size=(260, 260), module_px=2, blur_px=0.3, noise=0, turn=0), (300, 2500))
        assert [code.text for code in read_picture(io.BytesIO(a_jpeg(picture)))] == [a_label()]

    def test_a_small_picture_is_read_as_it_is(self):
        picture = a_photograph(a_label())
        assert [code.text for code in read_picture(io.BytesIO(a_jpeg(picture)))] == [a_label()]

    @pytest.mark.parametrize("kind", ["PNG", "GIF"])
    def test_it_need_not_be_a_jpeg(self, kind: str):
        content = io.BytesIO()
        a_photograph(a_label(), noise=0).save(content, kind)
        assert [code.text for code in read_picture(content)] == [a_label()]

    @pytest.mark.parametrize("content", [b"", b"no picture", a_jpeg(Image.new("L", (64, 64)))[:200]])
    def test_what_is_no_picture_is_told(self, content: bytes):
        with pytest.raises(NoPicture):
            read_picture(io.BytesIO(content))

    def test_a_picture_of_too_many_pixels_is_told_before_it_is_unpacked(self):
        content = io.BytesIO()
        Image.new("1", (10_000, 6_001)).save(content, "PNG")
        with pytest.raises(NoPicture):
            read_picture(content)
