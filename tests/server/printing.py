"""Printed labels as a scanner sees them: PDF pages as pixels, read by zbar and by OpenCV."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy
from PIL import Image
from pyzbar import pyzbar

from server.seals.printing.face import Label
from server.seals.printing.layouts import Layout
from shared.words import PhoneZone
from tests.builders import a_label

DPI = 300
PIXELS_PER_MM = DPI / 25.4
GOV_HOST = "JILIANG.ZHOUKOU.GOV.CN"
ZONES = (None, *PhoneZone)


def some_labels(count: int, host: str = "DINGPAN.TEST") -> list[Label]:
    """Return labels of every kind and zone, nozzles with their number."""
    serials = range(1_000_001, 1_000_001 + count)
    return [
        Label(a_label(serial=n, host=host), n, n % 8, "12" if n % 8 == 2 else None, ZONES[n % len(ZONES)])
        for n in serials
    ]


def pages_of(pdf: bytes, folder: Path) -> list[Image.Image]:
    """Return the pages as a printer of 300 dots an inch would draw them."""
    path = folder / "printed.pdf"
    path.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-png", str(path), str(folder / "page")], check=True)
    return [Image.open(page) for page in sorted(folder.glob("page*.png"))]


def words_of(pdf: bytes, folder: Path) -> str:
    """Return the text of a PDF."""
    path = folder / "words.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, text=True)
    return done.stdout


def read_by_zbar(page: Image.Image) -> set[str]:
    """Return every QR on a page."""
    return {found.data.decode() for found in pyzbar.decode(page, [pyzbar.ZBarSymbol.QRCODE])}


def read_by_opencv(picture: Image.Image) -> str:
    """Return the one QR of a picture, empty when it is not read."""
    text, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(numpy.array(picture.convert("L")))
    return str(text)


def stickers(page: Image.Image, layout: Layout) -> Iterator[Image.Image]:
    """Yield each sticker of a page, as it would be peeled off."""
    for place in range(layout.count):
        left, top = layout.spot(place)
        corners = (left, top, left + layout.label[0], top + layout.label[1])
        yield page.crop(tuple(round(corner * PIXELS_PER_MM) for corner in corners))


def extent_mm(picture: Image.Image) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of everything dark, in millimetres."""
    box = picture.convert("L").point(lambda level: 255 * (level < 128)).getbbox()
    assert box is not None
    return tuple(side / PIXELS_PER_MM for side in box)  # type: ignore[return-value]
