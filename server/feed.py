"""The feed of changes: the newest state of every register row, in the order in which it was committed.

Features say what changed with ``changed``; at the end of the transaction the rows are built, and under the log's lock
they get their sequence numbers. A cursor is ``epoch.regions.seq``: what its phone holds whole, and up to where.
``server.sync.pulling`` leads a phone from the regions that it holds to those that it is to hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache, reduce
from typing import Any, NamedTuple

from sqlalchemy import Label, Select, Text, bindparam, case, cast, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.accounts.scope import Scope
from server.audit import service as audit
from server.database import Base
from server.problems import BadRequest
from server.sync.models import Change

CHANGED = "changed_rows"
ROWS = "built_rows"
GONE = "gone_rows"
EVERYWHERE = ""
BETWEEN = "-"
LONGEST_MARK = 2_000
LONGEST_SEQ = 18
AT_ONCE = 2_000
SCOPES = 200  # whose questions are kept put together


class Page(NamedTuple):
    """Some changes as phones read them, with commas between; the cursor after them, and whether there are more."""

    text: str
    cursor: str
    more: bool


@dataclass(frozen=True)
class Row:
    """One register row as phones receive it; ``scope`` is the region whose phones see it, "" for everyone."""

    kind: str
    id: str
    scope: str
    rev: int
    body: Mapping[str, Any]


Builder = Callable[[Session, list[str]], Iterable[Row]]
_builders: dict[str, Builder] = {}


def builds(kind: str) -> Callable[[Builder], Builder]:
    """Register the function that builds the rows of a kind from their ids."""

    def _register(builder: Builder) -> Builder:
        _builders[kind] = builder
        return builder

    return _register


def changed(session: Session, kind: str, *ids: str) -> None:
    """Say that register rows changed in this transaction."""
    session.info.setdefault(CHANGED, {}).setdefault(kind, {}).update(dict.fromkeys(ids))


def gone(session: Session, kind: str, *ids: str) -> None:
    """Say that register rows were taken away in this transaction: phones that have them are told to delete them."""
    session.info.setdefault(GONE, {}).setdefault(kind, {}).update(dict.fromkeys(ids))


def changed_ids(session: Session, kind: str) -> list[str]:
    """Return the rows of a kind that changed in this transaction."""
    return list(session.info.get(CHANGED, {}).get(kind, ()))


def build(session: Session) -> None:
    """Build the rows that changed; still before the lock."""
    kinds: dict[str, dict[str, None]] = session.info.pop(CHANGED, {})
    session.flush()
    session.info[ROWS] = [row for kind, ids in kinds.items() for row in _builders[kind](session, list(ids))]


def write(session: Session) -> None:
    """Give the built rows their sequence numbers. The caller holds the log's lock.

    Tombstones come first: a phone that sees both regions deletes what moved, and then gets it anew.
    """
    rows: list[Row] = session.info.pop(ROWS, [])
    taken: dict[str, dict[str, None]] = session.info.pop(GONE, {})
    if not rows and not taken:
        return
    log = audit.state(session)
    for kind, ids in taken.items():
        log.feed_seq += _bury(session, kind, list(ids), log.feed_seq)
    if not rows:
        return
    log.feed_seq += _leave_tombstones(session, rows, log.feed_seq)
    values = [
        {
            "kind": row.kind,
            "id": row.id,
            "scope": row.scope,
            "seq": log.feed_seq + place,
            "rev": row.rev,
            "deleted": False,
            "body": json.dumps(row.body, ensure_ascii=False, separators=(",", ":")),
        }
        for place, row in enumerate(rows, start=1)
    ]
    log.feed_seq += len(values)
    _upsert(session, values)


def _upsert(session: Session, values: list[dict[str, Any]]) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Change)
    new = {name: statement.excluded[name] for name in ("seq", "rev", "deleted", "body")}
    session.execute(statement.on_conflict_do_update(index_elements=["kind", "id", "scope"], set_=new), values)


def _bury(session: Session, kind: str, ids: list[str], seq: int) -> int:
    """Mark the rows of some ids as gone, wherever they were seen; returns how many."""
    found: list[tuple[str, str]] = []
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = select(Change.id, Change.scope).where(Change.kind == kind, Change.id.in_(some), ~Change.deleted)
        found += [(row.id, row.scope) for row in session.execute(query)]
    table = Base.metadata.tables["change"]
    statement = (
        table.update()
        .where(table.c.kind == kind, table.c.id == bindparam("old_id"), table.c.scope == bindparam("old_scope"))
        .values(seq=bindparam("new_seq"), deleted=True, body=None)
    )
    told = [
        {"old_id": id_, "old_scope": scope, "new_seq": seq + place} for place, (id_, scope) in enumerate(found, start=1)
    ]
    if told:
        session.execute(statement, told)
    return len(found)


def _leave_tombstones(session: Session, rows: list[Row], seq: int) -> int:
    """Mark the rows that moved to another scope as gone from their old one; returns how many."""
    scopes = {(row.kind, row.id): row.scope for row in rows}
    moved = []
    for kind in {row.kind for row in rows}:
        ids = [row.id for row in rows if row.kind == kind]
        for start in range(0, len(ids), 500):
            query = select(Change.kind, Change.id, Change.scope).where(
                Change.kind == kind, Change.id.in_(ids[start : start + 500]), ~Change.deleted
            )
            moved += [found for found in session.execute(query) if found.scope != scopes[found.kind, found.id]]
    for place, (kind, id_, scope) in enumerate(moved, start=1):
        session.execute(
            update(Change)
            .where(Change.kind == kind, Change.id == id_, Change.scope == scope)
            .values(seq=seq + place, deleted=True, body=None)
        )
    return len(moved)


def rows_in_scope(session: Session, scope: Scope) -> int:
    """Count the live rows of a scope: what a first download will bring."""
    query = select(func.count()).select_from(Change).where(_visible(scope), ~Change.deleted)
    return session.scalar(query) or 0


def rows_changed(session: Session, scope: Scope, since: int) -> int:
    """Count the rows of a scope that changed after a place of the feed, those that are gone included."""
    query = select(func.count()).select_from(Change).where(_visible(scope), Change.seq > since)
    return session.scalar(query) or 0


def regions_with_rows(session: Session) -> list[str]:
    """Return every region that rows of the feed belong to, or belonged to."""
    return list(session.scalars(select(Change.scope).where(Change.scope != EVERYWHERE).distinct()))


def page(session: Session, scope: Scope, cursor: str, limit: int) -> Page:
    """Return the changes after a cursor.

    A cursor that does not lead on, or one of other regions, starts from the beginning: a full resync.
    """
    log = audit.state(session)
    place = place_of(log, cursor)
    if place is None or place.mark != mark_of(scope):
        place = Place(f"{log.feed_epoch}-{log.feed_seq}", mark_of(scope), 0)
    last, text = _read(session, scope, place.seq, limit)
    more = last is not None and _is_more(session, scope, place.seq, last)
    scanned = [place.seq, last or 0, 0 if more else log.feed_seq]
    return Page(text or "", str(replace(place, seq=max(scanned))), more)


def _read(session: Session, scope: Scope, seq: int, most: int) -> tuple[int | None, str | None]:
    """Return the number of the last row of a page, and the rows put together by the database, which is faster at it.

    Both databases put together what a subquery yields as it comes.
    """
    last, text = session.execute(_page_after(scope, is_first=not seq), {"seq": seq, "most": most}).one()
    return last, text


def _is_more(session: Session, scope: Scope, began: int, last: int) -> bool:
    return session.scalar(_next_after(scope, is_first=not began), {"seq": last}) is not None


@lru_cache(SCOPES)
def _page_after(scope: Scope, *, is_first: bool) -> Select[Any, str]:
    rows = select(Change.seq, _text()).where(*_after(scope, is_first=is_first)).order_by(Change.seq)
    some = rows.limit(bindparam("most")).subquery()
    return select(func.max(some.c.seq), func.aggregate_strings(some.c.text, ","))


@lru_cache(SCOPES)
def _next_after(scope: Scope, *, is_first: bool) -> Select[Any]:
    return select(Change.seq).where(*_after(scope, is_first=is_first)).limit(1)


def _after(scope: Scope, *, is_first: bool) -> list[Any]:
    """Return the conditions of what comes after a row; who holds nothing yet is not told what is gone."""
    return [_visible(scope), Change.seq > bindparam("seq"), *([~Change.deleted] if is_first else [])]


def live_lines(session: Session, region: str) -> Iterator[tuple[int, bytes]]:
    """Yield the live rows of a region as lines of JSON, many at a time, each time with how many they are."""
    query = select(_text()).where(Scope((region,)).of(Change.scope), ~Change.deleted).order_by(Change.kind, Change.id)
    for some in session.execute(query.execution_options(yield_per=AT_ONCE)).partitions():
        yield len(some), "".join([f"{text}\n" for (text,) in some]).encode()


@cache
def _text() -> Label[str]:
    """Write a row as phones read it, in the database: its body is JSON text already, kinds and ids need no escape."""
    is_gone = case((Change.deleted, "true"), else_="false")
    body = func.coalesce(Change.body, "null")
    parts = ('{"seq":', cast(Change.seq, Text), ',"kind":"', Change.kind, '","id":"', Change.id, '","rev":')
    more = (cast(Change.rev, Text), ',"deleted":', is_gone, ',"body":', body, "}")
    columns: list[Any] = [literal(one) if isinstance(one, str) else one for one in (*parts, *more)]
    text: Label[str] = reduce(lambda so_far, one: so_far.concat(one), columns).label("text")
    return text


def _visible(scope: Scope) -> Any:
    return or_(Change.scope == EVERYWHERE, scope.of(Change.scope))


@dataclass(frozen=True)
class Place:
    """A place in the feed as a cursor names it: which feed, of which regions, and the last row that was read.

    ``epoch`` says also where in the feed this phone began, so that beginning anew is seen by it.
    """

    epoch: str
    mark: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.mark}.{self.seq}"

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(filter(None, self.mark.split(BETWEEN)))


def is_within(region: str, others: tuple[str, ...]) -> bool:
    """Say whether a region is one of some, or lies within one.

    >>> is_within("411602", ("4116",)), is_within("4116", ("411602",)), is_within("4116", ())
    (True, False, False)
    """
    return bool(others) and region.startswith(others)


def fewest(regions: Iterable[str]) -> tuple[str, ...]:
    """Return the regions without those that lie within another, in order.

    >>> fewest(("411602", "4117", "4116"))
    ('4116', '4117')
    """
    all_ = set(regions)
    return tuple(sorted(one for one in all_ if not is_within(one, tuple(all_ - {one}))))


def mark_of(scope: Scope) -> str:
    """Return what stands for some regions in a cursor: the fewest of them, or a hash of those where they are too many.

    One mark for one scope, however it is written: a phone whose cursor has another takes everything anew.
    """
    mark = BETWEEN.join(fewest(scope.regions))
    return mark if len(mark) <= LONGEST_MARK else f"~{hashlib.sha256(mark.encode()).hexdigest()[:16]}"


def place_of(log: audit.LogState, cursor: str) -> Place | None:
    """Read a cursor; None for one that does not lead on. Raises BadRequest for what is no cursor.

    It does not where it is of another feed, of the future, which only a restored server meets, or older than the
    tombstones that are kept: whoever began after those were let go has nothing that they would have removed. One that
    names regions within each other, as earlier servers wrote it, does not lead on either.
    """
    if not cursor:
        return None
    epoch, _, rest = cursor.partition(".")
    mark, _, last = rest.rpartition(".")
    if not last.isdecimal() or len(last) > LONGEST_SEQ or cursor.count(".") != 2:
        raise BadRequest
    name, _, began = epoch.partition("-")
    seq, first = int(last), int(began) if began.isdecimal() and len(began) <= LONGEST_SEQ else 0
    place = Place(epoch, mark, seq)
    is_known = name == log.feed_epoch and place.regions == fewest(place.regions)
    return place if is_known and seq <= log.feed_seq and max(seq, first) >= log.feed_horizon else None


def prune(session: Session, keep: int) -> int:
    """Remove the oldest tombstones beyond some; returns how many. A phone that did not read them begins anew.

    The caller holds the log's lock.
    """
    last = select(Change.seq).where(Change.deleted).order_by(Change.seq.desc()).offset(keep).limit(1)
    horizon = session.scalar(last)
    if horizon is None:
        return 0
    old = (Change.deleted, Change.seq <= horizon)
    count = session.scalar(select(func.count()).select_from(Change).where(*old)) or 0
    session.execute(delete(Change).where(*old))
    audit.state(session).feed_horizon = horizon
    return count
