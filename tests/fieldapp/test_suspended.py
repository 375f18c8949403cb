"""A phone that was suspended, against the real server: the register goes, everything made here stays and is left."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.wipe import wipe
from fieldapp.sync.failures import Refused
from fieldapp.sync.inclusion import prove
from fieldapp.sync.round import Outcome, Result
from fieldapp.visit.model import Evidence
from server import transaction
from server.accounts.models import Person as Staff
from server.database import begin_write, db
from server.devices import service as devices
from server.devices.models import Device, QuarantinedOp
from server.devices.service import SuspendedWhy
from server.inspections.models import Visit as ServerVisit
from shared.signing import sha256_hex
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOON, a_scale_row, a_visit, an_inspection, fill, save
from tests.fieldapp.pretend_server import PretendServer, problem, session_with
from tests.fieldapp.server_phone import Phone


def suspend(phone: Phone) -> None:
    """Suspend the phone as the desk does."""
    _change(phone, lambda device, by, now: devices.suspend(db.session(), device, SuspendedWhy.LOST, by=by, now=now))


def restore(phone: Phone) -> None:
    _change(phone, lambda device, by, now: devices.restore(db.session(), device, by=by, now=now))


def _change(phone: Phone, change) -> None:
    now = phone.world.app.extensions["dingpan"].clock()
    begin_write()
    device = db.session().get_one(Device, phone.store.kept.device.id)
    change(device, db.session().get_one(Staff, phone.world.supervisor), now)
    transaction.commit(db.session(), now)
    db.session.remove()


def register_of(phone: Phone) -> tuple[int, int]:
    """Return how many things and colleagues the phone knows."""
    return phone.store.register.count(), len(phone.store.kept.colleagues)


def test_it_leaves_its_records_with_the_bureau_and_loses_the_register(phone: Phone):
    phone.save(phone.a_visit())
    heads, keys_seq = phone.store.heads.count(), phone.store.documents.keys.seq
    assert register_of(phone)[0] > 5
    suspend(phone)
    assert phone.round() == Outcome(Result.SUSPENDED)
    assert register_of(phone) == (0, 0)
    facts = [phone.store.facts.get(name) for name in (Fact.IS_FILLED, Fact.CURSOR, Fact.PULLED_AT)]
    assert facts == [False, None, None]
    assert phone.states == [OpState.WAITING]
    assert phone.store.outbox.all()[0].answer["problem"]["type"] == "/problems/device-suspended"
    assert phone.store.records.of_op(phone.store.outbox.all()[0].op_id) is not None
    assert phone.store.heads.count() >= heads
    assert phone.store.documents.keys.seq == keys_seq
    assert phone.store.facts.instant(Fact.SUSPENDED_AT) == phone.clock.at
    assert db.session.query(QuarantinedOp).count() == 1
    assert db.session.query(ServerVisit).count() == 0
    assert phone.store.alarms.all() == []


def test_what_it_recorded_while_suspended_is_left_too_and_once(phone: Phone):
    suspend(phone)
    phone.round()
    phone.save(phone.a_visit())
    for _ in range(3):
        phone.clock.at += timedelta(minutes=20)
        assert phone.round().result is Result.SUSPENDED
    assert phone.states == [OpState.WAITING]
    assert db.session.query(QuarantinedOp).count() == 1


def test_restored_it_sends_everything_again_and_downloads_anew(phone: Phone):
    for number in range(3):
        phone.save(phone.a_visit(number))
    before = register_of(phone)
    suspend(phone)
    phone.round()
    restore(phone)
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED] * 3
    assert register_of(phone)[1] == before[1]
    assert phone.store.register.instrument(phone.world.instruments[0]).scale is not None
    assert phone.store.facts.get(Fact.SUSPENDED_AT) is None
    assert phone.store.facts.get(Fact.IS_FILLED) is True


def test_a_running_visit_is_not_lost(phone: Phone):
    visit = phone.a_visit()
    phone.store.drafts.keep(visit, NOON)
    suspend(phone)
    phone.round()
    assert phone.store.drafts.running() == visit
    restore(phone)
    phone.round()
    assert phone.store.drafts.running() == visit
    phone.save(visit)
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED]


def test_without_a_network_nothing_is_removed(phone: Phone):
    before = register_of(phone)
    suspend(phone)
    phone.adapter.is_cut = True
    assert phone.round().result is Result.OFFLINE
    assert register_of(phone) == before


def test_a_restart_in_between_changes_nothing(phone: Phone):
    phone.save(phone.a_visit())
    suspend(phone)
    phone.round()
    fresh = session_with(phone.store, phone.adapter)
    phone.session = fresh
    assert phone.round().result is Result.SUSPENDED
    restore(phone)
    phone.session = session_with(phone.store, phone.adapter)
    phone.clock.at += timedelta(minutes=1)
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED]


def test_a_proof_that_cannot_be_fetched_is_not_told_as_one_that_failed(phone: Phone):
    phone.save(phone.a_visit())
    phone.round()
    suspend(phone)
    with pytest.raises(Refused):
        prove(phone.store, phone.session, phone.store.outbox.all()[0].op_id)


# --- what is removed, and what only our server may ask for ----------------------------------------------------------


def a_desk(folder: Path) -> tuple[Desk, PretendServer]:
    server = PretendServer()
    return Desk(folder, adapter=server), server


def test_pictures_of_the_register_go_and_photos_of_records_and_drafts_stay(folder: Path):
    desk, _ = a_desk(folder)
    store = desk.store
    theirs, both, drafted, ours = (store.photos.keep(content) for content in (b"a", b"b", b"c", b"d"))
    fill(store, [("instrument", a_scale_row(id_, photo=photo)) for id_, photo in (("x1", theirs), ("x2", both))])
    photo = Evidence(both, 1, "photo", None)
    save(store, a_visit(an_inspection(evidence=(photo, Evidence(ours, 1, "photo", None)))))
    draft = an_inspection(id=desk.clock.new_id(), evidence=(Evidence(drafted, 1, "photo", None),))
    store.drafts.keep(a_visit(draft, id=desk.clock.new_id()), NOON)
    wipe(store)
    assert [store.photos.get(one) for one in (theirs, both, drafted, ours)] == [None, b"b", b"c", b"d"]
    assert not (folder / "photos" / theirs).exists()
    assert theirs == sha256_hex(b"a")


def test_nothing_of_the_register_can_be_read_in_the_file_afterwards(folder: Path):
    desk, _ = a_desk(folder)
    name = "城南加油站".encode()
    assert name in (folder / "dingpan.db").read_bytes()
    wipe(desk.store)
    desk.store.database.close()
    assert name not in (folder / "dingpan.db").read_bytes()
    assert sqlite3.connect(folder / "dingpan.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("answer", [problem(403, "not-allowed"), (403, b"suspended"), problem(500, "device-suspended")])
def test_only_our_servers_own_word_removes_anything(folder: Path, answer):
    desk, server = a_desk(folder)
    server.before = lambda method, path, body: answer if path == "/sync/changes" else None
    from fieldapp.sync.retry import Retry
    from fieldapp.sync.round import Round

    before = desk.store.register.count()
    result = Round(desk.store, session_with(desk.store, server), Retry(desk.store.facts, lambda: 0.0)).run().result
    assert result is not Result.SUSPENDED
    assert desk.store.register.count() == before
    server.before = lambda method, path, body: problem(403, "device-suspended") if path == "/sync/changes" else None
    result = Round(desk.store, session_with(desk.store, server), Retry(desk.store.facts, lambda: 0.0)).run().result
    assert (result, desk.store.register.count()) == (Result.SUSPENDED, 0)


# --- the screen -----------------------------------------------------------------------------------------------------


def test_the_day_gives_way_to_the_screen_that_says_so(folder: Path):
    desk, _ = a_desk(folder)
    save(desk.store)
    desk.store.drafts.keep(a_visit(id=desk.clock.new_id()), NOON)
    desk.go(Route.TODAY)
    wipe(desk.store, suspended_at=NOON)
    desk.parts.status.take(Outcome(Result.SUSPENDED), desk.store)
    assert desk.route == "suspended"
    assert "本机的 1 条记录" in desk.vm.kept
    assert "1 条还没有得到服务器确认" in desk.vm.left
    assert desk.vm.visit
    assert desk.vm.network == ""
    desk.parts.status.take(Outcome(Result.OFFLINE), desk.store)
    assert "可以照常检查" not in desk.vm.network != ""
    desk.vm.open_outbox()
    assert desk.route == "outbox"
    desk.vm.back()
    desk.vm.try_again()
    assert desk.pokes[-1] is True


def test_let_in_again_it_goes_on_with_the_download_and_then_the_day(folder: Path):
    desk, _ = a_desk(folder)
    desk.parts.start_sync = lambda: None  # type: ignore[method-assign]
    wipe(desk.store, suspended_at=NOON)
    desk.go(Route.SUSPENDED)
    desk.store.facts.set(Fact.SUSPENDED_AT, None)
    desk.parts.status.look(desk.store)
    assert desk.route == "joining"
    fill(desk.store)
    desk.store.facts.set(Fact.IS_FILLED, True)
    desk.parts.status.take(Outcome(Result.DONE), desk.store)
    assert desk.route == "today"
