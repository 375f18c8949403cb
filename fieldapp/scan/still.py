"""Reading the labels of a picture that was taken before, from a file: the whole ladder, with no network.

A JPEG of twelve megapixels is unpacked at half its size first, which is enough for an ordinary picture and takes a
fraction of the time; only when that is not read, it is unpacked whole, for a label that is small in it.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.code import Code, Engine
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.engines import second_engine, zxing

DRAFT_SIDE = 1500
DRAFT_BUDGET_S = 0.12
WHOLE_BUDGET_S = 0.1
MOST_PIXELS = 60_000_000


class NoPicture(Exception):
    """The file is no picture that can be read, or one of more than sixty megapixels."""


def read_picture(file: Path | IO[bytes], *, first: Engine = zxing, second: Engine | None = None) -> list[Code]:
    """Return the codes of a picture, with corners in its own pixels; raises NoPicture.

    ``second`` None: the one of this machine, if there is one.
    """
    second = second or second_engine()
    frame, shrunk = _open(file, is_whole=False)
    codes = Decoder(first=first, second=second, budget_s=DRAFT_BUDGET_S).codes(frame)
    if codes or shrunk == 1:
        return [code.moved(lambda corner: (corner[0] * shrunk, corner[1] * shrunk)) for code in codes]
    frame, _ = _open(file, is_whole=True)
    return Decoder(first=first, second=second, budget_s=WHOLE_BUDGET_S).codes(frame)


def _open(file: Path | IO[bytes], *, is_whole: bool) -> tuple[Frame, float]:
    """Return a picture as light, and how many pixels of the file one of its pixels is."""
    from PIL import Image

    if not isinstance(file, Path):
        file.seek(0)
    try:
        with Image.open(file) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise NoPicture
            # Drafts are never smaller than asked for: half or less of a large picture, all of a small one.
            picture.draft("L", picture.size if is_whole else (DRAFT_SIDE, DRAFT_SIDE))
            light = picture.convert("L")
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as broken:
        raise NoPicture from broken
    return Frame(1, light.width, light.height, light.tobytes(), Pixels.LUMA), width / light.width
