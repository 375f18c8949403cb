"""Fixtures every test may ask for: apps on both databases, a fixed clock, people with roles."""

from __future__ import annotations

import gc
import logging
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telling import tell

# Kivy reads these when it is imported, and would otherwise take pytest's arguments for its own.
os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_NO_FILELOG", "1")
os.environ.setdefault("KIVY_NO_CONSOLELOG", "1")
# Else it has every log of the process written whole, each row that SQLAlchemy reads among them.
os.environ["KIVY_LOG_MODE"] = "PYTHON"

# Who forbids Python to keep what it compiled, as containers do, has the tests rewritten at every run, and the server
# compiled at each of the hundred times that a test starts a program of ours. git leaves ``__pycache__`` alone.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A database for each test is a thousand files: a disk takes half a second to make them, memory a tenth of that.
MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108  # a place, not a file's name
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

# One for each process: Kivy fills an empty one when it is imported, and two at once stumble over each other.
os.environ["KIVY_HOME"] = tempfile.mkdtemp(prefix="kivy-home-")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without the collector of garbage: what is made here stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Let the collector walk what tests make, not again and again the thousands of modules and tests there are.

    An app is tens of thousands of objects that end with its test: looking after every 700 whether one has ended, as
    Python does, is a twelfth of the suite.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the long campaigns as well")
    parser.addoption("--seed", type=int, help="run a campaign of chance again, with the seed that it printed")


@pytest.fixture(autouse=True)
def _logs_are_closed_again() -> Iterator[None]:
    """Fail a test that leaves every statement and row logged: all later ones would take longer, some far longer."""
    yield
    assert not logging.getLogger("sqlalchemy.engine.Engine").isEnabledFor(logging.INFO)


@pytest.fixture(scope="session", autouse=True)
def _remove_kivy_home() -> Iterator[None]:
    """Remove the folder that Kivy was given."""
    yield
    shutil.rmtree(Path(os.environ["KIVY_HOME"]), ignore_errors=True)


@pytest.fixture(scope="session")
def is_full(request: pytest.FixtureRequest) -> bool:
    """Say whether the long campaigns were asked for."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """A number from which a campaign of chance follows; printed, and given back with ``--seed``."""
    told = request.config.getoption("--seed")
    found = random.SystemRandom().randrange(1 << 32) if told is None else int(told)
    tell(f"seed {found}")
    return found
