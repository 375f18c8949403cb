"""The vault: a random data key, wrapped by the PIN.

A wrong PIN is told and makes the next try wait, longer each time; nothing is ever wiped. A failure is written down
before the PIN is tried, so that stopping the app in between gains nothing. The wait survives a restart.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from fieldapp.crashpoint import crashpoint
from fieldapp.store.database import Database
from fieldapp.store.derivation import derive, new_derivation
from fieldapp.store.facts import Fact, Facts
from fieldapp.store.sealing import KEY_BYTES, Sealer
from fieldapp.store.trouble import StorageTrouble, Trouble

PIN_DIGITS = 6
FREE_TRIES = 3
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 15 * 60
_PLACE = "vault"


class WrongPin(Exception):
    """The PIN does not open the vault; the next try is allowed in ``wait_s`` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class MustWait(Exception):
    """Too many wrong PINs: no try is made for another ``wait_s`` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def is_weak(pin: str) -> bool:
    """Say whether a PIN is not six digits, or is one that everybody tries first.

    >>> [is_weak(pin) for pin in ("111111", "123456", "987654", "12345", "270418")]
    [True, True, True, True, False]
    """
    if not re.fullmatch(rf"[0-9]{{{PIN_DIGITS}}}", pin, re.ASCII):
        return True
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps in ({0}, {1}, {-1})


def wait_after(failures: int) -> int:
    """Return how many seconds must pass after so many wrong PINs in a row.

    >>> [wait_after(failures) for failures in (2, 3, 4, 5, 30)]
    [0, 5, 10, 20, 900]
    """
    if failures < FREE_TRIES:
        return 0
    return min(FIRST_WAIT_S << min(failures - FREE_TRIES, 16), LONGEST_WAIT_S)


class Vault:
    """Keeps the data key; the key itself is never stored in the clear."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def exists(self) -> bool:
        """Whether a PIN was chosen."""
        return self._database.row("SELECT 1 FROM vault") is not None

    def create(self, pin: str) -> bytes:
        """Make a data key under a new PIN and return it; raises ValueError when there is one already."""
        if self.exists:
            raise ValueError("the vault exists already")
        key = os.urandom(KEY_BYTES)
        parameters = new_derivation()
        wrapped = Sealer(derive(pin, parameters)).seal(_PLACE, key)
        with self._database.write() as connection:
            crashpoint("vault.key_made")
            connection.execute(
                "INSERT INTO vault (id, derivation, wrapped) VALUES (1, ?, ?)", (json.dumps(parameters), wrapped)
            )
        return key

    def rewrap(self, key: bytes, pin: str, together: Callable[[sqlite3.Connection], None]) -> None:
        """Wrap the data key by another PIN; the one before opens it too, until ``forget_former``.

        Nobody is locked out of records by a PIN that was chosen before the server had a say. ``together`` is written in
        the same transaction: whose phone it is changes with the PIN, or not at all.
        """
        parameters = new_derivation()
        wrapped = Sealer(derive(pin, parameters)).seal(_PLACE, key)
        is_first = Facts(self._database).get(Fact.FORMER_WRAP) is None
        with self._database.write() as connection:
            derivation, former = connection.execute("SELECT derivation, wrapped FROM vault").fetchone()
            if is_first:
                Facts.put(connection, Fact.FORMER_WRAP, {"derivation": derivation, "wrapped": former.hex()})
            connection.execute(
                "UPDATE vault SET derivation = ?, wrapped = ?, failures = 0, failed_at = 0",
                (json.dumps(parameters), wrapped),
            )
            together(connection)
            crashpoint("pin.rewrapped")
        crashpoint("pin.changed")

    def forget_former(self) -> None:
        """Let the PIN of before open nothing any more: the server has taken the one who chose the new one."""
        if Facts(self._database).get(Fact.FORMER_WRAP) is not None:
            Facts(self._database).set(Fact.FORMER_WRAP, None)

    def wait_s(self, now: datetime) -> int:
        """Return how many seconds must pass before the next try; a clock set back starts the wait again."""
        found = self._database.row("SELECT failures, failed_at FROM vault")
        if found is None or not wait_after(found[0]):
            return 0
        failures, failed_at = int(found[0]), int(found[1])
        passed_s = int(now.timestamp()) - failed_at
        if passed_s < 0:
            with self._database.write() as connection:
                connection.execute("UPDATE vault SET failed_at = ?", (int(now.timestamp()),))
        return max(0, wait_after(failures) - max(0, passed_s))

    def unlock(self, pin: str, now: datetime) -> bytes:
        """Return the data key; raises WrongPin, or MustWait without trying."""
        if wait_s := self.wait_s(now):
            raise MustWait(wait_s)
        wraps = [self._begin_try(now)]
        crashpoint("pin.try_begun")
        if former := Facts(self._database).get(Fact.FORMER_WRAP):
            wraps.append((former["derivation"], bytes.fromhex(former["wrapped"])))
        key = next(filter(None, (_opened(pin, *wrap) for wrap in wraps)), None)
        if key is None:
            raise WrongPin(self.wait_s(now))
        with self._database.write() as connection:
            connection.execute("UPDATE vault SET failures = 0, failed_at = 0")
        return key

    def _begin_try(self, now: datetime) -> tuple[str, bytes]:
        with self._database.write() as connection:
            connection.execute("UPDATE vault SET failures = failures + 1, failed_at = ?", (int(now.timestamp()),))
            derivation, wrapped = connection.execute("SELECT derivation, wrapped FROM vault").fetchone()
        return derivation, wrapped


def _opened(pin: str, derivation: str, wrapped: bytes) -> bytes | None:
    """Return the data key that a PIN opens; None when it opens nothing."""
    try:
        return Sealer(derive(pin, json.loads(derivation))).open(_PLACE, wrapped)
    except StorageTrouble as error:
        if error.code is not Trouble.DAMAGED:
            raise
        return None
