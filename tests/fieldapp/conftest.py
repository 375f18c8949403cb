"""Kivy without a window, console or log file, set before anything imports it; and a phone against the real server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.store import derivation
from fieldapp.sync.round import Result
from tests.fieldapp.server_phone import Phone
from tests.server.conftest import (  # noqa: F401 - fixtures are found by their names in this folder
    TestClock,
    clock,
    is_filled,
    keys,
    migrated_sqlite,
    sqlite_app,
    sqlite_url,
    sqlite_world,
    sqlite_worlds,
)
from tests.server.world import World

os.environ |= {"KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_NO_CONSOLELOG": "1"}
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="dingpan-kivy-"))

from kivy.config import Config

Config.set("graphics", "maxfps", "0")  # nobody looks on: a frame need not wait for the next sixtieth of a second


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive with the least work that Argon2 takes; ``test_store_vault`` has the real parameters."""
    monkeypatch.setattr(derivation, "ARGON2ID", {"name": "argon2id", "memory_kib": 64, "passes": 1, "lanes": 1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty data directory."""
    return tmp_path / "data"


@pytest.fixture
def fresh_phone(sqlite_world: World, folder: Path, clock: TestClock) -> Iterator[Phone]:  # noqa: F811
    """A phone enrolled for the world's inspector that downloaded nothing yet."""
    made = Phone(sqlite_world, folder, clock)
    yield made
    made.store.database.close()


@pytest.fixture
def phone(fresh_phone: Phone) -> Phone:
    """The same with the register of its region."""
    assert fresh_phone.round().result is Result.DONE
    return fresh_phone


@pytest.fixture
def carrier(sqlite_world: World, tmp_path: Path, clock: TestClock) -> Iterator[Phone]:  # noqa: F811
    """The phone of a colleague, which has a network."""
    made = Phone(sqlite_world, tmp_path / "carrier", clock)
    assert made.round().result is Result.DONE
    yield made
    made.store.database.close()
