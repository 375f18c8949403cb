"""A phone that is killed again and again, whatever it is at, loses nothing of what it was told to be saved.

A killed program leaves what it wrote to the system, so this shows the order of things, not the power: for that see
``test_power_cuts``. The phone is a process of its own, and its server another one's.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.headless import Life, Nursery
from tests.faults.pretend_uploads import PhotoServer
from tests.faults.served import a_server, serving
from tests.faults.survival import faults, faults_in_the_end, ledger_of

SEED = random.SystemRandom().randrange(1 << 32)
PARTS = 2
KILLS, KILLS_IN_FULL = 30, 1_000
KILLS_OF_ONE = 10
MOST_KILLS = 100
SHORTEST_S, LONGEST_S = 0.005, 0.25
WHILE_AT_WORK = 0.8  # the others are killed while they start, enrol, or have just begun
FEWEST_TOLD = 20


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def a_short_life(folder: Path, url: str, rng: random.Random, plant: str = "") -> Life:
    """Return a life that ends at a moment of its own draw."""
    kill_after_s, from_ready = rng.uniform(SHORTEST_S, LONGEST_S), rng.random() < WHILE_AT_WORK
    return Life(str(folder), url, "for ever", rng.getrandbits(32), "", kill_after_s, from_ready, plant)


def kill_and_look(folder: Path, url: str, server: PhotoServer, nursery: Nursery, rng: random.Random) -> None:
    """Let a phone live for a moment, kill it, and look at what it left."""
    assert nursery.live(a_short_life(folder, url, rng)) == -signal.SIGKILL
    assert faults(folder, server) == [], f"seed {SEED}"


@pytest.mark.parametrize("part", range(PARTS))
def test_a_phone_that_is_killed_loses_nothing(tmp_path: Path, nursery: Nursery, part: int, is_full: bool):
    rng, told = random.Random(SEED + part), 0
    for number in range((KILLS_IN_FULL if is_full else KILLS) // KILLS_OF_ONE):
        folder, server = tmp_path / str(number), a_server()
        folder.mkdir()
        with serving(server) as url:
            for _ in range(KILLS_OF_ONE):
                kill_and_look(folder, url, server, nursery, rng)
            assert nursery.live(Life(str(folder), url, "rest")) == 0
        assert faults_in_the_end(folder, server) == [], f"seed {SEED + part}"
        told += sum(len(names) for names in ledger_of(folder).values())
    assert told > FEWEST_TOLD, "hardly anything was recorded before the kills"


def test_a_planted_bug_is_found(tmp_path: Path, nursery: Nursery):
    rng, server = random.Random(SEED), a_server()
    with serving(server) as url:
        assert nursery.live(Life(str(tmp_path), url)) == 0
        for _ in range(MOST_KILLS):
            nursery.live(a_short_life(tmp_path, url, rng, "commits_now_and_then"))
            if any(fault.startswith("lost ") for fault in faults(tmp_path, server)):
                return
    pytest.fail(f"not found, seed {SEED}")
