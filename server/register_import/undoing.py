"""Undoing an import: what it added goes, what it changed is again as it was, and phones hear of both."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server import feed
from server.database import Base
from server.register_import.applying import FED, in_chunks, touch
from server.register_import.columns import ImportState
from server.register_import.models import RegisterImport, RegisterImportRow
from server.register_import.staying import Did, Examined
from server.register_import.writes import TABLES
from server.registry.service import Custody, Instrument

# Which columns of the changed tables are days, and so texts in what was kept.
DAYS = {"custody": {"last_day"}, "instrument": set[str]()}


def undo(session: Session, batch: RegisterImport, found: Examined, now: datetime) -> int:
    """Undo whatever does not stay; return how many rows of the register that were."""
    going = found.going()
    touched = _instruments(session, found) - set(found.added("instrument"))
    for name in reversed(TABLES):
        table = Base.metadata.tables[name]
        ids = found.added(name)
        for some in in_chunks(ids):
            session.execute(delete(table).where(table.c.id.in_(some)))
        if name in FED:
            feed.gone(session, name, *ids)
        _restore(session, name, [row for row in found.going(name) if row.before is not None])
    for places in in_chunks([row.place_in_list for row in going]):
        rows = update(RegisterImportRow).where(
            RegisterImportRow.import_id == batch.id, RegisterImportRow.place_in_list.in_(places)
        )
        session.execute(rows.values(is_undone=True), execution_options={"synchronize_session": False})
    batch.state = ImportState.UNDONE if len(going) == len(found.rows) else ImportState.PARTLY_UNDONE
    batch.undone_at = now
    session.flush()
    touch(session, sorted(touched))
    return len(going)


def _instruments(session: Session, found: Examined) -> set[str]:
    """Return the instruments about which anything is undone."""
    about = {row.row_id for row in found.going("instrument")}
    for name in ("custody", "verification"):
        table = Base.metadata.tables[name]
        for some in in_chunks([row.row_id for row in found.going(name)]):
            about |= set(session.scalars(select(table.c.instrument_id).where(table.c.id.in_(some))))
    return about


def _restore(session: Session, name: str, rows: list[Did]) -> None:
    """Put columns back as they were; rows of which the same columns were changed go together."""
    groups: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        before = json.loads(row.before or "{}")
        for column in DAYS[name] & {one for one, value in before.items() if value is not None}:
            before[column] = date.fromisoformat(before[column])
        groups[frozenset(before)].append(before | {"id": row.row_id})
    model: Any = {"instrument": Instrument, "custody": Custody}.get(name)
    for values in groups.values():
        session.execute(update(model), values)
