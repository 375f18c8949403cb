"""What one frame held: its codes, and where in it they stand."""

from __future__ import annotations

from dataclasses import dataclass

from fieldapp.camera.port import Frame
from fieldapp.scan.code import Code, Corner

Outline = tuple[Corner, ...]


@dataclass(frozen=True)
class Sight:
    """A frame with at least one code."""

    frame: Frame
    codes: tuple[Code, ...]

    @property
    def texts(self) -> list[str]:
        """The texts of the codes, each once."""
        return [code.text for code in self.codes]

    def outline(self, text: str) -> Outline:
        """Return the corners of a code as shares of the upright frame's width and height, from its top left.

        Empty where the decoder does not say where it read a code, as Java's.
        """
        corners = next((code.corners for code in self.codes if code.text == text), ())
        wide, high = self.frame.width, self.frame.height
        shares = tuple((x / wide, y / high) for x, y in corners) if len(corners) > 2 else ()
        for _ in range(self.frame.turned):
            shares = tuple((1 - y, x) for x, y in shares)
        return shares


def middle(outline: Outline) -> Corner:
    """Return the middle of an outline."""
    count = len(outline)
    return sum(x for x, _ in outline) / count, sum(y for _, y in outline) / count


def as_read(outlines: list[Outline]) -> list[int]:
    """Return the places of outlines in the order in which a person counts what they see.

    From left to right where they stand side by side, from the top where they are above each other; those of which
    nobody knows where they are come last, as they came.

    >>> as_read([((0.6, 0.5), (0.8, 0.5), (0.7, 0.6)), (), ((0.1, 0.4), (0.3, 0.4), (0.2, 0.6))])
    [2, 0, 1]
    """
    known = {place: middle(outline) for place, outline in enumerate(outlines) if outline}
    xs, ys = [x for x, _ in known.values()], [y for _, y in known.values()]
    is_row = bool(known) and max(xs) - min(xs) >= max(ys) - min(ys)
    ordered = sorted(known, key=lambda place: known[place] if is_row else known[place][::-1])
    return [*ordered, *(place for place in range(len(outlines)) if place not in known)]
