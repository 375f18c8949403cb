"""One write or sync in fifty fails: what was told as saved is there, what failed was told, and nothing is between."""

from __future__ import annotations

import errno
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from fieldapp.store.database import Database
from fieldapp.store.trouble import StorageTrouble, Trouble
from fieldapp.sync.round import Result
from tests.faults.flash import Flash, failure
from tests.faults.phone_day import PhoneDay
from tests.faults.plants import Plant, commit_split_in_two, commit_taken_at_its_word, failed_commit_not_told
from tests.faults.power import NAME, apart, is_chain, open_on, view_of
from tests.fieldapp.field_builders import SettableClock, a_store

SEED = random.SystemRandom().randrange(1 << 32)
PARTS = 2
ACTS, ACTS_IN_FULL = 500, 50_000
ACTS_A_DAY = 125
MOST_DAYS = 40
CHANCE = 0.02
CODES = {
    "write": apsw.SQLITE_IOERR_WRITE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "remove": apsw.SQLITE_IOERR_DELETE,
    "create": apsw.SQLITE_IOERR_ACCESS,
}


class Failing(Flash):
    """A disk on which each act fails now and then; never while ``is_sound``."""

    def __init__(self, content: bytes, rng: random.Random) -> None:
        super().__init__({NAME: content}, is_logged=False)
        self._rng, self.is_sound, self.failures = rng, True, 0

    def fails(self) -> bool:
        """Say whether it fails now."""
        is_failure = not self.is_sound and self._rng.random() < CHANCE
        self.failures += is_failure
        return is_failure

    def fail(self, act: str) -> None:
        if self.fails():
            raise failure(apsw.IOError, CODES[act])


@contextmanager
def failing_photos(flash: Failing) -> Iterator[None]:
    """Let the syncs of photos fail as well."""
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if flash.fails():
            raise OSError(errno.EIO, "injected")
        real(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield


def a_day_of_errors(folder: Path, rng: random.Random, acts: int) -> Counter[str]:
    """Live a day on a failing disk; return how often each thing came about, ``wrong`` first of all."""
    a_store(folder).database.close()
    flash = Failing((folder / NAME).read_bytes(), rng)
    day = PhoneDay.begin(open_on(flash, folder, SettableClock()), rng)
    day.syncs = 1
    found: Counter[str] = Counter()
    with failing_photos(flash):
        for _ in range(acts):
            found += _act(day, flash)
    flash.is_sound = True
    found += _look_again(day, flash, folder)
    found["failures"] = flash.failures
    return found


def _act(day: PhoneDay, flash: Failing) -> Counter[str]:
    act, is_whole = day.draw()
    connection, database = day.store.database._connection, day.store.database
    before, ops = view_of(connection), list(day.ops)
    flash.is_sound = False
    try:
        outcome = act()
        trouble = outcome.why if outcome is not None and outcome.result is Result.STORAGE else ""
    except StorageTrouble as error:
        trouble = error.code.value
    flash.is_sound = True
    after = view_of(connection)
    found = Counter({"acts": 1, "told": bool(trouble)})
    if trouble not in ("", Trouble.FAILED):
        found[f"wrong word {trouble}"] += 1
    if apart(database) or not is_chain(database):
        found["wrong"] += 1
    if trouble and is_whole and after != before:
        found["refused and there"] += 1
    held = {op_id for (op_id,) in database.rows("SELECT op_id FROM op")}
    if not {op.op_id for op in day.ops} <= held or (not trouble and len(held) != len(day.ops)):
        found["wrong"] += 1
    assert len(day.ops) >= len(ops)
    return found


def _look_again(day: PhoneDay, flash: Failing, folder: Path) -> Counter[str]:
    """Close and open the phone, and send everything."""
    before = view_of(day.store.database._connection)
    day.store.database.close()
    day.store = open_on(flash, folder, day.clock)
    database: Database = day.store.database
    found = Counter({"wrong": database.pragma("integrity_check") != "ok"})
    found["wrong"] += view_of(database._connection) != before
    day.visit()
    for _ in range(3):
        day.clock.at += timedelta(hours=1)
        assert day.sync().result is Result.DONE
    found["lost"] = len({op.op_id for op in day.ops} - {op.op_id for op in day.server.ops})
    found["lost"] += sum(day.store.photos.get(sha256) is None for sha256 in day.photos)
    database.close()
    return found


def errors(folder: Path, seed: int, acts: int) -> Counter[str]:
    """Live so many acts, some of them on each day."""
    rng, found = random.Random(seed), Counter[str]()
    for number in range(acts // ACTS_A_DAY):
        found += a_day_of_errors(folder / str(number), rng, ACTS_A_DAY)
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_what_was_told_is_there_and_what_failed_was_told(tmp_path: Path, part: int, is_full: bool):
    found = errors(tmp_path, SEED + part, ACTS_IN_FULL if is_full else ACTS)
    assert set(found) == {"acts", "told", "failures"}, (f"seed {SEED + part}", found)
    assert found["told"] > ACTS // 10, "hardly anything failed"


@pytest.mark.parametrize("plant", [commit_split_in_two, commit_taken_at_its_word, failed_commit_not_told])
def test_a_planted_bug_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant):
    plant(monkeypatch)
    rng = random.Random(SEED)
    for number in range(MOST_DAYS):
        found = a_day_of_errors(tmp_path / str(number), rng, ACTS_A_DAY)
        if found["wrong"] + found["lost"] + found["refused and there"] > 0:
            return
    pytest.fail(f"not found, seed {SEED}")
