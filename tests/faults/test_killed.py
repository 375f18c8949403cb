"""Processes of the server and of PostgreSQL are killed while phones push: what was receipted stays, the rest comes."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from fieldapp.sync.client import Client
from fieldapp.sync.round import Result
from fieldapp.sync.token import Session
from server import keyring
from server.database import db
from tests.faults.handset import Connect, Handset
from tests.faults.killable import Killable, killable
from tests.faults.reckoning import faults_of
from tests.server.conftest import TODAY, TestClock
from tests.server.live import patient_app
from tests.server.world import World
from tests.telling import tell

PHONES = 4
KILLS, FULL = 20, 1_000
PARTS = 2
BOUND = 12


@pytest.fixture
def town(
    postgres_url: str,
    postgres_worlds: tuple[str, World],
    is_filled: bool,
    tmp_path: Path,
    clock: TestClock,
) -> Iterator[World]:
    """A world on PostgreSQL whose keys lie in a folder, where other processes find them."""
    assert is_filled
    keys = keyring.create(tmp_path / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    with patient_app(postgres_url, tmp_path, keys, clock) as app:
        yield postgres_worlds[1].within(app)


def record_and_push(handset: Handset, is_over: threading.Event) -> int:
    """Record and sync without a pause until it is over; return how many rounds failed."""
    failed = 0
    while not is_over.is_set():
        handset.note()
        if handset.dice.random() < 0.1:
            handset.visit()
        outcome = handset.round()
        failed += outcome is not None and outcome.result is not Result.DONE
    return failed


def kill_a_backend(socket: str, url: str, dice: random.Random) -> None:
    """Kill a process of PostgreSQL that works for the server; all of them start anew, as after a crash."""
    name = url.rpartition("/")[2].partition("?")[0]
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s ORDER BY state = 'idle', pid"
    try:
        with psycopg.connect(f"host={socket} user=dingpan dbname=postgres", autocommit=True) as connection:
            found = [row[0] for row in connection.execute(query, (name,))]
    except psycopg.OperationalError:
        return  # it is just starting anew
    if found:
        os.kill(found[0] if dice.random() < 0.7 else dice.choice(found), signal.SIGKILL)


def drain(handsets: list[Handset], clock: TestClock) -> None:
    for _ in range(BOUND):
        clock.move(minutes=16)
        outcomes = [handset.round() for handset in handsets]
        if all(one.is_drained for one in handsets) and all(one and one.result is Result.DONE for one in outcomes):
            break
    clock.move(seconds=1)
    for handset in handsets:
        handset.round()


@pytest.mark.parametrize("part", range(PARTS))
def test_what_was_receipted_outlives_every_kill(
    town: World,
    postgres_socket: str,
    postgres_url: str,
    tmp_path: Path,
    seed: int,
    is_full: bool,
    part: int,
) -> None:
    theirs = TestClock()  # the phones' time goes on, that of the other processes stands still
    dice, is_over, pause = random.Random(f"{seed}/{part}"), threading.Event(), threading.Event()
    kills = (FULL if is_full else KILLS) // PARTS
    with killable(postgres_url, tmp_path) as server, ThreadPoolExecutor(PHONES) as pool:
        handsets = [
            Handset(town, theirs, tmp_path / f"phone{number}", _to(server), random.Random(f"{seed}/{part}/{number}"))
            for number in range(PHONES)
        ]
        db.session.remove()
        db.engine.dispose()
        working = [pool.submit(record_and_push, handset, is_over) for handset in handsets]
        try:
            for number in range(kills):
                pause.wait(dice.random() * 0.6)
                if number % 4 == 3:
                    kill_a_backend(postgres_socket, postgres_url, dice)
                else:
                    server.kill_one()
                theirs.move(minutes=16)
        finally:
            is_over.set()
        failed = sum(one.result() for one in working)
        drain(handsets, theirs)
        db.engine.dispose()
        found = faults_of(handsets)
        records = sum(len(handset.wishes) for handset in handsets)
        for handset in handsets:
            handset.close()
    tell(f"{kills} kills, {records} operations, {failed} rounds failed")
    assert not found, f"--seed {seed}: {found}"
    assert failed > 0, "no kill hit anybody"


def _to(server: Killable) -> Connect:
    return lambda store: Session(store, Client(f"http://127.0.0.1:{server.port}"))
