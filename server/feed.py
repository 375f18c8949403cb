"""The feed of changes: the newest state of every register row, in the order in which it was committed.

Features say what changed with ``changed``; at the end of the transaction the rows are built, and under the log's lock
they get their sequence numbers. A cursor is ``epoch.scope_rev.seq``: exclusive, opaque to phones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
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


def page(session: Session, scope: Scope, cursor: str, limit: int) -> tuple[list[Change], str, bool]:
    """Return the changes after a cursor, the next cursor, and whether there are more.

    A cursor of another epoch or another scope starts from the beginning: a full resync. So does one from the future,
    which only a restored server meets.
    """
    log = audit.state(session)
    mark = f"{log.feed_epoch}.{scope_rev(scope)}"
    seq = _seq_of(cursor, mark)
    seq = seq if seq <= log.feed_seq else 0
    query = select(Change).where(_visible(scope), Change.seq > seq)
    if seq == 0:
        query = query.where(~Change.deleted)
    found = list(session.scalars(query.order_by(Change.seq).limit(limit + 1)))
    rows, more = found[:limit], len(found) > limit
    scanned = [seq, *(row.seq for row in rows), *([] if more else [log.feed_seq])]
    return rows, f"{mark}.{max(scanned)}", more


def _visible(scope: Scope) -> Any:
    return or_(Change.scope == EVERYWHERE, scope.of(Change.scope))


def scope_rev(scope: Scope) -> str:
    """Return a short mark of a scope; it changes when the regions do."""
    return hashlib.sha256(",".join(sorted(scope.regions)).encode()).hexdigest()[:8]


def _seq_of(cursor: str, mark: str) -> int:
    if not cursor:
        return 0
    epoch_and_scope, _, seq = cursor.rpartition(".")
    if not seq.isdecimal() or len(seq) > 18 or epoch_and_scope.count(".") != 1:
        raise BadRequest
    return int(seq) if epoch_and_scope == mark else 0
