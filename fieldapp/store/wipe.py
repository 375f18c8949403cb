"""Removing what the server brought: places, instruments, parties, tasks, their pictures, the colleagues, the relations.

Done when the server says that this phone is suspended, and when another officer takes it over. What was made here
stays: records, photos, drafts, operations with their receipts, keys and tree heads. The cursor goes back to the
beginning, so that whoever may have the register downloads it anew.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from fieldapp.crashpoint import crashpoint
from fieldapp.store.facts import Fact
from fieldapp.store.store import Store
from shared.dates import instant_text

FORGOTTEN = (Fact.CURSOR, Fact.PULLED_AT, Fact.LAST_VISIT)


def wipe(store: Store, *, suspended_at: datetime | None = None) -> None:
    """Remove the register in one transaction, with when this phone was told that it is suspended, if it was.

    A picture is removed when the register names it and no record or draft of ours does.
    """
    with store.database.write() as connection:
        named = store.register.photos_named()
        connection.execute("DELETE FROM register")
        store.refills.order(connection, [])
        connection.execute("DELETE FROM kept WHERE name IN ('colleagues', 'recused_from')")
        pictures = forget_pictures(store, connection, named)
        for name in FORGOTTEN:
            store.facts.put(connection, name, None)
        store.facts.put(connection, Fact.IS_FILLED, False)
        if suspended_at is not None:
            store.facts.put(connection, Fact.SUSPENDED_AT, instant_text(suspended_at))
    crashpoint("register.wiped")
    store.photos.remove_files(pictures)


def forget_pictures(store: Store, connection: sqlite3.Connection, named: set[str]) -> set[str]:
    """Remove the rows of pictures that removed rows named and nothing else needs; return them: their files are next."""
    if not named:
        return set()
    pictures = named - store.register.photos_named() - store.uploads.photos() - _in_draft(store)
    connection.executemany("DELETE FROM photo WHERE sha256 = ?", [(sha256,) for sha256 in pictures])
    return pictures


def _in_draft(store: Store) -> set[str]:
    """Return the photos of the visit and of the instrument that are in hand."""
    visit, day = store.drafts.running(), store.labelling.kept()
    photos = {photo.sha256 for one in visit.inspections for photo in one.evidence} if visit else set()
    return photos | (day.filing.photos if day and day.filing else set())
