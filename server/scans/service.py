"""Scans of public labels: counted coarsely, written in bulk, and asked whether a label is to be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy import select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from server.campaigns import service as campaigns
from server.database import WRITES, db
from server.scans import unknown
from server.scans.buffer import Buffer, Key, keep_writing
from server.scans.models import LabelFlag, Scan
from shared.cells import Cell
from shared.seal import Seal
from shared.words import TaskState

BUFFER = "dingpan_scans"
# All rows of a second as one value: to bind each of them by itself takes longer than to answer the pages they count.
ADD = text("""
    INSERT INTO scan (serial, hour, cell, count)
    SELECT CAST(row ->> 0 AS bigint), CAST(row ->> 1 AS timestamptz), row ->> 2, CAST(row ->> 3 AS int)
    FROM json_array_elements(CAST(:rows AS json)) AS row
    ON CONFLICT (serial, hour, cell) DO UPDATE SET count = scan.count + excluded.count
""")
CHUNK = 500
# A page that offers to give a place may ask the browser for it; every other page may not.
MAY_ASK_PLACE = {"Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"}


def register(app: Flask) -> None:
    """Give the app its buffers; a server also starts writing them, see ``start``."""

    def _write(counts: Mapping[Key, int]) -> None:
        with app.app_context():
            write(counts)

    def _write_unknown(seen: Mapping[unknown.Key, int]) -> None:
        with app.app_context():
            unknown.write(seen)

    app.extensions[BUFFER] = Buffer(_write)
    app.extensions[unknown.BUFFER] = Buffer(_write_unknown, most=unknown.MOST_WAITING, what="unknown_labels")


def start(app: Flask) -> None:
    """Write what is scanned from now on, in this process."""
    keep_writing(app.extensions[BUFFER], app.extensions[unknown.BUFFER])


def note(serial: int, cell: Cell | None, now: datetime) -> None:
    """Count a scan of a label that the office knows: the page opened, or with ``cell`` a place given on it."""
    note_in(current_app, serial, hour_of(now), cell)


def note_in(app: Flask, serial: int, hour: datetime, cell: Cell | None = None) -> None:
    """Do the same for an app that nobody is in the context of, in an hour of ``hour_of``."""
    app.extensions[BUFFER].note(Key(serial, hour, str(cell) if cell else ""))


def note_unknown(seal: Seal, now: datetime) -> None:
    """Note the page of a label opened that no record is known of: whoever supervises its region hears of it."""
    unknown.note_in(current_app, seal, hour_of(now))


def note_unknown_in(app: Flask, seal: Seal, hour: datetime) -> None:
    """Do the same for an app that nobody is in the context of, in an hour of ``hour_of``."""
    unknown.note_in(app, seal, hour)


def hour_of(now: datetime) -> datetime:
    """Return the beginning of an hour."""
    return now.replace(minute=0, second=0, microsecond=0)


def flush() -> bool:
    """Write what waits in this process now; False when it could not be, and waits on."""
    known: bool = current_app.extensions[BUFFER].flush()
    others: bool = current_app.extensions[unknown.BUFFER].flush()
    return known and others


def write(counts: Mapping[Key, int]) -> None:
    """Add counts to their rows in one transaction; rows in one order, so that no two processes wait for each other."""
    keys = sorted(counts)
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if db.engine.dialect.name == "postgresql":
            rows = [(key.serial, key.hour.isoformat(), key.cell, counts[key]) for key in keys]
            connection.execute(ADD, {"rows": json.dumps(rows)})
            return
        for first in range(0, len(keys), CHUNK):
            some = keys[first : first + CHUNK]
            new = insert(Scan).values([{**key._asdict(), "count": counts[key]} for key in some])
            added = {"count": Scan.count + new.excluded.count}
            connection.execute(new.on_conflict_do_update(index_elements=["serial", "hour", "cell"], set_=added))


def is_flagged(session: Session, serials: Iterable[int]) -> frozenset[int]:
    """Return which of some labels somebody is asked to compare; it ends with the task."""
    found: set[int] = set()
    wanted = list(serials)
    for first in range(0, len(wanted), CHUNK):
        query = select(LabelFlag.serial).join(campaigns.Task, campaigns.Task.id == LabelFlag.task_id)
        query = query.where(LabelFlag.serial.in_(wanted[first : first + CHUNK]), LabelFlag.ended_at.is_(None))
        found.update(session.scalars(query.where(campaigns.Task.state == TaskState.OPEN)))
    return frozenset(found)


def flag_of_task(session: Session, task_id: str) -> LabelFlag | None:
    """Return what made a task to compare a label."""
    return session.scalar(select(LabelFlag).where(LabelFlag.task_id == task_id))
