"""What stands on a label, and where: millimetres from its upper left corner, text by its baseline.

The two check words come first and largest, for they are what a person compares; then the code one reads out, the
host, where to scan, and 本码不是检定合格标志. A sticker wider than high carries the words beside its QR, any
other below it. Words grow with the sticker and shrink to fit, but never below what can be read.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from server.seals.printing.code import Code, code_of
from server.seals.printing.layouts import INSET_MM, DoesNotFit, Layout, room_for
from server.seals.printing.lettering import REGULAR, STRONG, Lettering
from shared.check_words import check_words
from shared.seal import PAYLOAD_BYTES, Kind, short_code
from shared.texts import Texts
from shared.words import PhoneZone

GAP_MM = 1.0
LINE = 1.28
MARK_LEAD = 1.45  # how far a line with the mark begins to the right, by its size
LEAST_SCALE, LARGEST_SCALE = 0.92, 1.7
NOZZLES = (Kind.FUEL_NOZZLE, Kind.GAS_NOZZLE)


@dataclass(frozen=True)
class Label:
    """One label to print. ``nozzle`` is the number painted on it; ``zone`` None: nobody knows where it will hang."""

    link: str
    serial: int
    kind: int
    nozzle: str | None = None
    zone: PhoneZone | None = None

    @property
    def short(self) -> str:
        """The short code in groups, as it is read out."""
        code = short_code(self.serial)
        return f"{code[:4]} {code[4:8]} {code[8:]}"

    @property
    def host(self) -> str:
        return self.link.split("/")[2]

    @property
    def words(self) -> tuple[str, str]:
        """The two check words."""
        text = self.link.rpartition("/")[2]
        return check_words(base64.b32decode(text + "=" * (-len(text) % 8))[:PAYLOAD_BYTES])


@dataclass(frozen=True)
class Line:
    """One line of text; ``x`` is where it begins. The tone is a color of the look, for printers that have it."""

    text: str
    x: float
    baseline: float
    size: float
    weight: int = REGULAR
    tone: str = "ink"


@dataclass(frozen=True)
class Face:
    """A finished label. ``mark`` is the corner and the size of the steelyard mark."""

    width: float
    height: float
    code: Code
    code_at: tuple[float, float]
    code_mm: float
    mark: tuple[float, float, float]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Item:
    """Some text before it has its place: ``above`` is the space over it, ``is_whole`` keeps it on one line."""

    text: str
    size: float
    weight: int = REGULAR
    tone: str = "ink"
    above: float = 0.0
    is_whole: bool = True


def face_of(label: Label, layout: Layout, wanted_mm: int, letters: Lettering, texts: Texts) -> Face:
    """Return the face of a label on a sticker; raises DoesNotFit."""
    code = code_of(label.link)
    side = room_for(code, layout, wanted_mm)
    width, height = layout.label
    if layout.is_wide:
        at = (INSET_MM, (height - side) / 2)
        left = INSET_MM + side + GAP_MM
        box = (left, INSET_MM, width - INSET_MM - left, height - 2 * INSET_MM)
    else:
        at = ((width - side) / 2, INSET_MM)
        box = (INSET_MM, INSET_MM + side, width - 2 * INSET_MM, height - 2 * INSET_MM - side)
    mark, lines = stacked(items(label, texts), box, letters, is_centered=not layout.is_wide)
    return Face(width, height, code, at, side, mark, tuple(lines))


def items(label: Label, texts: Texts) -> list[Item]:
    """Return what is to be read on a label, from above."""
    return [
        Item(what(label, texts), 2.9, STRONG, "brand"),
        Item("  ".join(label.words), 5.2, STRONG, above=0.5),
        Item(texts("label_face.same_words"), 1.95, tone="second_ink", is_whole=False),
        Item(label.short, 3.2, STRONG, above=0.8),
        Item(label.host, 1.95, tone="second_ink", is_whole=False),
        Item(texts(f"label_face.scan_{zone_of(label)}"), 2.3, above=0.8, is_whole=False),
        Item(texts("label.not_a_mark"), 2.3, STRONG, "brass", above=0.8),
    ]


def zone_of(label: Label) -> PhoneZone:
    """Return whether one may scan where it hangs; for a nozzle of unknown place, as for one where phones are forbidden.

    AQ 3010-2022 allows phones at filling stations on conditions; some cities forbid them in the work area.
    """
    return label.zone or (PhoneZone.FORBIDDEN if label.kind in NOZZLES else PhoneZone.ALLOWED)


def what(label: Label, texts: Texts) -> str:
    """Return what the label is for. A stock label ends up on something, so it does not say that it is in stock."""
    kind = Kind.OTHER if label.kind == Kind.STOCK else Kind(min(label.kind, Kind.OTHER))
    word = texts(f"seal_kind.{kind.name.lower()}")
    return texts("label_face.nozzle", kind=word, number=label.nozzle) if label.nozzle else word


def stacked(
    wanted: list[Item],
    box: tuple[float, float, float, float],
    letters: Lettering,
    *,
    is_centered: bool,
    has_mark: bool = True,
    largest: float = LARGEST_SCALE,
) -> tuple[tuple[float, float, float], list[Line]]:
    """Return the mark and the lines, as large as fit the box (left, top, width, height); raises DoesNotFit.

    The mark stands before the first line, a little higher than it.
    """
    left, top, width, height = box
    lead = MARK_LEAD if has_mark else 0.0
    scale = largest
    while True:
        sized = [_sized(item, scale, width, letters, lead * (item is wanted[0])) for item in wanted]
        total = sum(item.above + item.size * LINE * len(lines) for item, lines in sized)
        if total <= height:
            break
        if scale < LEAST_SCALE:
            raise DoesNotFit("The words do not fit this sticker. Choose a larger one.")
        scale *= 0.97
    y = top + (height - total) / 2
    placed: list[Line] = []
    mark = (left, y, 0.0)
    for number, (item, lines) in enumerate(sized):
        y += item.above
        for text in lines:
            y += item.size * LINE
            before = lead * item.size * (number == 0)
            wide = before + letters.width(text, item.weight, item.size)
            x = left + ((width - wide) / 2 if is_centered else 0.0)
            baseline = y - item.size * 0.3
            if before:
                mark = (x, baseline - item.size, item.size * 1.2)
            placed.append(Line(text, x + before, baseline, item.size, item.weight, item.tone))
    return mark, placed


def _sized(item: Item, scale: float, width: float, letters: Lettering, lead: float) -> tuple[Item, list[str]]:
    """Return an item at a scale, smaller if it must stay on one line that is too narrow, and its lines."""
    size = item.size * scale
    if item.is_whole:
        size = min(size, width / (lead + letters.width(item.text, item.weight, 1.0)))
    lines = [item.text] if item.is_whole else letters.broken(item.text, item.weight, size, width)
    return Item(item.text, size, item.weight, item.tone, item.above * scale, item.is_whole), lines
