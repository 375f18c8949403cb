"""The vault: the right PIN opens it, a wrong one is told and slowed, and nothing is ever wiped."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.store import derivation, vault
from fieldapp.store.database import Database
from fieldapp.store.vault import MustWait, Vault, WrongPin
from tests.fieldapp.field_builders import NOON

PIN, WRONG = "270418", "270419"


@pytest.fixture
def database(folder: Path) -> Database:
    return Database(folder / "dingpan.db")


def fail(held: Vault, times: int, at=NOON) -> int:
    """Enter a wrong PIN some times, waiting as told; return the last wait."""
    wait = 0
    for _ in range(times):
        at += timedelta(seconds=wait)
        with pytest.raises(WrongPin) as caught:
            held.unlock(WRONG, at)
        wait = caught.value.wait_s
    return wait


def test_the_pin_opens_what_it_closed(database: Database):
    held = Vault(database)
    key = held.create(PIN)
    assert Vault(database).unlock(PIN, NOON) == key
    assert len(key) == 32


def test_there_is_one_vault(database: Database):
    Vault(database).create(PIN)
    with pytest.raises(ValueError, match="exists"):
        Vault(database).create(WRONG)


def test_a_wrong_pin_is_told_and_the_right_one_still_opens(database: Database):
    held = Vault(database)
    key = held.create(PIN)
    assert fail(held, 2) == 0
    assert held.unlock(PIN, NOON) == key


def test_the_wait_grows_and_survives_a_restart(folder: Path, database: Database):
    Vault(database).create(PIN)
    assert fail(Vault(database), 3) == 5
    database.close()
    again = Vault(Database(folder / "dingpan.db"))
    with pytest.raises(MustWait) as caught:
        again.unlock(PIN, NOON + timedelta(seconds=2))
    assert caught.value.wait_s == 3
    assert len(again.unlock(PIN, NOON + timedelta(seconds=5))) == 32
    assert fail(again, 2, NOON + timedelta(hours=1)) == 0


def test_setting_the_clock_back_starts_the_wait_again_and_ends(database: Database):
    held = Vault(database)
    held.create(PIN)
    fail(held, 3)
    years_ago = NOON - timedelta(days=3650)
    assert held.wait_s(years_ago) == 5
    assert held.wait_s(years_ago + timedelta(seconds=5)) == 0
    assert len(held.unlock(PIN, years_ago + timedelta(seconds=5))) == 32


def test_a_try_is_counted_before_it_is_made(database: Database, monkeypatch: pytest.MonkeyPatch):
    held = Vault(database)
    held.create(PIN)

    def cut_off(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(vault, "derive", cut_off)
    with pytest.raises(KeyboardInterrupt):
        held.unlock(PIN, NOON)
    assert database.row("SELECT failures FROM vault") == (1,)


def test_without_argon2_the_pin_is_derived_by_scrypt(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(derivation, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)
    held = Vault(database)
    key = held.create(PIN)
    assert held.unlock(PIN, NOON) == key
    assert '"scrypt"' in database.row("SELECT derivation FROM vault")[0]


def test_the_shipped_parameters_are_those_of_rfc_9106(monkeypatch: pytest.MonkeyPatch, database: Database):
    monkeypatch.undo()
    Vault(database).create(PIN)
    text = database.row("SELECT derivation FROM vault")[0]
    assert '"memory_kib": 65536, "passes": 3, "lanes": 4' in text
    assert len(Vault(database).unlock(PIN, NOON)) == 32
