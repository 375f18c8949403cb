"""Writing a plan in bulk: rows are added table by table, changed ones updated, and each is kept for the way back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from server import feed
from server.database import Base
from server.public import service as public
from server.register_import.models import RegisterImport, RegisterImportRow
from server.register_import.writes import TABLES, Write, Writes, digest
from server.registry.service import Custody, Instrument

CHUNK = 5_000
FED = ("place", "stall", "party", "instrument")


def in_chunks(ids: list[Any]) -> Iterator[list[Any]]:
    """Cut a list into pieces that every database takes as parameters."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def write(session: Session, batch: RegisterImport, writes: Writes) -> str:
    """Write everything; return the SHA-256 over what each row did, for the log."""
    for table in TABLES:
        if added := writes.of(table, added=True):
            session.execute(insert(Base.metadata.tables[table]), [one.values for one in added])
    for model in (Instrument, Custody):
        if changed := writes.of(model.__tablename__, added=False):
            session.execute(update(model), [one.values | {"id": one.row_id} for one in changed])
    rows = [_kept(batch, place, one) for place, one in enumerate(writes.all_)]
    session.execute(insert(RegisterImportRow), rows)
    _tell(session, writes)
    told = [[row["number"], row["table_name"], row["row_id"], row["after_sha256"]] for row in rows]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()


def _kept(batch: RegisterImport, place: int, one: Write) -> dict[str, Any]:
    before = None if one.before is None else json.dumps(one.before, default=date.isoformat, ensure_ascii=False)
    return {
        "import_id": batch.id,
        "place_in_list": place,
        "number": one.number,
        "table_name": one.table,
        "row_id": one.row_id,
        "before": before,
        "after_sha256": digest(one.values),
        "is_undone": False,
    }


def _tell(session: Session, writes: Writes) -> None:
    """Let phones and public pages hear of it; a new instrument has no label yet, and so no page."""
    added = {one.row_id for one in writes.of("instrument", added=True)}
    about = {one.row_id for one in writes.of("instrument", added=False)}
    for table in ("custody", "verification"):
        about |= {one.values["instrument_id"] for one in writes.of(table, added=True)}
    touch(session, sorted(about - added))
    for table in FED:
        feed.changed(session, table, *(one.row_id for one in writes.of(table, added=True)))


def touch(session: Session, ids: list[str]) -> None:
    """Say that something about some instruments changed: a new revision of each, counted by the database."""
    for some in in_chunks(ids):
        counted = update(Instrument).where(Instrument.id.in_(some)).values(rev=Instrument.rev + 1)
        session.execute(counted, execution_options={"synchronize_session": False})
    feed.changed(session, "instrument", *ids)
    public.changed(session, *ids)
    session.flush()
    session.expire_all()
