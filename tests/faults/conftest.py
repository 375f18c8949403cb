"""The servers of ``tests/server``, for what is broken on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.keyring import Keyring
from server.limits import limiter
from tests.server.conftest import (  # noqa: F401 - fixtures are found by their names
    TestClock,
    clock,
    is_filled,
    keys,
    migrated_sqlite,
    postgres_socket,
    postgres_url,
    postgres_worlds,
    sqlite_app,
    sqlite_url,
    sqlite_world,
    sqlite_worlds,
)
from tests.server.live import patient_app
from tests.server.world import World


@pytest.fixture
def nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One address stands for many phones, and asks more often than any of them may."""
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def town(
    postgres_url: str,  # noqa: F811
    postgres_worlds: tuple[str, World],  # noqa: F811
    is_filled: bool,  # noqa: F811
    tmp_path: Path,
    keys: Keyring,  # noqa: F811
    clock: TestClock,  # noqa: F811
    nobody_counts: None,
) -> Iterator[World]:
    """A world on PostgreSQL, where writers are at work side by side, and nobody counts who asks how often."""
    assert is_filled
    with patient_app(postgres_url, tmp_path, keys, clock) as app:
        yield postgres_worlds[1].within(app)
