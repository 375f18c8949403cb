"""From the bytes of an upload to its table: what a file is, is told by how it begins and never by its name."""

from __future__ import annotations

from server.register_import import archive
from server.register_import.columns import BadFile, FileFault
from server.register_import.csv_file import read_csv
from server.register_import.grid import Grid

ZIP = b"PK\x03\x04"


def read(content: bytes) -> Grid:
    """Return the table of a file, at least a header and one row; raises BadFile."""
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise BadFile(FileFault.EMPTY)
    if start.startswith((ZIP, archive.OLE)):
        # Here, because openpyxl takes longer to load than the rest of this package, and most servers never need it.
        from server.register_import.workbook import read_workbook

        grid = read_workbook(content)
    elif start.startswith((b"<", b"%PDF", b"{\\rtf")):
        raise BadFile(FileFault.NO_TABLE)
    else:
        grid = read_csv(content)
    if len(grid.lines) < 2:
        raise BadFile(FileFault.NO_ROWS)
    return grid
