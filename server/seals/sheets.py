"""Printing labels: one PDF page a label, as large as the sticker.

The QR keeps level Q in the smallest version that holds the link, with modules of at least 0.5 mm and a quiet zone of
four modules; below it the short code people read out, and 本码不是检定合格标志.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM, QRData
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from shared.seal import Kind, short_code
from shared.texts import Texts

MODULE_MM = 0.53
QUIET_MODULES = 4
TEXT_MM = 12.0
FONT = "NotoSansSC"


@dataclass(frozen=True)
class Printed:
    """What stands on one label."""

    link: str
    serial: int
    kind: int


def qr_modules(link: str) -> list[list[bool]]:
    """Return the QR of a link, without a quiet zone, row by row."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(QRData(link.encode("ascii"), mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=True)
    modules: list[list[bool]] = code.get_matrix()
    return modules


def qr_version(link: str) -> int:
    """Return the version the link needs: 8 for a host of up to 13 characters, 9 up to 45.

    >>> qr_version("HTTPS://DINGPAN.TEST/V/" + "A" * 133)
    8
    """
    return (len(qr_modules(link)) - 17) // 4


def sheet(labels: list[Printed], texts: Texts, font: Path) -> bytes:
    """Return a PDF with one label a page."""
    pdfmetrics.registerFont(TTFont(FONT, str(font)))
    content = BytesIO()
    canvas = Canvas(content, invariant=True)
    canvas.setTitle(texts("product.name"))
    for label in labels:
        _page(canvas, label, texts)
    canvas.save()
    return content.getvalue()


def _page(canvas: Canvas, label: Printed, texts: Texts) -> None:
    modules = qr_modules(label.link)
    side = (len(modules) + 2 * QUIET_MODULES) * MODULE_MM
    width, height = side, side + TEXT_MM
    canvas.setPageSize((width * mm, height * mm))
    _draw_qr(canvas, modules, height)
    code = short_code(label.serial)
    lines = (
        (f"{code[:4]} {code[4:8]} {code[8:]}", 8.4, 3.2),
        (texts(f"seal_kind.{kind_word(label.kind)}") + " · " + label.link.split("/")[2], 5.2, 2.2),
        (texts("label.not_a_mark"), 1.8, 2.4),
    )
    for text, y_mm, size_mm in lines:
        canvas.setFont(FONT, size_mm * mm)
        canvas.drawCentredString(width * mm / 2, y_mm * mm, text)
    canvas.showPage()


def _draw_qr(canvas: Canvas, modules: list[list[bool]], height_mm: float) -> None:
    """Draw the dark modules, runs of a row as one rectangle so that no hairline shows between them."""
    for row_number, row in enumerate(modules):
        y = (height_mm - (QUIET_MODULES + row_number + 1) * MODULE_MM) * mm
        start = None
        for column, is_dark in enumerate([*row, False]):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                x = (QUIET_MODULES + start) * MODULE_MM * mm
                canvas.rect(x, y, (column - start) * MODULE_MM * mm, MODULE_MM * mm, stroke=0, fill=1)
                start = None


def kind_word(kind: int) -> str:
    """Return the catalogue's word for the kind of a label; six and above are other instruments."""
    return Kind(min(kind, Kind.OTHER)).name.lower()
