"""Reading QR codes out of a frame with zxing-cpp; nothing else is looked for.

The frame is tried as it is, then its middle at full sharpness, then a smaller copy: a code far away is small and sharp
in the middle, one held too close is large and blurred.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fieldapp.camera.port import Frame, Pixels

LONGEST_SIDE = 1600
TEXT_LIMIT = 4096


def read(frame: Frame) -> list[str]:
    """Return the texts of the QR codes of a frame, each once; empty when there is none."""
    import zxingcpp

    for view in _views(frame, zxingcpp):
        found = zxingcpp.read_barcodes(
            view,
            formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
            text_mode=zxingcpp.TextMode.Plain,
            try_invert=False,
        )
        if found:
            return list(dict.fromkeys(code.text for code in found if len(code.text) <= TEXT_LIMIT))
    return []


def _views(frame: Frame, zxing: Any) -> Iterator[Any]:
    layout = zxing.ImageFormat.Lum if frame.pixels is Pixels.LUMA else zxing.ImageFormat.RGB
    if max(frame.width, frame.height) <= LONGEST_SIDE:
        yield zxing.ImageView(frame.content, frame.width, frame.height, layout)
    yield _middle(frame, zxing, layout)
    if max(frame.width, frame.height) > LONGEST_SIDE:
        yield _smaller(frame, zxing)


def _middle(frame: Frame, zxing: Any, layout: Any) -> Any:
    """Return the middle half of a frame as a window into the same bytes."""
    x, y, width, height = frame.width // 4, frame.height // 4, frame.width // 2, frame.height // 2
    start = (y * frame.width + x) * frame.pixels.size
    end = start + ((height - 1) * frame.width + width) * frame.pixels.size
    row_stride = frame.width * frame.pixels.size
    return zxing.ImageView(frame.content[start:end], width, height, layout, row_stride)


def _smaller(frame: Frame, zxing: Any) -> Any:
    from PIL import Image

    mode = "L" if frame.pixels is Pixels.LUMA else "RGB"
    picture = Image.frombytes(mode, (frame.width, frame.height), frame.content).convert("L")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return zxing.ImageView(picture.tobytes(), picture.width, picture.height, zxing.ImageFormat.Lum)
