"""A server that rewrote its history, against phones that each kept another head: every phone whose head covers what was
touched rings, no other does, and none loses anything. The server signs all it says with its own good keys."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.pull import pull_all
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Result, Round
from fieldapp.sync.token import Session
from tests.fieldapp.field_builders import SettableClock, a_store, save
from tests.fieldapp.pretend_server import PretendServer, session_with

SEED, HISTORIES, HISTORIES_FULL = 2026, 200, 2_000
Crime = Callable[[list[bytes], random.Random], int]


def change(leaves: list[bytes], dice: random.Random) -> int:
    index = dice.randrange(len(leaves))
    leaves[index] = dice.randbytes(9)
    return index


def delete(leaves: list[bytes], dice: random.Random) -> int:
    index = dice.randrange(len(leaves))
    del leaves[index]
    return index


def insert(leaves: list[bytes], dice: random.Random) -> int:
    index = dice.randrange(len(leaves))
    leaves.insert(index, dice.randbytes(9))
    return index


def reorder(leaves: list[bytes], dice: random.Random) -> int:
    first, second = sorted(dice.sample(range(len(leaves)), 2))
    leaves[first], leaves[second] = leaves[second], leaves[first]
    return first


def cut(leaves: list[bytes], dice: random.Random) -> int:
    keep = dice.randrange(len(leaves))
    del leaves[keep:]
    return keep


CRIMES: tuple[Crime, ...] = (change, delete, insert, reorder, cut)


@dataclass
class Witness:
    """A phone that only looks, and the size of the last head it kept."""

    store: Store
    session: Session
    kept: int = 0

    def look(self, size: int) -> None:
        pull_all(self.store, self.session)
        self.kept = size


@contextmanager
def a_phone(folder: Path, clock: SettableClock, server: PretendServer) -> Iterator[Witness]:
    store = a_store(folder, clock)
    with closing(store.database):
        yield Witness(store, session_with(store, server))


@pytest.mark.parametrize("crime", CRIMES, ids=lambda crime: crime.__name__)
def test_every_phone_with_a_head_from_before_rings_and_loses_nothing(
    tmp_path: Path, crime: Crime, is_full: bool
) -> None:
    count = (HISTORIES_FULL if is_full else HISTORIES) // len(CRIMES)
    seed = f"{random.SystemRandom().randrange(10**9) if is_full else SEED}-{crime.__name__}"
    dice, rang = random.Random(seed), 0
    for number in range(count):
        rang += a_history(tmp_path / str(number), crime, dice, f"seed {seed}, history {number}")
    assert rang > count // 2
    sys.stdout.write(f"{crime.__name__}: {count} histories, {rang} phones of {3 * count} rang, seed {seed}\n")


def a_history(folder: Path, crime: Crime, dice: random.Random, told: str) -> int:
    """Live through one history; returns how many phones rang."""
    clock = SettableClock()
    server = PretendServer(clock.now)
    with ExitStack() as stack:
        writer, *viewers = (stack.enter_context(a_phone(folder / name, clock, server)) for name in "abc")
        for phone in viewers:
            server.leaves += [dice.randbytes(9) for _ in range(dice.randint(2, 9))]
            phone.look(len(server.leaves))
            clock.at += timedelta(minutes=5)
        save(writer.store, number=1)
        send(writer)
        writer.kept = len(server.leaves)
        save(writer.store, number=2)
        clock.at += timedelta(minutes=5)
        first = crime(server.leaves, dice)
        server.leaves += [dice.randbytes(9) for _ in range(dice.randint(0, 6))]
        for phone in viewers:
            phone.look(phone.kept)
        send(writer)
        for phone in (writer, *viewers):
            codes = [alarm.code for alarm in phone.store.alarms.all()]
            assert codes == [AlarmCode.LOG_CHANGED] * (phone.kept > first), told
            assert phone.store.heads.last_consistent() is not None, told
        assert [entry.state for entry in writer.store.outbox.all()] == [OpState.RECEIVED] * 2, told
        return sum(phone.kept > first for phone in (writer, *viewers))


def send(phone: Witness) -> None:
    """A whole round: what was recorded goes out, whatever the log looks like."""
    outcome = Round(phone.store, phone.session, Retry(phone.store.facts, lambda: 0.0)).run()
    assert outcome.result is Result.DONE


def test_the_checker_is_one_that_can_fail(tmp_path: Path) -> None:
    """A phone that had kept no head cannot know: without witnesses nothing rings."""
    clock = SettableClock()
    server = PretendServer(clock.now)
    server.leaves += [b"one", b"two"]
    change(server.leaves, random.Random(SEED))
    with a_phone(tmp_path / "late", clock, server) as phone:
        phone.look(2)
        assert phone.store.alarms.all() == []
