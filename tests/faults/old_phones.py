"""Phones as every earlier app left them, with a full outbox: the tables of its steps, filled by today's store."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fieldapp.store.steps import STEPS
from fieldapp.sync.round import Result
from shared.ops import Op, Status
from tests.faults.phone_day import PhoneDay
from tests.faults.power import NAME
from tests.fieldapp.field_builders import a_store

VERSIONS = range(1, len(STEPS) + 1)
PHOTOS, FILINGS, SEALS = 3, 4, 6  # the steps with which each came
WAITING = 60

Content = dict[str, list[dict[str, Any]]]


def an_old_phone(folder: Path, version: int, seed: int) -> PhoneDay:
    """Make a phone of an earlier app in a folder; return its day, whose store is closed."""
    whole = folder / "whole"
    day = PhoneDay.begin(a_store(whole), random.Random(seed))
    acts = [day.visit, day.visit, day.draft, day.fact]
    acts += [day.photo] if version >= PHOTOS else []
    acts += [day.file] if version >= FILINGS else []
    acts += [day.seal] if version >= SEALS else []
    for number in range(2 * WAITING):
        if number == WAITING:
            _sync(day)
        acts[number % len(acts)]()
    day.draft()
    day.store.database.close()
    _cut_down(whole / NAME, folder / NAME, version)
    (whole / "photos").rename(folder / "photos") if (whole / "photos").exists() else (folder / "photos").mkdir()
    return day


def _sync(day: PhoneDay) -> None:
    """Send half of the outbox; some of it is refused, and some has to wait."""
    for op, status in zip(day.ops, (Status.REJECTED, Status.BLOCKED, Status.RETRY), strict=False):
        day.server.statuses[op.op_id] = status
    assert day.sync().result is Result.DONE
    day.server.statuses.clear()


def _cut_down(source: Path, target: Path, version: int) -> None:
    """Copy what the tables and columns of a version hold into a file of that version."""
    with closing(sqlite3.connect(target, isolation_level=None)) as old:
        for step in STEPS[:version]:
            for statement in step:
                old.execute(statement)
        old.execute(f"PRAGMA user_version = {version}")
        old.execute("ATTACH ? AS whole", (str(source),))
        for table in tables_of(old):
            names = ", ".join(columns_of(old, table))
            old.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM whole.{table}")  # noqa: S608


def tables_of(connection: Any) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in found]


def columns_of(connection: Any, table: str) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()]


def content_of(connection: Any) -> Content:
    """Return every row of every table, its values by their names."""
    found: Content = {}
    for table in tables_of(connection):
        names = columns_of(connection, table)
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        found[table] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


def missing(before: Content, after: Content) -> list[str]:
    """Return what a later version does not hold as it was; tables and columns that came with it are empty."""
    found = []
    for table, rows in before.items():
        same = [{name: row[name] for name in old} for old, row in zip(rows, after.get(table, []), strict=False)]
        if len(after.get(table, [])) != len(rows) or same != rows:
            found.append(table)
    return found + [table for table in after.keys() - before.keys() if after[table]]


def signed_by(day: PhoneDay) -> list[Op]:
    """Return what the old app signed, oldest first."""
    return sorted(day.ops, key=lambda op: op.device_seq)
