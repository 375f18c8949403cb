"""Fixtures every test may ask for: apps on both databases, a fixed clock, people with roles."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Kivy reads these when it is imported, and would otherwise take pytest's arguments for its own.
os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_NO_FILELOG", "1")
os.environ.setdefault("KIVY_NO_CONSOLELOG", "1")
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy-home-"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the long campaigns as well")


@pytest.fixture(scope="session", autouse=True)
def _remove_kivy_home() -> Iterator[None]:
    """Remove the folder that Kivy was given."""
    yield
    shutil.rmtree(Path(os.environ["KIVY_HOME"]), ignore_errors=True)


@pytest.fixture(scope="session")
def is_full(request: pytest.FixtureRequest) -> bool:
    """Say whether the long campaigns were asked for."""
    return bool(request.config.getoption("--full"))
