"""Imports of ledgers: kept when read, judged when somebody looks, taken in and undone in one transaction each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Person, Scope
from server.administration import service as administration
from server.administration.service import ActKind
from server.clock import new_id
from server.database import lock_name, lock_numbers
from server.problems import OtherState
from server.register_import import applying, headers, reading, staying, undoing
from server.register_import.columns import (
    MASSES,
    UNITS,
    BadFile,
    Chosen,
    Column,
    Fault,
    FaultCode,
    FileFault,
    ImportState,
    Outcome,
)
from server.register_import.exporting import entries, heads
from server.register_import.grid import MOST_COLUMNS, MOST_ROWS, Grid, letters, unpacked
from server.register_import.known import look_up
from server.register_import.models import RegisterImport
from server.register_import.plan import Judged, Plan, make_plan
from server.register_import.rows import judge_row
from server.register_import.staying import Examined, Stay, Why

__all__ = [
    "MASSES",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "UNITS",
    "BadFile",
    "Chosen",
    "Column",
    "Examined",
    "Fault",
    "FaultCode",
    "FileFault",
    "Grid",
    "ImportState",
    "Judged",
    "Outcome",
    "Plan",
    "RegisterImport",
    "Stay",
    "Why",
    "entries",
    "heads",
    "letters",
]

LISTED = 50
OPEN = (ImportState.READ, ImportState.MAPPED)
UNDOABLE = (ImportState.DONE, ImportState.PARTLY_UNDONE)


def keep(session: Session, person: Person, *, name: str, content: bytes, now: datetime) -> RegisterImport:
    """Keep the table of a file; raises BadFile. The file itself is not kept, only its hash."""
    if not person.unit_id:
        raise AssertionError("whoever plans belongs to a unit")
    grid = reading.read(content)
    batch = RegisterImport(
        id=new_id(now),
        unit_id=person.unit_id,
        state=ImportState.READ,
        file_name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        sheet=grid.sheet,
        content=grid.packed(),
        made_by=person.id,
        made_at=now,
    )
    session.add(batch)
    return batch


def imports_of(session: Session, unit_id: str | None) -> list[RegisterImport]:
    """Return the imports of a unit, newest first."""
    query = select(RegisterImport).where(RegisterImport.unit_id == unit_id)
    return list(session.scalars(query.order_by(RegisterImport.made_at.desc(), RegisterImport.id.desc()).limit(LISTED)))


def import_in(session: Session, unit_id: str | None, import_id: str, *, hold: bool = False) -> RegisterImport | None:
    """Return an import of a unit; None when there is none. ``hold``: nobody else changes it meanwhile."""
    query = select(RegisterImport).where(RegisterImport.id == import_id, RegisterImport.unit_id == unit_id)
    return session.scalar(query.with_for_update() if hold else query)


def grid_of(batch: RegisterImport) -> Grid | None:
    """Return the table of an import; None when it is kept no more."""
    return unpacked(batch.content) if batch.content else None


def chosen_of(batch: RegisterImport, grid: Grid, header: int | None = None) -> Chosen:
    """Return what somebody chose, or what the headers say; a ``header`` asks for the guess of that row."""
    if batch.mapping is None or header is not None:
        return headers.guess(grid, header)
    told = json.loads(batch.mapping)
    columns = {Column(name): place for name, place in told["columns"].items()}
    return Chosen(told["header"], columns, {Column(name): unit for name, unit in told["units"].items()})


def choose(batch: RegisterImport, chosen: Chosen) -> None:
    """Keep which column is what."""
    if batch.state not in OPEN:
        raise OtherState
    batch.mapping = json.dumps(
        {"header": chosen.header, "columns": dict(chosen.columns), "units": dict(chosen.units)}, sort_keys=True
    )
    batch.state = ImportState.MAPPED


def plan_of(session: Session, scope: Scope, batch: RegisterImport, grid: Grid, *, now: datetime, today: date) -> Plan:
    """Judge every row as the register stands now; nothing is written."""
    return _judge(session, scope, batch, grid, now=now, today=today, by=None)


def _judge(
    session: Session,
    scope: Scope,
    batch: RegisterImport,
    grid: Grid,
    *,
    now: datetime,
    today: date,
    by: Person | None,
) -> Plan:
    chosen = chosen_of(batch, grid)
    rows = [judge_row(line, chosen, today) for line in headers.body_lines(grid, chosen.header)]
    known = look_up(session, scope, rows, hold=by is not None)
    return make_plan(known, rows, now=now, today=today, by=by.id if by else "", import_id=batch.id)


def mark_of(plan: Plan) -> str:
    """Return a mark of what becomes of every row: another one means that the register changed meanwhile."""
    told = [[row.number, row.outcome, [[fault.column, fault.code] for fault in row.faults]] for row in plan.rows]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def take_in(
    session: Session, scope: Scope, batch: RegisterImport, person: Person, mark: str, *, now: datetime, today: date
) -> Plan | None:
    """Take the sound rows of an import in; None when they would do something else than ``mark`` stands for."""
    lock_name("register import")
    lock_numbers()
    session.refresh(batch)
    grid = grid_of(batch)
    if batch.state != ImportState.MAPPED or grid is None:
        raise OtherState
    plan = _judge(session, scope, batch, grid, now=now, today=today, by=person)
    if mark_of(plan) != mark:
        return None
    batch.state, batch.done_at = ImportState.DONE, now
    batch.added, batch.changed = plan.count(Outcome.ADDED), plan.count(Outcome.CHANGED)
    batch.unchanged, batch.bad = plan.count(Outcome.UNCHANGED), plan.count(Outcome.BAD)
    session.flush()
    counts = {name: getattr(batch, name) for name in ("added", "changed", "unchanged", "bad")}
    did = applying.write(session, batch, plan.writes)
    batch.content = b""
    about = ("register_import", batch.id)
    told = {"file": batch.sha256, "did": did}
    administration.record(session, ActKind.REGISTER_IMPORTED, by=person.id, about=about, now=now, **counts, **told)
    return plan


def examine(session: Session, batch: RegisterImport) -> Examined:
    """Find out what of an import stays when it is undone."""
    return staying.examine(session, batch)


def undo(session: Session, batch: RegisterImport, person: Person, *, rest: bool, now: datetime) -> bool:
    """Undo an import; False, and nothing is undone, when rows stay and the rest was not asked for."""
    lock_name("register import")
    session.refresh(batch)
    if batch.state not in UNDOABLE:
        raise OtherState
    found = staying.examine(session, batch, hold=True)
    if (found.stays and not rest) or not found.going():
        return False
    count = undoing.undo(session, batch, found, now)
    about, kind = ("register_import", batch.id), ActKind.REGISTER_IMPORT_UNDONE
    administration.record(session, kind, by=person.id, about=about, now=now, rows=count, stays=len(found.stays))
    return True


def drop(session: Session, batch: RegisterImport) -> None:
    """Forget an import that was not taken in."""
    if batch.state not in OPEN:
        raise OtherState
    session.delete(batch)


def bad_rows(plan: Plan, grid: Grid, chosen: Chosen) -> Iterator[tuple[Judged, list[str]]]:
    """Yield the bad rows, each with its cells as they were read."""
    lines = {line.number: line for line in headers.body_lines(grid, chosen.header)}
    for row in plan.bad:
        yield row, [cell.text for cell in lines[row.number].cells]


def header_candidates(grid: Grid) -> list[int]:
    """Return the numbers of the rows that may be the headers."""
    return [line.number for line in headers.candidates(grid)]
