"""Labels on paper: a PDF of sticker sheets, or of a roll with one label a page.

A QR is one path of one color, filled at once, so that neither a screen nor a printer shows hairlines between its rows;
it is black, whatever the color of the words. It is written as PDF operators, because ReportLab's own path would format
two thousand numbers a label. The same labels make the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO

from reportlab import rl_config
from reportlab.lib.colors import Color, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from server.look_pdf import colour, draw_mark
from server.seals.printing.code import Code
from server.seals.printing.face import Face, Label, Line, face_of
from server.seals.printing.layouts import SMALL_MM, Layout, places
from server.seals.printing.lettering import FACES, Lettering
from shared.texts import Texts

rl_config.useA85 = 0  # binary streams: a quarter smaller, and their text form is the slowest part of a large PDF


class Sheet:
    """A page of ReportLab on which millimetres are counted from above."""

    def __init__(self, page: tuple[float, float], title: str, *, has_color: bool = True) -> None:
        self.height = page[1]
        self.has_color = has_color
        self._content = BytesIO()
        self.canvas = Canvas(self._content, pagesize=(page[0] * mm, page[1] * mm), invariant=True, pageCompression=1)
        self.canvas.setTitle(title)

    def tint(self, tone: str) -> Color:
        return colour(tone) if self.has_color else black

    def write(self, line: Line) -> None:
        self.canvas.setFillColor(self.tint(line.tone))
        self.canvas.setFont(FACES[line.weight], line.size * mm)
        self.canvas.drawString(line.x * mm, (self.height - line.baseline) * mm, line.text)

    def mark(self, x: float, y: float, size: float) -> None:
        """Draw the steelyard mark; a printer that has no color gets it in black."""
        if self.has_color:
            draw_mark(self.canvas, x * mm, (self.height - y - size) * mm, size * mm)
        else:
            draw_mark(self.canvas, x * mm, (self.height - y - size) * mm, size * mm, tint="ink")

    def rule(self, x: float, y: float, width: float) -> None:
        """Draw a thin brass rule."""
        self.canvas.setFillColor(self.tint("brass"))
        self.canvas.rect(x * mm, (self.height - y) * mm, width * mm, 0.3 * mm, stroke=0, fill=1)

    def frame(self, at: tuple[float, float], side: float) -> None:
        """Draw an empty square where a QR would be."""
        self.canvas.setStrokeColor(self.tint("line"))
        self.canvas.rect(at[0] * mm, (self.height - at[1] - side) * mm, side * mm, side * mm)

    def code(self, code: Code, at: tuple[float, float], width: float) -> None:
        """Draw a QR; the place and the width are those of its quiet zone."""
        unit = width / code.width * mm
        self.canvas.saveState()
        self.canvas.translate(at[0] * mm, (self.height - at[1]) * mm)
        self.canvas.scale(unit, unit)
        self.canvas.setFillColor(black)
        boxes = (f"{column} {-row - 1} {length} 1 re" for column, row, length in code.runs())
        self.canvas.addLiteral(" ".join((*boxes, "f")))
        self.canvas.restoreState()

    @contextmanager
    def at(self, x: float, y: float) -> Iterator[None]:
        """Count from another corner."""
        self.canvas.saveState()
        self.canvas.translate(x * mm, -y * mm)
        yield
        self.canvas.restoreState()

    def face(self, face: Face) -> None:
        self.code(face.code, face.code_at, face.code_mm)
        self.mark(*face.mark)
        for line in face.lines:
            self.write(line)

    def next_page(self) -> None:
        self.canvas.showPage()

    def finished(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self._content.getvalue()


def sheets(
    labels: Iterable[Label],
    layout: Layout,
    letters: Lettering,
    texts: Texts,
    *,
    wanted_mm: int = SMALL_MM,
    start: int = 1,
) -> bytes:
    """Return a PDF; ``start`` is the first free label of the first sheet. Raises BadOrder."""
    labels = list(labels)
    sheet, on_page = Sheet(layout.page, texts("product.name"), has_color=layout.has_color), 0
    for label, (page, place) in zip(labels, places(layout, len(labels), start), strict=True):
        if page > on_page:
            sheet.next_page()
            on_page = page
        with sheet.at(*layout.spot(place)):
            sheet.face(face_of(label, layout, wanted_mm, letters, texts))
    return sheet.finished()
