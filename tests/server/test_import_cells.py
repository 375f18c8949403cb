"""One cell, one header, one file at a time: what is taken, as what, and what is refused with which word."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from server.register_import.columns import BadFile, Column, FaultCode, FileFault
from server.register_import.grid import MOST_COLUMNS, Cell, CellKind, unpacked
from server.register_import.headers import guess
from server.register_import.known import number_key
from server.register_import.reading import read
from server.register_import.values import Wrong, day_of, mass_of, text_of
from server.register_import.workbook import MOST_ROWS
from tests.server.ledgers import HEAD, as_csv, as_xlsx

TODAY = date(2026, 11, 21)
TEXT, NUMBER = CellKind.TEXT, CellKind.NUMBER


def refused(ask: Any, *arguments: Any, **named: Any) -> FaultCode:
    with pytest.raises(Wrong) as told:
        ask(*arguments, **named)
    return told.value.code


@pytest.mark.parametrize(
    ("text", "unit", "mg"),
    [
        ("15", "kg", 15_000_000),
        ("15kg", "", 15_000_000),
        ("15 公斤", "g", 15_000_000),
        ("１５．５", "kg", 15_500_000),
        ("0.005", "kg", 5_000),
        ("5 G", "kg", 5_000),
        ("200mg", "kg", 200),
        ("3 t", "", 3_000_000_000),
        ("+2", "g", 2_000),
        ("0.000001", "kg", 1),
        ("", "kg", None),
    ],
)
def test_a_mass_is_whole_milligrams_in_its_own_unit_or_the_columns(text: str, unit: str, mg: int | None) -> None:
    assert mass_of(Cell(TEXT, text), unit) == mg


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        *(
            (text, "kg", "not_a_number")
            for text in ("1e3", "1E400", "inf", "NaN", "-", "1,5", "1 500", "0x10", "١٥", "1.2.3")
        ),
        ("15", "", "unit_missing"),
        *((text, "kg", "unit_unclear") for text in ("15斤", "15 lb", "15两")),
        ("0.0000001", "kg", "too_fine"),
        ("0.5", "mg", "not_a_number"),
        ("-1", "kg", "negative"),
        ("9999999999", "kg", "out_of_range"),
    ],
)
def test_a_mass_that_is_unclear_or_finer_is_never_guessed_or_rounded(text: str, unit: str, code: str) -> None:
    if (text, unit) == ("0.5", "mg"):
        text, unit, code = "0.5mg", "", "too_fine"
    assert refused(mass_of, Cell(TEXT, text), unit) == code


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026/1/31",
        "2026.1.31",
        "2026年1月31日",
        "2026 年 1 月 31 日",
        "20260131",
        "２０２６-０１-３１",
        "2026-01-31 00:00:00",
    ],
)
def test_a_day_is_read_in_every_way_that_has_one_meaning(text: str) -> None:
    assert day_of(Cell(TEXT, text), TODAY) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, "date_unclear") for text in ("01/02/2026", "1-2-26", "26.1.31", "31/1/2026")),
        *((text, "not_a_date") for text in ("2026-01", "2026年1月", "46053", "明年", "2026-01/31", "2026-01-31 08:30")),
        *((text, "no_such_day") for text in ("2026-02-29", "20261301", "2026年4月31日")),
        *((text, "day_implausible") for text in ("1900-01-01", "2099-01-01")),
    ],
)
def test_a_day_that_can_be_read_in_two_ways_is_not_read(text: str, code: str) -> None:
    assert refused(day_of, Cell(TEXT, text), TODAY) == code


def test_a_text_is_cleaned_of_spaces_alone() -> None:
    assert text_of(Cell(TEXT, " \u3000某 \u00a0 厂\ufeff"), most=60) == "某 厂"
    assert text_of(Cell(TEXT, "一\n 二 "), most=60, may_break=True) == "一\n二"
    assert text_of(Cell(NUMBER, "12345"), most=60) == "12345"
    assert refused(text_of, Cell(NUMBER, "1234567890123456"), most=60) == "digits_lost"
    assert refused(text_of, Cell(CellKind.DAY, "2026-01-31"), most=60) == "is_a_date"
    assert refused(text_of, Cell(CellKind.FORMULA, "="), most=60) == "formula"
    assert refused(text_of, Cell(CellKind.ERROR, "#N/A"), most=60) == "error_value"
    for text, code in {
        "a\u200bb": "invisible_characters",
        "a\u202eb": "invisible_characters",
        "a\x1bb": "control_characters",
    }.items():
        assert refused(text_of, Cell(TEXT, text), most=60) == code


def test_numbers_are_compared_as_the_binding_of_a_label_does_it() -> None:
    assert number_key(" ａcs－００１ ") == number_key("ACS-001") != number_key("ACS-002")


# --- whole files ----------------------------------------------------------------------------------------------------

ROWS = [list(HEAD), ["甲市场", "A01", *([""] * (len(HEAD) - 2))]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_each_encoding_and_separator_is_read(encoding: str, separator: str) -> None:
    grid = read(as_csv(ROWS, "utf-8").decode().replace(",", separator).encode(encoding))
    assert [cell.text for cell in grid.lines[0].cells] == list(HEAD)
    assert grid.lines[1].cell(0).text == "甲市场"
    assert unpacked(grid.packed()) == grid


def test_the_headers_are_found_below_a_title_and_their_units_read() -> None:
    table = [["某市场计量器具台账"], [], ["填表人", "", "2026年"], *ROWS]
    chosen = guess(read(as_xlsx(table)))
    assert chosen.header == 4
    assert chosen.columns[Column.PLACE] == 0
    assert chosen.units == {Column.MAX: "kg", Column.MIN: "g", Column.E: "g"}
    assert len(chosen.columns) == len(HEAD)
    english = guess(read(as_csv([["Market", "Serial No.", "Capacity [kg]", "Kind"], ["m", "1", "15", "scale"]])))
    assert english.columns == {Column.PLACE: 0, Column.SERIAL: 1, Column.MAX: 2, Column.KIND: 3}
    assert english.units == {Column.MAX: "kg"}


def cells_of(change: Any, table: list[list[Any]] | None = None) -> list[list[Cell]]:
    grid = read(as_xlsx(table or [["编号", "日期"], ["a", "b"]], change))
    return [list(line.cells) for line in grid.lines]


def test_excels_days_of_both_countings_are_the_days_that_it_shows() -> None:
    def _put(book: Workbook) -> None:
        book.active["B2"] = date(2026, 1, 31)

    def _of_a_mac(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        _put(book)

    for change in (_put, _of_a_mac):
        assert cells_of(change)[1][1] == Cell(CellKind.DAY, "2026-01-31")


def test_a_number_is_what_excel_shows() -> None:
    def _put(book: Workbook) -> None:
        sheet = book.active
        sheet.append([0.1 + 0.2, 0.00001, 123])
        sheet["C3"].number_format = "000000"
        sheet.append([12345678901234567890, True])

    rows = cells_of(_put)
    assert [cell.text for cell in rows[2]] == ["0.3", "0.00001", "000123"]
    assert rows[3][:2] == [Cell(NUMBER, "12345678901234600000"), Cell(TEXT, "TRUE")]


def test_a_cell_merged_downwards_counts_in_each_row_and_one_without_a_result_is_told() -> None:
    def _merge(book: Workbook) -> None:
        sheet = book.active
        for row in (["甲市场", "1"], [None, "2"], [None, "=B3+1"], [None, None], ["乙市场", "#N/A"]):
            sheet.append(row)
        sheet.merge_cells("A3:A6")

    rows = cells_of(_merge)
    assert [row[0].text for row in rows] == ["编号", "a", "甲市场", "甲市场", "甲市场", "乙市场"]
    assert [row[1].kind for row in rows[3:]] == [TEXT, CellKind.FORMULA, CellKind.ERROR]


def test_hidden_sheets_are_left_out_and_others_are_named() -> None:
    def _more(book: Workbook) -> None:
        hidden, other = book.create_sheet("藏", 0), book.create_sheet("另一张")
        hidden.append(["不", "读"])
        hidden.sheet_state = "hidden"
        other.append(["x"])
        book.create_sheet("空")

    grid = read(as_xlsx(ROWS, _more))
    assert (grid.sheet, grid.left_out) == ("Sheet", ("另一张",))


def test_empty_rows_and_columns_to_the_end_of_the_sheet_are_nothing() -> None:
    def _format(book: Workbook) -> None:
        book.active["A900"].number_format = "0.00"
        book.active.cell(2, MOST_COLUMNS + 5).number_format = "0.00"

    assert len(cells_of(_format)) == 2


def zipped(parts: dict[str, bytes], *, like: bytes = b"") -> bytes:
    """Return a zip archive; ``like`` is another whose parts it has too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if like:
            with zipfile.ZipFile(io.BytesIO(like)) as old:
                parts = {name: old.read(name) for name in old.namelist()} | parts
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
XML = b'<?xml version="1.0"?>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOK = as_xlsx(ROWS)
ONE_ROW = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
HOSTILE: dict[str, tuple[bytes, FileFault]] = {
    "nothing": (b"", FileFault.EMPTY),
    "blank": (b"\xef\xbb\xbf \r\n", FileFault.EMPTY),
    "old Excel": (OLE + bytes(600), FileFault.OLD_EXCEL),
    "encrypted": (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), FileFault.ENCRYPTED),
    "a web page": (b"<html><table><tr><td>1</td></tr></table></html>", FileFault.NO_TABLE),
    "XML of Excel 2003": (XML + b"<Workbook/>", FileFault.NO_TABLE),
    "PDF": (b"%PDF-1.7 x", FileFault.NO_TABLE),
    "CSV with NUL": (b"a,b\n1,\0\n", FileFault.BINARY),
    "UTF-16": ("编号,日期\n1,2\n".encode("utf-16"), FileFault.UTF16),
    "no text": (b"\x89PNG\r\n\x1a\n\xff\xff\xfe\x81", FileFault.BINARY),
    "an open quote": (b'a,b\n"1,2\n3,4\n', FileFault.BAD_QUOTES),
    "a long field": (b"a,b\n" + b"x" * 200_000 + b",1\n", FileFault.BAD_QUOTES),
    "headers alone": (b"a,b\n\n,,\n", FileFault.NO_ROWS),
    "10,000 columns": (b",".join(b"%d" % n for n in range(10_000)) + b"\n1\n", FileFault.TOO_MANY_COLUMNS),
    "too many rows": (b"a\n" * (MOST_ROWS + 2), FileFault.TOO_MANY_ROWS),
    "another zip": (zipped({"content.xml": b"<x/>"}), FileFault.NO_TABLE),
    "a broken zip": (BOOK[: len(BOOK) // 2], FileFault.DAMAGED),
    "a bomb": (zipped({"xl/media/a.bin": bytes(60 << 20)}, like=BOOK), FileFault.UNPACKS_TOO_LARGE),
    "many parts": (zipped({f"x/{n}": b"" for n in range(2_100)}, like=BOOK), FileFault.UNPACKS_TOO_LARGE),
    "entities": (zipped({SHEET: XML + b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, like=BOOK), FileFault.ENTITIES),
    "entities in UTF-16": (
        zipped({SHEET: '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><a/>'.encode("utf-16")}, like=BOOK),
        FileFault.ENTITIES,
    ),
    "no XML": (zipped({SHEET: b"<worksheet><oops"}, like=BOOK), FileFault.DAMAGED),
    "rows without end": (
        zipped(
            {
                SHEET: ONE_ROW
                % b'<row r="1"><c r="A1"><v>1</v></c></row><row r="99999999"><c r="A99999999"><v>1</v></c></row>'
            },
            like=BOOK,
        ),
        FileFault.TOO_MANY_ROWS,
    ),
    "10,000 columns of a sheet": (
        as_xlsx([["编号"] * 10_000, ["1"]]),
        FileFault.TOO_MANY_COLUMNS,
    ),
    "no number": (
        zipped({SHEET: ONE_ROW % b'<row r="1"><c r="A1"><v>NaN</v></c></row>'}, like=BOOK),
        FileFault.DAMAGED,
    ),
    "a number without end": (
        zipped({SHEET: ONE_ROW % (b'<row r="1"><c r="A1"><v>' + b"9" * 5_000 + b"</v></c></row>")}, like=BOOK),
        FileFault.DAMAGED,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_ledger_is_refused_with_its_reason(name: str) -> None:
    content, fault = HOSTILE[name]
    with pytest.raises(BadFile) as told:
        read(content)
    assert told.value.fault is fault


def test_numbers_of_no_size_are_read_as_words_that_no_column_takes() -> None:
    row = b'<row r="%d"><c r="A%d"><v>%s</v></c><c r="B%d" t="inlineStr"><is><t>x</t></is></c></row>'
    rows = b"".join(
        row % (n, n, value, n) for n, value in enumerate((b"1", b"1e400", b"-1e308", b"4294967296"), start=1)
    )
    grid = read(zipped({SHEET: ONE_ROW % rows}, like=BOOK))
    codes = [refused(mass_of, line.cell(0), "kg") for line in grid.lines[1:]]
    assert codes == ["not_a_number", "not_a_number", "out_of_range"]
