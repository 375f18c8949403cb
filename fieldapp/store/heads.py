"""Every signed tree head that this phone saw: phones are the witnesses of the server's log.

A head is SEEN once its signature is good, and CONSISTENT once it is proven to have only appended to the last consistent
one. A BROKEN head is kept too: it is the evidence. A LOST one was good, and the server was restored from an
older backup, as the root says.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from fieldapp.store.database import Database
from shared.dates import instant_text, parse_instant
from shared.signing import decode_base64, encode_base64
from shared.tree import TreeHead


class HeadState(StrEnum):
    """How far a head was checked."""

    SEEN = "seen"
    CONSISTENT = "consistent"
    BROKEN = "broken"
    LOST = "lost"


class Heads:
    """Keeps heads, never removes one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, head: TreeHead, state: HeadState, now: datetime) -> None:
        """Keep a head; one that is held already only changes its state; BROKEN and LOST stay."""
        values = (head.log_id, head.size, encode_base64(head.root), head.signed_at)
        with self._database.write() as connection:
            connection.execute(
                """INSERT INTO tree_head (log_id, size, root, signed_at, key_id, signature, state, seen_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state
                    WHERE state NOT IN ('broken', 'lost')""",
                (*values, head.key_id, encode_base64(head.signature), state.value, instant_text(now)),
            )

    def last_consistent(self) -> TreeHead | None:
        """Return the newest head that hangs together with all before it; None before the first."""
        return next(iter(self._many("WHERE state = 'consistent' ORDER BY size DESC, signed_at DESC LIMIT 1")), None)

    def last_up_to(self, log_id: str, size: int) -> TreeHead | None:
        """Return the newest consistent head of a log with at most so many leaves; None when there is none."""
        where = "WHERE state = 'consistent' AND log_id = ? AND size <= ? ORDER BY size DESC, signed_at DESC LIMIT 1"
        return next(iter(self._many(where, log_id, size)), None)

    def lose(self, log_id: str, size: int, at: str) -> None:
        """Say of the heads with more leaves, signed before a moment, that the server lost what they vouch for."""
        with self._database.write() as connection:
            connection.execute(
                """UPDATE tree_head SET state = 'lost'
                    WHERE log_id = ? AND size > ? AND signed_at < ? AND state IN ('consistent', 'seen')""",
                (log_id, size, at),
            )

    def unproven(self) -> list[TreeHead]:
        """Return the heads whose consistency could not be asked for yet, smallest first."""
        return self._many("WHERE state = 'seen' ORDER BY size, signed_at")

    def last_time(self) -> datetime | None:
        """Return the latest time that a consistent head was signed at: it is later, whatever the phone's clock says."""
        found = self._database.row("SELECT max(signed_at) FROM tree_head WHERE state = 'consistent'")
        return parse_instant(found[0]) if found and found[0] else None

    def count(self) -> int:
        """Return how many heads are kept."""
        found = self._database.row("SELECT count(*) FROM tree_head")
        return int(found[0]) if found else 0

    def _many(self, where: str, *values: str | int) -> list[TreeHead]:
        # ``where`` is a constant of this file, never a value.
        query = f"SELECT log_id, size, root, signed_at, key_id, signature FROM tree_head {where}"  # noqa: S608
        return [_head(*found) for found in self._database.rows(query, *values)]


def _head(log_id: str, size: int, root: str, signed_at: str, key_id: int, signature: str) -> TreeHead:
    return TreeHead(log_id, size, decode_base64(root), signed_at, key_id, decode_base64(signature))


def head_from_wire(fields: dict[str, Any]) -> TreeHead:
    """Read a tree head of an answer; raises ValueError or KeyError for another form."""
    head = TreeHead(
        str(fields["log_id"]),
        int(fields["size"]),
        decode_base64(fields["root"]),
        str(fields["signed_at"]),
        int(fields["key_id"]),
        decode_base64(fields["signature"]),
    )
    bytes.fromhex(head.log_id)
    parse_instant(head.signed_at)
    return head
