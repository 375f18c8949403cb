"""The register on the phone: what the server's feed brought, searched by public columns, read by opening the body."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop
from itertools import groupby, islice
from typing import Any, TypeVar

from fieldapp.store.database import Database
from fieldapp.store.rows import Instrument, Party, Place, Stall, Task
from fieldapp.store.sealing import Sealer
from shared.national_codes import CODES, key
from shared.seal import normal_serial

Thing = TypeVar("Thing")

_INSERT = """INSERT OR REPLACE INTO register (kind, id, rev, round, region, place, name, serial, label, photo,
    production_code, repair_code, verification_code, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_TEXTS = ("region", "place", "serial", "photo", *CODES)
_DELETE = "DELETE FROM register WHERE kind = ? AND id = ? AND rev <= ?"
GONE_COLUMNS = 3


@dataclass(frozen=True)
class Change:
    """One row of the feed: the full state of a thing, ``body`` None for one that is gone; ``text``: as it was sent."""

    kind: str
    id: str
    rev: int
    body: Mapping[str, Any] | None
    text: bytes | None = None


class Register:
    """Finds things; ``apply`` runs inside the transaction that also saves the cursor.

    ``ORDER BY +id`` keeps SQLite from reading all of a kind in the order of its key, instead of the few it looks for.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer
        self._names: dict[str, str] | None = None

    def sealed(self, changes: Iterable[Change], round_no: int) -> list[tuple[Any, ...]]:
        """Return changes ready to be applied; sealing needs no transaction, so it is done before one."""
        return [self._columns(change, round_no) for change in changes]

    def _columns(self, change: Change, round_no: int) -> tuple[Any, ...]:
        kind, id_, body = change.kind, change.id, change.body
        if body is None:
            return (kind, id_, change.rev)
        if kind == "party" and self._names is not None:
            self._names[id_] = _text(body, "name") or ""
        label = body.get("label")
        number = label.get("serial") if isinstance(label, Mapping) else None
        region, place, serial, photo, *codes = [_text(body, name) for name in _TEXTS]
        columns = (region, place, _public_name(change), serial, number if isinstance(number, int) else None, photo)
        path, keys = _path(kind, id_), [key(code) if code else None for code in codes]
        sealed = self._sealer.seal(path, change.text) if change.text else self._sealer.seal_json(path, body)
        return (kind, id_, change.rev, round_no, *columns, *keys, sealed)

    @staticmethod
    def apply(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write sealed changes in the order of the feed.

        A thing that moved leaves a tombstone of its older revision in its old region: that removes nothing newer.
        """
        for is_gone, some in groupby(rows, lambda row: len(row) == GONE_COLUMNS):
            connection.executemany(_DELETE if is_gone else _INSERT, some)

    @staticmethod
    def drop_regions(connection: sqlite3.Connection, regions: Iterable[str]) -> set[str]:
        """Remove what belongs to regions that are no longer this person's; return the photos that it named."""
        return {photo for region in regions for photo in _removed(connection, "region = ?", region)}

    @staticmethod
    def drop_older_rounds(connection: sqlite3.Connection, round_no: int) -> set[str]:
        """Remove what a full resync did not bring again; return the photos that it named."""
        return _removed(connection, "round < ?", round_no)

    def count(self) -> int:
        """Return the number of rows held."""
        found = self._database.row("SELECT count(*) FROM register")
        return int(found[0]) if found else 0

    def _one(self, kind: str, id_: str | None, read: Callable[[Mapping[str, Any]], Thing]) -> Thing | None:
        found = self._database.row("SELECT body FROM register WHERE kind = ? AND id = ?", kind, id_) if id_ else None
        return read(self._sealer.open_json(_path(kind, id_ or ""), found[0])) if found else None

    def _all(self, kind: str, where: str, *values: Any, read: Callable[[Mapping[str, Any]], Thing]) -> list[Thing]:
        # ``where`` is a constant of this file, never a value.
        query = f"SELECT id, body FROM register WHERE kind = ? {where}"  # noqa: S608
        found = self._database.rows(query, kind, *values)
        return [read(self._sealer.open_json(_path(kind, id_), body)) for id_, body in found]

    def place(self, id_: str | None) -> Place | None:
        return self._one("place", id_, Place.from_body)

    def stall(self, id_: str | None) -> Stall | None:
        return self._one("stall", id_, Stall.from_body)

    def party(self, id_: str | None) -> Party | None:
        return self._one("party", id_, Party.from_body)

    def instrument(self, id_: str | None) -> Instrument | None:
        return self._one("instrument", id_, Instrument.from_body)

    def task(self, id_: str | None) -> Task | None:
        return self._one("task", id_, Task.from_body)

    def instrument_of_label(self, serial: int) -> Instrument | None:
        """Return the instrument whose current label has this serial; None is an answer, not an error."""
        found = self._database.row(
            "SELECT id FROM register WHERE label = ? AND kind = 'instrument' ORDER BY +id LIMIT 1", serial
        )
        return self.instrument(found[0]) if found else None

    def instruments_of_serial(self, serial: str) -> list[Instrument]:
        """Return the instruments with a serial, however it is spaced and capitalised."""
        where = "AND serial IS NOT NULL AND upper(replace(serial, ' ', '')) = ? ORDER BY +id"
        return self._all("instrument", where, normal_serial(serial), read=Instrument.from_body)

    def instruments_of_code(self, text: str) -> list[Instrument]:
        """Return the instruments that bear a national code, however it is spaced and capitalised."""
        bearing = " UNION ".join(f"SELECT id FROM register WHERE {name} = ?" for name in CODES)  # noqa: S608
        where = f"AND id IN ({bearing}) ORDER BY +id"
        code = key(text)
        return self._all("instrument", where, code, code, code, read=Instrument.from_body) if code else []

    def parent_of(self, region: str) -> str:
        """Return the code of the division that a region belongs to; the region itself where that is not known."""
        return self._one("region", region, lambda body: _text(body, "parent")) or region

    def stalls_at(self, place: str) -> list[Stall]:
        """Return the stalls of a place as they are walked by: A2 comes before A10."""
        stalls = self._all("stall", "AND place = ? ORDER BY +id", place, read=Stall.from_body)
        return sorted(stalls, key=lambda stall: _as_walked(stall.number))

    def know_names(self) -> dict[str, str]:
        """Return the names of the parties, which lie sealed: read once, and kept up with what is sealed afterwards.

        A name may be of a party that is gone by now, or not there yet: what is found by it is read from the register.
        """
        if self._names is None:
            self._names = {party.id: party.name for party in self._all("party", "", read=Party.from_body)}
        return self._names

    def parties_named(self, part: str, most: int) -> list[Party]:
        """Return the first parties whose names hold a text, by name."""
        found = [(name, id_) for id_, name in list(self.know_names().items()) if part in name]
        heapify(found)  # of ten thousand names the first twenty are wanted
        read = (self.party(heappop(found)[1]) for _ in range(len(found)))
        return list(islice((party for party in read if party and part in party.name), most))

    def instruments_at(self, place: str) -> list[Instrument]:
        """Return the instruments of a place."""
        return self._all("instrument", "AND place = ? ORDER BY serial", place, read=Instrument.from_body)

    def places(self) -> list[Place]:
        """Return every place, by name."""
        return self._all("place", "ORDER BY name", read=Place.from_body)

    def tasks(self) -> list[Task]:
        """Return every task, open or not."""
        return self._all("task", "ORDER BY id", read=Task.from_body)

    def instrument_counts(self) -> dict[str, int]:
        """Return how many instruments each place has."""
        query = "SELECT place, count(*) FROM register WHERE kind = 'instrument' AND place IS NOT NULL GROUP BY place"
        return {place: int(count) for place, count in self._database.rows(query)}

    def photos_named(self) -> set[str]:
        """Return the photos that the register names, whether they are here or not."""
        return {found[0] for found in self._database.rows("SELECT photo FROM register WHERE photo IS NOT NULL")}

    def photos_wanted(self) -> list[str]:
        """Return the photos that the register names and the phone lacks, places with tasks first."""
        query = """SELECT DISTINCT r.photo FROM register r LEFT JOIN photo p ON p.sha256 = r.photo
            WHERE r.photo IS NOT NULL AND p.sha256 IS NULL
            ORDER BY r.place NOT IN (SELECT place FROM register WHERE kind = 'task' AND place IS NOT NULL), r.place"""
        return [found[0] for found in self._database.rows(query)]


def _removed(connection: sqlite3.Connection, where: str, value: str | int) -> set[str]:
    """Remove rows; return the photos that they named. ``where`` is a constant of this file, never a value."""
    photos = f"SELECT DISTINCT photo FROM register WHERE photo IS NOT NULL AND {where}"  # noqa: S608
    named = {found[0] for found in connection.execute(photos, (value,)).fetchall()}
    gone = f"DELETE FROM register WHERE {where}"  # noqa: S608
    connection.execute(gone, (value,))
    return named


def _as_walked(number: str) -> list[tuple[bool, int, str]]:
    """Return what sorts by the letters and figures that a number of a stall is made of, figures by their value."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.findall(r"\d+|\D+", number)]


def _path(kind: str, id_: str) -> str:
    return f"register/{kind}/{id_}"


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) and value else None


def _public_name(change: Change) -> str | None:
    """Return the name or number by which things are sorted; a party may be a person, so its name stays sealed."""
    if change.body is None or change.kind not in ("region", "place", "stall"):
        return None
    return _text(change.body, "number" if change.kind == "stall" else "name")
