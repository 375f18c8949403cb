"""What of an import can no longer be undone, and why: rows that were changed since, or that something else names.

A row that was added is used when any row of any table names it that was not added with it: the tables are asked, so
that a feature to come is not forgotten. Where one part of an instrument stays (itself, its custody, its verification),
all that its row of the file did stays. A place, a stall or a merchant stays as long as anything that stays names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

from server.certificates import service as certificates
from server.database import Base
from server.inspections import service as inspections
from server.register_import.applying import in_chunks
from server.register_import.models import RegisterImport, RegisterImportRow
from server.register_import.writes import digest
from server.seals import service as seals

OF_A_ROW = ("verification", "custody", "instrument_status", "instrument")
SHARED = ("stall", "party", "place")


class Why(StrEnum):
    """Why a row stays; the sentences stand under ``import_stays.``."""

    CHANGED = "changed"
    VISIT = "visit"
    LABEL = "label"
    VERIFICATION = "verification"
    NAMED = "named"
    NEEDED = "needed"


NAMED_BY = {
    **dict.fromkeys(("check", "inspection", "visit", "finding", "credit_event", "party_score"), Why.VISIT),
    **dict.fromkeys(("seal", "seal_binding", "public_record"), Why.LABEL),
    "verification": Why.VERIFICATION,
}


@dataclass(frozen=True)
class Stay:
    """A row of the file whose work stays, in which table, and why."""

    number: int
    table: str
    row_id: str
    why: Why


class Did(NamedTuple):
    """What was done to one row of the register; the columns of ``RegisterImportRow``."""

    place_in_list: int
    number: int
    table_name: str
    row_id: str
    before: str | None
    after_sha256: str


@dataclass
class Examined:
    """The rows of an import that are not undone yet, and those of them that stay."""

    rows: list[Did]
    stays: list[Stay] = field(default_factory=list)
    kept: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_table: dict[str, list[Did]] = {}
        for row in self.rows:
            self._by_table.setdefault(row.table_name, []).append(row)

    def going(self, table: str = "") -> list[Did]:
        """Return the rows that can be undone, of one table or of all."""
        rows = self._by_table.get(table, []) if table else self.rows
        return [row for row in rows if (row.table_name, row.row_id) not in self.kept]

    def added(self, table: str) -> list[str]:
        """Return the ids that were added to a table and can go."""
        return [row.row_id for row in self.going(table) if row.before is None]


def examine(session: Session, batch: RegisterImport, *, hold: bool = False) -> Examined:
    """Find out what stays. ``hold``: nobody else may change or name these rows until the transaction ends."""
    columns = [getattr(RegisterImportRow, name) for name in Did._fields]
    query = select(*columns).where(RegisterImportRow.import_id == batch.id, ~RegisterImportRow.is_undone)
    found = Examined([Did(*row) for row in session.execute(query.order_by(RegisterImportRow.place_in_list))])
    if hold:
        _hold(session, found)
    first = [*_changed(session, found, OF_A_ROW), *_named(session, found, OF_A_ROW), *_used(session, batch, found)]
    _keep(found, first)
    numbers = {stay.number for stay in first}
    found.kept |= {
        (row.table_name, row.row_id) for row in found.rows if row.number in numbers and row.table_name in OF_A_ROW
    }
    _keep(found, _changed(session, found, SHARED))
    for table in SHARED:
        _keep(found, _named(session, found, (table,)))
    found.stays.sort(key=lambda stay: (stay.number, stay.table))
    return found


def _keep(found: Examined, stays: Iterator[Stay] | list[Stay]) -> None:
    for stay in stays:
        if (stay.table, stay.row_id) not in {(one.table, one.row_id) for one in found.stays[-1:]}:
            found.stays.append(stay)
        found.kept.add((stay.table, stay.row_id))


def _hold(session: Session, found: Examined) -> None:
    for name in (*SHARED, *reversed(OF_A_ROW)):
        table = Base.metadata.tables[name]
        for some in in_chunks(sorted(row.row_id for row in found.rows if row.table_name == name)):
            session.execute(select(table.c.id).where(table.c.id.in_(some)).order_by(table.c.id).with_for_update())


def _changed(session: Session, found: Examined, tables: tuple[str, ...]) -> list[Stay]:
    """Compare what stands in the register with what the import left there."""
    stays = []
    for name in tables:
        rows = found.going(name)
        now = _as_they_are(session, Base.metadata.tables[name], [row.row_id for row in rows])
        for row in rows:
            values = now.get(row.row_id)
            if values is not None and row.before is not None:
                values = {column: values[column] for column in json.loads(row.before)}
            if values is None or digest(values) != row.after_sha256:
                stays.append(Stay(row.number, name, row.row_id, Why.CHANGED))
    return stays


def _as_they_are(session: Session, table: Table, ids: list[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for some in in_chunks(ids):
        for row in session.execute(select(table).where(table.c.id.in_(some))).mappings():
            found[row["id"]] = dict(row)
    return found


def _named(session: Session, found: Examined, tables: tuple[str, ...]) -> list[Stay]:
    """Find the added rows that something else names, by the foreign keys of every table."""
    stays = []
    of_this = {(row.table_name, row.row_id) for row in found.rows}
    for name in tables:
        added = {row.row_id: row for row in found.going(name) if row.before is None}
        for column in _naming(name):
            for named, by in _names(session, column, sorted(added)):
                source = column.table.name, by
                if source in of_this and source not in found.kept:
                    continue
                why = Why.NEEDED if source in of_this else NAMED_BY.get(column.table.name, Why.NAMED)
                if row := added.pop(named, None):
                    stays.append(Stay(row.number, name, named, why))
    return stays


def _naming(name: str) -> Iterator[Column[Any]]:
    """Yield the columns that hold the id of a row of a table, first those that have a reason of their own."""
    for table in sorted(Base.metadata.tables.values(), key=lambda one: (one.name not in NAMED_BY, one.name)):
        for column in table.columns:
            if any(key.column.table.name == name for key in column.foreign_keys):
                yield column


def _names(session: Session, column: Column[Any], ids: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what is named, and the id of the row that names it ("" where such rows have none)."""
    by = column.table.c.get("id")
    for some in in_chunks(ids):
        query = select(column, by if by is not None else column).where(column.in_(some))
        for named, source in session.execute(query):
            yield named, source if by is not None else ""


def _used(session: Session, batch: RegisterImport, found: Examined) -> list[Stay]:
    """An instrument that was there before may be used at any time: what counts is whether it was since."""
    if batch.done_at is None:
        return []
    changed = {row.row_id: row for row in found.going("instrument") if row.before is not None}
    about = sorted(changed)
    stays = []
    for why, asked in (
        (Why.VISIT, inspections.checked_since),
        (Why.LABEL, seals.bound_since),
        (Why.VERIFICATION, certificates.entered_since),
    ):
        for some in in_chunks(about):
            for id_ in sorted(asked(session, some, batch.done_at)):
                if row := changed.pop(id_, None):
                    stays.append(Stay(row.number, "instrument", id_, why))
    return stays
