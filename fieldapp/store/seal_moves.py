"""What this phone recorded of physical seals, and what is being filled in about one.

The server's feed brings no seals, so what stands where is known here from this phone's own records alone; what the
server refused counts for nothing.
"""

from __future__ import annotations

from datetime import datetime

from fieldapp.clock import PhoneClock
from fieldapp.crashpoint import crashpoint
from fieldapp.physical_seals.model import Move
from fieldapp.store.chain import Author, Chain, Entry
from fieldapp.store.database import Database
from fieldapp.store.outbox import Outbox
from fieldapp.store.sealing import Sealer
from shared.dates import instant_text, parse_instant
from shared.ops import Op
from shared.physical_seals import SealedPosition, SealFact, standing
from shared.seal import normal_serial
from shared.words import SealAct, SealOwner, SealPosition


class SealMoves:
    """Keeps drafts, records moves with their operations, and says what stands."""

    def __init__(self, database: Database, sealer: Sealer, clock: PhoneClock) -> None:
        self._database, self._sealer = database, sealer
        self._chain = Chain(sealer, clock)

    def keep(self, person: str, move: Move, now: datetime) -> None:
        """Save what is filled in; it takes the place of what this person filled in for the same position before."""
        key = (person, move.instrument, move.position.value)
        body = self._sealer.seal_json(_path(*key), move.to_wire())
        with self._database.write() as connection:
            connection.execute(
                """INSERT OR REPLACE INTO seal_draft (person, instrument, position, saved_at, body)
                    VALUES (?, ?, ?, ?, ?)""",
                (*key, instant_text(now), body),
            )

    def draft(self, person: str, instrument: str, position: SealPosition) -> Move | None:
        """Return what a person filled in for a position; None when there is nothing."""
        key = (instrument, position)
        return next((move for move in self._drafts(person) if (move.instrument, move.position) == key), None)

    def drafts_at(self, person: str, instrument: str) -> set[SealPosition]:
        """Return the positions of an instrument for which a person has something filled in."""
        return {move.position for move in self._drafts(person) if move.instrument == instrument}

    def last_draft(self, person: str) -> Move | None:
        """Return what a person filled in last and neither recorded nor gave up; None when there is nothing."""
        return next(iter(self._drafts(person)), None)

    def _drafts(self, person: str) -> list[Move]:
        """Return what a person filled in, the last first; they are few."""
        found = self._database.rows(
            "SELECT instrument, position, body FROM seal_draft WHERE person = ? ORDER BY saved_at DESC", person
        )
        return [
            Move.from_wire(self._sealer.open_json(_path(person, instrument, position), body))
            for instrument, position, body in found
        ]

    def give_up(self, person: str, instrument: str, position: SealPosition) -> None:
        """Forget what a person filled in for a position."""
        with self._database.write() as connection:
            connection.execute(_FORGET, (person, instrument, position.value))

    def save(self, entry: Entry, move: Move, author: Author) -> Op:
        """Write one move in place of its draft; raises StorageTrouble, and then nothing is written."""
        with self._database.write() as connection:
            op = self._chain.add(connection, entry, author)
            crashpoint("seal.op_written")
            connection.execute(
                "INSERT INTO seal_move (op_id, instrument, number) VALUES (?, ?, ?)",
                (op.op_id, move.instrument, normal_serial(move.told("new_number"))),
            )
            connection.execute(_FORGET, (author.person.id, move.instrument, move.position.value))
            if move.revises:
                Outbox.revise(connection, {move.revises: op.op_id})
        return op

    def standing(self, instrument: str) -> dict[SealPosition, SealedPosition]:
        """Return what stands at each position that this phone recorded something of, in the order of the chain."""
        found = self._database.rows(
            """SELECT record.id, record.body FROM seal_move JOIN op USING (op_id) JOIN record USING (op_id)
                WHERE instrument = ? AND op.state IN ('waiting', 'received') ORDER BY op.device_seq""",
            instrument,
        )
        return standing(_fact(self._sealer.open_json(f"record/{id_}", body)) for id_, body in found)

    def bearers(self, number: str) -> list[tuple[str, SealPosition]]:
        """Return the instruments and positions where a number stands by this phone's records."""
        normal = normal_serial(number)
        found = self._database.rows(
            """SELECT DISTINCT instrument FROM seal_move JOIN op USING (op_id)
                WHERE number = ? AND number != '' AND op.state IN ('waiting', 'received') ORDER BY instrument""",
            normal,
        )
        return [
            (instrument, position)
            for (instrument,) in found
            for position, here in self.standing(instrument).items()
            if here.number and normal_serial(here.number) == normal
        ]


_FORGET = "DELETE FROM seal_draft WHERE person = ? AND instrument = ? AND position = ?"


def _path(person: str, instrument: str, position: str) -> str:
    return f"seal_draft/{person}/{instrument}/{position}"


def _fact(body: dict[str, str]) -> SealFact:
    return SealFact(
        position=SealPosition(body["position"]),
        owner=SealOwner(body["owner"]),
        act=SealAct(body["act"]),
        at=parse_instant(body["at"]),
        old_number=body.get("old_number", ""),
        new_number=body.get("new_number", ""),
    )
