"""Fetching what changed: a page of rows and the cursor after them are kept in one transaction.

The cursor is the server's (``epoch.scope.seq``). When its first part changes, everything comes again from the start;
what did not come again is removed with the last page, so that the register stays whole meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.facts import Fact
from fieldapp.store.register import Change
from fieldapp.store.store import Store
from fieldapp.sync.failures import Refused, Unreachable
from fieldapp.sync.papers import refresh_if_newer
from fieldapp.sync.token import Session
from fieldapp.sync.witness import take_head
from shared.dates import instant_text

LIMIT = 500
GONE = 410

Progress = Callable[[int], None]


def expected_rows(session: Session) -> int:
    """Return how many rows a first download brings."""
    rows = session.call(lambda client: client.get("/sync/scope")).get("rows")
    return rows if isinstance(rows, int) else 0


def pull_all(store: Store, session: Session, progress: Progress | None = None) -> None:
    """Fetch all pages, then the newest tree head, keys and void labels; ``progress`` hears how many rows came."""
    done, more = 0, True
    while more:
        page = _page(store, session)
        crashpoint("page.received")
        more = _keep(store, page)
        done += len(page["changes"])
        if progress:
            progress(done)
    crashpoint("pages.kept")
    store.facts.set(Fact.PULLED_AT, instant_text(store.now()))
    store.facts.set(Fact.IS_FILLED, True)
    refresh_if_newer(store, session, keys_seq=page.get("keys_seq"), revoked_seq=page.get("revoked_seq"))
    take_head(store, session, page.get("tree_head"))


def _page(store: Store, session: Session) -> dict[str, Any]:
    cursor = store.facts.get(Fact.CURSOR) or ""
    try:
        page = session.call(lambda client: client.get("/sync/changes", cursor=cursor, limit=LIMIT))
    except Refused as refusal:
        if refusal.status != GONE or not cursor:
            raise
        store.facts.set(Fact.CURSOR, "")
        page = session.call(lambda client: client.get("/sync/changes", cursor="", limit=LIMIT))
    if not isinstance(page.get("changes"), list) or not isinstance(page.get("cursor"), str):
        raise Unreachable("a page without changes")
    return page


def _keep(store: Store, page: dict[str, Any]) -> bool:
    """Keep one page; return whether there are more."""
    before, cursor, more = store.facts.get(Fact.CURSOR) or "", page["cursor"], page.get("more") is True
    round_no = store.facts.get(Fact.ROUND, 0) + (_feed_of(before) != _feed_of(cursor))
    rows = store.register.sealed([change for row in page["changes"] if (change := _change(row))], round_no)
    with store.database.write() as connection:
        store.register.apply(connection, rows)
        store.register.drop_regions(connection, [region for region in page.get("drop", []) if isinstance(region, str)])
        if not more:
            store.register.drop_older_rounds(connection, round_no)
        crashpoint("page.applied")
        store.facts.put(connection, Fact.CURSOR, cursor)
        store.facts.put(connection, Fact.ROUND, round_no)
    return more


def _feed_of(cursor: str) -> str:
    return cursor.rpartition(".")[0]


def _change(row: Any) -> Change | None:
    """Read a change; a row that is none of this protocol is passed over, so that it can never stop the others."""
    if not isinstance(row, dict) or not isinstance(row.get("kind"), str) or not isinstance(row.get("id"), str):
        return None
    body, rev = row.get("body"), row.get("rev")
    if row.get("deleted") or not isinstance(body, dict):
        body = None
    return Change(row["kind"], row["id"], rev if isinstance(rev, int) else 0, body)
