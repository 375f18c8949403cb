"""The thread that syncs: it works when it is asked to, tells how it went, and never dies in silence."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.network.desktop import DesktopNetwork
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.status import SyncStatus
from fieldapp.sync.worker import Worker
from fieldapp.ui_thread import at_once
from tests.fieldapp.desk import until
from tests.fieldapp.field_builders import NOON, a_store, save
from tests.fieldapp.pretend_server import Cut, PretendServer, session_with


@pytest.fixture
def store(folder: Path) -> Store:
    return a_store(folder)


@pytest.fixture
def server() -> PretendServer:
    return PretendServer()


@pytest.fixture
def status() -> SyncStatus:
    return SyncStatus()


@pytest.fixture
def worker(store: Store, server: PretendServer, status: SyncStatus) -> Iterator[Worker]:
    made = Worker(store, session_with(store, server), status, at_once, DesktopNetwork())
    yield made
    made.stop()
    made._thread.join(5)


def cut(*_: object) -> None:
    raise Cut


def test_it_begins_with_a_round_and_makes_another_when_something_is_saved(store, status, worker):
    worker.start()
    until(lambda: status.result == "done" and not status.is_running)
    save(store)
    status.look(store)
    assert status.waiting == 1
    worker.poke()
    until(lambda: status.waiting == 0)
    assert [entry.state for entry in store.outbox.all()] == [OpState.RECEIVED]


def test_what_a_crash_left_of_photos_is_removed_when_it_begins(store, status, worker, folder):
    kept = store.photos.keep(b"picture")
    left = folder / "photos" / "0.part"
    left.write_bytes(b"half a photo")
    for path in (left, folder / "photos" / kept):
        os.utime(path, ((NOON - timedelta(days=2)).timestamp(),) * 2)
    worker.start()
    until(lambda: status.result == "done" and not status.is_running)
    assert [path.name for path in (folder / "photos").iterdir()] == [kept]


def test_a_first_download_tells_how_far_it_is(store, status, worker):
    store.facts.set(Fact.IS_FILLED, False)
    worker.start()
    until(lambda: bool(store.facts.get(Fact.IS_FILLED)) and status.result == "done")
    assert (status.rows_expected, status.rows_done) == (9, 9)


def test_while_the_timer_runs_only_a_person_gets_a_round(store, server, status, worker):
    server.before = cut
    store.facts.set(Fact.IS_FILLED, True)
    store.facts.set(Fact.RETRY, {"failures": 9, "at": store.clock.now().timestamp() + 600, "is_asked_for": False})
    worker.start()
    worker.poke()
    worker.poke(is_asked=True)
    until(lambda: status.result == "offline")
    assert server.calls.count("/devices/challenge") == 1


def test_a_fault_of_the_program_is_told(store, status, worker, monkeypatch: pytest.MonkeyPatch):
    noticed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", noticed.append)
    monkeypatch.setattr("fieldapp.sync.round.push_all", lambda *_: 1 / 0)
    worker.start()
    until(lambda: status.result == "broken")
    worker._thread.join(5)
    assert not status.is_running
    assert len(noticed) == 1


def test_storage_that_refuses_even_the_timer_is_told_and_the_next_round_is_made(store, server, status, worker):
    save(store)
    server.before = cut
    store.database.pragma("query_only = 1")
    worker.start()
    until(lambda: status.result == "storage")
    store.database.pragma("query_only = 0")
    server.before = lambda *_: None
    worker.poke(is_asked=True)
    until(lambda: status.result == "done")
    assert [entry.state for entry in store.outbox.all()] == [OpState.RECEIVED]


def test_after_it_was_stopped_it_shows_nothing_more(store, status, worker):
    worker.start()
    worker.stop()
    worker._thread.join(5)
    before = status.ticks
    worker.poke(is_asked=True)
    assert status.ticks == before
