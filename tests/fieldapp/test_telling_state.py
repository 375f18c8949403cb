"""A phone tells how it stands: the figures, when it tells them, what stops nothing, heeding the desk once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.state import state_of
from fieldapp.sync.token import Session
from shared.dates import instant_text
from shared.wire.state import StateSchema
from tests.fieldapp.field_builders import NOON, SettableClock, a_store, save
from tests.fieldapp.pretend_server import PretendServer, problem, session_with


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def store(folder: Path, clock: SettableClock) -> Store:
    return a_store(folder, clock)


@pytest.fixture
def server(clock: SettableClock) -> PretendServer:
    return PretendServer(clock.now)


@pytest.fixture
def session(store: Store, server: PretendServer) -> Session:
    return session_with(store, server)


def a_round(store: Store, session: Session) -> Outcome:
    return Round(store, session, Retry(store.facts, lambda: 0.0)).run()


def put(store: Store, state: OpState, slug: str = "") -> None:
    answer = {"problem": {"type": f"/problems/{slug}"}} if slug else {}
    with store.database.write() as connection:
        store.outbox.move(connection, store.outbox.all()[0].op_id, state, answer=answer)


def test_the_figures_are_those_of_the_store_and_of_the_wire_s_form(store: Store, clock: SettableClock) -> None:
    save(store)
    put(store, OpState.REJECTED, "bad-body")
    save(store, number=2)
    put(store, OpState.BLOCKED)
    save(store, number=3)
    store.alarms.ring(AlarmCode.LOG_CHANGED, NOON, size=1)
    clock.at = NOON + timedelta(hours=2)
    state = state_of(store)
    assert StateSchema().load(state) == state
    assert (state["waiting"], state["photos"], state["oldest_age_s"], state["alarms"]) == (1, 0, 7_200, 1)
    assert {(row["state"], row["reason"], row["count"]) for row in state["aside"]} == {
        ("rejected", "bad-body", 1),
        ("blocked", "", 1),
    }
    assert state["free_bytes"] > 0
    assert (state["clock_offset_s"], state["again"]) == (None, None)


def test_a_state_names_nobody_and_nothing(store: Store) -> None:
    save(store)
    texts = [value for value in state_of(store).values() if isinstance(value, str)]
    assert texts == []


def test_it_is_told_when_it_changed_and_again_after_a_while(
    store: Store, server: PretendServer, session: Session, clock: SettableClock
) -> None:
    a_round(store, session)
    a_round(store, session)
    assert [state["waiting"] for state in server.states] == [0]
    save(store)
    put(store, OpState.QUARANTINED, "too-large")
    a_round(store, session)
    assert len(server.states) == 2
    clock.at += timedelta(minutes=10)
    a_round(store, session)
    assert len(server.states) == 3


@pytest.mark.parametrize("status", [404, 405, 422, 403])
def test_a_server_that_does_not_want_it_stops_nothing(
    store: Store, server: PretendServer, session: Session, status: int
) -> None:
    server.before = lambda _, path, __: problem(status, "x") if path == "/sync/state" else None
    save(store)
    assert a_round(store, session).result is Result.DONE
    assert store.outbox.counts() == {OpState.RECEIVED: 1}


def test_what_has_no_final_answer_is_sent_anew_once_for_each_wish(
    store: Store, server: PretendServer, session: Session
) -> None:
    save(store)
    put(store, OpState.QUARANTINED, "too-large")
    server.send_again = instant_text(NOON)
    outcome = a_round(store, session)
    assert (outcome.result, outcome.has_more) == (Result.DONE, True)
    assert store.outbox.counts() == {OpState.WAITING: 1}
    assert not a_round(store, session).has_more
    assert store.outbox.counts() == {OpState.RECEIVED: 1}
    assert server.states[-1]["again"] == server.send_again
    save(store, number=2)
    put(store, OpState.QUARANTINED)
    a_round(store, session)
    assert store.outbox.counts()[OpState.QUARANTINED] == 1


def test_what_was_refused_for_good_stays_as_it_is(store: Store, server: PretendServer, session: Session) -> None:
    save(store)
    put(store, OpState.REJECTED, "bad-body")
    server.send_again = instant_text(NOON)
    assert not a_round(store, session).has_more
    assert store.outbox.counts() == {OpState.REJECTED: 1}
