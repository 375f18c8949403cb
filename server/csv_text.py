"""CSV that a spreadsheet opens as text and figures, and never as a formula.

A cell that a spreadsheet would take for a formula is led by an apostrophe (OWASP, "CSV injection"); full-width and
small signs count too, because Chinese spreadsheets read them alike, and so does a sign behind characters that nobody
sees. Numbers, negative ones included, stay numbers. A cell with anything that parts cells in some country is quoted.
The text begins with a byte order mark, without which Excel takes UTF-8 for something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

BYTE_ORDER_MARK = "\ufeff"

_SIGNS = "=+-@\u2212"
_BREAKS = ("\t", "\r", "\n")
_PARTS = re.compile(r"[,;|\t\r\n\"]")
_NUMBER = re.compile(r"[+\-\u2212]?[0-9]+(\.[0-9]+)?( ?%)?")


def csv_text(rows: Iterable[Sequence[str | int]]) -> str:
    """Return rows as CSV with CRLF line ends (RFC 4180)."""
    return "".join(csv_lines(rows))


def csv_lines(rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    """Yield the same line by line, to be sent while it is made."""
    yield BYTE_ORDER_MARK
    yield from (",".join(map(_quoted, row)) + "\r\n" for row in rows)


def _quoted(cell: str | int) -> str:
    text = str(neutral(cell))
    return '"' + text.replace('"', '""') + '"' if _PARTS.search(text) else text


def neutral(cell: str | int) -> str | int:
    """Return a cell that no spreadsheet runs.

    >>> [neutral(cell) for cell in (-3, "-3.5", "=1+1", "＝1+1", "-cmd", "A01", "\\0=1")]
    [-3, '-3.5', "'=1+1", "'＝1+1", "'-cmd", 'A01', "'=1"]
    """
    if isinstance(cell, int):
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if _is_formula(text) and not _NUMBER.fullmatch(text) else text


def plain(cell: str) -> str:
    """Return what a cell said before ``neutral``: an apostrophe that was put there is taken away, no other.

    >>> [plain(cell) for cell in ("'=1+1", "'tis", "=1+1", "''=1")]
    ['=1+1', "'tis", '=1+1', "''=1"]
    """
    return cell[1:] if cell.startswith("'") and neutral(cell[1:]) == cell else cell


def _is_formula(text: str) -> bool:
    if text.startswith(_BREAKS):
        return True
    seen = next((one for one in text if not one.isspace() and unicodedata.category(one) not in ("Cc", "Cf")), "")
    return seen != "" and unicodedata.normalize("NFKC", seen)[:1] in _SIGNS
