"""The program may end at any of its named places: the phone recovers, and nothing that was told as saved is lost."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.crashpoint import EXIT, VARIABLE
from tests.faults.headless import Life, Nursery
from tests.faults.served import a_server, serving
from tests.faults.survival import faults, faults_in_the_end, ledger_of

ROOT = Path(__file__).parents[2]
FEWEST = 25


def names_in(root: Path) -> list[str]:
    """Return the names of all places where the program may be ended, as the sources write them."""
    found = []
    for path in sorted((root / "fieldapp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "crashpoint":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant), f"{path}:{node.lineno}: a name is written out"
                found.append(str(argument.value))
    return found


NAMES = names_in(ROOT)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def test_there_are_enough_places_and_each_name_stands_once():
    assert len(NAMES) == len(set(NAMES)) >= FEWEST


@pytest.mark.parametrize("name", NAMES)
def test_the_phone_recovers_from_an_end(tmp_path: Path, nursery: Nursery, name: str):
    """A name that no errand passes fails here: a new place needs an errand that passes it."""
    server = a_server()
    with serving(server) as url:
        assert nursery.live(Life(str(tmp_path), url, crash_at=name)) == EXIT
        assert faults(tmp_path, server) == []
        assert nursery.live(Life(str(tmp_path), url)) == 0
    assert faults_in_the_end(tmp_path, server) == []
    assert len(ledger_of(tmp_path)["op"]) >= 5


@pytest.mark.parametrize("times", range(2, 6))
@pytest.mark.parametrize("name", ["transaction.ready", "record.written", "receipt.checked", "photo.renamed"])
def test_the_phone_recovers_from_an_end_at_a_later_time(tmp_path: Path, nursery: Nursery, name: str, times: int):
    server = a_server()
    with serving(server) as url:
        assert nursery.live(Life(str(tmp_path), url, crash_at=f"{name}:{times}")) == EXIT
        assert faults(tmp_path, server) == []
        assert nursery.live(Life(str(tmp_path), url)) == 0
    assert faults_in_the_end(tmp_path, server) == []


@pytest.mark.parametrize(
    ("plant", "crash_at", "found"),
    [
        ("commit_split_in_two", "record.written", "a record without its operation"),
        ("photo_row_before_file", "photo.written:4", "torn photo"),
        ("photo_row_before_file", "photo.synced:4", "torn photo"),
        ("package_row_before_file", "carried.written", "torn package"),
        ("package_let_go_unsent", "carried.forgotten", "lost package"),
    ],
)
def test_a_planted_bug_is_found(tmp_path: Path, nursery: Nursery, plant: str, crash_at: str, found: str):
    server = a_server()
    with serving(server) as url:
        assert nursery.live(Life(str(tmp_path), url, crash_at=crash_at, plant=plant)) == EXIT
        assert any(fault.startswith(found) for fault in faults(tmp_path, server))


def test_the_environment_names_the_place():
    script = "from fieldapp.crashpoint import crashpoint; crashpoint('there'); crashpoint('here'); print('on')"
    for wanted, status in (("here", EXIT), ("here:2", 0), ("", 0)):
        environment = os.environ | {VARIABLE: wanted}
        ended = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, check=False, capture_output=True
        )
        assert (ended.returncode, bool(ended.stdout)) == (status, status == 0)
