"""What is looked at in an .xlsx file before openpyxl reads it: its size unpacked, entities, merged cells, formulas.

An .xlsx file is a zip archive of XML parts (ECMA-376). A small one can unpack into gigabytes, and XML can name files
and multiply itself; neither has a place in a ledger. openpyxl's quick reading tells neither which cells are merged nor
that a formula has no result kept with it: both are read here from the text of the sheet.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from server.register_import.columns import BadFile, FileFault

MOST_UNPACKED = 40 << 20
MOST_PARTS = 2_000
MOST_MERGED = 20_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK = "xl/workbook.xml"

_ENTITY = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]|<(?:\w+:)?is[\s>]")
_AT = re.compile(rb"\br=[\"']([A-Z]{1,3}\d{1,7})[\"']")


@dataclass(frozen=True)
class Seen:
    """What stands in the text of a sheet: merged cells as (column letters, first row, last row), and formulas."""

    merged: tuple[tuple[str, int, int], ...]
    formulas: frozenset[str]


def check(content: bytes) -> None:
    """Raise BadFile for what is no .xlsx file, or unpacks into more than a ledger can be."""
    if content.startswith(OLE):
        raise BadFile(FileFault.ENCRYPTED if ENCRYPTED in content else FileFault.OLD_EXCEL)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise BadFile(FileFault.UNPACKS_TOO_LARGE, most=MOST_UNPACKED >> 20)
            if any(part.flag_bits & 1 for part in parts):
                raise BadFile(FileFault.ENCRYPTED)
            if WORKBOOK not in archive.namelist():
                raise BadFile(FileFault.NO_TABLE)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_text(archive.read(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BadFile(FileFault.DAMAGED) from error
    except NotImplementedError as error:  # what zipfile raises for a way of packing that it does not know
        raise BadFile(FileFault.DAMAGED) from error


def _check_text(text: bytes) -> None:
    """XML of a spreadsheet is UTF-8 without declarations of its own; in UTF-16 these could hide."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in text or _ENTITY.search(text):
        raise BadFile(FileFault.ENTITIES)


def look_at(content: bytes, part: str) -> Seen:
    """Read merged cells and formulas without results from one sheet; ``part`` is its name in the archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(part.removeprefix("/"))
    merged = [(found[1].decode(), int(found[2]), int(found[3])) for found in _MERGED.finditer(text)]
    if len(merged) > MOST_MERGED:
        raise BadFile(FileFault.DAMAGED)
    down = tuple(one for one in merged if one[2] > one[1])
    return Seen(down, frozenset(_without_result(text)) if _FORMULA.search(text) else frozenset())


def _without_result(text: bytes) -> list[str]:
    found = []
    for cell in _CELL.finditer(text):
        at = _AT.search(cell[1])
        if at and _FORMULA.search(cell[2]) and not _VALUE.search(cell[2]):
            found.append(at[1].decode())
    return found
