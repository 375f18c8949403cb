"""A phone of any earlier app, with a full outbox, becomes one of today's: nothing is lost, and all of it is sent."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.store import database as database_module
from fieldapp.store.database import Database
from fieldapp.store.outbox import OpState
from fieldapp.store.steps import STEPS
from fieldapp.store.trouble import StorageTrouble, Trouble
from fieldapp.store.uploads import UploadState
from fieldapp.sync.round import Result
from shared.texts import load
from tests.faults.flash import Cutter, Flash, Image
from tests.faults.old_phones import VERSIONS, an_old_phone, content_of, missing, signed_by
from tests.faults.power import NAME, open_on
from tests.fieldapp.field_builders import DEVICE, SettableClock, a_store, open_store

ROOT = Path(__file__).parents[2]
SEED = random.SystemRandom().randrange(1 << 32)
CUTS, CUTS_IN_FULL = 60, 2_000
OLD = [version for version in VERSIONS if version < len(STEPS)]

# What was shipped: the SHA-256 of each step, so that none is changed after phones have taken it.
SHIPPED = ("a0e1b190", "dcb950ef", "d9696a5f", "9a9c3b8a", "703e992d", "13562acf")


def test_a_step_once_shipped_is_never_changed():
    hashes = [hashlib.sha256("\n".join(step).encode()).hexdigest()[:8] for step in STEPS]
    assert tuple(hashes[: len(SHIPPED)]) == SHIPPED


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_lost_on_the_way_from_an_earlier_version(tmp_path: Path, version: int):
    day = an_old_phone(tmp_path, version, SEED)
    with closing(sqlite3.connect(tmp_path / NAME)) as old:
        before = content_of(old)
    assert len(before["op"]) > 40
    store = open_store(tmp_path, day.clock)
    assert store.database.pragma("user_version") == len(STEPS)
    assert missing(before, content_of(store.database._connection)) == [], f"seed {SEED}"
    entries = list(reversed(store.outbox.all()))
    assert [store.outbox.op(entry, DEVICE.id) for entry in entries] == signed_by(day)
    assert [store.records.of_op(entry.op_id) is not None for entry in entries] == [True] * len(entries)
    assert store.drafts.running() is not None
    store.database.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_outbox_of_an_earlier_version_is_sent_whole(tmp_path: Path, version: int):
    day = an_old_phone(tmp_path, version, SEED)
    day.store = open_store(tmp_path, day.clock)
    day.visit()
    for entry in day.store.outbox.all():
        day.store.outbox.send_again(entry.op_id)
    for _ in range(3):
        day.clock.at += timedelta(hours=1)
        assert day.sync().result is Result.DONE, f"seed {SEED}"
    assert sorted(op.op_id for op in day.server.ops) == sorted(op.op_id for op in day.ops)
    assert set(day.store.outbox.counts()) == {OpState.RECEIVED, OpState.REJECTED}
    waiting = day.store.uploads.counts().get(UploadState.WAITING, 0)
    assert waiting == day.store.database.rows(_OF_REFUSED)[0][0]
    assert day.store.alarms.all() == []
    day.store.database.close()


_OF_REFUSED = "SELECT count(*) FROM upload JOIN op USING (op_id) WHERE op.state = 'rejected'"


def cut_while_it_changes(folder: Path, version: int, count: int) -> list[str]:
    """Cut the power so often while a phone of an earlier version is opened; return what was wrong afterwards."""
    rng, found = random.Random(SEED), []
    an_old_phone(folder, version, SEED)
    with closing(sqlite3.connect(folder / NAME)) as old:
        before = content_of(old)
    flash = Flash({NAME: (folder / NAME).read_bytes()})
    open_on(flash, folder, SettableClock()).database.close()
    cutter = Cutter(flash)
    for place in sorted(rng.choices(range(len(flash.log) + 1), k=count)):
        cutter.to(place)
        found += _wrong(cutter.survivors(rng), folder, before)
    return found


def _wrong(image: Image, folder: Path, before: dict) -> list[str]:  # type: ignore[type-arg] # rows as they are
    try:
        store = open_on(Flash(image), folder, SettableClock())
        found = missing(before, content_of(store.database._connection))
        if store.database.pragma("integrity_check") != "ok" or store.database.pragma("user_version") != len(STEPS):
            found.append("corrupt")
        store.database.close()
    except (StorageTrouble, sqlite3.DatabaseError) as error:
        return [str(error)]
    return found


@pytest.mark.parametrize("version", OLD)
def test_a_cut_on_the_way_loses_nothing_and_the_next_start_goes_on(tmp_path: Path, version: int, is_full: bool):
    assert cut_while_it_changes(tmp_path, version, CUTS_IN_FULL if is_full else CUTS) == [], f"seed {SEED}"


def test_steps_that_are_not_taken_whole_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def take_steps(self: Database, taken: int) -> None:
        for number, step in enumerate(STEPS[taken:], start=taken + 1):
            for statement in step:
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {number}")

    monkeypatch.setattr(Database, "_take_steps", take_steps)
    assert cut_while_it_changes(tmp_path, 1, CUTS) != [], f"seed {SEED}"


def test_a_step_that_loses_rows_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database_module, "STEPS", (*STEPS, ("DELETE FROM op WHERE state = 'blocked'",)))
    day = an_old_phone(tmp_path, len(STEPS), SEED)
    with closing(sqlite3.connect(tmp_path / NAME)) as old:
        before = content_of(old)
    store = open_store(tmp_path, day.clock)
    assert missing(before, content_of(store.database._connection)) == ["op"]
    store.database.close()


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_database_of_a_newer_app_is_refused_and_left_as_it_is(folder: Path, journal: str):
    a_store(folder).database.close()
    with closing(sqlite3.connect(folder / NAME, isolation_level=None)) as newer:
        newer.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
        newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
        newer.execute(f"PRAGMA journal_mode = {journal}")
    before = (folder / NAME).read_bytes()
    with pytest.raises(StorageTrouble) as caught:
        Database(folder / NAME)
    assert caught.value.code is Trouble.NEWER
    assert (folder / NAME).read_bytes() == before
    with closing(sqlite3.connect(folder / NAME)) as newer:
        assert newer.execute("PRAGMA journal_mode").fetchone() == (journal,)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_whoever_starts_an_older_app_is_told_to_update_it(folder: Path, language: str):
    store = a_store(folder)
    with store.database.write() as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    store.database.close()
    command = [sys.executable, "-m", "fieldapp.main", "--data", str(folder), "--lang", language]
    ended = subprocess.run(command, cwd=ROOT, env=dict(os.environ), check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr.strip()) == (1, load(language, "fieldapp")("storage.newer"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"
