"""Kivy without a window, console or log file; set before anything imports it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

os.environ |= {"KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_NO_CONSOLELOG": "1"}
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="dingpan-kivy-"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty data directory."""
    return tmp_path / "data"
