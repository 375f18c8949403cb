"""CSV that a spreadsheet opens as text and figures, and never as a formula.

A cell that a spreadsheet would take for a formula is led by an apostrophe (OWASP, "CSV injection"); full-width signs
count too, because Chinese spreadsheets read them alike. Numbers, negative ones included, stay numbers. The text begins
with a byte order mark, without which Excel takes UTF-8 for something else.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"

_FORMULA = re.compile(r"\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?( ?%)?")


def csv_text(rows: Iterable[Sequence[str | int]]) -> str:
    """Return rows as CSV with CRLF line ends (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def neutral(cell: str | int) -> str | int:
    """Return a cell that no spreadsheet runs.

    >>> [neutral(cell) for cell in (-3, "-3.5", "=1+1", "＝1+1", "-cmd", "A01", "\\0=1")]
    [-3, '-3.5', "'=1+1", "'＝1+1", "'-cmd", 'A01', "'=1"]
    """
    if isinstance(cell, int):
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
