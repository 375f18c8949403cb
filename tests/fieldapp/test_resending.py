"""After a restore the phone finds exactly what the server lacks, wherever it lies in the chain, and sends just that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.failures import Unreachable
from fieldapp.sync.push import push_all
from fieldapp.sync.resending import send_what_was_lost
from fieldapp.sync.token import Session
from shared.dates import instant_text
from tests.fieldapp.field_builders import SettableClock, a_store, save
from tests.fieldapp.pretend_server import Cut, PretendServer, session_with

MADE = 40
SEEDS = range(8)


@pytest.fixture
def store(folder: Path) -> Store:
    made = a_store(folder, SettableClock())
    for number in range(1, MADE + 1):
        save(made, number=number)
    return made


@pytest.fixture
def server() -> PretendServer:
    return PretendServer()


@pytest.fixture
def session(store: Store, server: PretendServer) -> Session:
    made = session_with(store, server)
    assert push_all(store, made) == MADE
    return made


def forget(server: PretendServer, places: set[int]) -> set[str]:
    """Make the server forget some operations; return their ids."""
    gone = {op.op_id for place, op in enumerate(server.ops) if place in places}
    server.ops = [op for op in server.ops if op.op_id not in gone]
    for op_id in gone:
        del server.answers[op_id]
    return gone


def restored(store: Store) -> None:
    store.facts.set(Fact.RESTORED_AT, instant_text(store.clock.now()))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_server_lacks_is_found_and_sent_and_nothing_else(
    store: Store, server: PretendServer, session: Session, seed: int
) -> None:
    chance = random.Random(seed)
    gone = forget(server, set(chance.sample(range(MADE), chance.choice((1, 2, 5, MADE)))))
    restored(store)
    sent: list[str] = []
    server.before = lambda _, path, body: sent.extend(op["op_id"] for op in body["ops"]) if "push" in path else None
    assert send_what_was_lost(store, session) == len(gone), f"seed {seed}"
    assert sorted(sent) == sorted(gone), f"seed {seed}"
    assert len(server.ops) == len({op.op_id for op in server.ops}) == MADE
    assert store.outbox.counts() == {OpState.RECEIVED: MADE}
    assert send_what_was_lost(store, session) == 0


def test_a_lost_tail_costs_few_questions(store: Store, server: PretendServer, session: Session) -> None:
    forget(server, set(range(MADE - 12, MADE)))
    restored(store)
    server.calls.clear()
    assert send_what_was_lost(store, session) == 12
    assert server.calls.count("/sync/balance") <= 12
    assert server.calls.count("/sync/push") == 1


def test_without_a_restore_nothing_is_asked(store: Store, server: PretendServer, session: Session) -> None:
    forget(server, {3})
    server.calls.clear()
    assert (send_what_was_lost(store, session), server.calls) == (0, [])


def test_a_comparison_that_was_cut_short_is_begun_anew(store: Store, server: PretendServer, session: Session) -> None:
    gone = forget(server, {0, 7, 39})
    restored(store)

    def cut(_: str, path: str, __: object) -> None:
        if server.calls.count("/sync/balance") == 5:
            raise Cut

    server.before = cut
    with pytest.raises(Unreachable):
        send_what_was_lost(store, session)
    assert store.outbox.counts() == {OpState.RECEIVED: MADE}
    assert send_what_was_lost(store, session) == len(gone)
