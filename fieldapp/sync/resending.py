"""After a restore of the server, what it lost is sent again: nothing that had a receipt is gone for good.

What the server lacks is found by its hashes over stretches of this phone's chain: a stretch that differs is halved.
What it has already it answers as a duplicate, so nothing comes twice.
"""

from __future__ import annotations

from datetime import timedelta

from fieldapp.store.facts import Fact
from fieldapp.store.store import Store
from fieldapp.sync.balance import lacking
from fieldapp.sync.push import push_all
from fieldapp.sync.token import Session
from shared.dates import instant_text, parse_instant

PHOTOS_KEPT = timedelta(days=60)


def send_what_was_lost(store: Store, session: Session) -> int:
    """After a restore, put back what the server lacks and send it; return how many operations that were.

    Until the comparison has come to its end once, each round begins it anew.
    """
    restored_at = store.facts.get(Fact.RESTORED_AT)
    span = store.outbox.span()
    if restored_at is None:
        return 0
    lost = list(lacking(store, session, *span)) if span else []
    since = instant_text(parse_instant(restored_at) - PHOTOS_KEPT)
    with store.database.write() as connection:
        store.outbox.put_back(connection, lost)
        store.uploads.ask_again(connection, since)
        store.facts.put(connection, Fact.RESTORED_AT, None)
    if lost:
        push_all(store, session)
    return len(lost)
