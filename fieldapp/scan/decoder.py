"""Reading QR codes out of a frame with zxing-cpp; nothing else is looked for.

The frame is tried as it is, then its middle at full sharpness, then a smaller copy: a code far away is small and sharp
in the middle, one held too close is large and blurred.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fieldapp.camera.port import Frame, Pixels

LONGEST_SIDE = 1600
TEXT_LIMIT = 4096


@dataclass(frozen=True)
class View:
    """A part or copy of a frame; rows begin ``row_bytes`` apart."""

    content: bytes
    width: int
    height: int
    pixels: Pixels
    row_bytes: int


def read(frame: Frame) -> list[str]:
    """Return the texts of the QR codes of a frame, each once; empty when there is none."""
    for view in _views(frame):
        if texts := _read(view):
            return texts
    return []


def _read(view: View) -> list[str]:
    import zxingcpp

    layout = zxingcpp.ImageFormat.Lum if view.pixels is Pixels.LUMA else zxingcpp.ImageFormat.RGB
    # Any buffer will do, although only arrays are declared. The image points at the bytes, so ``view`` must outlive it.
    content: Any = view.content
    image = zxingcpp.ImageView(content, view.width, view.height, layout, view.row_bytes)
    found = zxingcpp.read_barcodes(
        image,
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
        text_mode=zxingcpp.TextMode.Plain,
        try_invert=False,
    )
    return list(dict.fromkeys(code.text for code in found if len(code.text) <= TEXT_LIMIT))


def _views(frame: Frame) -> Iterator[View]:
    row_bytes = frame.width * frame.pixels.size
    is_large = max(frame.width, frame.height) > LONGEST_SIDE
    if not is_large:
        yield View(frame.content, frame.width, frame.height, frame.pixels, row_bytes)
    yield _middle(frame, row_bytes)
    if is_large:
        yield _smaller(frame)


def _middle(frame: Frame, row_bytes: int) -> View:
    """Return the middle half of a frame at full sharpness."""
    width, height = frame.width // 2, frame.height // 2
    start = (frame.height // 4) * row_bytes + (frame.width // 4) * frame.pixels.size
    return View(frame.content[start : start + height * row_bytes], width, height, frame.pixels, row_bytes)


def _smaller(frame: Frame) -> View:
    from PIL import Image

    mode = "L" if frame.pixels is Pixels.LUMA else "RGB"
    picture = Image.frombytes(mode, (frame.width, frame.height), frame.content).convert("L")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return View(picture.tobytes(), picture.width, picture.height, Pixels.LUMA, picture.width)
