"""Two at once about one merchant or instrument: neither overlooks the other, and nothing is counted twice."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server import transaction
from server.credit.models import CreditEvent
from server.database import db
from server.findings.models import Finding
from server.keyring import Keyring
from server.pledges import service as pledges
from server.problems import AlreadyThere
from server.public.models import PublicRecord
from server.registry.models import Instrument
from server.sync.models import Change
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.test_credit_ledger import (
    PASSED,
    assert_stored_scores_are_the_fold,
    points_of,
    push_visit,
    sign_a_pledge,
    weight,
)
from tests.server.world import BEYOND, GOOD, World, make_world


@pytest.fixture
def patient(postgres_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """SQLite has one writer at a time: what happens at once is a matter of PostgreSQL."""
    with patient_app(postgres_url, tmp_path, keys, clock) as app:
        yield app


def test_pledges_signed_at_once_have_different_numbers(patient: Flask) -> None:
    world = make_world(patient)
    db.session.remove()

    def _sign(place: int) -> bool:
        with contextlib.suppress(AlreadyThere):
            in_context(patient, lambda: sign_a_pledge(db.session(), world, place % 2))
            return True
        return False

    assert sorted(at_once(4, _sign)) == [False, False, True, True], "two merchants, each of whom pressed twice"
    numbers = sorted(pledge.number for pledge in db.session.query(pledges.Pledge))
    assert numbers == [f"CN4116022026-{number:06d}" for number in (1, 2)]
    assert_stored_scores_are_the_fold(world)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two transactions work everything out before either commits, where they do not wait for each other."""
    both, real = threading.Barrier(2), transaction.lock_log

    def _meet() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=0.5)
        real()

    monkeypatch.setattr(transaction, "lock_log", _meet)


def push_at_once(world: World, bodies: list[dict[str, Any]], request: pytest.FixtureRequest) -> None:
    """Push records of two phones at the same moment."""
    phones = [world.phone(), world.phone(world.colleague)]
    wire = [{"ops": [phone.op("visit.record/1", body).to_wire()]} for phone, body in zip(phones, bodies, strict=True)]
    headers = [phone.headers for phone in phones]
    db.session.remove()
    request.getfixturevalue("meeting")

    def _push(place: int) -> Any:
        return world.app.test_client().post("/api/v1/sync/push", json=wire[place], headers=headers[place])

    answers = at_once(2, _push)
    assert [answer.json["results"][0]["status"] for answer in answers] == ["applied", "applied"]


def test_records_about_one_merchant_at_once_leave_the_fold_of_both(
    patient: Flask, request: pytest.FixtureRequest
) -> None:
    world = make_world(patient)
    start = points_of(world)
    push_visit(world, world.phone(), world.check(GOOD))
    push_at_once(world, [world.visit(world.check(GOOD)) for _ in range(2)], request)
    assert db.session.query(CreditEvent).count() == 3
    assert points_of(world) - start == 3 * weight(world, "clean_check")
    assert_stored_scores_are_the_fold(world)


def test_records_about_one_instrument_at_once_leave_a_page_and_a_row_that_know_of_both(
    patient: Flask, request: pytest.FixtureRequest
) -> None:
    world = make_world(patient)
    push_at_once(world, [world.visit(world.check(BEYOND)) for _ in range(2)], request)
    record = json.loads(db.session.get_one(PublicRecord, 1_000_001).body)
    assert len(record["suspected"]) == 2
    row = db.session.get_one(Change, ("instrument", world.instruments[0], "411602"))
    assert row.rev == db.session.get_one(Instrument, world.instruments[0]).rev == 3


def test_a_verification_entered_while_the_record_comes_settles_it(
    patient: Flask, request: pytest.FixtureRequest, clock: TestClock
) -> None:
    """Neither may overlook the other: one of the two waits, and then sees what was committed."""
    world = make_world(patient)
    phone = world.phone()
    wire = {"ops": [phone.op("visit.record/1", world.visit(world.check(BEYOND))).to_wire()]}
    clock.move(days=2)
    headers = phone.headers
    db.session.remove()
    request.getfixturevalue("meeting")

    def _work(place: int) -> None:
        if place:
            in_context(patient, lambda: world.verify(PASSED, "C-1"))
        else:
            assert world.app.test_client().post("/api/v1/sync/push", json=wire, headers=headers).status_code == 200

    at_once(2, _work)
    assert db.session.query(Finding).one().state == "withdrawn"
    assert {row.state for row in db.session.query(CreditEvent)} == {"provisional", "void"}
