"""Every file that people download into a spreadsheet: what somebody wrote is text there, and figures are figures."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import transaction
from server.accounts.models import Person, Role
from server.administration import service as administration
from server.administration.service import ActKind
from server.csv_text import BYTE_ORDER_MARK, csv_text, neutral
from server.database import begin_write, db
from server.registry.models import Instrument, Place, Region
from tests.server.every_route import calls
from tests.server.pages import Visitor, visitor
from tests.server.people import cookie_of, one_of_each
from tests.server.test_pages_console import a_visit
from tests.server.world import GOOD, World, now

SERVER = Path(__file__).parents[2] / "server"
EXPORTS = {"console.bulletin_csv": "supervisor"}  # each sends the name of a place and of its region
OF_REGISTER = {"console.register_csv": "supervisor", "console.register_xlsx": "supervisor"}  # each sends every name
OF_ACTS = {"console.acts_csv": "auditor"}  # each sends the names of whoever acted and whoever it was about
# What reads spreadsheets with the same packages, and the one place that writes workbooks, neutralised as CSV is.
ALLOWED = {"register_import/csv_file.py", "register_import/workbook.py", "spreadsheets.py"}
WRITERS = {"csv", "openpyxl", "xlsxwriter", "xlwt", "pandas", "odf"}

# What was written, and what the cell says in the spreadsheet: led by an apostrophe it is text.
RUN: list[str] = [
    *("=1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://evil.example","秤")', "=1+1;=1+1", "= 1", "==1"),
    *("+1+1", "+cmd|'/C calc'!A0", "+86 139 0000 0000", "-1+1", "-cmd|'/C calc'!A0", "-A1", "--1", "-"),
    *("@SUM(1+1)*cmd", "@", "＝1+1", "＝ＣＭＤ", "＋1+1", "－1＋1", "＠SUM(1)", "﹦1+1", "﹢1", "﹣A1", "﹫SUM(1)"),
    *("\t=1+1", "\r=1+1", "\n=1+1", "\tA01", "\r\nA01", " =1+1", "\u3000＝1+1", "\u00a0=1+1", "\u200b=1+1"),
]
CUT: dict[str, str] = {"\0=1+1": "'=1+1", "A\0=1": "A=1"}
KEPT: list[str] = [
    "-3",
    "-3.5",
    "+3",
    "-0.005",
    "-12.5 %",
    "−3.5",
    "A01",
    "a=1",
    "a;=1",
    '"=1"',
    "'=1",
    "秤－甲",
    "3-2",
]
CELLS: dict[str, str] = {text: f"'{text}" for text in RUN} | CUT | {text: text for text in KEPT}
SENT = [cell for cell in CELLS if "\0" not in cell]  # no database keeps a NUL


def read(text: str) -> list[list[str]]:
    """Read a file as a spreadsheet does."""
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def test_there_are_forty_cells_and_more() -> None:
    assert len(RUN) + len(CUT) + len(KEPT) == len(CELLS) >= 40


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_a_cell_is_text_or_a_number_and_never_a_formula(cell: str) -> None:
    assert neutral(cell) == CELLS[cell]
    assert read(csv_text([[cell, -3, "b"]])) == [[CELLS[cell], "-3", "b"]]


@pytest.mark.parametrize("cell", ["a;=1+1", "a,=1+1", "a\t=1+1", "a|=1+1", "a\r\n=1+1", 'a"=1+1'])
def test_a_cell_stays_one_cell_whatever_parts_cells_there(cell: str) -> None:
    text = csv_text([[cell, "b"]]).removeprefix(BYTE_ORDER_MARK)
    for delimiter in (",", ";", "\t", "|"):
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert rows[0][0].startswith(cell), delimiter
        assert len(rows) == 1


def test_a_number_is_written_as_a_number_whatever_its_sign() -> None:
    assert csv_text([[-3, 0, 7, -(10**18)]]) == f"{BYTE_ORDER_MARK}-3,0,7,-1000000000000000000\r\n"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_at_all_begins_with_a_sign_that_is_no_number(text: str) -> None:
    cell = str(neutral(text))
    assert cell.lstrip("'") == text.replace("\0", "").lstrip("'")
    assert not cell.startswith(("=", "@", "＝", "＋", "－", "＠", "\t", "\r"))
    if cell.startswith(("+", "-")):
        assert cell[1:].replace(".", "").rstrip(" %").isdecimal()


def names_sent(world: World, desk: Visitor, path: str, cell: str) -> list[str]:
    """Call the market and its region by a cell, and return what the file says of them."""
    db.session.get_one(Place, world.place).name = cell
    db.session.get_one(Region, "411602").name = cell
    db.session.commit()
    rows = read(desk.get(path).text)
    assert all(len(row) == len(rows[0]) for row in rows)
    return rows[1][1:3]


def test_every_export_sends_every_cell_as_text(sqlite_world: World) -> None:
    a_visit(sqlite_world, GOOD)
    desk = visitor(sqlite_world, "supervisor")
    paths = {call.endpoint: call.path for call in calls(sqlite_world.app) if call.endpoint in EXPORTS}
    for endpoint, path in paths.items():
        for cell in SENT:
            assert names_sent(sqlite_world, desk, path, cell) == [CELLS[cell]] * 2, (endpoint, cell)


def test_every_export_of_acts_sends_every_cell_as_text(sqlite_world: World) -> None:
    people = one_of_each(sqlite_world)
    by, about = people[Role.SECURITY_ADMINISTRATOR], people[Role.INSPECTOR]
    begin_write()
    administration.record(db.session(), ActKind.UNLOCKED, by=by.id, about=("person", about.id), now=now())
    transaction.commit(db.session(), now())
    desk = visitor(sqlite_world)
    desk.client.set_cookie("dingpan", cookie_of(people[Role.AUDITOR]))
    for cell in SENT:
        for person in (by, about):
            db.session.get_one(Person, person.id).name = cell
        db.session.commit()
        rows = read(desk.get("/console/acts.csv?kind=unlocked").text)
        assert rows[1][2:4] == [CELLS[cell]] * 2, cell


def test_every_export_of_the_register_sends_every_cell_as_text(sqlite_world: World) -> None:
    desk, item = visitor(sqlite_world, "supervisor"), sqlite_world.instruments[0]
    for cell in SENT:
        db.session.get_one(Instrument, item).note = cell
        db.session.commit()
        rows = read(desk.get("/console/register.csv").text)
        assert rows[1][rows[0].index("备注")] == CELLS[cell], cell
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/console/register.xlsx").data))
    assert not any(cell.data_type == "f" for row in book.active.rows for cell in row)


@pytest.mark.parametrize("role", Role)
def test_the_exports_above_are_all_there_are(sqlite_world: World, role: Role) -> None:
    desk, found = visitor(sqlite_world), set()
    desk.client.set_cookie("dingpan", cookie_of(one_of_each(sqlite_world)[role]))
    for call in calls(sqlite_world.app):
        if call.method == "GET":
            answer = desk.get(call.path, buffered=True)
            kind = answer.mimetype
            if kind in ("text/csv", "text/tab-separated-values") or "spreadsheet" in kind or "excel" in kind:
                assert answer.headers["Content-Disposition"].startswith("attachment;"), call
                found.add(call.endpoint)
    known = EXPORTS | OF_ACTS | OF_REGISTER
    assert found <= set(known)
    assert found >= {endpoint for endpoint, reader in known.items() if reader == role}


def test_our_own_module_alone_writes_files_for_spreadsheets() -> None:
    """What another writes is not neutralised; those that read are named beside it."""
    found = {
        path.relative_to(SERVER).as_posix()
        for path in SERVER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.split(".")[0] in WRITERS
    }
    assert found == ALLOWED
