"""Regions that are on their way as snapshots: what was ordered, the bytes that have come, how much of them is applied.

An order is written down in the transaction that saves the cursor which counts its region in, so it outlives the
program. Its bytes lie here sealed, in parts as they came; only the first order has any.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer

SEALING_BYTES = 28  # what nonce and tag add to each part


@dataclass(frozen=True)
class Refill:
    """A region with the snapshot of its rows; ``applied`` of them are in the register already."""

    scope: str
    url: str
    sha256: str
    seq: int
    applied: int = 0


class Refills:
    """Keeps orders and the bytes of the first."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def first(self) -> Refill | None:
        """Return what is to be loaded next."""
        found = self._database.row(
            "SELECT scope, url, sha256, seq, applied FROM refill WHERE NOT has_failed ORDER BY number LIMIT 1"
        )
        return Refill(*found) if found else None

    def failed(self) -> list[str]:
        """Return the regions whose snapshots could not be loaded, with those that were to come after them."""
        if self._database.row("SELECT 1 FROM refill WHERE has_failed") is None:
            return []
        return [found[0] for found in self._database.rows("SELECT scope FROM refill ORDER BY number")]

    @staticmethod
    def order(connection: sqlite3.Connection, refills: Iterable[Refill]) -> None:
        """Write down what is to be loaded, in the place of whatever was ordered before."""
        connection.execute("DELETE FROM refill")
        connection.execute("DELETE FROM refill_part")
        connection.executemany(
            "INSERT INTO refill (scope, url, sha256, seq) VALUES (?, ?, ?, ?)",
            [(one.scope, one.url, one.sha256, one.seq) for one in refills],
        )

    def give_up(self) -> None:
        """Note that the first one cannot be loaded: all that was ordered has to be asked for again."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM refill_part")
            connection.execute("UPDATE refill SET has_failed = 1, applied = 0")

    def bytes_held(self) -> int:
        """Return how many bytes of the first one have come."""
        found = self._database.row("SELECT count(*), coalesce(sum(length(body)), 0) FROM refill_part")
        return int(found[1]) - SEALING_BYTES * int(found[0]) if found else 0

    def add_part(self, refill: Refill, content: bytes) -> None:
        """Keep the next bytes."""
        begins = self.bytes_held()
        sealed = self._sealer.seal(_path(refill, begins), content)
        with self._database.write() as connection:
            connection.execute("INSERT INTO refill_part (begins, body) VALUES (?, ?)", (begins, sealed))

    def drop_parts(self) -> None:
        """Forget the bytes that have come: they are not of what was ordered."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM refill_part")
            connection.execute("UPDATE refill SET applied = 0")

    def parts(self, refill: Refill) -> Iterator[bytes]:
        """Yield the bytes that have come, part by part."""
        for (begins,) in self._database.rows("SELECT begins FROM refill_part ORDER BY begins"):
            found = self._database.row("SELECT body FROM refill_part WHERE begins = ?", begins)
            if found:
                yield self._sealer.open(_path(refill, begins), found[0])

    @staticmethod
    def applied(connection: sqlite3.Connection, refill: Refill, rows: int) -> None:
        """Note how many rows are in the register, in the transaction that puts them there."""
        connection.execute("UPDATE refill SET applied = ? WHERE sha256 = ?", (rows, refill.sha256))

    def done(self, refill: Refill) -> None:
        """Forget an order whose rows are all in the register."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM refill_part")
            connection.execute("DELETE FROM refill WHERE sha256 = ?", (refill.sha256,))


def _path(refill: Refill, begins: int) -> str:
    return f"refill/{refill.sha256}/{begins}"
