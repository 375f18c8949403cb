"""The job that looks for copied labels: what does not fit becomes a task to compare, once for each label and episode.

It reads first and holds no lock; only what it found is written. Nothing here touches credit: a scan is no fact.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.campaigns import service as campaigns
from server.clock import new_id
from server.database import begin_write, lock_name
from server.public import service as public
from server.scans import homes
from server.scans.models import LabelFlag
from server.scans.models import Scan as Row
from server.scans.service import CHUNK
from server.seals import service as seals
from shared.cells import Cell
from shared.copied_labels import WINDOWS_DAYS, Scan, Why, flags
from shared.words import TaskKind, TaskState

LOOKS_BACK = timedelta(days=max(WINDOWS_DAYS))
LOCK = "scans.detect"
ROW_MOST = 10  # however often somebody presses the button, a label does not look busier than that in an hour
Found = dict[int, tuple[homes.Standing, frozenset[Why]]]


def detect(session: Session, now: datetime, *, within: timedelta = LOOKS_BACK) -> int:
    """Flag the labels whose scans do not fit one instrument; return how many. The caller commits.

    ``within`` says how far back a label must have been scanned with a place to be looked at: an hour or two for a run
    every few minutes. A label that is flagged is not looked at until its task is closed.
    """
    found: Found = {}
    serials = _scanned(session, now - within)
    unended = _unended(session)
    serials = [serial for serial in serials if serial not in unended]
    for first in range(0, len(serials), CHUNK):
        found |= _judge(session, serials[first : first + CHUNK], now)
    begin_write()
    lock_name(LOCK)
    _end_closed(session, now)
    new = sorted(found.keys() - _unended(session))  # another run may have been here meanwhile
    for serial in new:
        _flag(session, serial, *found[serial], now)
    return len(new)


def _scanned(session: Session, since: datetime) -> list[int]:
    hour = since.replace(minute=0, second=0, microsecond=0)
    query = select(Row.serial).where(Row.hour >= hour, Row.cell != "").distinct()
    return list(session.scalars(query.order_by(Row.serial)))


def _unended(session: Session) -> set[int]:
    """Return the labels in an episode, those included whose task was closed since the last run: that run ends it."""
    return set(session.scalars(select(LabelFlag.serial).where(LabelFlag.ended_at.is_(None))))


def _judge(session: Session, serials: list[int], now: datetime) -> Found:
    since = now - LOOKS_BACK
    rows = homes.standings(session, serials, since)
    where = homes.belongs(session, rows, since)
    begin = _begins(session, list(rows), since)
    scans = _scans(session, list(rows), begin, since)
    judged = {serial: flags(scans[serial], where[serial]) for serial in rows}
    return {serial: (rows[serial], why) for serial, why in judged.items() if why}


def _begins(session: Session, serials: list[int], since: datetime) -> dict[int, datetime]:
    """Return from when scans of a label count: since it was put where it is, and since it was compared last."""
    query = select(LabelFlag.serial, func.max(func.coalesce(LabelFlag.ended_at, LabelFlag.made_at)))
    ended = session.execute(query.where(LabelFlag.serial.in_(serials)).group_by(LabelFlag.serial))
    begins = dict.fromkeys(serials, since)
    for serial, at in [*seals.last_bound(session, serials).items(), *ended]:
        begins[serial] = max(begins[serial], at)
    return begins


def _scans(
    session: Session, serials: list[int], begins: dict[int, datetime], since: datetime
) -> defaultdict[int, list[Scan]]:
    found: defaultdict[int, list[Scan]] = defaultdict(list)
    query = select(Row).where(Row.serial.in_(serials), Row.hour >= since, Row.cell != "")
    for row in session.scalars(query):
        if (cell := Cell.read(row.cell)) and row.hour >= begins[row.serial]:
            found[row.serial] += [Scan(int(row.hour.timestamp()) // 3600, cell)] * min(row.count, ROW_MOST)
    return found


def _end_closed(session: Session, now: datetime) -> None:
    """End the episodes whose tasks were closed, by a visit or by hand."""
    closed = select(campaigns.Task.id).where(
        campaigns.Task.kind == TaskKind.COMPARE_LABEL, campaigns.Task.state != TaskState.OPEN
    )
    over = update(LabelFlag).where(LabelFlag.ended_at.is_(None), LabelFlag.task_id.in_(closed))
    session.execute(over.values(ended_at=now))


def _flag(session: Session, serial: int, standing: homes.Standing, why: frozenset[Why], now: datetime) -> None:
    task = campaigns.assign(
        session,
        kind=TaskKind.COMPARE_LABEL,
        region=standing.region,
        place_id=standing.place_id,
        instrument_id=standing.instrument_id,
        now=now,
    )
    session.flush()
    session.add(LabelFlag(id=new_id(now), serial=serial, why=",".join(sorted(why)), task_id=task.id, made_at=now))
    public.changed(session, standing.instrument_id)
