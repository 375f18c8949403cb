"""The table of a file as it was read: plain cells by row, whatever the file was, ready to be kept."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from enum import StrEnum

MOST_ROWS, MOST_COLUMNS = 20_000, 100
MOST_TEXT = 4_000


class CellKind(StrEnum):
    """What stands in a cell: text, a number, a civil day, a formula without its result, or an error such as #N/A."""

    TEXT = "t"
    NUMBER = "n"
    DAY = "d"
    FORMULA = "f"
    ERROR = "e"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; a number is a plain decimal where it is finite, a day ``YYYY-MM-DD``."""

    kind: CellKind
    text: str


EMPTY = Cell(CellKind.TEXT, "")


@dataclass(frozen=True)
class Line:
    """One row that is not empty, with its number as the spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, place: int | None) -> Cell:
        """Return the cell of a column counted from 0; an empty one beyond the row's end, and for None."""
        return self.cells[place] if place is not None and place < len(self.cells) else EMPTY


@dataclass(frozen=True)
class Grid:
    """The rows of one sheet; ``left_out`` names the other sheets that have something in them."""

    sheet: str
    left_out: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max(len(line.cells) for line in self.lines)

    def packed(self) -> bytes:
        """Return the table as it is kept."""
        rows = [[line.number, *((cell.kind.value, cell.text) for cell in line.cells)] for line in self.lines]
        text = json.dumps([self.sheet, self.left_out, rows], ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(text.encode(), 3)


_KINDS = {kind.value: kind for kind in CellKind}


def unpacked(content: bytes) -> Grid:
    """Read a table that was kept."""
    sheet, left_out, rows = json.loads(zlib.decompress(content))
    lines = (Line(row[0], tuple(Cell(_KINDS[kind], text) for kind, text in row[1:])) for row in rows)
    return Grid(sheet, tuple(left_out), tuple(lines))


def line_of(number: int, cells: list[Cell]) -> Line | None:
    """Return a row without the empty cells at its end; None when nothing stands in it."""
    end = len(cells)
    while end and not cells[end - 1].text.strip():
        end -= 1
    return Line(number, tuple(cells[:end])) if end else None


def letters(place: int) -> str:
    """Return what a spreadsheet calls a column counted from 0.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        text = chr(ord("A") + rest) + text
        place -= 1
    return text
