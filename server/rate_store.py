"""Rate limits counted in the database, so that all processes share one count and a restart forgets none.

Each count is a row of its own. Its name is a hash: an address or a name that somebody typed is not kept. A count is
written in a transaction of its own before the work of a request begins, so that a request that fails counts as well.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from limits.storage import Storage
from sqlalchemy import Executable, Integer, String, bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from server.clock import now
from server.database import Base, Instant, begin_write, db

SCHEME = "database"
OLD_AT_ONCE = 20


class RateCount(Base):
    """How often one caller did one thing since a window opened; worth nothing after ``ends_at``."""

    __tablename__ = "rate_count"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    hits: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)


class DatabaseStorage(Storage):
    """What the limiter asks of a store, on the tables of the app that serves the request."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the registry of the limiter reads a plain list

    @property
    def base_exceptions(self) -> type[Exception]:
        return DBAPIError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count and return it; a window that has ended begins anew."""
        at, session = now(), db.session()
        begin_write()
        counting = _counting(session.get_bind().dialect.name)
        values = {"sha256": _name(key), "hits": amount, "ends_at": at + timedelta(seconds=expiry), "at": at}
        try:
            hits: int = session.execute(counting, values).scalar_one()
            session.commit()
        except DBAPIError:
            session.rollback()
            raise
        if hits == amount:
            self._forget_ended(at)
        return hits

    def _forget_ended(self, at: datetime) -> None:
        """Delete a few ended windows for each that opens: the table never outgrows its callers."""
        session = db.session()
        begin_write()
        ended = select(RateCount.sha256).where(RateCount.ends_at <= at).limit(OLD_AT_ONCE)
        session.execute(delete(RateCount).where(RateCount.sha256.in_(ended.with_for_update(skip_locked=True))))
        session.commit()

    def get(self, key: str) -> int:
        """Return a count, 0 where none is open."""
        row = db.session().get(RateCount, _name(key), populate_existing=True)
        return row.hits if row and row.ends_at > now() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of a count ends, in seconds of the epoch."""
        row = db.session().get(RateCount, _name(key), populate_existing=True)
        return (row.ends_at if row else now()).timestamp()

    def check(self) -> bool:
        """Say whether counting is possible."""
        db.session().execute(select(RateCount.sha256).limit(1))
        return True

    def reset(self) -> int:
        """Forget every count; return how many there were."""
        begin_write()
        forgotten = db.session().execute(delete(RateCount).returning(RateCount.sha256)).all()
        db.session().commit()
        return len(forgotten)

    def clear(self, key: str) -> None:
        """Forget one count."""
        begin_write()
        db.session().execute(delete(RateCount).where(RateCount.sha256 == _name(key)))
        db.session().commit()


@cache
def _counting(dialect: str) -> Executable:
    """Return the statement that adds to a count, put together once."""
    insert: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[dialect]
    names = (RateCount.sha256, RateCount.hits, RateCount.ends_at)
    first = insert(RateCount).values({name: bindparam(name.key, type_=name.type) for name in names})
    is_over = RateCount.ends_at <= bindparam("at", type_=RateCount.ends_at.type)
    new, old = first.excluded, RateCount
    counted = {
        "hits": case((is_over, new.hits), else_=old.hits + new.hits),
        "ends_at": case((is_over, new.ends_at), else_=old.ends_at),
    }
    found: Executable = first.on_conflict_do_update(index_elements=["sha256"], set_=counted).returning(RateCount.hits)
    return found


def _name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
