"""Reading the labels of a picture that was taken before, from a file: the whole ladder, with no network.

A JPEG of twelve megapixels is unpacked at half its size first, which is enough for an ordinary picture and takes a
fraction of the time; only when that is not read, it is unpacked whole, and the place in it that looks most like a label
is tried at full sharpness.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fieldapp.album.port import PictureFault
from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.code import Code, Corner, Engine, each_once
from fieldapp.scan.decoder import Decoder, painted_over
from fieldapp.scan.engines import second_engine, zxing
from fieldapp.scan.places import Box, places
from fieldapp.scan.sight import Sight

if TYPE_CHECKING:
    from PIL.Image import Image

DRAFT_SIDE = 1500
DRAFT_BUDGET_S = 0.09
WHOLE_BUDGET_S = 0.05
MOST_PIXELS = 60_000_000
# A place larger than this shows a label well enough in the draft, or is no label at all.
MOST_SHARP_PIXELS = 4_000_000
PATIENT_BUDGET_S = 0.5
PATIENT_PLACES = 4
# What Pillow raises for a file that is no picture, or a part of one.
UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, EOFError, OverflowError)
# Exif 2.32, tag 0x0112: how the sensor was held. The values are Pillow's transpositions that set the picture upright.
ORIENTATION = 0x0112
UPRIGHT = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}


class NoPicture(Exception):
    """The file is no picture that can be read (DAMAGED), or one of more than sixty megapixels (TOO_BIG)."""

    def __init__(self, fault: PictureFault = PictureFault.DAMAGED) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read_picture(
    file: Path | IO[bytes],
    *,
    first: Engine = zxing,
    second: Engine | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Code]:
    """Return the codes of a picture as quickly as a camera's, with corners in its own pixels; raises NoPicture.

    ``second`` None: the one of this machine, if there is one.
    """
    decoders = _Decoders(first, second or second_engine(), clock)
    light, shrunk = _open(file, is_whole=False)
    codes = decoders.new(DRAFT_BUDGET_S).codes(_frame(light))
    if not codes and shrunk != 1:
        codes = _read_sharp(file, places(light, most=1), shrunk, decoders.new(WHOLE_BUDGET_S).codes)
    return [code.moved(lambda corner: (corner[0] * shrunk, corner[1] * shrunk)) for code in codes]


def see_picture(file: IO[bytes], *, first: Engine = zxing, second: Engine | None = None) -> Sight:
    """Return a picture with all labels in it, as a camera sees them; without a code where none is read.

    Whoever chose a picture looks at no other meanwhile and may wait a second, so more places are tried than for a
    frame, and labels that are harder to read than the one beside them are looked for. Raises NoPicture.
    """
    decoders = _Decoders(first, second or second_engine(), time.perf_counter)
    light, shrunk = _open(file, is_whole=False)
    codes = decoders.new(PATIENT_BUDGET_S).all_codes(_frame(light))
    if shrunk != 1 and all(code.corners for code in codes):
        sharp = decoders.new(WHOLE_BUDGET_S if codes else PATIENT_BUDGET_S)
        boxes = places(painted_over(light, codes) if codes else light, most=PATIENT_PLACES)
        codes = each_once([*codes, *_read_sharp(file, boxes, shrunk, sharp.codes)])
    return Sight(_frame(light), tuple(codes))


@dataclass(frozen=True)
class _Decoders:
    """What decoders are made with."""

    first: Engine
    second: Engine | None
    clock: Callable[[], float]

    def new(self, budget_s: float) -> Decoder:
        return Decoder(first=self.first, second=self.second, budget_s=budget_s, clock=self.clock)


def _read_sharp(
    file: Path | IO[bytes], boxes: list[Box], shrunk: float, read: Callable[[Frame], list[Code]]
) -> list[Code]:
    """Read places of the draft in the whole picture; the corners are in pixels of the draft.

    A place that is large enough in the draft is not tried again.
    """
    small = [box for box in boxes if (box[2] - box[0]) * (box[3] - box[1]) * shrunk * shrunk <= MOST_SHARP_PIXELS]
    if not small:
        return []
    whole, _ = _open(file, is_whole=True)
    found: list[Code] = []
    for box in small:
        left, top, right, below = (round(side * shrunk) for side in box)
        sharp = whole.crop((left, top, min(right, whole.width), min(below, whole.height)))
        move = _to_draft(left, top, shrunk)
        found += [code.moved(move) for code in read(_frame(sharp))]
    return found


def _to_draft(left: int, top: int, shrunk: float) -> Callable[[Corner], Corner]:
    return lambda corner: ((left + corner[0]) / shrunk, (top + corner[1]) / shrunk)


def _frame(light: Image) -> Frame:
    return Frame(1, light.width, light.height, light.tobytes(), Pixels.LUMA)


def _open(file: Path | IO[bytes], *, is_whole: bool) -> tuple[Image, float]:
    """Return a picture as light, upright, and how many pixels of the file one of its pixels is."""
    from PIL import Image as Pillow

    if not isinstance(file, Path):
        file.seek(0)
    try:
        with Pillow.open(file) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise NoPicture(PictureFault.TOO_BIG)
            turn = UPRIGHT.get(picture.getexif().get(ORIENTATION, 1))
            # Drafts are never smaller than asked for: half or less of a large picture, all of a small one.
            picture.draft("L", picture.size if is_whole else (DRAFT_SIDE, DRAFT_SIDE))
            light = picture.convert("L")
    except Pillow.DecompressionBombError as broken:
        raise NoPicture(PictureFault.TOO_BIG) from broken
    except UNREADABLE as broken:
        raise NoPicture from broken
    shrunk = width / light.width
    return light if turn is None else light.transpose(Pillow.Transpose(turn)), shrunk
