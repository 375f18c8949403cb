"""The end of every transaction that writes: scores, public records, the feed; then one lock, leaves, changes, commit.

Nothing slow stands between the lock and the commit: rows are built and hashes made before it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from server.audit import service as audit
from server.credit import service as credit
from server.database import lock_log
from server.inspections import service as inspections
from server.public import records
from server.public import service as public
from server.sync import feed
from shared.dates import civil_day


def commit(session: Session, now: datetime) -> None:
    """Commit the work of this session with what follows from it."""
    credit.score_pending(session, inspections.check_days, civil_day(now))
    records.rebuild(session, public.take_pending(session))
    feed.build(session)
    session.flush()
    lock_log()
    audit.append(session)
    feed.write(session)
    session.commit()


def rollback(session: Session) -> None:
    """Undo the work of this session, with what it had put up for the end of the transaction."""
    session.rollback()
    session.info.clear()


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Do a piece of work that can fail alone; what it put up for the end of the transaction goes with it."""
    before = {name: copy.copy(value) for name, value in session.info.items()}
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info.clear()
        session.info.update(before)
        raise
