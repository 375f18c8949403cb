"""The feed while several write: a phone that polls all the time misses no row, however slowly somebody commits."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server import feed, transaction
from server.accounts.scope import Scope
from server.audit import service as audit
from server.campaigns import service as campaigns
from server.database import begin_write, db
from server.keyring import Keyring
from server.sync.models import Change
from shared.words import TaskKind
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.world import make_world, now
from tests.telling import tell

WRITERS = 8
PARTS = 4
ROWS, FULL = 10_000, 1_000_000
TASKS_AT_ONCE = 5
ROLLED_BACK = 0.1
EVERY, LATEST_S = 4, 1.0


@pytest.fixture
def app(postgres_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """Only PostgreSQL lets writers overlap."""
    with patient_app(postgres_url, tmp_path, keys, clock) as app:
        yield app


def write(dice: random.Random, count: int) -> set[str]:
    """Make tasks in small transactions that dawdle before and within the lock; return the ids of those committed."""
    made: set[str] = set()
    while len(made) < count:
        session = db.session()
        begin_write()
        tasks = [
            campaigns.assign(session, kind=TaskKind.VISIT, region="411602", now=now()) for _ in range(TASKS_AT_ONCE)
        ]
        session.flush()
        time.sleep(dice.random() * 0.01)
        if dice.random() < ROLLED_BACK:
            transaction.rollback(session)
            continue
        transaction.commit(session, now())
        made.update(task.id for task in tasks)
    return made


def read(is_over: threading.Event, dice: random.Random) -> tuple[set[str], list[int]]:
    """Poll as phones do until the writers have finished and nothing is left."""
    seen: set[str] = set()
    seqs: list[int] = []
    cursor = ""
    while True:
        last_round = is_over.is_set()
        text, cursor, more = feed.page(db.session(), Scope(("4116",)), cursor, dice.choice((7, 50, 500)))
        rows = json.loads(f"[{text}]")
        seen.update(row["id"] for row in rows)
        seqs += [row["seq"] for row in rows]
        db.session.rollback()
        if last_round and not more:
            return seen, seqs


def poll_while_writing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, seed: str, rows: int
) -> tuple[set[str], set[str], list[int]]:
    """Let WRITERS commit slowly while one polls; return what was made, what was seen, and the numbers as they came."""
    each = -(-rows // WRITERS)
    is_over, real_write = threading.Event(), feed.write

    def _slow_write(session: object) -> None:
        real_write(session)  # type: ignore[arg-type]
        time.sleep(random.random() * 0.002)

    monkeypatch.setattr(feed, "write", _slow_write)
    done = threading.Semaphore(0)

    def _work(number: int) -> tuple[set[str], list[int]]:
        dice = random.Random(f"{seed}/{number}")
        if number == WRITERS:
            return in_context(app, lambda: read(is_over, dice))
        try:
            return in_context(app, lambda: write(dice, each)), []
        finally:
            done.release()
            if number == 0:
                for _ in range(WRITERS):
                    done.acquire()
                is_over.set()

    *written, (seen, seqs) = at_once(WRITERS + 1, _work)
    return set().union(*(ids for ids, _ in written)), seen, seqs


@pytest.mark.parametrize("part", range(PARTS))
def test_a_phone_that_polls_while_others_write_misses_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, is_full: bool, seed: int, part: int
) -> None:
    make_world(app)
    db.session.remove()
    rows = (FULL if is_full else ROWS) // PARTS
    made, seen, seqs = poll_while_writing(app, monkeypatch, f"{seed}/{part}", rows)
    tell(f"{len(made)} rows of {WRITERS} writers, {len(made - seen)} missed")
    assert len(made) >= rows
    assert made - seen == set(), f"--seed {seed}"
    assert seqs == sorted(set(seqs)), "in the order of commits, each once"


def test_a_feed_whose_rows_are_numbered_before_the_lock_is_seen(
    app: Flask, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The bug of every feed by sequence: who took the lower number commits last, and the cursor is past it."""
    make_world(app)
    begin_write()
    numbers, far_ahead = itertools.count(1_000_000), 1 << 40
    turns, read_up_to = itertools.count(), [0]
    audit.state(db.session()).feed_seq = far_ahead  # no cursor of this test counts as one of a restored server
    db.session.commit()
    db.session.remove()

    def _early(session: Any) -> None:
        """Number the rows here, before anything is waited for, and commit every fourth time once they were passed."""
        rows = session.info.pop(feed.ROWS, [])
        names = {"kind", "id", "scope", "rev"}
        for row in rows:
            about = {name: getattr(row, name) for name in names} | {"seq": next(numbers), "deleted": False}
            session.add(Change(**about, body="{}"))
        is_late, mine, deadline = next(turns) % EVERY == 0, next(numbers), time.monotonic() + LATEST_S
        while is_late and read_up_to[0] < mine and time.monotonic() < deadline:
            time.sleep(0.005)

    real_page = feed.page

    def _page(session: Any, scope: Scope, cursor: str, limit: int) -> Any:
        text, after, more = real_page(session, scope, cursor, limit)
        last = max((row["seq"] for row in json.loads(f"[{text}]")), default=int(cursor.rpartition(".")[2] or 0))
        read_up_to[0] = max(read_up_to[0], last)
        return text, f"{after.rpartition('.')[0]}.{last}", more

    monkeypatch.setattr(feed, "write", _early)
    monkeypatch.setattr(feed, "page", _page)
    monkeypatch.setattr(transaction, "lock_log", lambda: None)
    made, seen, _ = poll_while_writing(app, monkeypatch, str(seed), 400)
    assert made - seen
