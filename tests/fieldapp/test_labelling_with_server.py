"""What a labelling day filed, against the real server: taken in, shown, and known again by the next download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fieldapp.labelling.model import Day, Filing, Plate, Step
from fieldapp.routes import Route
from fieldapp.store.outbox import OpState
from fieldapp.store.uploads import UploadState
from fieldapp.sync.enrol import device_of, enrol, read_enrolment
from fieldapp.sync.round import Result
from server import feed, transaction
from server.certificates.models import Verification
from server.clock import new_id, now
from server.database import begin_write, db
from server.registry.models import Custody, Instrument, Tenancy
from server.seals.models import SealStock
from shared.words import VerificationResult
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import DEVICE
from tests.fieldapp.labelling_builders import HeldCamera
from tests.fieldapp.pretend_server import session_with
from tests.fieldapp.server_phone import Phone, enrolment_text
from tests.server.labelling import stock

PLATE = Plate(maker="maker", model="ACS-15", accuracy_class="III", max_mg=15_000_000, e_mg=5_000)


class Market:
    """A verifier's phone at the world's market, worked by its viewmodels."""

    def __init__(self, phone: Phone, folder: Path) -> None:
        self.world, self.phone, world = phone.world, phone, phone.world
        self.labels = {serial: world.links[-3 + place] for place, serial in enumerate(stock(world, 3))}
        store, adapter = self.phone.store, self.phone.adapter
        self._let_the_merchant_have_the_stall()
        client = session_with(store, adapter).client
        text = read_enrolment(enrolment_text(world, world.verifier))
        enrol(store, client, text, device_of(store, DEVICE.secret), "p")
        self.phone.session = session_with(store, adapter)
        assert self.phone.round().result is Result.DONE
        self.desk, self.camera = Desk(folder / "desk"), HeldCamera()
        self.desk.parts.opened = self.desk.store = store
        self.desk.parts.facts, self.desk.clock = store.facts, self.phone.clock
        self.desk.parts.clock = self.phone.clock
        self.desk.parts.new_camera = lambda: self.camera
        self._begin()

    def _let_the_merchant_have_the_stall(self) -> None:
        world = self.world
        begin_write()
        about = {"stall_id": world.stalls[1], "party_id": world.parties[1], "first_day": world.day, "last_day": None}
        db.session.add(Tenancy(id=new_id(now()), **about))
        feed.changed(db.session(), "stall", world.stalls[1])
        transaction.commit(db.session(), now())

    def _begin(self) -> None:
        day = Day(person=self.world.verifier, place=self.world.place, plates=(PLATE,), passed_no="周检2026-0100")
        self.phone.store.labelling.keep(day, self.phone.clock.now())
        self.desk.parts.path.begin(Route.TODAY)
        self.desk.go(Route.LABELLING)

    @property
    def vm(self) -> Any:
        return self.desk.vm

    def file(self, label: int, serial: str, *, stall: int = 1, same: bool = False) -> Filing:
        """File one scale from its label to the next; return what was in hand before the last touch."""
        if self.desk.route == "labelling":
            self.vm.next()
        self.vm.on_codes([self.labels[label]])
        self.camera.look_at("teal")
        self.vm.shoot()
        self.vm.use_keyboard()
        self.vm.write(serial)
        self.vm.choose_stall(self.world.stalls[stall])
        if same:
            self.vm.take_same()
        self.vm.passes()
        self.camera.look_at("maroon")
        self.vm.shoot()
        filing = self.phone.store.labelling.of(self.world.verifier).filing
        assert filing is not None
        assert filing.step is Step.REVIEW
        self.vm.save()
        return filing

    def send(self) -> None:
        assert self.phone.round().result is Result.DONE


@pytest.fixture
def market(fresh_phone: Phone, folder: Path) -> Market:
    return Market(fresh_phone, folder)


def test_a_scale_filed_without_a_network_is_in_the_register_with_label_custody_verification_and_photo(market: Market):
    label, world = min(market.labels), market.world
    filing = market.file(label, "NEW-0001")
    market.send()
    assert market.phone.states == [OpState.RECEIVED] * 3
    assert market.phone.store.uploads.counts() == {UploadState.DONE: 2}
    item = db.session.get_one(Instrument, filing.id)
    assert (item.serial, item.max_mg, item.place_id) == ("NEW-0001", 15_000_000, world.place)
    assert item.photo_sha256 == filing.place_photo.sha256
    custody = db.session.query(Custody).filter_by(instrument_id=item.id).one()
    merchant = world.parties[1]
    assert (custody.stall_id, custody.user_id, custody.owner_id) == (world.stalls[1], merchant, merchant)
    bound = db.session.get_one(SealStock, label)
    assert (bound.state, bound.instrument_id) == ("applied", item.id)
    verification = db.session.query(Verification).filter_by(instrument_id=item.id).one()
    assert (verification.document_no, verification.result) == ("周检2026-0101", "passed")


def test_the_next_download_brings_back_what_was_filed(market: Market):
    label = min(market.labels)
    filing = market.file(label, "NEW-0001")
    market.send()
    market.send()
    register = market.phone.store.register
    known = register.instrument_of_label(label)
    assert (known.id, known.serial, known.stall) == (filing.id, "NEW-0001", market.world.stalls[1])
    assert known.verification.valid_until is not None
    assert [one.tenant for one in register.stalls_at(market.world.place)] == [None, market.world.parties[1]]


def test_a_scale_of_the_register_is_labelled_anew_and_not_registered_twice(market: Market):
    label, world = min(market.labels), market.world
    market.file(label, "acs-0001", same=True)
    market.send()
    assert market.phone.states == [OpState.RECEIVED] * 2
    assert db.session.query(Instrument).count() == 2
    assert db.session.get_one(SealStock, label).instrument_id == world.instruments[0]
    assert db.session.get_one(SealStock, 1_000_001).state == "replaced"


def test_two_that_changed_places_stand_in_each_others_place(market: Market):
    first, second, _ = market.labels
    one, two = market.file(first, "NEW-0001", stall=0), market.file(second, "NEW-0002", stall=1)
    market.vm.back()
    market.vm.swap()
    market.vm.on_codes([market.labels[first]])
    market.vm.on_codes([market.labels[second]])
    market.vm.save()
    market.send()
    assert market.phone.states == [OpState.RECEIVED] * 7
    now_at = {
        row.instrument_id: row.stall_id
        for row in db.session.query(Custody).filter(Custody.last_day.is_(None))
        if row.instrument_id in (one.id, two.id)
    }
    assert now_at == {one.id: market.world.stalls[1], two.id: market.world.stalls[0]}


def test_a_number_that_the_desk_used_refuses_the_verification_alone(market: Market):
    world = market.world
    begin_write()
    world.verify(VerificationResult.PASSED, "周检2026-0101")
    filing = market.file(min(market.labels), "NEW-0001")
    market.send()
    assert market.phone.states == [OpState.RECEIVED, OpState.RECEIVED, OpState.REJECTED]
    assert db.session.get_one(Instrument, filing.id).serial == "NEW-0001"
    market.vm.back()
    assert market.vm.rows[0]["code"] == "beyond"
