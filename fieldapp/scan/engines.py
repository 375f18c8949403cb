"""The two readers of QR codes: zxing-cpp, and zbar, which finds its way through scratches that stop the other.

zbar needs libzbar beside pyzbar; where either is missing there is no second reader, and the ladder ends earlier.
"""

from __future__ import annotations

import importlib
from typing import Any

from fieldapp.camera.port import Pixels
from fieldapp.scan.code import Code, Corner, Engine, View, each_once


def zxing(view: View) -> list[Code]:
    """Read with zxing-cpp."""
    import zxingcpp

    layout = zxingcpp.ImageFormat.Lum if view.pixels is Pixels.LUMA else zxingcpp.ImageFormat.RGB
    # Any buffer will do, although only arrays are declared. The image points at the bytes, so ``view`` must outlive it.
    content: Any = view.content
    image = zxingcpp.ImageView(content, view.width, view.height, layout, view.row_bytes)
    found = zxingcpp.read_barcodes(
        image,
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
        text_mode=zxingcpp.TextMode.Plain,
    )
    return each_once([Code(code.text, _corners(code)) for code in found])


def _corners(code: Any) -> tuple[Corner, ...]:
    place = code.position
    around = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    return tuple((float(corner.x), float(corner.y)) for corner in around)


def second_engine(module: str = "pyzbar.pyzbar") -> Engine | None:
    """Return zbar as an engine for light whose rows are not padded; None where pyzbar or libzbar is missing."""
    try:
        pyzbar = importlib.import_module(module)
    except (ImportError, OSError):
        return None

    def _zbar(view: View) -> list[Code]:
        found = pyzbar.decode((bytes(view.content), view.width, view.height), symbols=[pyzbar.ZBarSymbol.QRCODE])
        return each_once([_code(one) for one in found])

    return _zbar


def _code(found: Any) -> Code:
    """Return what zbar found; a text that is not UTF-8 is none of ours, and empty is dropped."""
    try:
        text = found.data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return Code(text, tuple((float(corner.x), float(corner.y)) for corner in found.polygon))
