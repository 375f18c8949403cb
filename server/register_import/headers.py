"""Finding the row of headers, and guessing from its words which column is what."""

from __future__ import annotations

from server.register_import.columns import MASSES, UNITS, Chosen, Column
from server.register_import.grid import Grid, Line
from server.register_import.words import column_of, unit_of

LOOKED_AT = 20


def candidates(grid: Grid) -> list[Line]:
    """Return the rows that may be the headers: the first ones, and never the last."""
    return list(grid.lines[: min(LOOKED_AT, len(grid.lines) - 1)])


def guess(grid: Grid, header: int | None = None) -> Chosen:
    """Return what the headers say. ``header`` None: of the first rows, the one in which most is known."""
    lines = candidates(grid)
    if header is None:
        line = max(lines, key=lambda one: len(_columns(one)))
    else:
        line = next((one for one in lines if one.number == header), lines[0])
    columns = _columns(line)
    units = {one: unit_of(line.cell(columns[one]).text) for one in MASSES if one in columns}
    return Chosen(line.number, columns, {one: unit for one, unit in units.items() if unit in UNITS})


def _columns(line: Line) -> dict[Column, int]:
    """The first column of a meaning counts; another of the same is left to the person."""
    found: dict[Column, int] = {}
    for place, cell in enumerate(line.cells):
        column = column_of(cell.text)
        if column is not None:
            found.setdefault(column, place)
    return found


def body_lines(grid: Grid, header: int) -> list[Line]:
    """Return the rows below the headers."""
    return [line for line in grid.lines if line.number > header]
