"""A drawn signature as whole numbers, small enough to be signed with its record.

Form: a list of strokes; a stroke is one flat list ``[x0, y0, x1, y1, ...]`` of at least one point. The pad is
1000 wide; y has the same unit, counts downwards from the top edge and never exceeds the pad's height. As JSON
without white space the whole list is at most 4096 bytes. To make it fit, points that lie nearly on the line
between their neighbours are dropped (Ramer 1972, Douglas and Peucker 1973), by whole-number arithmetic, with
a tolerance that grows from 1 to 32 thousandths of the width.
"""

import json

WIDTH = 1000
MOST_BYTES = 4096
TOLERANCES = (1, 2, 4, 8, 16, 32)

Stroke = list[int]


def on_pad(points: list[tuple[float, float]], *, width: float, height: float) -> Stroke:
    """Return screen points, counted from the pad's top left corner, in the pad's own unit and inside it."""
    bottom = round(height * WIDTH / width)
    flat: Stroke = []
    for x, y in points:
        flat += [_between(0, round(x * WIDTH / width), WIDTH), _between(0, round(y * WIDTH / width), bottom)]
    return flat


def fitted(strokes: list[Stroke]) -> list[Stroke] | None:
    """Return the strokes with as few points dropped as 4096 bytes allow, or None when nothing makes them fit."""
    for tolerance in TOLERANCES:
        thinner = [thinned(stroke, tolerance) for stroke in strokes]
        if len(as_json(thinner)) <= MOST_BYTES:
            return thinner
    return None


def as_json(strokes: list[Stroke]) -> str:
    """Return the JSON text that counts, without white space.

    >>> as_json([[1, 2, 30, 40]])
    '[[1,2,30,40]]'
    """
    return json.dumps(strokes, separators=(",", ":"))


def thinned(stroke: Stroke, tolerance: int) -> Stroke:
    """Drop points no further than ``tolerance`` from the line that remains; the two ends always remain.

    >>> thinned([0, 0, 50, 1, 100, 0, 100, 100], 2)
    [0, 0, 100, 0, 100, 100]
    """
    points = list(zip(stroke[::2], stroke[1::2], strict=True))
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        between = range(first + 1, last)
        far = max(between, key=lambda i: _distance(points[i], points[first], points[last])[0], default=None)
        if far is None:
            continue
        gap, unit = _distance(points[far], points[first], points[last])
        if gap > tolerance * tolerance * unit:
            kept.add(far)
            spans += [(first, far), (far, last)]
    return [number for i in sorted(kept) for number in points[i]]


def _distance(point: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
    """Return the squared distance from a line times a unit, and that unit, both whole numbers."""
    (px, py), (ax, ay), (bx, by) = point, start, end
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    if length == 0:
        return (px - ax) ** 2 + (py - ay) ** 2, 1
    cross = dx * (py - ay) - dy * (px - ax)
    return cross * cross, length


def _between(low: int, number: int, high: int) -> int:
    return min(max(number, low), high)
