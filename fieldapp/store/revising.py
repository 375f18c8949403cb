"""Saying anew what was refused: the old operations stay as they are, and each points to the one that says it now.

What was blocked because it built on a refused one goes along: it is made and signed again, and builds on the new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldapp.clock import PhoneClock
from fieldapp.store.chain import Author, Chain, Entry
from fieldapp.store.database import Database
from fieldapp.store.outbox import Outbox
from fieldapp.store.sealing import Sealer


@dataclass(frozen=True)
class Follower:
    """A blocked operation of the same person, as it was signed."""

    op_id: str
    kind: str
    depends_on: tuple[str, ...]
    name: str
    place: str | None
    body: Mapping[str, Any]


class Revisions:
    """Finds what builds on refused operations, and writes it again."""

    def __init__(self, database: Database, sealer: Sealer, clock: PhoneClock) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock
        self._chain = Chain(sealer, clock)

    def kinds_of(self, op_ids: Sequence[str]) -> dict[str, str]:
        """Return the kind of each of some operations."""
        found = dict(self._database.rows("SELECT op_id, kind FROM op"))
        return {op_id: found[op_id] for op_id in op_ids if op_id in found}

    def followers(self, op_ids: Sequence[str], author: Author) -> list[Follower]:
        """Return what is blocked because of some operations, and because of that in turn, in the order of the chain."""
        known, found = set(op_ids), []
        rows = self._database.rows(
            """SELECT op.op_id, op.kind, op.depends_on, record.name, record.place, record.id, record.body
                FROM op JOIN record USING (op_id)
                WHERE op.state = 'blocked' AND op.person_id = ? ORDER BY op.device_seq""",
            author.person.id,
        )
        for op_id, kind, depends_on, name, place, id_, body in rows:
            builds_on = tuple(depends_on.split(","))
            if op_id in known or known.isdisjoint(builds_on):
                continue
            known.add(op_id)
            opened = self._sealer.open_json(f"record/{id_}", body)
            found.append(Follower(op_id, kind, builds_on, name, place, opened))
        return found

    def write(
        self,
        connection: sqlite3.Connection,
        revised: dict[str, str],
        renamed: Mapping[str, str],
        followers: Sequence[Follower],
        author: Author,
    ) -> None:
        """Write the followers again and every pair of old and new operation, in a transaction that is running.

        ``revised`` are the pairs so far, ``renamed`` the ids of things that are called otherwise now.
        """
        for one in followers:
            entry = Entry(kind=one.kind, body=self._anew(one.body, renamed), name=one.name, place=one.place)
            depends_on = tuple(revised.get(op_id, op_id) for op_id in one.depends_on)
            revised[one.op_id] = self._chain.add(connection, entry, author, depends_on).op_id
        Outbox.revise(connection, revised)

    def _anew(self, body: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
        """Return a body as a record of its own that names things as they are called now."""
        told = {name: renamed.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
        return told | ({"id": self._clock.new_id()} if "id" in body else {})
