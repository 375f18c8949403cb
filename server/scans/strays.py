"""Labels in no use whose page somebody opened: lost, void, in stock, or unknown; each is a task for its region."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.campaigns import service as campaigns
from server.scans.models import Scan, UnknownLabel
from server.scans.service import CHUNK
from server.seals import service as seals
from shared.words import TaskKind

log = structlog.get_logger(__name__)

# So many open tasks about labels that nobody knows: more of them are one matter, such as a key that was stolen.
MOST_UNKNOWN = 100


def tell(session: Session, now: datetime, *, within: timedelta) -> int:
    """Make a task of each label in no use that was scanned lately; return how many. Once a week for each label.

    To be called inside a transaction that writes. A label that the office never heard of has no scans: see
    ``tell_unknown``.
    """
    since = (now - within).replace(minute=0, second=0, microsecond=0)
    hours = select(Scan.serial, func.max(Scan.hour)).where(Scan.hour >= since).group_by(Scan.serial)
    scanned: dict[int, datetime] = dict(session.execute(hours.order_by(Scan.serial)).all())
    serials, told = list(scanned), 0
    for first in range(0, len(serials), CHUNK):
        for serial in seals.not_in_use(session, serials[first : first + CHUNK]):
            label = seals.find(session, serial)
            about: dict[str, Any] = {"seen_at": scanned[serial], "now": now}
            if label is not None and seals.found_out_of_life(session, serial, region=label.region, **about) is not None:
                told += 1
    return told


def tell_unknown(session: Session, now: datetime) -> int:
    """Make a task of each label that our key signed, nobody knows and somebody scanned; return how many.

    To be called inside a transaction that writes. Whoever is responsible for the region that the signature names is
    told, else the city. What came into the register meanwhile is forgotten; what is too much waits, and the log says
    so.
    """
    query = select(UnknownLabel.serial, UnknownLabel.region).order_by(UnknownLabel.hour, UnknownLabel.serial)
    room = MOST_UNKNOWN - campaigns.count_open(session, TaskKind.UNKNOWN_LABEL)
    told, done, waiting = 0, [], 0
    for serial, region in session.execute(query).all():
        if seals.find(session, serial) is None:
            if told >= room:
                waiting += 1
                continue
            region = _responsible(session, region)
            told += seals.found_out_of_life(session, serial, region=region, now=now) is not None
        done.append(serial)
    for first in range(0, len(done), CHUNK):
        session.execute(delete(UnknownLabel).where(UnknownLabel.serial.in_(done[first : first + CHUNK])))
    if waiting:
        log.warning("unknown_labels_wait", labels=waiting, most=MOST_UNKNOWN)
    return told


def _responsible(session: Session, region: str) -> str:
    return region if accounts.is_somebodys(session, region) else f"{region[:4]}00"
