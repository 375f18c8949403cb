"""Rescue packages of other phones, on their way to the server by this one, which cannot open them.

A package is checked by what names it, written, synced and renamed, and its folder synced, before the row that names it
is committed, as with photos. It goes only when the server says that it is settled, or when somebody throws away one
that the server does not take.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.database import Database
from fieldapp.store.photos import SWEPT_AFTER, changed_at, sync_folder
from fieldapp.store.sealing import Sealer
from fieldapp.store.trouble import told
from shared import rescue
from shared.dates import instant_text
from shared.errors import RefusedRescue
from shared.rescue_codes import Collection

ALL = "SELECT sha256, bytes, taken_at, state, tries, answer FROM carried ORDER BY taken_at, sha256"
DUE = """SELECT sha256, bytes, taken_at, state, tries, answer FROM carried
    WHERE state = 'waiting' AND (not_before <= ? OR not_before > ?) ORDER BY taken_at, sha256"""
PIECE = 1 << 20
UNFINISHED = ".part"


class CarriedState(StrEnum):
    """How far a package has come; one that was taken in is gone."""

    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True)
class Carried:
    """One package. ``answer`` is what the server said of it last: its numbers, or its problem."""

    sha256: str
    bytes: int
    taken_at: datetime
    state: CarriedState
    tries: int
    answer: dict[str, Any]


class CarriedPackages:
    """Keeps, finds and lets go of packages; ``filmed`` are those of whose codes some were seen, until the app ends."""

    def __init__(self, database: Database, sealer: Sealer, folder: Path) -> None:
        self._database, self._sealer, self._folder = database, sealer, folder
        self.filmed = Collection()

    def keep(self, source: IO[bytes], now: datetime, *, name: str) -> str:
        """Keep a package and return its SHA-256; ``name`` is a place for it until that is known.

        Raises RefusedRescue for what is no package, or too large, and StorageTrouble; then nothing is kept.
        """
        unfinished = self._folder / f"{name}{UNFINISHED}"
        with told():
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                sha256, size = _copied(source, unfinished)
                crashpoint("carried.written")
                unfinished.rename(self.path(sha256))
                crashpoint("carried.renamed")
            except (OSError, RefusedRescue):
                unfinished.unlink(missing_ok=True)
                raise
            sync_folder(self._folder)
        crashpoint("carried.file_kept")
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO carried (sha256, bytes, taken_at) VALUES (?, ?, ?)",
                (sha256, size, instant_text(now)),
            )
        return sha256

    def path(self, sha256: str) -> Path:
        """Return where a package lies."""
        return self._folder / sha256

    def all(self) -> list[Carried]:
        """Return every package, the oldest first."""
        return self._found(ALL)

    def due(self, now: datetime, *, longest_s: int) -> list[Carried]:
        """Return what may be sent now; a time further away than that was set by a clock put back since."""
        at = int(now.timestamp())
        return self._found(DUE, at, at + longest_s)

    def _found(self, statement: str, *values: Any) -> list[Carried]:
        return [self._package(*row) for row in self._database.rows(statement, *values)]

    def _package(self, sha256: str, size: int, taken_at: str, state: str, tries: int, answer: bytes | None) -> Carried:
        opened = self._sealer.open_json(_place(sha256), answer) if answer else {}
        return Carried(sha256, size, datetime.fromisoformat(taken_at), CarriedState(state), tries, opened)

    def later(self, sha256: str, not_before: datetime) -> None:
        """Let a package wait, so that one that cannot be sent is not in the way of everything else each time."""
        self._set(
            "UPDATE carried SET tries = tries + 1, not_before = ? WHERE sha256 = ?", int(not_before.timestamp()), sha256
        )

    def answered(self, sha256: str, answer: Mapping[str, Any]) -> None:
        """Keep what the server said of a package that must come again."""
        sealed = self._sealer.seal_json(_place(sha256), dict(answer))
        self._set("UPDATE carried SET answer = ? WHERE sha256 = ?", sealed, sha256)

    def refused(self, sha256: str, problem: Mapping[str, Any]) -> None:
        """Keep why the server does not take a package; it stays until somebody throws it away."""
        sealed = self._sealer.seal_json(_place(sha256), {"problem": dict(problem)})
        self._set("UPDATE carried SET state = 'refused', answer = ? WHERE sha256 = ?", sealed, sha256)

    def _set(self, statement: str, *values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(statement, values)

    def wake(self) -> None:
        """Let every package be due now, refused ones too: the server may have become able to take them."""
        with self._database.write() as connection:
            connection.execute("UPDATE carried SET state = 'waiting', not_before = 0, tries = 0")

    def let_go(self, sha256: str) -> None:
        """Remove a package: the row first, so that no row ever lacks its file."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM carried WHERE sha256 = ?", (sha256,))
        crashpoint("carried.forgotten")
        with told():
            self.path(sha256).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> int:
        """Remove files without a row that are older than a day, as a crash leaves them; return how many."""
        known = {found[0] for found in self._database.rows("SELECT sha256 FROM carried")}
        oldest = (now - SWEPT_AFTER).timestamp()
        with told():
            files = list(self._folder.iterdir()) if self._folder.is_dir() else []
            stray = [path for path in files if path.name not in known and changed_at(path) < oldest]
            for path in stray:
                path.unlink(missing_ok=True)
        return len(stray)


def _copied(source: IO[bytes], target: Path) -> tuple[str, int]:
    """Write a package down for good; return its SHA-256 and its size."""
    digest, size = hashlib.sha256(), 0
    piece = source.read(rescue.HEAD_BYTES)
    rescue.key_id_of(piece)
    with target.open("wb") as file:
        while piece:
            size += len(piece)
            if size > rescue.MOST_BYTES:
                raise RefusedRescue(why="size")
            digest.update(piece)
            file.write(piece)
            piece = source.read(PIECE)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _place(sha256: str) -> str:
    return f"carried/{sha256}"
