"""The decoder: a ladder of attempts to read the labels of a frame, those that pay most per millisecond first.

The frame as it is goes to the first engine; an ordinary one is read there in some milliseconds. Else the places that
look like a label are cut out, and the rungs of ``rungs`` are tried on them until one reads. A live camera gives many
frames a second, so each frame has a budget and the next frame goes on with the rungs that this one did not reach; a
rung that read a frame is the first to be tried on the next.

Neither numpy nor OpenCV is used: a phone has Pillow, the first engine, and perhaps zbar.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.code import TEXT_LIMIT, Code, Corner, Engine, View, each_once
from fieldapp.scan.engines import second_engine, zxing
from fieldapp.scan.places import Box, edges, places
from fieldapp.scan.rungs import RUNGS, Rung

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["LIVE_BUDGET_S", "TEXT_LIMIT", "Decoder", "read"]

LIVE_BUDGET_S = 0.07
STILL_BUDGET_S = 0.25
# What an engine reads whole. Above it, the middle at full sharpness and a copy of half the size are tried: a code far
# away is small and in the middle, one held too close is large and blurred.
MOST_PIXELS = 2_500_000
LONGEST_SIDE = 1600
# A label, an enrolment and a payment code are longer. In a picture that was worked on, an engine now and then takes a
# patch of modules for a tiny code of its own, whose few check digits fit by chance.
LEAST_GUESSED = 16
USUAL_PLACE_PIXELS = 400 * 400
# A place of less than this share of the size or the edges of a label that was read is no label.
LEAST_SHARE, LEAST_DENSITY = 0.3, 0.25
# The grain of a whole frame is one place of many times that size.
MOST_SHARE = 12
# How far from its middle a label is painted over, told by how far its corners are: its quiet zone goes too.
PAINTED, QUIET = 1.16, 1.1
# A label that fills more than this has modules to spare: half the size reads as well, in a quarter of the time.
MOST_PLACE_PIXELS = 1_000_000


class Decoder:
    """Reads the frames of one camera; it remembers which rung is next, so it serves one thread."""

    def __init__(
        self,
        *,
        first: Engine = zxing,
        second: Engine | None = None,
        rungs: tuple[Rung, ...] = RUNGS,
        budget_s: float = LIVE_BUDGET_S,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._first, self._second, self._clock, self._budget_s = first, second, clock, budget_s
        self._rungs = tuple(rung for rung in rungs if second is not None or not rung.is_second)
        self._costs_s = {rung.name: rung.cost_s for rung in self._rungs}
        self._next = 0

    def read(self, frame: Frame) -> list[str]:
        """Return the texts of the QR codes of a frame, each once; empty when none is read within the budget."""
        return [code.text for code in self.codes(frame)]

    def codes(self, frame: Frame) -> list[Code]:
        """Return the codes of a frame with their corners in its pixels.

        No attempt begins that is expected to end after the budget, but one is always made: a slow phone goes on too.
        """
        ends_at = self._clock() + self._budget_s
        codes = self._plain(frame)
        if codes:
            return codes
        light = _light(frame)
        boxes = places(light)
        attempts = [(rung, box) for box in boxes for rung in self._rungs]
        for turn in range(len(attempts)):
            number = (self._next + turn) % len(attempts)
            rung, box = attempts[number]
            if turn and self._clock() + self._costs_s[rung.name] * _size(box) > ends_at:
                self._next = number
                return []
            codes = self._climb(rung, light, box)
            if codes:
                self._next = number
                return codes
        return []

    def all_codes(self, frame: Frame) -> list[Code]:
        """Return the codes of a frame, with those that are harder to read than the ones beside them.

        A sharp label must not hide a blurred one next to it: what was read is painted over, and whatever else looks
        like a label is looked at within half a budget more. Without corners nobody knows what to paint over.
        """
        codes = self.codes(frame)
        if not codes or not all(code.corners for code in codes):
            return codes
        ends_at = self._clock() + self._budget_s / 2
        light = _light(frame)
        rest = painted_over(light, codes)
        for box in places(rest):
            if is_like(rest, box, light, codes):
                codes = each_once([*codes, *self._look_harder(rest, box, ends_at)])
        return codes

    def _look_harder(self, light: Image, box: Box, ends_at: float) -> list[Code]:
        """Try the rungs on a place, the one that read last first, as far as the time goes."""
        first = self._next % len(self._rungs)
        for rung in (*self._rungs[first:], *self._rungs[:first]):
            if self._clock() + self._costs_s[rung.name] * _size(box) > ends_at:
                return []
            if codes := self._climb(rung, light, box):
                return codes
        return []

    def _plain(self, frame: Frame) -> list[Code]:
        for view, left, top, scale in _views(frame):
            codes = self._first(view)
            if codes:
                return [code.moved(_back(left, top, scale, scale)) for code in codes]
        return []

    def _climb(self, rung: Rung, light: Image, box: Box) -> list[Code]:
        began = self._clock()
        place = light.crop(box)
        made = rung.make(place if place.width * place.height <= MOST_PLACE_PIXELS else place.reduce(2))
        engine = self._second if rung.is_second and self._second is not None else self._first
        codes = [code for code in engine(_view(made)) if len(code.text) >= LEAST_GUESSED]
        self._costs_s[rung.name] = (self._clock() - began) / _size(box)
        move = _back(box[0], box[1], place.width / made.width, place.height / made.height)
        return [code.moved(move) for code in codes]


def read(frame: Frame) -> list[str]:
    """Return the texts of a frame that stands alone, with the budget of a still picture."""
    return Decoder(second=second_engine(), budget_s=STILL_BUDGET_S).read(frame)


def painted_over(light: Image, codes: list[Code]) -> Image:
    """Return a copy of a picture in which the codes are gone; the paint is as light as their quiet zone."""
    from PIL import ImageDraw

    picture = light.copy()
    pen = ImageDraw.Draw(picture)
    for code in codes:
        middle = tuple(sum(side) / len(code.corners) for side in zip(*code.corners, strict=True))
        around = [_from(middle, corner, QUIET) for corner in code.corners]
        inside = [(round(x), round(y)) for x, y in around if 0 <= x < light.width - 1 and 0 <= y < light.height - 1]
        greys = [int(light.getpixel(place)) for place in inside]  # type: ignore[arg-type] # a picture of light alone
        pen.polygon([_from(middle, corner, PAINTED) for corner in code.corners], sum(greys) // max(1, len(greys)))
    return picture


def _from(middle: tuple[float, ...], corner: Corner, share: float) -> Corner:
    return middle[0] + (corner[0] - middle[0]) * share, middle[1] + (corner[1] - middle[1]) * share


def is_like(rest: Image, box: Box, light: Image, codes: list[Code]) -> bool:
    """Say whether a place could be a label by its size and its edges, told by those that were read in the frame."""
    around = [_box(code) for code in codes]
    if not LEAST_SHARE * min(map(_size, around)) <= _size(box) <= MOST_SHARE * max(map(_size, around)):
        return False
    return _density(rest, box) >= LEAST_DENSITY * min(_density(light, one) for one in around)


def _box(code: Code) -> Box:
    xs, ys = zip(*code.corners, strict=True)
    return int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1


def _density(light: Image, box: Box) -> float:
    """Return the mean of the edges in a box: a label is full of them, the rim of a paper has them at its rim."""
    from PIL import ImageStat

    return float(ImageStat.Stat(edges(light.crop(box))).mean[0])


def _size(box: Box) -> float:
    """Return how many times as large a place is as the one the costs are told for."""
    return (box[2] - box[0]) * (box[3] - box[1]) / USUAL_PLACE_PIXELS


def _back(left: float, top: float, across: float, down: float) -> Callable[[Corner], Corner]:
    """Return what brings a corner from a part or copy back to the frame."""
    return lambda corner: (left + corner[0] * across, top + corner[1] * down)


def _views(frame: Frame) -> Iterator[tuple[View, int, int, float]]:
    """Yield views of a frame with their left, their top and their scale in it."""
    row_bytes = frame.width * frame.pixels.size
    if frame.width * frame.height <= MOST_PIXELS:
        yield View(frame.content, frame.width, frame.height, frame.pixels, row_bytes), 0, 0, 1
        return
    left, top, width, height = frame.width // 4, frame.height // 4, frame.width // 2, frame.height // 2
    start = top * row_bytes + left * frame.pixels.size
    middle = memoryview(frame.content)[start : start + height * row_bytes]
    yield View(middle, width, height, frame.pixels, row_bytes), left, top, 1
    light = _light(frame)
    smaller = light.reduce(-(-max(light.size) // LONGEST_SIDE))
    yield _view(smaller), 0, 0, light.width / smaller.width


def _light(frame: Frame) -> Image:
    """Return a frame as light; the bytes of a frame of light are not copied."""
    from PIL import Image

    size = (frame.width, frame.height)
    if frame.pixels is Pixels.LUMA:
        return Image.frombuffer("L", size, frame.content, "raw", "L", 0, 1)
    return Image.frombuffer("RGB", size, frame.content, "raw", "RGB", 0, 1).convert("L")


def _view(light: Image) -> View:
    return View(light.tobytes(), light.width, light.height, Pixels.LUMA, light.width)
