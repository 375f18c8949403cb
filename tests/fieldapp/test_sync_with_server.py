"""The phone against the real server, without a socket: enrol, download, record, send, prove."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from sqlalchemy import event

from fieldapp.store.database import Database
from fieldapp.store.kept import Bureau, Enrolment, Person
from fieldapp.store.outbox import OpState
from fieldapp.sync.balance import balance_of_today
from fieldapp.sync.client import Client
from fieldapp.sync.enrol import enrol, read_enrolment
from fieldapp.sync.failures import Refused
from fieldapp.sync.round import Outcome, Result
from server.database import begin_write, db
from server.devices import service as devices
from server.devices.models import Device, DeviceState
from server.findings.models import Finding
from server.inspections.models import Check
from server.problems import TokenExpired
from shared.seal import LabelVerdict, open_seal
from tests.fieldapp.server_phone import Phone, enrolment_text
from tests.server.conftest import TODAY, TestClock
from tests.server.world import World


@pytest.fixture
def phone(fresh_phone: Phone) -> Phone:
    """What the first round does is what is tested here."""
    return fresh_phone


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


def test_a_morning_costs_few_round_trips_and_few_commits(phone: Phone, monkeypatch: pytest.MonkeyPatch):
    """Over a bad line every request costs a third of a second, and on a phone every commit some hundredths."""
    phone.round()
    for number in range(120):
        phone.save(phone.a_visit(number))
    asked: list[str] = []
    committed: list[int] = []
    send, commit = phone.adapter.send, Database._commit
    monkeypatch.setattr(phone.adapter, "send", lambda request, **kw: asked.append(request.path_url) or send(request))
    monkeypatch.setattr(Database, "_commit", lambda self: committed.append(1) or commit(self))
    assert phone.round().result is Result.DONE
    assert set(phone.states) == {OpState.RECEIVED}
    assert [path for path in asked if "/sync/push" in path] == ["/api/v1/sync/push"] * 2
    assert len(asked) <= 6
    assert len(committed) < 20


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


def test_a_token_that_is_over_is_renewed_in_the_middle(phone: Phone, clock: TestClock):
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


def test_a_code_is_good_once(phone: Phone, sqlite_world: World):
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


@pytest.mark.parametrize(("language", "is_english"), [("zh-CN", False), ("en", True)])
def test_a_problem_comes_in_the_language_of_the_screens(phone: Phone, language: str, is_english: bool):
    enrolment, carrier = read_enrolment(enrolment_text(phone.world)), requests.Session()
    carrier.mount("http://", phone.adapter)
    client = Client("http://127.0.0.1:9", carrier, language=lambda: language)
    enrol(phone.store, client, enrolment, phone.store.kept.device, "again")
    with pytest.raises(Refused) as caught:
        enrol(phone.store, client, enrolment, phone.store.kept.device, "p")
    assert caught.value.sentence.isascii() is is_english


def test_an_app_that_is_too_old_leaves_what_it_has_and_says_what_it_needs(phone: Phone):
    phone.round()
    app = phone.world.app
    before = app.extensions["dingpan"]
    app.extensions["dingpan"] = replace(before, settings=replace(before.settings, least_app="99.0.0"))
    phone.save(phone.a_visit())
    outcome = phone.round()
    assert (outcome.result, "99.0.0" in outcome.why) == (Result.TOO_OLD, True)
    assert phone.states == [OpState.RECEIVED]
    assert db.session.query(Check).count() == 1
    app.extensions["dingpan"] = before
    assert phone.round().result is Result.DONE


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


def test_the_server_keeps_how_a_phone_says_that_it_stands(phone: Phone) -> None:
    phone.save(phone.a_visit())
    assert phone.round().result is Result.DONE
    state = db.session.get_one(DeviceState, phone.store.kept.device.id)
    assert (state.waiting, state.photos, state.clock_offset_s) == (0, 0, 0)
