"""The labelling day that is being made, saved whole after every step, with the instrument in hand."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from fieldapp.labelling.model import Day
from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from shared.dates import instant_text

_PATH = "labelling"


class LabellingDay:
    """Holds one day: what it remembers serves the same person's next one."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def of(self, person: str) -> Day:
        """Return a person's day; one without a place when none is running. Somebody else's is not looked into."""
        day = self.kept()
        return day if day is not None and day.person == person else Day(person=person)

    def kept(self) -> Day | None:
        """Return the day that is kept, whosever it is; None before the first."""
        found = self._database.row("SELECT body FROM labelling")
        return Day.from_wire(self._sealer.open_json(_PATH, found[0])) if found else None

    def keep(self, day: Day, now: datetime) -> None:
        """Save the day as it is now; it takes the place of any other."""
        with self._database.write() as connection:
            self.put(connection, self.sealed(day), now)

    def sealed(self, day: Day) -> bytes:
        """Return a day ready to be written; sealing needs no transaction."""
        return self._sealer.seal_json(_PATH, day.to_wire())

    @staticmethod
    def put(connection: sqlite3.Connection, sealed: bytes, now: datetime) -> None:
        """Write a sealed day in a transaction that is running."""
        values = (instant_text(now), sealed)
        connection.execute("INSERT OR REPLACE INTO labelling (id, saved_at, body) VALUES (1, ?, ?)", values)
