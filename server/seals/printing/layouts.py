"""Sticker sheets and rolls: where the labels lie. Lengths in millimetres from the upper left corner of the page.

A4 sheets: Avery L7161, L7164, L7173 and L7165, which many makers copy under their own numbers. Size and count are
printed on Avery's packs; margins and pitches are those of the open template collections of gLabels
(``templates/avery-iso-templates.xml``, which rounds them to points: within 1 mm) and of the Inkscape extension "Label
Guides" (the same to the hundredth). Sheets without a margin are left out: most printers cannot print to the edge.
Rolls: 60 x 40, 70 x 50 and 50 x 70 are common sizes of thermal label stock; each label is a page of its own.
Their printers know black only, so nothing on a roll is colored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.mending import CannotDo
from server.seals.printing.code import Code, width_mm

A4 = (210.0, 297.0)
INSET_MM = 2.0
SMALL_MM, LARGE_MM = 30, 40


@dataclass(frozen=True)
class Layout:
    """A page with ``columns`` x ``rows`` labels; pitches run from one label's edge to the next one's."""

    page: tuple[float, float]
    label: tuple[float, float]
    columns: int = 1
    rows: int = 1
    first: tuple[float, float] = (0.0, 0.0)
    pitch: tuple[float, float] = (0.0, 0.0)
    has_color: bool = True

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def spot(self, place: int) -> tuple[float, float]:
        """Return the upper left corner of a label; places count from zero, row by row."""
        row, column = divmod(place, self.columns)
        return self.first[0] + column * self.pitch[0], self.first[1] + row * self.pitch[1]

    @property
    def is_wide(self) -> bool:
        """Whether the words stand beside the QR, not below it."""
        return self.label[0] > self.label[1]

    def widest(self) -> float:
        """Return how wide a QR with its quiet zone may be: beside it the words need 22 mm, below it 26."""
        across, down = (side - 2 * INSET_MM for side in self.label)
        return min(down, across - 22) if self.is_wide else min(across, down - 26)


def _roll(width: float, height: float) -> Layout:
    return Layout((width, height), (width, height), has_color=False)


LAYOUTS = {
    "roll-60x40": _roll(60, 40),
    "roll-70x50": _roll(70, 50),
    "roll-50x70": _roll(50, 70),
    "avery-l7161": Layout(A4, (63.5, 46.6), 3, 6, (7.25, 8.7), (66.0, 46.6)),
    "avery-l7164": Layout(A4, (63.5, 72.0), 3, 4, (7.25, 4.5), (66.0, 72.0)),
    "avery-l7173": Layout(A4, (99.1, 57.0), 2, 5, (4.65, 6.0), (101.6, 57.0)),
    "avery-l7165": Layout(A4, (99.1, 67.7), 2, 4, (4.65, 13.1), (101.6, 67.7)),
}
ROOMY = tuple(name for name, layout in LAYOUTS.items() if layout.widest() >= LARGE_MM)


DEFAULT = "roll-60x40"


class BadOrder(CannotDo):
    """Something that cannot be printed as asked; the message says why and what to do."""


class DoesNotFit(BadOrder):
    """A QR that is too large for a sticker; the message names layouts that are large enough."""


def room_for(code: Code, layout: Layout, wanted_mm: int) -> int:
    """Return how wide the QR is printed on a layout; raises DoesNotFit."""
    width = width_mm(code, wanted_mm)
    if width > layout.widest():
        raise DoesNotFit(f"A QR of {width} mm does not fit this sticker. Choose one of {', '.join(ROOMY)}.")
    return width


def places(layout: Layout, count: int, start: int) -> Iterator[tuple[int, int]]:
    """Yield page and place for so many labels, both from zero, when the first free label of the first sheet is
    number ``start``, from one; raises BadOrder for a number that the sheet has not.

    >>> list(places(LAYOUTS["avery-l7165"], 3, start=7))
    [(0, 6), (0, 7), (1, 0)]
    """
    if not 1 <= start <= layout.count:
        raise BadOrder(f"The sheet has labels 1 to {layout.count}. Start with one of them.")
    for number in range(start - 1, start - 1 + count):
        yield divmod(number, layout.count)
