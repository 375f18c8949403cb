"""Small public facts that survive a restart: JSON values under fixed names."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from enum import StrEnum
from typing import Any

from fieldapp.clock import Offset
from fieldapp.store.database import Database
from shared.dates import instant_text, parse_instant


class Fact(StrEnum):
    """Every name there is."""

    LANGUAGE = "language"
    TEXT_SCALE = "text_scale"
    STYLE = "style"
    IS_ENROLLED = "is_enrolled"
    IS_FILLED = "is_filled"
    CURSOR = "cursor"
    ROUND = "round"
    IS_ANEW = "is_anew"
    CLOCK = "clock"
    PULLED_AT = "pulled_at"
    SYNCED_AT = "synced_at"
    RETRY = "retry"
    BALANCE = "balance"
    LAST_VISIT = "last_visit"
    SUSPENDED_AT = "suspended_at"
    IS_HANDED_OVER = "is_handed_over"
    FORMER_WRAP = "former_wrap"
    RESTORED_AT = "restored_at"
    PHOTOS_WAIT = "photos_wait"
    RESTORE_NEWS = "restore_news"
    STATE_TOLD = "state_told"
    SENT_AGAIN = "sent_again"


class Facts:
    """Reads and writes facts; ``put`` takes a connection where the fact belongs to a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: Fact, otherwise: Any = None) -> Any:
        """Return a fact, or ``otherwise`` when it was never written."""
        found = self._database.row("SELECT value FROM fact WHERE name = ?", name.value)
        return json.loads(found[0]) if found else otherwise

    def set(self, name: Fact, value: Any) -> None:
        """Write a fact in a transaction of its own."""
        with self._database.write() as connection:
            self.put(connection, name, value)

    @staticmethod
    def put(connection: sqlite3.Connection, name: Fact, value: Any) -> None:
        """Write a fact in a transaction that is running."""
        connection.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name.value, json.dumps(value)))

    def offset(self) -> Offset | None:
        """Return the clock's offset as last measured; None when it never was."""
        found = self.get(Fact.CLOCK)
        if not found:
            return None
        counter = (found.get("ticks_s"), found.get("boot", ""))
        return Offset(found["seconds"], found["doubt_s"], parse_instant(found["measured_at"]), *counter)

    def set_offset(self, offset: Offset) -> None:
        """Keep a newly measured offset."""
        about = {"seconds": offset.seconds, "doubt_s": offset.doubt_s, "boot": offset.boot}
        ticks_s = None if offset.ticks_s is None else offset.ticks_s - offset.measured_at.microsecond / 1_000_000
        self.set(Fact.CLOCK, about | {"measured_at": instant_text(offset.measured_at), "ticks_s": ticks_s})

    def instant(self, name: Fact) -> datetime | None:
        """Return a fact that is an instant; None when it was never written."""
        found = self.get(name)
        return parse_instant(found) if found else None
