"""Reading CSV: UTF-8, with or without its mark, or GB18030; commas, semicolons or tabs between the cells."""

from __future__ import annotations

import csv
import io
from itertools import islice

from server.csv_text import BYTE_ORDER_MARK, plain
from server.register_import.columns import BadFile, FileFault
from server.register_import.grid import MOST_COLUMNS, MOST_ROWS, Cell, CellKind, Grid, Line, line_of

SEPARATORS = (",", ";", "\t")
LOOKED_AT = 20


def read_csv(content: bytes) -> Grid:
    """Return the rows of a CSV file; raises BadFile. Rows count as a spreadsheet shows them."""
    text = _text(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    lines: list[Line] = []
    try:
        for count, row in enumerate(reader, start=1):
            if len(row) > MOST_COLUMNS and any(row[MOST_COLUMNS:]):
                raise BadFile(FileFault.TOO_MANY_COLUMNS, most=MOST_COLUMNS)
            line = line_of(count, [Cell(CellKind.TEXT, plain(one)) for one in row[:MOST_COLUMNS]])
            if line is not None:
                lines.append(line)
            if len(lines) > MOST_ROWS:
                raise BadFile(FileFault.TOO_MANY_ROWS, most=MOST_ROWS)
    except csv.Error as error:
        raise BadFile(FileFault.BAD_QUOTES, line=reader.line_num) from error
    return Grid("", (), tuple(lines))


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile(FileFault.UTF16)
    if b"\0" in content:
        raise BadFile(FileFault.BINARY)
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding).removeprefix(BYTE_ORDER_MARK)
        except UnicodeDecodeError:
            continue
    raise BadFile(FileFault.BINARY)


def _separator(text: str) -> str:
    """Return what parts the cells of the first rows most often; a comma where nothing does."""
    first = list(islice(io.StringIO(text), LOOKED_AT))
    return max(SEPARATORS, key=lambda one: sum(line.count(one) for line in first))
