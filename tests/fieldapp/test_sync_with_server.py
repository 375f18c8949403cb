"""The phone against the real server, without a socket: enrol, download, record, send, prove."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from requests.adapters import BaseAdapter
from sqlalchemy import event
from urllib3 import HTTPResponse

from fieldapp.store.kept import Bureau, Enrolment, Person
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.balance import balance_of_today
from fieldapp.sync.enrol import device_of, enrol, read_enrolment
from fieldapp.sync.failures import Refused
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.token import Session
from fieldapp.visit.model import Participant, Visit
from server import transaction
from server.accounts.models import Person as Staff
from server.database import begin_write, db
from server.devices import service as devices
from server.devices.models import Device
from server.findings.models import Finding
from server.inspections.models import Check
from server.problems import TokenExpired
from shared.seal import LabelVerdict, open_seal
from shared.words import Capacity
from tests.fieldapp.field_builders import (
    DEVICE,
    SettableClock,
    a_field_check,
    a_visit,
    an_inspection,
    open_store,
)
from tests.fieldapp.pretend_server import session_with
from tests.server.conftest import (  # noqa: F401 - fixtures are found by their names in this module
    TODAY,
    TestClock,
    clock,
    is_filled,
    keys,
    migrated_sqlite,
    sqlite_app,
    sqlite_url,
    sqlite_world,
    sqlite_worlds,
)
from tests.server.world import World


class IntoFlask(BaseAdapter):
    """Carries requests into the app's test client; ``is_cut`` is a phone without a network."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.client = app.test_client()
        self.is_cut = False

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        if self.is_cut:
            raise requests.ConnectionError
        answer = self.client.open(
            request.path_url, method=request.method, data=request.body, headers=list(request.headers.items())
        )
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status_code, request, request.url or ""
        response.headers.update(dict(answer.headers))
        body = io.BytesIO(answer.get_data())
        response.raw = HTTPResponse(
            body, headers=dict(answer.headers), status=answer.status_code, preload_content=False
        )
        return response

    def close(self) -> None:
        """There is nothing to close."""


class Phone:
    """A phone enrolled for the world's inspector."""

    def __init__(self, world: World, folder: Path, moments: TestClock) -> None:
        self.world, self.adapter = world, IntoFlask(world.app)
        self.clock = SettableClock(moments())
        self.store: Store = open_store(folder, self.clock)
        enrolment = read_enrolment(enrolment_text(world))
        enrol(
            self.store,
            session_with(self.store, self.adapter).client,
            enrolment,
            device_of(self.store, DEVICE.secret),
            "p",
        )
        self.session: Session = session_with(self.store, self.adapter)

    def round(self) -> Outcome:
        return Round(self.store, self.session, Retry(self.store.facts, lambda: 0.0)).run()

    def a_visit(self, number: int = 0, **fields: Any) -> Visit:
        world, base = self.world, a_visit()
        people = ((world.inspector, "inspector"), (world.colleague, "colleague"))
        check = a_field_check(id_=0x9000 + number, instrument=world.instruments[0])
        check = check.__class__(**check.__dict__ | {"custody": world.custodies[0], "tested_by": world.inspector})
        inspection = an_inspection(check, party=world.parties[0], stall=world.stalls[0], id=self.clock.new_id())
        sound = {
            "id": self.clock.new_id(),
            "task": None,
            "place": world.place,
            "participants": tuple(Participant(id_, Capacity.OFFICER, card) for id_, card in people),
            "inspections": (inspection,),
        }
        return Visit(**base.__dict__ | sound | fields)

    def save(self, visit: Visit) -> None:
        kept = self.store.kept
        self.store.records.save(
            visit, name="m", device=kept.device, person=kept.person, offset=self.store.facts.offset()
        )

    @property
    def states(self) -> list[OpState]:
        return [entry.state for entry in reversed(self.store.outbox.all())]


def enrolment_text(world: World, person: str | None = None) -> str:
    begin_write()
    code = devices.issue_enrolment_code(
        db.session(), db.session().get_one(Staff, person or world.inspector), world.app.extensions["dingpan"].clock()
    )
    transaction.commit(db.session(), world.app.extensions["dingpan"].clock())
    return devices.enrolment_text("http://127.0.0.1:9", world.app.extensions["dingpan"].keyring.root_public, code)


@pytest.fixture
def phone(sqlite_world: World, folder: Path, clock: TestClock) -> Iterator[Phone]:  # noqa: F811
    made = Phone(sqlite_world, folder, clock)
    yield made
    made.store.database.close()


def test_a_first_download_brings_the_register_and_only_our_scope(phone: Phone):
    assert phone.round() == Outcome(Result.DONE)
    register = phone.store.register
    assert [place.name for place in register.places()] == ["market 411602"]
    assert register.instrument(phone.world.instruments[0]).scale is not None
    assert [person.name for person in phone.store.kept.colleagues] == ["colleague", "inspector", "supervisor"]


def test_a_label_of_the_server_is_genuine_on_the_phone_and_leads_to_its_scale(phone: Phone):
    phone.round()
    store = phone.store
    seal = open_seal(phone.world.links[0], store.documents.keys, store.documents.revoked, store.label_day())
    assert seal.verdict is LabelVerdict.GENUINE
    assert store.register.instrument_of_label(seal.payload.serial).id == phone.world.instruments[0]


def test_what_is_recorded_without_a_network_arrives_once_with_proof(phone: Phone):
    phone.round()
    phone.adapter.is_cut = True
    phone.save(phone.a_visit())
    assert phone.round().result is Result.OFFLINE
    phone.adapter.is_cut = False
    for _ in range(3):
        assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED]
    assert db.session.query(Check).one().verdict == "beyond"
    assert db.session.query(Finding).one().state == "suspected"
    assert balance_of_today(phone.store).is_equal
    assert phone.store.alarms.all() == []
    assert phone.store.heads.last_consistent().size > 0
    assert phone.store.register.instrument(phone.world.instruments[0]).finding == "suspected"


def test_a_visit_of_another_region_is_refused_with_a_reason_and_kept(phone: Phone):
    phone.round()
    phone.save(phone.a_visit(place=phone.world.far_place))
    phone.save(phone.a_visit(1))
    phone.round()
    assert phone.states == [OpState.REJECTED, OpState.RECEIVED]
    assert phone.store.outbox.all()[1].answer["problem"]["detail"]


def test_an_unreadable_push_is_halved_and_the_rest_arrives(phone: Phone):
    phone.round()
    for number in range(5):
        phone.save(phone.a_visit(number))
    with phone.store.database.write() as connection:
        connection.execute("UPDATE op SET prev = 'nonsense' WHERE device_seq = 3")
    phone.round()
    assert phone.states == [OpState.QUARANTINED if number == 2 else OpState.RECEIVED for number in range(5)]


def test_a_token_that_is_over_is_renewed_in_the_middle(phone: Phone, clock: TestClock):  # noqa: F811
    phone.round()
    clock.move(minutes=16)
    phone.clock.at += timedelta(minutes=16)
    with pytest.raises(TokenExpired):
        devices.caller_of_token(db.session(), phone.session.client.token, clock())
    phone.save(phone.a_visit())
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED]


@pytest.mark.parametrize("years", [-10, 10])
def test_the_records_of_a_phone_whose_clock_is_ten_years_off_arrive_on_the_right_day(phone: Phone, years: int):
    phone.clock.at += timedelta(days=3_653 * years // 10)
    assert phone.round().result is Result.DONE
    phone.save(phone.a_visit())
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED]
    check = db.session.query(Check).one()
    assert (check.civil_day, check.inspection.visit.irregular) == (TODAY.date(), "")
    assert phone.store.facts.offset().is_large
    assert phone.store.alarms.all() == []


def test_a_server_that_takes_nothing_is_quoted_and_takes_the_record_afterwards(phone: Phone):
    """The server's file cannot be written: its own sentence reaches the inspector."""
    phone.round()
    phone.save(phone.a_visit())
    wanted = [1]
    db.session.remove()
    event.listen(db.engine, "checkout", lambda made, *_: made.execute(f"PRAGMA query_only={wanted[0]}"))
    outcome = phone.round()
    assert (outcome.result, "请稍后重试；手机上的记录都还在" in outcome.why) == (Result.LATER, True)
    assert phone.states == [OpState.WAITING]
    wanted[0] = 0
    db.session.remove()
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED]


def test_a_suspended_device_keeps_what_it_recorded(phone: Phone):
    phone.round()
    phone.save(phone.a_visit())
    begin_write()
    db.session().get_one(Device, phone.store.kept.device.id).is_suspended = True
    db.session().commit()
    assert phone.round().result is Result.SUSPENDED
    assert phone.states == [OpState.WAITING]


def test_a_code_is_good_once(phone: Phone, sqlite_world: World):  # noqa: F811
    enrolment = read_enrolment(enrolment_text(sqlite_world))
    device = phone.store.kept.device
    assert isinstance(enrol(phone.store, phone.session.client, enrolment, device, "again"), Person)
    with pytest.raises(Refused) as caught:
        enrol(
            phone.store,
            phone.session.client,
            Enrolment(enrolment.url, enrolment.root_sha256, enrolment.code),
            device,
            "p",
        )
    assert caught.value.sentence
    assert isinstance(phone.store.kept.bureau, Bureau)


def test_a_log_that_was_cut_is_noticed(phone: Phone):
    phone.round()
    for number in range(3):
        phone.save(phone.a_visit(number))
    phone.round()
    assert phone.store.alarms.all() == []
    from server.audit import models

    begin_write()
    leaf = db.session.query(models.Leaf).order_by(models.Leaf.index.desc()).first()
    leaf.leaf_sha256 = "ab" * 32
    db.session().commit()
    phone.save(phone.a_visit(7))
    phone.round()
    assert [alarm.code for alarm in phone.store.alarms.all()] == ["log_changed"]
