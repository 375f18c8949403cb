"""Five hundred phones come back at the same moment: they spread out, rest as long as they are asked to, and all get in.

The time is simulated; the timer is the phone's own, in its own database. What a server can do at once is a number here.
With ``--full`` five hundred threads do it to a real server, through the whole of the phone's sync.
"""

from __future__ import annotations

import heapq
import random
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fieldapp.store.database import Database
from fieldapp.store.facts import Facts
from fieldapp.sync.client import Client
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Result
from fieldapp.sync.token import Session
from server.database import db
from tests.faults.handset import Connect, Handset
from tests.faults.reckoning import faults_of
from tests.server.conftest import TODAY, TestClock
from tests.server.live import serving
from tests.server.world import World
from tests.telling import tell

PHONES = 500
EACH_SECOND = 10
RETRY_AFTER_S = 30
SETTLED_S = 10
HOUR = 3600
Chance = Callable[[random.Random], float]


@dataclass
class Storm:
    """What happened: how many came in each second, when each got in, and who came before the time it was given."""

    came: Counter[int] = field(default_factory=Counter)
    got_in: dict[int, int] = field(default_factory=dict)
    too_early: int = 0
    tries: Counter[int] = field(default_factory=Counter)


def storm(seed: int, folder: Path, *, asks_for_rest: bool, chance: Chance = random.Random.random) -> Storm:
    """Let all phones come at second 0 to a server that takes EACH_SECOND of them, and tells the others to go."""
    found, dice = Storm(), random.Random(seed)
    databases = [Database(folder / f"{number}.db") for number in range(PHONES)]
    retries = [Retry(Facts(database), lambda: chance(dice)) for database in databases]
    coming = [(0.0, number) for number in range(PHONES)]
    not_before: dict[int, float] = {}
    while coming and coming[0][0] < HOUR:
        at, number = heapq.heappop(coming)
        moment = TODAY + timedelta(seconds=at)
        if not retries[number].may_start(moment, is_asked=False):
            heapq.heappush(coming, (_next(retries[number], moment), number))
            continue
        found.came[int(at)] += 1
        found.tries[number] += 1
        found.too_early += at < not_before.get(number, 0)
        if found.came[int(at)] <= EACH_SECOND:
            retries[number].went_well()
            found.got_in[number] = int(at)
            continue
        wish = RETRY_AFTER_S if asks_for_rest and found.tries[number] == 1 else None
        timer = retries[number].failed(moment, wish)
        if wish is not None:
            not_before[number] = at + wish
        heapq.heappush(coming, ((timer.at - TODAY).total_seconds(), number))
    for database in databases:
        database.close()
    return found


def _next(retry: Retry, moment: datetime) -> float:
    timer = retry.timer()
    return ((timer.at if timer else moment) - TODAY).total_seconds()


def faults_of_storm(found: Storm) -> list[str]:
    """Return what is wrong with how they came."""
    told = []
    if len(found.got_in) < PHONES:
        told.append(f"{PHONES - len(found.got_in)} never got in")
    if found.too_early:
        told.append(f"{found.too_early} came before the time they were given")
    later = {second: count for second, count in found.came.items() if second > SETTLED_S}
    if max(later.values(), default=0) > PHONES // 4:
        told.append(f"{max(later.values())} at once, long after the first moment")
    if statistics.quantiles(found.tries.values(), n=100)[-1] > 20:
        told.append(f"{max(found.tries.values())} tries of one phone")
    return told


@pytest.fixture
def quick_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder for many small databases that no power cut threatens: nothing waits for a disk."""
    real = Database._tune

    def _tune(self: Database) -> None:
        real(self)
        self._connection.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(Database, "_tune", _tune)
    return tmp_path


@pytest.mark.parametrize("asks_for_rest", [False, True])
def test_five_hundred_that_come_back_together_spread_out(quick_folder: Path, seed: int, asks_for_rest: bool) -> None:
    found = storm(seed, quick_folder, asks_for_rest=asks_for_rest)
    tell(f"all in after {max(found.got_in.values())} s, {sum(found.came.values())} requests")
    assert faults_of_storm(found) == [], f"--seed {seed}"


def test_phones_without_jitter_are_seen(quick_folder: Path, seed: int) -> None:
    found = storm(seed, quick_folder, asks_for_rest=False, chance=lambda _: 1.0)
    assert faults_of_storm(found)


def test_phones_that_do_not_rest_are_seen(quick_folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Retry.failed
    monkeypatch.setattr(Retry, "failed", lambda self, now, _: real(self, now, None))
    assert any("before the time" in one for one in faults_of_storm(storm(seed, quick_folder, asks_for_rest=True)))


def test_phones_that_rest_exactly_as_long_as_all_others_are_seen(
    quick_folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Retry, "_rest_s", lambda _, retry_after_s: retry_after_s)
    assert any("at once" in one for one in faults_of_storm(storm(seed, quick_folder, asks_for_rest=True)))


def test_real_phones_that_come_back_together_all_leave_their_records(
    sqlite_world: World, clock: TestClock, seed: int, is_full: bool, nobody_counts: None
) -> None:
    """Threads, not a simulation: 500 of them with --full, else 24. SQLite takes one writer and says 503 to the rest."""
    count = PHONES if is_full else 24
    with serving(sqlite_world.app) as server, tempfile.TemporaryDirectory() as folder:
        handsets = [
            Handset(
                sqlite_world, clock, Path(folder) / str(number), _to(server.port), random.Random(f"{seed}/{number}")
            )
            for number in range(count)
        ]
        for handset in handsets:
            handset.note()
        db.session.remove()
        failed = 0
        with ThreadPoolExecutor(count) as pool:
            for _ in range(40):
                outcomes = list(pool.map(Handset.round, handsets))
                failed += sum(one is not None and one.result is not Result.DONE for one in outcomes)
                if all(one and one.result is Result.DONE for one in outcomes):
                    break
                clock.move(seconds=60)
        tell(f"{count} phones, {failed} rounds failed")
        found = faults_of(handsets)
        for handset in handsets:
            handset.close()
    assert not found, f"--seed {seed}: {found}"


def _to(port: int) -> Connect:
    return lambda store: Session(store, Client(f"http://127.0.0.1:{port}"))
