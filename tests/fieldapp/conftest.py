"""Kivy without a window, console or log file; set before anything imports it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from fieldapp.store import derivation

os.environ |= {"KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_NO_CONSOLELOG": "1"}
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="dingpan-kivy-"))


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive with the least work that Argon2 takes; ``test_store_vault`` has the real parameters."""
    monkeypatch.setattr(derivation, "ARGON2ID", {"name": "argon2id", "memory_kib": 64, "passes": 1, "lanes": 1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty data directory."""
    return tmp_path / "data"
