"""Alarms: what must not happen and did. Shown until an administrator has cleared it up; never removed here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fieldapp.store.database import Database
from shared.dates import instant_text


class AlarmCode(StrEnum):
    """What happened; the sentence is ``alarm.<code>`` of the catalogue. Details are hashes and numbers, no secrets."""

    LOG_CHANGED = "log_changed"
    BAD_HEAD = "bad_head"
    BAD_RECEIPT = "bad_receipt"
    KEYS_REFUSED = "keys_refused"
    REVOKED_REFUSED = "revoked_refused"


@dataclass(frozen=True)
class Alarm:
    """One alarm."""

    code: AlarmCode
    at: str
    detail: dict[str, Any]


class Alarms:
    """Keeps alarms; the same one is kept once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ring(self, code: AlarmCode, now: datetime, **detail: str | int) -> None:
        """Keep an alarm."""
        values = (code.value, instant_text(now), json.dumps(detail, sort_keys=True))
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO alarm (code, at, detail) VALUES (?, ?, ?)", values)

    def all(self) -> list[Alarm]:
        """Return every alarm, newest first."""
        found = self._database.rows("SELECT code, at, detail FROM alarm ORDER BY id DESC")
        return [Alarm(AlarmCode(code), at, json.loads(detail)) for code, at, detail in found]
