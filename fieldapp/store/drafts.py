"""The visit that is being made, saved whole at every reading: a crash loses at most the digit being typed."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from fieldapp.crashpoint import crashpoint
from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from fieldapp.visit.model import Visit
from shared.dates import instant_text


class Drafts:
    """Holds at most one running visit."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def running(self) -> Visit | None:
        """Return the running visit; None when there is none."""
        found = self._database.row("SELECT id, body FROM draft ORDER BY saved_at DESC LIMIT 1")
        return Visit.from_wire(self._sealer.open_json(f"draft/{found[0]}", found[1])) if found else None

    def keep(self, visit: Visit, now: datetime) -> None:
        """Save the running visit as it is now; it takes the place of any other."""
        unsent = {"open_check": visit.open_check, "revises": visit.revises}
        body = self._sealer.seal_json(f"draft/{visit.id}", visit.to_wire() | unsent)
        with self._database.write() as connection:
            self.drop(connection)
            crashpoint("draft.replaced")
            values = (visit.id, instant_text(now), body)
            connection.execute("INSERT INTO draft (id, saved_at, body) VALUES (?, ?, ?)", values)

    def discard(self) -> None:
        """Forget the running visit; only what has no reading may be discarded, which the caller sees to."""
        with self._database.write() as connection:
            self.drop(connection)

    @staticmethod
    def drop(connection: sqlite3.Connection) -> None:
        """Remove the running visit in a transaction that is running: the record has taken its place."""
        connection.execute("DELETE FROM draft")
