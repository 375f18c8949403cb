"""The command line starts light: it names what a command does, and imports that when the command runs."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator

import pytest

from server import cli
from server.commands import work_of

HEAVY = ("flask", "sqlalchemy", "marshmallow", "structlog", "qrcode", "PIL", "openpyxl")


def works(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the name of every work that a command hands over to its feature."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from works(inner)
    if name := parser.get_default("work"):
        yield name


def loaded_by(*statements: str) -> set[str]:
    """Return which heavy packages a new Python holds after some statements."""
    asked = f"import sys; print(*(name for name in {HEAVY} if name in sys.modules))"
    program = "; ".join((*statements, asked))
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=55)
    return set(found.stdout.split())


def test_every_work_that_a_command_names_is_there() -> None:
    named = list(works(cli._parser()))
    assert {"keys.issue", "scans.detect", "seals.to_revoke", "contacts.rotate", "personal.retain"} <= set(named)
    assert all(callable(work_of(name)) for name in named)


def test_a_work_that_is_not_there_is_found() -> None:
    with pytest.raises(AttributeError):
        work_of("keys.no_such_work")


def test_the_command_line_and_the_keys_load_no_server() -> None:
    assert loaded_by("import server.cli", "import server.keys.commands") == set()


def test_a_server_is_seen_to_be_loaded() -> None:
    assert loaded_by("import server.web") >= {"flask", "sqlalchemy", "marshmallow"}
    assert "openpyxl" not in loaded_by("import server.web", "import server.console.pages")
