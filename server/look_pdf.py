"""The look on paper: the same shapes and the margin bar on a ReportLab canvas.

Lengths are points; ``x, y`` is the lower left corner, as in all of ReportLab. Paper is always the light
palette. The canvas is left as it was found.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import FILL_EVEN_ODD, Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from shared.look import MarginScale, Shape, Tone, load_tokens, margin_scale
from shared.look.margin import END
from shared.look.shapes import BOX, load_shapes


def colour(name: str) -> Color:
    """Return a colour of the light palette by its token name (``ink``, ``brass``, ``beyond``)."""
    return HexColor(load_tokens().light.named()[name])


def draw_shape(canvas: Canvas, name: str, x: float, y: float, size: float, tint: str | None = None) -> None:
    """Draw a state shape, a verdict code's shape or a glyph in its own tone, or in the token ``tint``."""
    shape = load_shapes().named(name)
    _fill(canvas, shape, x, y, size, tint or (shape.tone.value if shape.tone else "ink"))


def draw_mark(canvas: Canvas, x: float, y: float, size: float, tint: str = "brand") -> None:
    """Draw the steelyard mark of the product."""
    _fill(canvas, load_shapes().mark, x, y, size, tint)


def draw_margin_bar(
    canvas: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    value: int,
    limit: int,
    uncertainty: int = 0,
    tone: Tone = Tone.UNKNOWN,
) -> None:
    """Draw zero, ticks, brass limits and the needle in its soft band; off the scale the needle is an arrow."""
    scale = margin_scale(value=value, limit=limit, uncertainty=uncertainty)
    with _kept(canvas):
        canvas.translate(x + width / 2, y)
        canvas.scale(width / 2 / END, height)
        _rule(canvas, scale)
        canvas.setFillColor(colour(tone.value))
        _needle(canvas, scale)


@contextmanager
def _kept(canvas: Canvas) -> Iterator[None]:
    canvas.saveState()
    try:
        yield
    finally:
        canvas.restoreState()


def _fill(canvas: Canvas, shape: Shape, x: float, y: float, size: float, tint: str) -> None:
    with _kept(canvas):
        canvas.translate(x, y + size)
        canvas.scale(size / BOX, -size / BOX)
        canvas.setFillColor(colour(tint))
        canvas.drawPath(_path(canvas, shape), stroke=0, fill=1, fillMode=FILL_EVEN_ODD)


def _path(canvas: Canvas, shape: Shape) -> PDFPathObject:
    path = canvas.beginPath()
    for outline in shape.outlines:
        path.moveTo(*outline.points[0])
        for point in outline.points[1:]:
            path.lineTo(*point)
        path.close()
    return path


def _rule(canvas: Canvas, scale: MarginScale) -> None:
    """All marks are filled boxes: the canvas is stretched unevenly, and a stroke would be stretched with it."""
    canvas.setFillColor(colour("edge"))
    canvas.rect(-END, 0.28, 2 * END, 0.03, stroke=0, fill=1)
    for tick in range(-END, END + 1, END // 8):
        canvas.rect(tick - 4, 0.28, 8, 0.3 if tick == 0 else 0.14, stroke=0, fill=1)
    canvas.setFillColor(colour("brass"))
    for side in (-1, 1):
        canvas.rect(side * scale.limit - 10, 0.1, 20, 0.6, stroke=0, fill=1)


def _needle(canvas: Canvas, scale: MarginScale) -> None:
    if scale.is_off_scale:
        side = 1 if scale.needle > 0 else -1
        _polygon(canvas, ((side * END, 0.63), (side * (END - 90), 0.88), (side * (END - 90), 0.38)))
        return
    low, high = scale.band
    canvas.setFillAlpha(0.2)
    canvas.rect(low, 0.31, high - low, 0.5, stroke=0, fill=1)
    canvas.setFillAlpha(1)
    x = scale.needle
    _polygon(canvas, ((x - 8, 0.31), (x + 8, 0.31), (x + 8, 0.8), (x + 34, 1), (x - 34, 1), (x - 8, 0.8)))


def _polygon(canvas: Canvas, points: tuple[tuple[float, float], ...]) -> None:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
