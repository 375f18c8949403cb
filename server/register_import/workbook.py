"""Reading .xlsx with openpyxl, row by row: the first visible sheet that has something in it.

Days come from Excel's own counting, of 1900 or 1904 as the file says. A number is taken with the fifteen digits that
Excel keeps, and with the zeros in front that its format shows. A cell merged over several rows counts in each of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from server.csv_text import plain
from server.register_import import archive
from server.register_import.columns import BadFile, FileFault
from server.register_import.grid import EMPTY, MOST_COLUMNS, MOST_ROWS, MOST_TEXT, Cell, CellKind, Grid, Line, line_of

LAST_ROW = 1_048_576
MOST_CELLS = 4_000_000
MIDNIGHT = time()
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_ZEROS = re.compile(r"0{2,30}")
# What openpyxl lets through of a broken workbook; NotImplementedError is zipfile's, for packing that it does not know.
_UNREADABLE = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, SyntaxError, EOFError, OSError),
    *(zipfile.BadZipFile, InvalidFileException, NotImplementedError, RecursionError),
)


def read_workbook(content: bytes) -> Grid:
    """Return the rows of the first visible sheet with something in it; raises BadFile."""
    archive.check(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            return _first(content, book)
        finally:
            book.close()
    except _UNREADABLE as error:
        raise BadFile(FileFault.DAMAGED) from error


def _first(content: bytes, book: Any) -> Grid:
    found: Grid | None = None
    left_out = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()
        if found is None:
            lines = list(_lines(sheet, archive.look_at(content, sheet._worksheet_path)))
            found = Grid(str(sheet.title)[:100], (), tuple(lines)) if lines else None
        elif next(_rows(sheet), None) is not None:
            left_out.append(str(sheet.title)[:100])
    return Grid(found.sheet, tuple(left_out), found.lines) if found else Grid("", (), ())


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows that hold anything, with their numbers; what is endless is refused."""
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells += len(row)
        if number > LAST_ROW or cells > MOST_CELLS:
            raise BadFile(FileFault.TOO_MANY_ROWS, most=MOST_ROWS)
        if len(row) > MOST_COLUMNS and any(cell.value is not None for cell in row[MOST_COLUMNS:]):
            raise BadFile(FileFault.TOO_MANY_COLUMNS, most=MOST_COLUMNS)
        if row:
            yield number, row[:MOST_COLUMNS]


def _lines(sheet: Any, seen: archive.Seen) -> Iterator[Line]:
    below = _merged(seen)
    held: dict[int, tuple[int, Cell]] = {}
    count = 0
    for number, row in _rows(sheet):
        cells = [_cell(cell) for cell in row]
        if seen.formulas:
            _mark(cells, number, seen.formulas)
        if line_of(number, cells) is None:
            continue
        for place, last in below.get(number, ()):
            held[place] = (last, cells[place] if place < len(cells) else EMPTY)
        _fill(cells, number, held)
        line = line_of(number, cells)
        if line is not None:
            count += 1
            if count > MOST_ROWS:
                raise BadFile(FileFault.TOO_MANY_ROWS, most=MOST_ROWS)
            yield line


def _merged(seen: archive.Seen) -> dict[int, list[tuple[int, int]]]:
    """Return by first row which columns, counted from 0, go on until which row."""
    found: dict[int, list[tuple[int, int]]] = {}
    for letters, first, last in seen.merged:
        place = column_index_from_string(letters) - 1
        if place < MOST_COLUMNS:
            found.setdefault(first, []).append((place, last))
    return found


def _fill(cells: list[Cell], number: int, held: dict[int, tuple[int, Cell]]) -> None:
    for place, (last, cell) in list(held.items()):
        if number > last:
            del held[place]
            continue
        cells.extend([EMPTY] * (place + 1 - len(cells)))
        if not cells[place].text:
            cells[place] = cell


def _mark(cells: list[Cell], number: int, formulas: frozenset[str]) -> None:
    for place in range(len(cells)):
        if f"{get_column_letter(place + 1)}{number}" in formulas:
            cells[place] = Cell(CellKind.FORMULA, "=")


def _cell(cell: Any) -> Cell:
    match cell.value:
        case None:
            return EMPTY
        case str(text) if cell.data_type == "e" or text in ERRORS:
            return Cell(CellKind.ERROR, text[:20])
        case str(text):
            return Cell(CellKind.TEXT, plain(text)[: MOST_TEXT + 1])
        case bool(value):
            return Cell(CellKind.TEXT, str(value).upper())
        case int() | float() as value:
            return Cell(CellKind.NUMBER, _digits(value, cell.number_format))
        case datetime() as at if at.time() == MIDNIGHT:
            return Cell(CellKind.DAY, at.date().isoformat())
        case datetime() as at:
            return Cell(CellKind.TEXT, at.isoformat(" "))
        case date() as day:
            return Cell(CellKind.DAY, day.isoformat())
        case other:
            return Cell(CellKind.TEXT, str(other)[:MOST_TEXT])


def _digits(value: float, shown_as: str) -> str:
    """Write a number as Excel keeps it: fifteen digits, never an exponent; what is no number stays a word."""
    if isinstance(value, int) or (abs(value) < 1e15 and value == int(value)):
        text = str(int(value))
        return text.zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) and value >= 0 else text
    short = format(value, ".15g")
    return format(Decimal(short), "f") if abs(value) < 1e30 else short
