"""The page on OWASP ASVS 5.0 says nothing that is not so: every number, test, setting and count of it is looked up."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE, IDS = ROOT / "docs" / "asvs.md", ROOT / "tests" / "asvs_ids.txt"

ANSWERS = ("test", "setting", "reason", "not applicable", "open")
IN_WORDS = ("reason", "not applicable", "open")

_ID = re.compile(r"\d+\.\d+\.\d+")
_QUOTED = re.compile(r"`([^`]+)`")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
_FILE = re.compile(r"((?:server|shared|fieldapp|deploy|docs|migrations|tests)/[\w./-]*|setup\.cfg)(?: (.+))?")
_SENTENCE = re.compile(r"[A-Za-z`]\S*( \S+){2,}[.)]")
_COUNTS = re.compile(r"^Counts: (.+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One line of a table; several numbers stand in one line where one answer is true of all."""

    ids: tuple[str, ...]
    level: str
    about: str
    answer: str
    evidence: str


def rows(text: str) -> list[Row]:
    """Return the lines of all tables that begin with a number of the standard."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if line.startswith("| ") and _ID.match(cells[0]):
            ids = tuple(one.strip() for one in cells[0].split(","))
            found.append(Row(ids, *(cells[1:5] + [""] * 4)[:4]))
    return found


def faults(text: str) -> list[str]:
    """Say everything that is wrong with the page."""
    found = rows(text)
    return [*_wrong_ids(found), *(fault for row in found for fault in _wrong_row(row)), *_wrong_counts(text, found)]


def _wrong_ids(found: list[Row]) -> Iterator[str]:
    wanted = dict(line.split() for line in IDS.read_text("utf-8").splitlines())
    given = Counter(one for row in found for one in row.ids)
    yield from (f"{one}: no row" for one in wanted if one not in given)
    yield from (f"{one}: {times} rows" for one, times in given.items() if times > 1)
    yield from (f"{one}: not of levels 1 and 2" for one in given if one not in wanted)
    for row in found:
        yield from (f"{one}: is of level {wanted[one]}" for one in row.ids if wanted.get(one, row.level) != row.level)


def _wrong_row(row: Row) -> Iterator[str]:
    where = ", ".join(row.ids)
    if row.answer not in ANSWERS:
        yield f"{where}: no answer is called {row.answer!r}"
    if not row.about:
        yield f"{where}: does not say what it is about"
    quoted = _QUOTED.findall(row.evidence)
    tests = [match for match in map(_TEST.fullmatch, quoted) if match]
    files = [match for match in map(_FILE.fullmatch, quoted) if match]
    yield from (f"{where}: {one} cannot be read" for one in quoted if "::" in one and not _TEST.fullmatch(one))
    yield from (
        f"{where}: no test {path}::{name}" for path, name in (one.groups() for one in tests) if not _is_test(path, name)
    )
    yield from (f"{where}: {one[0]} is not there" for one in files if not _is_there(one[1], one[2]))
    if row.answer == "test" and not tests:
        yield f"{where}: names no test"
    if row.answer == "setting" and not any(one[2] for one in files):
        yield f"{where}: names no setting"
    if row.answer in IN_WORDS and not _SENTENCE.search(row.evidence):
        yield f"{where}: gives no reason"


def _wrong_counts(text: str, found: list[Row]) -> Iterator[str]:
    given = Counter({answer: sum(len(row.ids) for row in found if row.answer == answer) for answer in ANSWERS})
    said, right = _COUNTS.search(text), ", ".join(f"{answer} {given[answer]}" for answer in ANSWERS)
    if said is None or said[1] != right:
        yield f"Counts: {right}."


def _is_test(path: str, name: str) -> bool:
    return name.startswith("test_") and name in _functions(path)


@cache
def _functions(path: str) -> frozenset[str]:
    file = ROOT / path
    tree = ast.parse(file.read_text("utf-8") if file.is_file() else "")
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _is_there(path: str, name: str | None) -> bool:
    file = ROOT / path
    return file.exists() and (name is None or (file.is_file() and name in file.read_text("utf-8")))


def test_the_standard_has_253_requirements_of_two_levels() -> None:
    levels = Counter(line.split()[1] for line in IDS.read_text("utf-8").splitlines())
    assert levels == {"1": 70, "2": 183}


def test_every_row_of_the_page_is_true() -> None:
    assert faults(PAGE.read_text("utf-8")) == []


# --- the check checks -----------------------------------------------------------------------------------------------

PLANTS = {
    "a row is missing": (r"^\| 5\.2\.3 .*\n", "", "5.2.3: no row"),
    "a row stands twice": (r"^(\| 5\.2\.3 .*\n)", r"\1\1", "5.2.3: 2 rows"),
    "another level": (r"^\| 5\.2\.3 \| 2", "| 5.2.3 | 1", "5.2.3: is of level 2"),
    "a number of level 3": (r"^\| 5\.2\.3 ", "| 5.2.3, 5.2.4 ", "5.2.4: not of levels 1 and 2"),
    "a test that is not there": (
        r"test_what_unpacks_to\w+",
        "test_gone",
        "5.2.3: no test tests/server/test_push_bad_input.py::test_gone",
    ),
    "a file that is not there": (
        r"test_push_bad_input(\.py::test_what_unp)",
        r"test_gone\1",
        "5.2.3: no test tests/server/test_gone.py",
    ),
    "a test that cannot be read": (
        r"tests/server/test_push_bad_input(\.py::test_what_unp)",
        r"test/x\1",
        "5.2.3: test/x.py",
    ),
    "no test": (r"^(\| 5\.2\.3 .*\| test \|).*$", r"\1 We looked at it. |", "5.2.3: names no test"),
    "a setting that is not there": (r"ssl_protocols", "ssl_gone", "12.1.1: deploy/nginx.conf ssl_gone is not there"),
    "no setting": (r"^(\| 12\.1\.1 .*\| setting \|).*$", r"\1 nginx |", "12.1.1: names no setting"),
    "a page that is not there": (r"`docs/security\.md`", "`docs/gone.md`", "2.1.3: docs/gone.md is not there"),
    "an empty reason": (r"^(\| 3\.4\.2 .*\| reason \|).*$", r"\1 |", "3.4.2: gives no reason"),
    "no reason worth the name": (r"^(\| 7\.1\.3 .*\| not applicable \|).*$", r"\1 no |", "7.1.3: gives no reason"),
    "open, and nothing said": (r"^(\| 15\.2\.1 .*\| open \|).*$", r"\1 |", "15.2.1: gives no reason"),
    "another answer": (r"^(\| 3\.4\.2 .*\|) reason \|", r"\1 fine |", "3.4.2: no answer is called 'fine'"),
    "other counts": (r"^Counts: test \d+", "Counts: test 999", "Counts: test "),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_fault_is_found(plant: str) -> None:
    pattern, instead, told = PLANTS[plant]
    text = PAGE.read_text("utf-8")
    changed = re.sub(pattern, instead, text, count=1, flags=re.MULTILINE)
    assert changed != text, "nothing was planted"
    assert [fault for fault in faults(changed) if fault.startswith(told)] != []
