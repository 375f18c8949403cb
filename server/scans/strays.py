"""Labels in no use whose page somebody opened: lost, void, or still in stock; each is a task for its region."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.scans.models import Scan
from server.scans.service import CHUNK
from server.seals import service as seals


def tell(session: Session, now: datetime, *, within: timedelta) -> int:
    """Make a task of each label in no use that was scanned lately; return how many. Once a week for each label.

    To be called inside a transaction that writes. A label that the office never heard of has no scans.
    """
    hour = (now - within).replace(minute=0, second=0, microsecond=0)
    scanned = list(session.scalars(select(Scan.serial).where(Scan.hour >= hour).distinct().order_by(Scan.serial)))
    told = 0
    for first in range(0, len(scanned), CHUNK):
        for serial in seals.not_in_use(session, scanned[first : first + CHUNK]):
            label = seals.find(session, serial)
            if label is not None and seals.found_out_of_life(session, serial, region=label.region, now=now) is not None:
                told += 1
    return told
