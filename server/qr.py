"""QR codes as inline SVG: one path, four modules of quiet zone, colours from the style sheet (class ``code``)."""

from __future__ import annotations

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from server.look_svg import speech

QUIET = 4


def qr_svg(text: str, label: str) -> Markup:
    """Draw a text as a QR code of level M; a screen reader speaks the label."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    return Markup(
        '<svg class="code" viewBox="0 0 {0} {0}" fill="currentColor" shape-rendering="crispEdges" {1}>'
        '<path d="{2}"/></svg>'
    ).format(len(rows), speech(label), "".join(_bars(rows)))


def _bars(rows: list[list[bool]]) -> list[str]:
    """Return one bar for each run of dark modules."""
    bars = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if width:
                bars.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return bars
