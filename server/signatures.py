"""A drawn signature as SVG, from the whole numbers in which it was recorded.

A stroke is ``[x0, y0, x1, y1, ...]``; the pad is 1000 wide, y counts downwards in the same unit.
"""

from __future__ import annotations

from markupsafe import Markup

from server.look_svg import speech

WIDTH, LEAST_HEIGHT, MARGIN = 1000, 300, 20


def strokes_svg(strokes: list[list[int]], label: str) -> Markup:
    """Draw the strokes in the colour of the text around them."""
    height = max([LEAST_HEIGHT, *(y + MARGIN for stroke in strokes for y in stroke[1::2])])
    return Markup(
        '<svg class="strokes" viewBox="0 0 {} {}" fill="none" stroke="currentColor" stroke-width="8" '
        'stroke-linecap="round" stroke-linejoin="round" {}><path d="{}"/></svg>'
    ).format(WIDTH, height, speech(label), "".join(_line(stroke) for stroke in strokes))


def _line(stroke: list[int]) -> str:
    """Return one stroke; a single point becomes a dot."""
    points = list(zip(stroke[::2], stroke[1::2], strict=True))
    rest = "".join(f"L{x} {y}" for x, y in points[1:]) or "h0"
    return f"M{points[0][0]} {points[0][1]}{rest}"
