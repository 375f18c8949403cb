"""A hash over the rows of each table, as the driver reads them: equal when no value of any row differs.

Rows come in the order of the primary key, texts byte by byte, so that databases of different languages agree. Values
are written in ASCII with their types. A hash compares two databases of one engine, and not SQLite with PostgreSQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, collate, column, inspect, select, table
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import Inspector

BATCH = 1000
VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Rows:
    """How many rows a table has, and the SHA-256 over them in hex."""

    rows: int
    sha256: str


def of_all(connection: Connection) -> dict[str, Rows]:
    """Return the rows of every table there is, whether or not this version knows it."""
    found = inspect(connection)
    return {name: _rows(connection, found, name) for name in sorted(found.get_table_names())}


def revision(connection: Connection) -> str:
    """Return the revision of the tables; empty where nobody migrated."""
    if VERSION_TABLE not in inspect(connection).get_table_names():
        return ""
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE))) or ""


def differing(was: Mapping[str, Rows], found: Mapping[str, Rows]) -> list[str]:
    """Return a sentence for each table whose rows are not those that were."""
    told = []
    for name in sorted(was.keys() | found.keys()):
        if name not in found:
            told.append(f"Table {name} is missing.")
        elif name not in was:
            told.append(f"Table {name} was not there.")
        elif was[name].rows != found[name].rows:
            told.append(f"Table {name} has {found[name].rows} rows and had {was[name].rows}.")
        elif was[name] != found[name]:
            told.append(f"Table {name} has other rows than it had.")
    return told


def _rows(connection: Connection, found: Inspector, name: str) -> Rows:
    kinds = {one["name"]: one["type"] for one in found.get_columns(name)}
    named = sorted(kinds)
    read = table(name, *map(column, named))
    keys = found.get_pk_constraint(name)["constrained_columns"] or named
    is_postgresql = connection.dialect.name == "postgresql"
    order = [
        collate(read.c[key], "C") if is_postgresql and isinstance(kinds[key], String) else read.c[key] for key in keys
    ]
    digest, count = hashlib.sha256(ascii(named).encode()), 0
    query = select(read).order_by(*order)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        digest.update(_text(row).encode())
        count += 1
    return Rows(count, digest.hexdigest())


def _text(row: Sequence[Any]) -> str:
    """Write a row: ``ascii`` is the same in every version of Python and tells 1 from '1'."""
    return ascii([_plain(value) for value in row])


def _plain(value: Any) -> Any:
    """Return a value as every driver gives it: an instant in UTC, an id as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value
