"""The end of every transaction that writes: scores, public records, the feed; then one lock, leaves, changes, commit.

Nothing slow stands between the lock and the commit: rows are built and hashes made before it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import feed
from server.audit import service as audit
from server.bulk import among
from server.credit import service as credit
from server.database import IN_BULK, lock_log
from server.inspections import service as inspections
from server.public import records
from server.public import service as public
from server.registry.service import Instrument, Party
from shared.dates import civil_day

CHUNK = 500


def commit(session: Session, now: datetime) -> None:
    """Commit the work of this session with what follows from it; in bulk, what follows is left to the last commit."""
    if not session.info.get(IN_BULK):
        _hold(session)
        credit.score_pending(session, inspections.check_days, civil_day(now))
        rebuilt = public.take_pending(session)
        records.rebuild(session, rebuilt)
        checked = public.take_checked(session)
        records.show_checks(session, {id_: checked[id_] for id_ in checked.keys() - rebuilt})
        records.rebuild_stock(session, public.take_pending_stock(session))
        feed.build(session)
    session.flush()
    lock_log()
    audit.append(session)
    feed.write(session)
    session.commit()


def _hold(session: Session) -> None:
    """Let nobody else work out the same scores, pages and rows until we commit, and see what they committed before.

    PostgreSQL alone has several writers. Instruments come before parties, each in order of id: who waits, holds little.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    session.flush()
    instruments = public.pending_ids(session) | {*feed.changed_ids(session, "instrument")}
    for table, ids in ((Instrument, instruments), (Party, {*session.info.get(credit.PENDING, ())})):
        wanted = sorted(ids)
        for start in range(0, len(wanted), CHUNK):
            rows = select(table.id).where(among(session, table.id, wanted[start : start + CHUNK])).order_by(table.id)
            session.execute(rows.with_for_update(key_share=True))
    session.expire_all()


def rollback(session: Session) -> None:
    """Undo the work of this session, with what it had put up for the end of the transaction."""
    session.rollback()
    session.info.clear()


@contextmanager
def whole(session: Session) -> Iterator[None]:
    """Do a piece of work that ends with ``commit``, or leaves nothing behind."""
    try:
        yield
    except BaseException:
        rollback(session)
        raise


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Do a piece of work that can fail alone; what it put up for the end of the transaction goes with it."""
    before = {name: copy.deepcopy(value) for name, value in session.info.items()}
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info.clear()
        session.info.update(before)
        raise
