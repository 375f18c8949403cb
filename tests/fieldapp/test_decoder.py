"""The decoder's ladder: what each rung is for, the budget of a frame, several labels, and never a wrong text."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.code import TEXT_LIMIT, Code, View, each_once
from fieldapp.scan.decoder import Decoder, painted_over, read
from fieldapp.scan.engines import second_engine, zxing
from fieldapp.scan.places import places
from fieldapp.scan.rungs import RUNGS
from tests.builders import a_label
from tests.fieldapp.hard_frames import KINDS, Shot, a_shot
from tests.fieldapp.photographs import a_frame, a_photograph

WITHOUT_END_S = 1e9


def whole(*, rungs: tuple = RUNGS, second: bool = True) -> Decoder:
    """Return a decoder that tries every rung on the first frame."""
    return Decoder(second=second_engine() if second else None, rungs=rungs, budget_s=WITHOUT_END_S)


class Clock:
    """A clock that goes on by a step whenever an engine reads."""

    def __init__(self, step_s: float) -> None:
        self.at, self.step_s, self.views = 0.0, step_s, 0

    def __call__(self) -> float:
        return self.at

    def blind(self, view: View) -> list[Code]:
        """An engine that reads nothing, and takes its time."""
        self.at += self.step_s
        self.views += 1
        return []


class TestRungs:
    @pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
    def test_each_rung_reads_a_frame_that_none_before_it_reads(self, rung):
        shot = a_shot(*EARNED[rung.name])
        before = RUNGS[: RUNGS.index(rung)]
        assert whole(rungs=before).read(shot.frame()) == []
        assert whole(rungs=(*before, rung)).read(shot.frame()) == [shot.text]

    def test_every_kind_of_trouble_is_placed(self):
        for kind in KINDS:
            shot = a_shot(kind, 2)
            boxes = places(Image.fromarray(shot.grey))
            assert any(self._holds(box, shot) for box in boxes), kind

    def _holds(self, box: tuple[int, int, int, int], shot: Shot) -> bool:
        middle = shot.corners.mean(axis=0)
        return box[0] < middle[0] < box[2] and box[1] < middle[1] < box[3]

    @pytest.mark.parametrize("number", [0, 6])
    def test_light_on_dark_is_read(self, number: int):
        shot = a_shot("inverted", number)
        assert read(shot.frame()) == [shot.text]

    @pytest.mark.parametrize("turn", range(0, 360, 40))
    def test_any_turn_is_read(self, turn: int):
        assert read(a_frame(a_photograph(a_label(), size=(960, 960), turn=turn))) == [a_label()]


class TestBudget:
    def test_no_attempt_begins_after_the_budget(self):
        clock = Clock(0.03)
        shot = a_shot("curl", 4)
        decoder = Decoder(first=clock.blind, second=clock.blind, budget_s=0.1, clock=clock)
        for number in range(6):
            began = clock.at
            decoder.read(shot.frame(number))
            assert clock.at - clock.step_s - began < 0.1, "the last attempt began within the budget"

    def test_the_next_frames_try_what_this_one_left_until_all_were_tried(self):
        tried: list[str] = []
        clock = Clock(0.03)
        rungs = tuple(
            type(rung)(
                rung.name, lambda light, name=rung.name: tried.append(name) or light, rung.cost_s, rung.is_second
            )
            for rung in RUNGS
        )
        decoder = Decoder(first=clock.blind, second=clock.blind, rungs=rungs, budget_s=0.1, clock=clock)
        for number in range(len(RUNGS)):
            decoder.read(a_shot("curl", 4).frame(number))
        assert tried[: len(RUNGS)] == [rung.name for rung in RUNGS]

    def test_a_phone_too_slow_for_any_attempt_still_makes_one_a_frame(self):
        clock = Clock(5.0)
        decoder = Decoder(first=clock.blind, second=clock.blind, budget_s=0.07, clock=clock)
        for number in range(4):
            decoder.read(a_shot("curl", 4).frame(number))
            assert clock.views == 2 * (number + 1)

    def test_what_read_one_frame_is_tried_first_on_the_next(self):
        shot = a_shot(*EARNED["large sharp"])
        views: list[View] = []

        def counted(view: View) -> list[Code]:
            views.append(view)
            return zxing(view)

        decoder = Decoder(first=counted, budget_s=WITHOUT_END_S)
        assert decoder.read(shot.frame(1)) == [shot.text]
        views.clear()
        assert decoder.read(shot.frame(2)) == [shot.text]
        assert len(views) == 2

    def test_a_frame_beyond_one_budget_is_read_by_the_frames_after_it(self):
        shot, clock = a_shot(*EARNED["large sharp"]), Clock(0.0)

        def slow(view: View) -> list[Code]:
            clock.at += 0.03
            return zxing(view)

        decoder = Decoder(first=slow, budget_s=0.1, clock=clock)
        assert decoder.read(shot.frame(1)) == []
        assert any(decoder.read(shot.frame(number)) == [shot.text] for number in range(2, 8))


class TestSeveral:
    def test_two_labels_in_one_frame_are_both_returned_where_they_are(self):
        texts = [a_label(serial=number) for number in (1_000_001, 1_000_002)]
        codes = Decoder().codes(a_frame(a_photograph(*texts, size=(960, 720), module_px=4)))
        across = {code.text: sum(corner[0] for corner in code.corners) / 4 for code in codes}
        assert sorted(across) == sorted(texts)
        assert across[texts[0]] < 480 < across[texts[1]]

    @pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
    def test_a_corner_found_on_a_rung_lies_on_the_label_in_the_frame(self, rung):
        shot = a_shot(*EARNED[rung.name])
        codes = whole(rungs=(rung,)).codes(shot.frame())
        low, high = shot.corners.min(axis=0), shot.corners.max(axis=0)
        assert [code.text for code in codes] == [shot.text]
        assert all((low < corner).all() and (corner < high).all() for corner in np.array(codes[0].corners))
        assert np.ptp(np.array(codes[0].corners), axis=0).min() > 0.3 * (high - low).min()


class TestASharpLabelBesideABlurredOne:
    """What an inspector may choose from must not depend on which of two labels is read more easily."""

    TEXTS = (a_label(serial=1_000_001), a_label(serial=1_000_005))

    def _frames(self, *texts: str) -> list[Frame]:
        """Return eight pictures at the edge of what is read at once: some blurred, some from far away."""
        trouble = [{"blur_px": 2.0, "module_px": 5}, {"blur_px": 1.2, "module_px": 3}]
        return [
            a_frame(a_photograph(*texts, seed=seed, size=(1280, 960), noise=14, **trouble[seed % 2]))
            for seed in range(8)
        ]

    def test_both_are_read_where_the_ladder_alone_is_content_with_one(self):
        frames = self._frames(*self.TEXTS)
        assert any(len(whole().codes(frame)) == 1 for frame in frames)
        for number, frame in enumerate(frames):
            assert sorted(code.text for code in whole().all_codes(frame)) == sorted(self.TEXTS), number

    def test_one_alone_stays_one_and_nothing_is_tried_in_vain(self):
        for frame in self._frames(self.TEXTS[0]):
            views: list[View] = []

            def counted(view: View, views: list[View] = views) -> list[Code]:
                views.append(view)
                return zxing(view)

            assert [code.text for code in Decoder(first=counted).codes(frame)] == [self.TEXTS[0]]
            needed = len(views)
            assert [code.text for code in Decoder(first=counted).all_codes(frame)] == [self.TEXTS[0]]
            assert len(views) == 2 * needed

    def test_the_second_look_keeps_to_a_budget_of_its_own(self):
        clock, frame = Clock(0.03), self._frames(*self.TEXTS)[0]
        read = Decoder().codes(frame)[:1]
        looks = iter([read])

        def once(view: View) -> list[Code]:
            return next(looks, None) or clock.blind(view)

        decoder = Decoder(first=once, second=clock.blind, budget_s=0.2, clock=clock)
        assert decoder.all_codes(frame) == read
        assert 0 < clock.at - clock.step_s < 0.1

    def test_without_corners_there_is_no_second_look(self):
        frame = self._frames(*self.TEXTS)[0]
        decoder = Decoder(first=lambda view: [Code(self.TEXTS[0], ())], budget_s=WITHOUT_END_S)
        assert decoder.all_codes(frame) == [Code(self.TEXTS[0], ())]

    def test_a_label_at_the_edge_of_the_picture_is_painted_over_too(self):
        light = Image.new("L", (60, 40), 200)
        painted = painted_over(light, [Code("A", ((-5, -5), (20, -5), (20, 20), (-5, 20)))])
        assert painted.size == light.size


class TestNeverWrong:
    @pytest.mark.parametrize("seed", range(4))
    def test_nothing_is_read_in_noise_and_textures(self, seed: int):
        chance = np.random.default_rng(seed)
        decoder = whole()
        for number in range(50):
            assert decoder.read(a_texture(chance, number)) == [], number

    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "plain"])
    def test_what_is_read_was_printed(self, kind: str):
        decoder = whole()
        for number in (8, 14):
            shot = a_shot(kind, number, seed=2)
            assert decoder.read(shot.frame()) in ([], [shot.text])

    def test_a_tiny_code_on_a_rung_is_not_believed(self):
        looks = iter([[], [Code("00", ((0, 0),) * 4)], [Code(a_label(), ((0, 0),) * 4)]])
        decoder = Decoder(first=lambda view: next(looks), budget_s=WITHOUT_END_S)
        assert decoder.read(a_shot("plain", 0).frame()) == [a_label()]

    def test_no_text_is_over_the_limit_and_each_comes_once(self):
        codes = [Code(text, ()) for text in ("A", "A" * (TEXT_LIMIT + 1), "", "A" * TEXT_LIMIT, "A")]
        assert [code.text for code in each_once(codes)] == ["A", "A" * TEXT_LIMIT]

    @pytest.mark.parametrize("pixels", list(Pixels))
    @pytest.mark.parametrize("size", [(1, 1), (1, 40), (2, 2), (17, 3), (33, 31), (47, 1001), (1601, 7), (2001, 1301)])
    def test_odd_and_tiny_frames_are_no_trouble(self, size: tuple[int, int], pixels: Pixels):
        width, height = size
        content = np.random.default_rng(1).integers(0, 255, width * height * pixels.size, dtype=np.uint8).tobytes()
        assert whole().read(Frame(1, width, height, content, pixels)) == []

    def test_padded_rows_are_stepped_over(self):
        picture = a_photograph(a_label()).convert("L")
        wide = Image.new("L", (picture.width + 13, picture.height), 90)
        wide.paste(picture)
        view = View(wide.tobytes(), picture.width, picture.height, Pixels.LUMA, wide.width)
        assert [code.text for code in zxing(view)] == [a_label()]


class TestSecondEngine:
    def test_it_reads_what_the_first_reads(self):
        shot = a_shot("plain", 3)
        engine = second_engine()
        assert engine is not None
        view = View(shot.grey.tobytes(), shot.grey.shape[1], shot.grey.shape[0], Pixels.LUMA, shot.grey.shape[1])
        assert [code.text for code in engine(view)] == [shot.text]

    def test_without_it_the_ladder_ends_earlier(self):
        assert second_engine("pyzbar_that_is_not_there.pyzbar") is None
        shot = a_shot(*EARNED["zbar equalised"])
        clock = Clock(0.001)
        decoder = Decoder(first=clock.blind, second=None, budget_s=WITHOUT_END_S, clock=clock)
        assert decoder.read(shot.frame()) == []
        boxes = places(Image.fromarray(shot.grey))
        assert clock.views == 1 + len(boxes) * sum(not rung.is_second for rung in RUNGS)


def a_texture(chance: np.random.Generator, number: int) -> Frame:
    """Return noise, coarse or fine, checks and stripes: everything with edges that is no code."""
    side, grain = (192, 256), 1 + number % 7
    rough = chance.integers(0, 256, (side[0] // grain + 1, side[1] // grain + 1), dtype=np.uint8)
    if number % 3 == 1:
        rough = np.where(rough > 127, 220, 30).astype(np.uint8)
    if number % 3 == 2:
        rough = np.repeat(rough[:, :1], rough.shape[1], axis=1)
    grey = np.kron(rough, np.ones((grain, grain), dtype=np.uint8))[: side[0], : side[1]]
    return Frame(number, side[1], side[0], np.ascontiguousarray(grey).tobytes(), Pixels.LUMA)


# A frame for each rung, found on the generated set: class and number.
EARNED = {
    "stretched sharp": ("blur", 14),
    "equalised": ("shadow", 8),
    "levelled": ("shadow", 14),
    "taller": ("curl", 12),
    "zbar equalised": ("dirt", 16),
    "large equalised": ("faded", 14),
    "calmed": ("dark", 4),
    "large sharp": ("small", 12),
    "zbar sharp": ("blur", 13),
    "wide sharp": ("perspective", 14),
    "large levelled sharp": ("shadow", 19),
}
