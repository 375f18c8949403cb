"""Labels that turn up where they should not: a task for whoever supervises the region; and the labels to revoke."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.bulk import among
from server.campaigns import service as campaigns
from server.database import lock_name
from server.seals.models import SealEvent, SealStock
from shared.dates import SHANGHAI, civil_day
from shared.label_life import REVOKED, is_legal, task_about
from shared.seal import short_code
from shared.words import SealState, TaskKind, TaskState


def found_out_of_life(
    session: Session,
    serial: int,
    *,
    region: str,
    now: datetime,
    instrument_id: str | None = None,
    seen_at: datetime | None = None,
) -> campaigns.Task | None:
    """Make a task about a label that was met out in the world and is in no use: lost, void, in stock, or unknown.

    To be called inside a transaction that writes. ``region`` is where it was met, or what its signature says; a label
    that we know has its own. One open task for each label and state, once a week, and none for what was ``seen_at`` a
    moment before the last one; None when it is in use or the task was made before.
    """
    label = session.get(SealStock, serial)
    kind = task_about(SealState(label.state) if label else None)
    if kind is None:
        return None
    told_since = min(_monday(now), seen_at or now)
    about: dict[str, Any] = {"region": label.region if label else region, "instrument_id": instrument_id, "now": now}
    return look_into(session, kind, serial, told_since=told_since, **about)


def look_into(
    session: Session,
    kind: TaskKind,
    serial: int,
    *,
    region: str,
    now: datetime,
    instrument_id: str | None = None,
    told_since: datetime | None = None,
) -> campaigns.Task | None:
    """Make a task about a label; None when one is open, or was made at ``told_since`` or later, whatever became of it.

    A label that turns up on an instrument is another matter for each region; an open task of that region that names
    no instrument yet gets this one's.
    """
    subject = _subject(kind, serial)
    lock_name(subject)
    known = campaigns.about(session, kind, subject)
    for task in [one for one in known if instrument_id is None or one.region == region]:
        is_open = task.state == TaskState.OPEN
        if is_open and instrument_id and task.instrument_id is None:
            campaigns.name_instrument(session, task, instrument_id)
        if is_open or (told_since is not None and task.made_at >= told_since):
            return None
    return campaigns.assign(
        session,
        kind=kind,
        region=region,
        instrument_id=instrument_id,
        subject_id=subject,
        note=short_code(serial),
        now=now,
    )


def met_in_a_check(
    session: Session, serial: int, *, region: str, at: datetime, now: datetime, instrument_id: str
) -> campaigns.Task | None:
    """The same for a label that an officer's phone read in a check; what was in use or could be bound ``at`` is well.

    An officer may read a label on its way onto an instrument, and one that went out of life after the check.
    """
    label = session.get(SealStock, serial)
    if label is not None:
        state = state_at(session, serial, at) or SealState(label.state)
        if state is SealState.APPLIED or is_legal(state, SealState.APPLIED):
            return None
    return found_out_of_life(session, serial, region=region, now=now, instrument_id=instrument_id)


def not_in_use(session: Session, serials: list[int]) -> list[int]:
    """Return those of some serials that are on no instrument now, or that we never heard of, in order."""
    query = select(SealStock.serial).where(SealStock.state == SealState.APPLIED)
    in_use = query.where(among(session, SealStock.serial, serials))
    return sorted(set(serials) - set(session.scalars(in_use))) if serials else []


def state_at(session: Session, serial: int, at: datetime) -> SealState | None:
    """Return the state of a label at a moment; None when the ledger had not heard of it by then."""
    query = select(SealEvent.kind).where(SealEvent.first_serial <= serial, SealEvent.last_serial >= serial)
    found = session.scalar(query.where(SealEvent.at <= at).order_by(SealEvent.step.desc()).limit(1))
    return SealState(found) if found else None


def serials_to_revoke(session: Session) -> list[int]:
    """Return the serials that the next revocation list must name: of labels that are void or lost, in order."""
    query = select(SealStock.serial).where(SealStock.state.in_(REVOKED)).order_by(SealStock.serial)
    return list(session.scalars(query))


def _monday(now: datetime) -> datetime:
    """Return the beginning of the week."""
    day = civil_day(now)
    return datetime.combine(day - timedelta(days=day.weekday()), time(), SHANGHAI)


def _subject(kind: TaskKind, serial: int) -> str:
    """Return an id that is the same for the same label and kind of task: RFC 9562, version 8."""
    digest = bytearray(hashlib.sha256(f"{kind}/{serial}".encode()).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
