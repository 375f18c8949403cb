"""Reading the labels of a picture that was taken before, from a file: the whole ladder, with no network.

A JPEG of twelve megapixels is unpacked at half its size first, which is enough for an ordinary picture and takes a
fraction of the time; only when that is not read, it is unpacked whole, and the place in it that looks most like a label
is tried at full sharpness.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.code import Code, Engine
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.engines import second_engine, zxing
from fieldapp.scan.places import places

if TYPE_CHECKING:
    from PIL.Image import Image

DRAFT_SIDE = 1500
DRAFT_BUDGET_S = 0.09
WHOLE_BUDGET_S = 0.05
MOST_PIXELS = 60_000_000
# A place larger than this shows a label well enough in the draft, or is no label at all.
MOST_SHARP_PIXELS = 4_000_000


class NoPicture(Exception):
    """The file is no picture that can be read, or one of more than sixty megapixels."""


def read_picture(
    file: Path | IO[bytes],
    *,
    first: Engine = zxing,
    second: Engine | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Code]:
    """Return the codes of a picture, with corners in its own pixels; raises NoPicture.

    ``second`` None: the one of this machine, if there is one.
    """
    second = second or second_engine()
    light, shrunk = _open(file, is_whole=False)
    codes = Decoder(first=first, second=second, budget_s=DRAFT_BUDGET_S, clock=clock).codes(_frame(light))
    if codes or shrunk == 1:
        return [code.moved(lambda corner: (corner[0] * shrunk, corner[1] * shrunk)) for code in codes]
    boxes = places(light, most=1)
    if not boxes:
        return []
    left, top, right, below = (round(side * shrunk) for side in boxes[0])
    if (right - left) * (below - top) > MOST_SHARP_PIXELS:
        return []
    whole, _ = _open(file, is_whole=True)
    sharp = _frame(whole.crop((left, top, min(right, whole.width), min(below, whole.height))))
    codes = Decoder(first=first, second=second, budget_s=WHOLE_BUDGET_S, clock=clock).codes(sharp)
    return [code.moved(lambda corner: (left + corner[0], top + corner[1])) for code in codes]


def _frame(light: Image) -> Frame:
    return Frame(1, light.width, light.height, light.tobytes(), Pixels.LUMA)


def _open(file: Path | IO[bytes], *, is_whole: bool) -> tuple[Image, float]:
    """Return a picture as light, and how many pixels of the file one of its pixels is."""
    from PIL import Image as Pillow

    if not isinstance(file, Path):
        file.seek(0)
    try:
        with Pillow.open(file) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise NoPicture
            # Drafts are never smaller than asked for: half or less of a large picture, all of a small one.
            picture.draft("L", picture.size if is_whole else (DRAFT_SIDE, DRAFT_SIDE))
            light = picture.convert("L")
    except (OSError, SyntaxError, ValueError, struct.error, Pillow.DecompressionBombError) as broken:
        raise NoPicture from broken
    return light, width / light.width
