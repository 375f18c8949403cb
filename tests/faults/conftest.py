"""The servers of ``tests/server``, for what is broken on purpose."""

from tests.server.conftest import (  # noqa: F401 - fixtures are found by their names
    clock,
    is_filled,
    keys,
    migrated_sqlite,
    sqlite_app,
    sqlite_url,
    sqlite_world,
    sqlite_worlds,
)
