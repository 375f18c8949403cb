"""Statements compiled once for the apps of all tests: each has an engine of its own, which would compile them anew.

That was a fifth of the processor's time of the server's tests. SQLAlchemy keeps a compiled statement under its dialect,
all of its structure and the names of its values, as it does for all requests to one server: nothing else decides its
text. A dialect learns from its first connection which version it speaks to; only one that has is shared.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

MOST = 5_000
KNOWN: dict[str, Dialect] = {}
COMPILED: LRUCache[Any, Any] = LRUCache(MOST)
MAKE = SQLAlchemy._make_engine


def _alike(database: SQLAlchemy, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
    engine = MAKE(database, bind_key, options, app)
    known = KNOWN.get(engine.url.drivername)
    if known is not None and known.server_version_info is not None:
        engine.dialect = known
    else:
        KNOWN[engine.url.drivername] = engine.dialect
    engine.update_execution_options(compiled_cache=COMPILED)
    return engine


def remember() -> None:
    """Let every app after the first take what was compiled before."""
    SQLAlchemy._make_engine = _alike  # type: ignore[method-assign]
