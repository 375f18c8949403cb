"""The decoder of the field app beside others, on the same generated frames: what each reads, and how long ours takes.

The times are of the processor, which other programs do not lengthen; the same in wall time stands below each, with no
limit. Budgets are counted in processor time too, so that a busy machine reads as much as a free one.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from benchmarks.table import Line
from fieldapp.scan.code import View
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.engines import second_engine, zxing
from fieldapp.scan.still import read_picture
from tests.fieldapp.hard_frames import KINDS, SIZES, Shot, a_shot, shots

CAMERA_FRAMES = 8
LARGE = (4608, 2592)
OPENED = 15
HARD_NUMBERS = (1, 8)
PERCENTILE = 95

Took = tuple[float, float]


@dataclass(frozen=True)
class Rates:
    """How many of a class each decoder reads; it has no limit of its own."""

    kind: str
    count: int
    read: dict[str, int]
    holds: bool = True

    def __str__(self) -> str:
        cells = "  ".join(f"{name} {self.read[name]:>3}" for name in self.read)
        return f"  {self.kind:<12} of {self.count:>3}:  {cells}"


def lines() -> Iterator[Line | Rates]:
    """Read the whole set with each decoder, then measure ordinary frames and pictures."""
    yield from _rates()
    for width, height in SIZES:
        took = [_frame_ms(shot) for shot in shots("plain") if shot.grey.shape == (height, width)]
        yield from _both(f"ordinary frame of {width}x{height} to its label", took, limit=60)
    plain = [_file(a_shot("plain", number)) for number in range(OPENED)]
    yield from _both("ordinary JPEG of 12 megapixels, opened and read", [_open_ms(file) for file in plain], limit=150)
    hard = [_open_ms(_file(a_shot(kind, number))) for kind in KINDS for number in HARD_NUMBERS]
    worst = [(_high(cpu), _high(wall)) for cpu, wall in [tuple(zip(*hard, strict=True))]]
    yield from _both("hard JPEG of 12 megapixels, opened and tried, 95 of 100", worst, limit=400)


def _both(what: str, took: list[Took], *, limit: float) -> Iterator[Line]:
    yield Line.of(f"{what}, processor", [cpu for cpu, _ in took], "ms", limit)
    yield Line.of(f"{what}, wall", [wall for _, wall in took], "ms", float("inf"))


def _high(runs: tuple[float, ...]) -> float:
    return statistics.quantiles(runs, n=100)[PERCENTILE - 1]


def readers() -> dict[str, Callable[[Shot], bool]]:
    """Return who reads a shot: ours in one frame, ours while the camera is held still, and three others alone."""
    second = second_engine()
    assert second is not None, "pyzbar or libzbar is missing"
    detector = cv2.QRCodeDetector()

    def _camera(shot: Shot, frames: int) -> bool:
        decoder = Decoder(second=second, clock=time.process_time)
        return any(decoder.read(shot.frame(number)) == [shot.text] for number in range(frames))

    def _opencv(shot: Shot) -> bool:
        try:
            return bool(detector.detectAndDecode(shot.grey)[0] == shot.text)
        except cv2.error:
            return False

    def _alone(engine: Callable[[View], list], shot: Shot) -> bool:
        frame = shot.frame()
        view = View(frame.content, frame.width, frame.height, frame.pixels, frame.width)
        return shot.text in [code.text for code in engine(view)]

    return {
        "camera": lambda shot: _camera(shot, CAMERA_FRAMES),
        "one frame": lambda shot: _camera(shot, 1),
        "zxing-cpp": lambda shot: _alone(zxing, shot),
        "pyzbar": lambda shot: _alone(second, shot),
        "OpenCV": _opencv,
    }


def _rates() -> Iterator[Line | Rates]:
    who = readers()
    total = dict.fromkeys(who, 0)
    count = 0
    for kind in KINDS:
        read, made = dict.fromkeys(who, 0), 0
        for shot in shots(kind):
            made += 1
            for name, reads in who.items():
                read[name] += reads(shot)
        count += made
        total = {name: total[name] + read[name] for name in who}
        yield Rates(kind, made, read)
    yield Rates("all", count, total)
    best = max(total[name] for name in ("zxing-cpp", "pyzbar", "OpenCV"))
    unread = (count - total["camera"]) / (count - best)
    yield Line.of("labels left unread over those of the best of the others", [unread], "x", 0.7)


def _timed(call: Callable[[], object]) -> Took:
    """Return the milliseconds of the processor and of the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def _frame_ms(shot: Shot) -> Took:
    decoder, frame = Decoder(second=second_engine(), clock=time.process_time), shot.frame()
    took = _timed(lambda: decoder.read(frame))
    assert decoder.read(frame) == [shot.text]
    return took


def _file(shot: Shot) -> bytes:
    """Return a shot as the file of a camera of twelve megapixels: enlarged, with the grain that such pictures have."""
    large = cv2.resize(shot.grey, LARGE, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    grain = np.random.default_rng(1).normal(0, 3, large.shape)
    picture = Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).convert("RGB")
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=90)
    return content.getvalue()


def _open_ms(file: bytes) -> Took:
    return _timed(lambda: read_picture(io.BytesIO(file), clock=time.process_time))
