"""Fetching what changed: a page of rows and the cursor after them are kept in one transaction.

The cursor is the server's (``epoch.regions.seq``). When its epoch changes, everything comes again from the start; what
did not come again is removed with the last page, so that the register stays whole meanwhile. When this person's regions
change, the page names those whose rows are to go, and orders snapshots of those that came: these are loaded before the
next page is asked for. A server that gives no snapshots changes the cursor's regions instead, and sends everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.facts import Fact
from fieldapp.store.store import Store
from fieldapp.store.wipe import forget_pictures
from fieldapp.sync.failures import Refused, Unreachable
from fieldapp.sync.papers import refresh_if_newer
from fieldapp.sync.refill import Unusable, change_from, load, refill_from
from fieldapp.sync.token import Session
from fieldapp.sync.witness import take_head
from shared.dates import instant_text

LIMIT = 500
GONE = 410
MOST_UNUSABLE = 3
REFILL = {"Prefer": "refill"}

Progress = Callable[[int], None]


def expected_rows(session: Session) -> int:
    """Return how many rows a first download brings."""
    rows = session.call(lambda client: client.get("/sync/scope")).get("rows")
    return rows if isinstance(rows, int) else 0


def pull_all(store: Store, session: Session, progress: Progress | None = None) -> None:
    """Fetch all pages, then the newest tree head, keys and void labels; ``progress`` hears how many rows came."""
    store.register.know_names()
    count, page, more = _Count(progress), dict[str, Any](), True
    while more:
        _refill(store, session, count)
        page = _page(store, session, is_plain=count.is_too_much)
        crashpoint("page.received")
        more = _keep(store, page)
        count.add(len(page["changes"]))
    crashpoint("pages.kept")
    store.facts.set(Fact.PULLED_AT, instant_text(store.now()))
    store.facts.set(Fact.IS_FILLED, True)
    refresh_if_newer(store, session, keys_seq=page.get("keys_seq"), revoked_seq=page.get("revoked_seq"))
    take_head(store, session, page.get("tree_head"))


class _Count:
    """Counts the rows that came, and the snapshots that could not be loaded."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._rows, self.unusable = progress, 0, 0

    def add(self, rows: int) -> None:
        self._rows += rows
        if self._progress:
            self._progress(self._rows)

    @property
    def is_too_much(self) -> bool:
        """Whether everything is better asked for page by page."""
        return self.unusable >= MOST_UNUSABLE


def _refill(store: Store, session: Session, count: _Count) -> None:
    """Load the snapshots that were ordered; what cannot be loaded is asked for again with the next page."""
    while refill := store.refills.first():
        try:
            load(store, session, refill, count.add)
        except Unusable:
            count.unusable += 1
            store.refills.give_up()
            if count.is_too_much:
                _begin_anew(store)


def _begin_anew(store: Store) -> None:
    with store.database.write() as connection:
        store.facts.put(connection, Fact.CURSOR, "")
        store.refills.order(connection, [])


def _page(store: Store, session: Session, *, is_plain: bool) -> dict[str, Any]:
    try:
        page = _ask(store, session, is_plain=is_plain)
    except Refused as refusal:
        if refusal.status != GONE or not store.facts.get(Fact.CURSOR):
            raise
        _begin_anew(store)
        page = _ask(store, session, is_plain=is_plain)
    if not isinstance(page.get("changes"), list) or not isinstance(page.get("cursor"), str):
        raise Unreachable("a page without changes")
    return page


def _ask(store: Store, session: Session, *, is_plain: bool) -> dict[str, Any]:
    query: dict[str, Any] = {"cursor": store.facts.get(Fact.CURSOR) or "", "limit": LIMIT}
    if failed := store.refills.failed():
        query["again"] = ",".join(failed)
    headers = {} if is_plain else REFILL
    return session.call(lambda client: client.ask("/sync/changes", headers, query))


def _keep(store: Store, page: dict[str, Any]) -> bool:
    """Keep one page; return whether there are more."""
    before, cursor, more = store.facts.get(Fact.CURSOR) or "", page["cursor"], page.get("more") is True
    refills = [refill for row in page.get("refill") or [] if (refill := refill_from(row))]
    regions = [region for region in page.get("drop") or [] if isinstance(region, str)]
    is_step = bool(regions or refills or store.refills.failed())
    begins = _begins_anew(before, cursor, is_step=is_step)
    is_anew, round_no = begins or store.facts.get(Fact.IS_ANEW, True), store.facts.get(Fact.ROUND, 0) + begins
    rows = store.register.sealed([change for row in page["changes"] if (change := change_from(row))], round_no)
    with store.database.write() as connection:
        store.register.apply(connection, rows)
        named = store.register.drop_regions(connection, regions)
        if is_anew and not more:
            named |= store.register.drop_older_rounds(connection, round_no)
        pictures = forget_pictures(store, connection, named)
        crashpoint("page.applied")
        store.refills.order(connection, refills)
        store.facts.put(connection, Fact.CURSOR, cursor)
        store.facts.put(connection, Fact.ROUND, round_no)
        store.facts.put(connection, Fact.IS_ANEW, is_anew and more)
    store.photos.remove_files(pictures)
    return more


def _begins_anew(before: str, cursor: str, *, is_step: bool) -> bool:
    """Say whether the page is the first of a register that comes anew: of another epoch, or of regions not explained.

    >>> [_begins_anew("e1.4116.7", cursor, is_step=False) for cursor in ("e1.4116.9", "e2.4116.9", "e1.4117.9")]
    [False, True, True]
    >>> _begins_anew("e1.4116.7", "e1.4117.9", is_step=True)
    False
    """
    (epoch, _, rest), (old_epoch, _, old_rest) = cursor.partition("."), before.partition(".")
    is_other = rest.rpartition(".")[0] != old_rest.rpartition(".")[0]
    return epoch != old_epoch or (is_other and not is_step)
