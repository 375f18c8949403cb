"""Reading QR codes on Android with Java's ZXing 3.5 through pyjnius: python-for-android has no recipe for zxing-cpp.

Not yet run on a phone: its tests drive it with stand-ins for the Java classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fieldapp.camera.java import Java
from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.code import TEXT_LIMIT, Code, Corner, View, each_once

ZXING = "com.google.zxing"
INVERTED = bytes(range(255, -1, -1))
# A label of the usual length has 49 modules a side, and the middles of its finders are 42 apart.
BEYOND_FINDERS = 49 / 42
Window = tuple[int, int, int, int]


class JavaDecoder:
    """Reads frames of light; the classes are looked up once."""

    def __init__(self, java: Java) -> None:
        self._exception = java.exception
        self._reader = java.new(f"{ZXING}.multi.qrcode.QRCodeMultiReader")()
        self._source = java.new(f"{ZXING}.PlanarYUVLuminanceSource")
        self._bitmap = java.new(f"{ZXING}.BinaryBitmap")
        self._binarizer = java.new(f"{ZXING}.common.HybridBinarizer")

    def read(self, frame: Frame) -> list[str]:
        """Return the texts of the QR codes of a frame, each once; first the whole frame, then its middle."""
        if frame.pixels is not Pixels.LUMA:
            raise ValueError("Android's frames are light only")
        for window in _windows(frame):
            texts = self._read(frame, window)
            if texts:
                return texts
        return []

    def look(self, view: View) -> list[Code]:
        """Read a view of light for the ladder, dark on light and then light on dark."""
        content = bytes(view.content)
        for light in (content, content.translate(INVERTED)):
            source = self._source(light, view.row_bytes, view.height, 0, 0, view.width, view.height, False)
            found = self._results(self._bitmap(self._binarizer(source)))
            if found:
                return each_once([Code(str(one.getText()), corners(one.getResultPoints())) for one in found])
        return []

    def _read(self, frame: Frame, window: Window) -> list[str]:
        source = self._source(frame.content, frame.width, frame.height, *window, False)
        found = [str(one.getText()) for one in self._results(self._bitmap(self._binarizer(source)))]
        return list(dict.fromkeys(text for text in found if len(text) <= TEXT_LIMIT))

    def _results(self, bitmap: Any) -> list[Any]:
        """ZXing says "nothing found" with an exception."""
        try:
            return list(self._reader.decodeMultiple(bitmap))
        except self._exception:
            return []


def corners(points: Any) -> tuple[Corner, ...]:
    """Return about where the corners of a code are, from the middles of its three finders as ZXing tells them.

    They come as bottom left, top left, top right, and lie three and a half modules within; empty when they are fewer.
    """
    found = [(float(point.getX()), float(point.getY())) for point in list(points or ())[:3]]
    if len(found) < 3:
        return ()
    below, first, right = found
    last = (right[0] + below[0] - first[0], right[1] + below[1] - first[1])
    middle = ((right[0] + below[0]) / 2, (right[1] + below[1]) / 2)
    return tuple(
        (middle[0] + (x - middle[0]) * BEYOND_FINDERS, middle[1] + (y - middle[1]) * BEYOND_FINDERS)
        for x, y in (first, right, last, below)
    )


def _windows(frame: Frame) -> Iterator[Window]:
    yield 0, 0, frame.width, frame.height
    yield frame.width // 4, frame.height // 4, frame.width // 2, frame.height // 2
