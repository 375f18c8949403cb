"""What ``dingpan scans`` does."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import timedelta

from sqlalchemy.orm import Session

from server import transaction
from server.clock import now
from server.mending import CannotDo
from server.scans import detector, strays
from server.settings import Settings


def detect(session: Session, _: Settings, options: Namespace) -> int:
    """Make tasks of the labels whose scans do not fit one instrument, and of those in no use or unknown."""
    within = detector.LOOKS_BACK if options.hours is None else timedelta(hours=options.hours)
    if not timedelta(0) < within <= detector.LOOKS_BACK:
        raise CannotDo(f"Give between 1 and {detector.LOOKS_BACK.days * 24} hours.")
    with transaction.whole(session):
        flagged = detector.detect(session, now(), within=within)
        told = strays.tell(session, now(), within=within) + strays.tell_unknown(session, now())
        transaction.commit(session, now())
    sys.stdout.write(f"{flagged} labels to compare\n{told} labels in no use or unknown to look into\n")
    return 0
