"""Rate limits: counted once for all processes, by phone, person and address, and kept as hashes alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from limits import parse
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage, RedisStorage, storage_from_string

from server import create_app, limits
from server.database import db
from server.keyring import Keyring
from server.limits import GUESSES, SIGN_INS, WRITES, Rate, limiter, rate_of
from server.policy import POLICY, RateClass
from server.rate_store import OLD_AT_ONCE, DatabaseStorage, RateCount
from server.settings import MissingSetting, Settings
from tests.server.conftest import TestClock, settings_for
from tests.server.pages import visitor
from tests.server.test_settings import WHOLE
from tests.server.world import World, make_world

POSTGRES = "postgresql+psycopg:///dingpan"
FEW = Rate(parse("3 per minute"), parse("8 per minute"))
Process = Callable[[], Flask]


@pytest.fixture
def process(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Process]:
    """Start one more process of the server on the same database."""
    started: list[Flask] = []

    def _start() -> Flask:
        plain = settings_for(database_url, tmp_path)
        settings = dataclasses.replace(plain, limiter_storage="database://", sqlite_busy_ms=5_000)
        started.append(create_app(settings, keyring=keys, clock=clock))
        return started[-1]

    yield _start
    for app in started:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def enrol(app: Flask) -> int:
    """Guess a code of an enrolment; return the status."""
    return app.test_client().post("/api/v1/devices", json={}).status_code


def test_two_processes_share_one_count(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.limits.GUESSES", FEW)
    one, other = process(), process()
    tries = [enrol(app) for app in (one, other, one, other, one, other, one, other)]
    assert tries == [422] * 8
    assert [enrol(one), enrol(other), enrol(process())] == [429] * 3


def test_a_window_ends_by_the_servers_clock_and_begins_anew(
    process: Process, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.limits.GUESSES", FEW)
    app = process()
    assert [enrol(app) for _ in range(9)] == [422] * 8 + [429]
    clock.move(seconds=59)
    assert enrol(app) == 429
    clock.move(seconds=1)
    assert [enrol(app) for _ in range(9)] == [422] * 8 + [429]


def test_eight_at_once_are_counted_each_once(process: Process) -> None:
    app = process()
    store = DatabaseStorage()

    def _count(_: int) -> int:
        with app.app_context():
            counted = store.incr("somebody", 60)
            db.session.remove()
            return counted

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(_count, range(40))) == list(range(1, 41))


def test_what_is_kept_names_nobody_and_is_forgotten(process: Process, clock: TestClock) -> None:
    app = process()
    client = app.test_client()
    for number in range(OLD_AT_ONCE + 5):
        answer = client.post("/sign-in", data={"name": f"li {number}", "password": "x"})
        assert answer.status_code == 400  # no token of the form: counted later, or not at all
        enrol(app)
    with app.app_context():
        store = DatabaseStorage()
        for number in range(OLD_AT_ONCE + 5):
            store.incr(f"10.0.0.{number}", 60)
        names = [row.sha256 for row in db.session.query(RateCount)]
        assert len(names) >= OLD_AT_ONCE + 5
        assert all(len(name) == 64 and "10.0.0" not in name for name in names)
        db.session.remove()
        clock.move(minutes=2)
        for number in range(3):
            store.incr(f"10.0.1.{number}", 60)
        assert db.session.query(RateCount).filter(RateCount.sha256.in_(names)).count() == 0
        assert db.session.query(RateCount).count() == 3


def test_a_store_answers_what_the_limiter_asks(process: Process, clock: TestClock) -> None:
    with process().app_context():
        store = DatabaseStorage()
        assert (store.check(), store.get("a"), store.get_expiry("a")) == (True, 0, clock().timestamp())
        assert [store.incr("a", 60), store.incr("a", 60, 5), store.incr("b", 60)] == [1, 6, 1]
        assert (store.get("a"), store.get_expiry("a")) == (6, clock().timestamp() + 60)
        store.clear("a")
        assert (store.get("a"), store.get("b"), store.reset(), store.get("b")) == (0, 1, 1, 0)


def test_a_phone_is_counted_as_itself_whatever_its_address(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter.reset()
    monkeypatch.setattr("server.limits.WRITES", Rate(parse("3 per minute"), parse("100 per minute")))
    first, second = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    told = []
    for phone in (first, second):
        assert phone.get_token()
        for number in range(4):
            envelope = {"REMOTE_ADDR": f"10.1.1.{number}"}
            answer = phone.client.post("/api/v1/sync/push", json={}, headers=phone.headers, environ_overrides=envelope)
            told.append(answer.status_code)
    assert told == [400, 400, 400, 429] * 2


def test_a_person_is_counted_as_himself_and_his_neighbour_is_not(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter.reset()
    monkeypatch.setattr("server.limits.WRITES", Rate(parse("3 per minute"), parse("100 per minute")))
    supervisor, colleague = visitor(sqlite_world, "supervisor"), visitor(sqlite_world, "colleague")
    assert [supervisor.post("/console/tasks").status_code for _ in range(4)] == [422, 422, 422, 429]
    assert colleague.post("/console/enrolment").status_code == 200


def test_an_address_has_a_limit_of_its_own_for_all_its_phones(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.limits.WRITES", Rate(parse("4 per minute"), parse("6 per minute")))
    phones = [sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)]
    assert all(phone.get_token() for phone in phones)
    limiter.reset()
    told = [
        phone.client.post("/api/v1/sync/push", json={}, headers=phone.headers).status_code
        for _ in range(4)
        for phone in phones
    ]
    assert told == [400] * 6 + [429] * 2


def test_reading_is_not_counted(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter.reset()
    monkeypatch.setattr("server.limits.WRITES", Rate(parse("1 per minute"), parse("1 per minute")))
    desk = visitor(sqlite_world, "supervisor")
    assert {desk.get("/console/tasks").status_code for _ in range(5)} == {200}


def test_what_can_be_guessed_is_a_route_and_strictly_limited() -> None:
    guessed = {endpoint for (endpoint, _), row in POLICY.items() if row.rate is RateClass.GUESS}
    assert guessed >= {"devices_api.enrol", "merchant.invitation", "merchant.accept"}
    assert GUESSES.each.amount < WRITES.each.amount
    assert GUESSES.address.amount < WRITES.address.amount


def test_every_class_has_its_figures_and_reading_has_none() -> None:
    figures = {one: (rate.each.amount, rate.address.amount) for one in RateClass if (rate := rate_of(one))}
    assert figures == {
        RateClass.WRITE: (600, 6_000),
        RateClass.GUESS: (60, 60),
        RateClass.SIGN_IN: (10, 60),
        RateClass.CALCULATE: (120, 120),
        RateClass.SEND: (10, 60),
    }
    assert limits.SENDINGS.each.get_expiry() == 3600
    rates = [rate for one in set(RateClass) - {RateClass.SEND} if (rate := rate_of(one))]
    assert {rate.address.get_expiry() for rate in rates} | {rate.each.get_expiry() for rate in rates} == {60}


@pytest.mark.parametrize("rate", [one for one in RateClass if one is not RateClass.READ])
def test_a_route_is_counted_by_its_row_and_by_nothing_else(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, rate: RateClass
) -> None:
    limiter.reset()
    for name in ("WRITES", "GUESSES", "SIGN_INS", "CALCULATIONS", "SENDINGS"):
        figures = getattr(limits, name)
        monkeypatch.setattr(limits, name, dataclasses.replace(figures, each=FEW.each, address=FEW.address))
    row = POLICY["public.home", "GET"]
    monkeypatch.setitem(POLICY, ("public.home", "GET"), dataclasses.replace(row, rate=rate))
    most = FEW.each.amount if rate is RateClass.SIGN_IN else FEW.address.amount
    assert [sqlite_world.client.get("/").status_code for _ in range(most + 1)] == [200] * most + [429]
    assert sqlite_world.client.get("/tools").status_code == 200, "each route has a count of its own"
    assert {sqlite_world.client.get("/v/x").status_code for _ in range(most + 5)} == {404}


def test_a_sign_in_is_counted_by_name_and_by_address(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter.reset()
    monkeypatch.setattr(limits, "SIGN_INS", dataclasses.replace(SIGN_INS, each=FEW.each, address=FEW.address))
    monkeypatch.setitem(sqlite_world.app.config, "WTF_CSRF_ENABLED", False)

    def _try(name: str) -> int:
        return sqlite_world.client.post("/sign-in", data={"name": name}).status_code

    assert [_try("li") for _ in range(4)] == [422] * 3 + [429]
    assert [_try(" LI ") for _ in range(1)] == [429], "another spelling is the same name"
    assert [_try("wang") for _ in range(3)] == [422] * 3
    assert _try("zhou") == 429, "the address has tried eight times"


# --- settings -------------------------------------------------------------------------------------------------------


def test_no_process_counts_for_itself_where_there_may_be_several() -> None:
    on_postgres = WHOLE | {"DINGPAN_DATABASE": POSTGRES}
    assert Settings.from_env(on_postgres).rate_store == "database://"
    assert Settings.from_env(WHOLE).rate_store == "memory://"
    for wrong in ("memory://", "memcached://x", "database", "nowhere"):
        with pytest.raises(MissingSetting, match="DINGPAN_LIMITER_STORAGE"):
            Settings.from_env(on_postgres | {"DINGPAN_LIMITER_STORAGE": wrong})
    named = on_postgres | {"DINGPAN_LIMITER_STORAGE": "rediss://cache:6379/1"}
    assert Settings.from_env(named).rate_store == "rediss://cache:6379/1"


def test_every_store_that_may_be_named_is_there() -> None:
    kinds = {"database://": DatabaseStorage, "redis://cache:6379": RedisStorage, "memory://": MemoryStorage}
    assert {uri: type(storage_from_string(uri)) for uri in kinds} == kinds
    with pytest.raises(ConfigurationError):
        storage_from_string("nowhere://")


def test_the_server_on_postgresql_counts_in_its_database(
    postgres_url: str, tmp_path: Path, keys: Keyring, clock: TestClock
) -> None:
    app = create_app(settings_for(postgres_url, tmp_path), keyring=keys, clock=clock)
    with app.app_context():
        make_world(app)
        assert isinstance(limiter.storage, DatabaseStorage)
        assert enrol(app) == 422
        assert db.session.query(RateCount).one().hits == 1
        db.session.remove()
        db.engine.dispose()
