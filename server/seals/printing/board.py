"""The board of a station: every nozzle with its own QR, for where nobody may take out a phone at the pump.

Each QR is the one on the nozzle itself, so the page that opens, its signature and its check words are the same, and
there is no page of a station that a forger could imitate with one sticker. A4: up to ten nozzles with a QR of 40 mm,
more with one of 30 mm, as many pages as it takes. Hang it where phones are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.seals.printing.code import code_of, width_mm
from server.seals.printing.face import Item, Label, Line, stacked
from server.seals.printing.layouts import A4, INSET_MM, LARGE_MM, SMALL_MM
from server.seals.printing.lettering import REGULAR, STRONG, Lettering
from server.seals.printing.paper import Sheet
from shared.texts import Texts
from shared.words import PhoneZone

MARGIN_MM = 14.0
HEAD_MM = 36.0
FOOT_MM = 14.0
GAP_MM = 3.0


@dataclass(frozen=True)
class BoardNozzle:
    """One nozzle as people know it: the number painted on it, what comes out. ``label`` None: it has none yet."""

    number: str
    product: str
    label: Label | None


@dataclass(frozen=True)
class Board:
    """A station. ``zone`` says how strongly the board asks to leave the phone alone at the pump."""

    place: str
    zone: PhoneZone
    nozzles: tuple[BoardNozzle, ...]


@dataclass(frozen=True)
class Grid:
    """How the cards of a page lie, and how large their words are."""

    columns: int
    rows: int
    code_mm: int
    scale: float

    @property
    def card(self) -> tuple[float, float]:
        """Width and height of a card, gap included."""
        width = (A4[0] - 2 * MARGIN_MM + GAP_MM) / self.columns
        return width, (A4[1] - HEAD_MM - FOOT_MM - MARGIN_MM) / self.rows

    @property
    def count(self) -> int:
        return self.columns * self.rows


FEW, MANY = Grid(2, 5, LARGE_MM, 1.5), Grid(3, 7, SMALL_MM, 1.05)


def board(board: Board, letters: Lettering, texts: Texts) -> bytes:
    """Return the PDF of a station's board."""
    grid = FEW if len(board.nozzles) <= FEW.count else MANY
    sheet = Sheet(A4, texts("board.title", place=board.place))
    pages = [board.nozzles[first : first + grid.count] for first in range(0, len(board.nozzles), grid.count)]
    for number, nozzles in enumerate(pages):
        if number:
            sheet.next_page()
        _frame(sheet, board, letters, texts)
        _cards(sheet, nozzles, grid, letters, texts)
    return sheet.finished()


def _frame(sheet: Sheet, board: Board, letters: Lettering, texts: Texts) -> None:
    """Draw what stands around the cards."""
    sheet.mark(MARGIN_MM, 11.5, 15.0)
    left, width = MARGIN_MM + 19.0, A4[0] - 2 * MARGIN_MM - 19.0
    size = min(8.0, width / letters.width(board.place, STRONG, 1.0))
    sheet.write(Line(board.place, left, 19.0, size, STRONG))
    sheet.write(Line(texts(f"board.scan_{board.zone}"), left, 26.5, 4.2, REGULAR, "second_ink"))
    sheet.rule(MARGIN_MM, HEAD_MM - 5.0, A4[0] - 2 * MARGIN_MM)
    foot = A4[1] - FOOT_MM + 1.5
    sheet.rule(MARGIN_MM, foot - 6.0, A4[0] - 2 * MARGIN_MM)
    sheet.write(Line(texts("label.not_a_mark"), MARGIN_MM, foot, 3.4, STRONG, "brass"))
    same = texts("board.same_code")
    right = A4[0] - MARGIN_MM - letters.width(same, REGULAR, 2.9)
    sheet.write(Line(same, right, foot, 2.9, REGULAR, "second_ink"))


def _cards(sheet: Sheet, nozzles: Sequence[BoardNozzle], grid: Grid, letters: Lettering, texts: Texts) -> None:
    width, height = grid.card
    for place, nozzle in enumerate(nozzles):
        row, column = divmod(place, grid.columns)
        with sheet.at(MARGIN_MM + column * width, HEAD_MM + row * height):
            _card(sheet, nozzle, grid, letters, texts)


def _card(sheet: Sheet, nozzle: BoardNozzle, grid: Grid, letters: Lettering, texts: Texts) -> None:
    width, height = grid.card
    code = code_of(nozzle.label.link) if nozzle.label else None
    side = width_mm(code, grid.code_mm) if code else grid.code_mm
    at = (0.0, (height - side) / 2)
    if code:
        sheet.code(code, at, side)
    else:
        sheet.frame((at[0] + INSET_MM, at[1] + INSET_MM), side - 2 * INSET_MM)
    box = (side + 1.0, 0.0, width - side - 1.0 - GAP_MM, height)
    _, lines = stacked(_said(nozzle, texts), box, letters, is_centered=False, has_mark=False, largest=grid.scale)
    for line in lines:
        sheet.write(line)


def _said(nozzle: BoardNozzle, texts: Texts) -> list[Item]:
    head = [
        Item(texts("board.nozzle", number=nozzle.number), 5.6, STRONG),
        Item(nozzle.product, 3.4, is_whole=False),
    ]
    if nozzle.label is None:
        return [*head, Item(texts("board.no_label"), 2.8, tone="second_ink", above=1.0, is_whole=False)]
    words = Item("  ".join(nozzle.label.words), 4.2, STRONG, "brand", above=1.2)
    return [*head, words, Item(nozzle.label.short, 2.8, tone="second_ink", above=0.4)]
