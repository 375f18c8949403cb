"""Whose register a record may touch: an author's unit answers for its regions, and for nothing beyond them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.campaigns.models import Task
from server.credit.models import CreditEvent
from server.database import db
from server.findings.models import Finding
from server.inspections.models import Check, Visit
from server.public import service as public
from server.registry.models import Custody, Instrument
from server.seals.models import SealBinding, SealStock
from server.sync.models import Change
from shared.ops import Status
from shared.seal import short_code
from tests.server.protocol import send, statuses
from tests.server.world import BEYOND, GOOD, Phone, World, a_label, new_id, now


def refused(world: World, phone: Phone, kind: str, body: dict[str, Any]) -> None:
    """Check that a record is refused as out of scope and leaves nothing but its receipt."""
    before = {row.id: row.seq for row in db.session.query(Change)}
    answer = send(world.app, phone, phone.op(kind, body))[0]
    assert answer["status"] == Status.REJECTED
    assert answer["problem"]["type"] == "/problems/out-of-scope"
    for table in (Visit, Check, Finding, CreditEvent, Task):
        assert db.session.query(table).count() == 0
    assert {row.id: row.seq for row in db.session.query(Change)} == before


def test_a_visit_to_a_place_elsewhere_is_refused(far: World) -> None:
    refused(far, far.phone(), "visit.record/1", far.visit(far.check(BEYOND), place=far.far_place))


def test_an_unknown_place_is_refused(far: World) -> None:
    refused(far, far.phone(), "visit.record/1", far.visit(far.check(BEYOND), place=new_id(now())))


@pytest.mark.parametrize("changes", [{"instrument": 2, "custody": 2}, {"custody": 1}, {"custody": 2}])
def test_an_instrument_or_custody_that_is_not_ours_or_not_its_own_is_refused(
    far: World, changes: dict[str, int]
) -> None:
    known = {"instrument": far.instruments, "custody": far.custodies}
    fields = {name: known[name][place] for name, place in changes.items()}
    refused(far, far.phone(), "visit.record/1", far.visit(far.check(BEYOND) | fields))


@pytest.mark.parametrize("name", ["instrument", "custody"])
def test_what_stands_in_no_register_is_refused(far: World, name: str) -> None:
    refused(far, far.phone(), "visit.record/1", far.visit(far.check(BEYOND) | {name: new_id(now())}))


@pytest.mark.parametrize("name", ["party", "stall"])
def test_a_party_or_stall_elsewhere_is_refused(far: World, name: str) -> None:
    elsewhere = {"party": far.parties[2], "stall": far.stalls[2]}
    for foreign in (elsewhere[name], new_id(now())):
        body = far.visit(far.check(GOOD))
        body["inspections"][0][name] = foreign
        refused(far, far.phone(), "visit.record/1", body)


def test_a_merchant_filed_elsewhere_who_uses_a_scale_here_may_be_inspected(far: World) -> None:
    custody = db.session.get_one(Custody, far.custodies[1])
    custody.user_id = far.parties[2]
    db.session.commit()
    body = far.visit(far.check(GOOD, instrument=1))
    body["inspections"][0]["party"] = far.parties[2]
    phone = far.phone()
    assert statuses(far.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    assert db.session.query(CreditEvent).one().party_id == far.parties[2]


def test_a_strangers_record_of_our_market_is_refused(far: World) -> None:
    body = far.visit(far.check(BEYOND), participants=[{"person": far.stranger, "capacity": "officer", "card_no": ""}])
    refused(far, far.phone(far.stranger), "visit.record/1", body)


def test_the_authors_scope_counts_not_that_of_the_phone_that_carries_the_record(far: World) -> None:
    phone, carrier = far.phone(), far.phone(far.stranger)
    op = phone.op("visit.record/1", far.visit(far.check(BEYOND)))
    assert statuses(far.app, carrier, op) == [Status.APPLIED]
    forbidden = carrier.op("visit.record/1", far.visit(far.check(BEYOND)))
    assert statuses(far.app, phone, forbidden) == [Status.REJECTED]


def test_somebody_without_a_jurisdiction_can_register_and_inspect_nothing(far: World) -> None:
    from server.accounts.models import UnitRegion

    db.session.query(UnitRegion).delete()
    db.session.commit()
    phone = far.phone()
    refused(far, phone, "visit.record/1", far.visit(far.check(BEYOND)))
    refused(far, phone, "instrument.register/1", {"id": new_id(now()), "kind": "scale", "serial": "1"})
    refused(far, phone, "seal.bind/1", {"instrument": far.instruments[0], "serial": 1_000_002})


def test_a_task_of_another_region_is_not_finished_by_naming_it(far: World) -> None:
    task = Task(
        id=new_id(now()),
        kind="visit",
        state="open",
        region="411681",
        place_id=far.far_place,
        made_at=now(),
        note="",
        rev=1,
    )
    db.session.add(task)
    db.session.commit()
    phone = far.phone()
    body = far.visit(far.check(GOOD), task=task.id)
    assert statuses(far.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    assert db.session.get_one(Task, task.id).state == "open"


def test_a_task_of_ours_is_done_by_the_visit_that_names_it(far: World) -> None:
    task = Task(
        id=new_id(now()), kind="visit", state="open", region="411602", place_id=far.place, made_at=now(), note="", rev=1
    )
    db.session.add(task)
    db.session.commit()
    phone = far.phone()
    op = phone.op("visit.record/1", far.visit(far.check(GOOD), task=task.id))
    assert statuses(far.app, phone, op, op) == [Status.APPLIED, Status.DUPLICATE]
    assert (db.session.get_one(Task, task.id).state, db.session.get_one(Task, task.id).rev) == ("done", 2)


def test_an_instrument_is_registered_only_at_a_place_of_ours(far: World) -> None:
    body = {"id": new_id(now()), "kind": "scale", "serial": "1", "place": far.far_place}
    refused(far, far.phone(), "instrument.register/1", body)
    assert db.session.get(Instrument, body["id"]) is None


# --- labels ---------------------------------------------------------------------------------------------------------


def bind(world: World, serial: int, instrument: int = 0, person: str | None = None) -> str:
    """Push a binding and return how it was answered."""
    phone = world.phone(person)
    op = phone.op("seal.bind/1", {"instrument": world.instruments[instrument], "serial": serial})
    return statuses(world.app, phone, op)[0]


def label(serial: int) -> SealStock:
    return db.session.get_one(SealStock, serial)


def a_stock_label(world: World, serial: int, state: str = "issued") -> None:
    row = a_label(world, serial, None)
    row.state = state
    db.session.add(row)
    db.session.commit()


def test_a_stock_label_is_bound_and_the_old_one_counts_as_replaced(far: World) -> None:
    a_stock_label(far, 3_000_001)
    assert bind(far, 3_000_001) == Status.APPLIED
    assert (label(3_000_001).state, label(3_000_001).instrument_id) == ("applied", far.instruments[0])
    assert label(1_000_001).state == "replaced"
    assert (public.find(db.session(), 3_000_001) or {})["instrument"]["serial"] == "ACS-0001"
    assert (public.find(db.session(), 1_000_001) or {})["label"]["state"] == "replaced"


def test_a_label_the_office_never_heard_of_is_kept_and_somebody_looks_into_it(far: World) -> None:
    assert bind(far, 9_999) == Status.APPLIED
    assert db.session.query(SealBinding).one().serial == 9_999
    assert db.session.query(Task).one().kind == "unknown_label"
    assert label(1_000_001).state == "applied"


def test_a_label_on_an_instrument_elsewhere_cannot_be_taken_from_it(far: World) -> None:
    before = public.find(db.session(), 2_000_001)
    assert bind(far, 2_000_001) == Status.APPLIED
    assert label(2_000_001).instrument_id == far.instruments[2]
    assert public.find(db.session(), 2_000_001) == before
    assert label(1_000_001).state == "applied", "nor does ours lose its own"
    assert [task.kind for task in db.session.query(Task)] == ["unknown_label"]


def test_a_label_that_is_out_of_life_does_not_come_back(far: World) -> None:
    states = ("void", "replaced", "broken", "returned", "lost")
    for serial, state in enumerate(states, start=3_000_001):
        a_stock_label(far, serial, state)
        assert bind(far, serial) == Status.APPLIED
        assert (label(serial).state, label(serial).instrument_id) == (state, None)
    assert label(1_000_001).state == "applied"
    kinds = {"lost": "lost_label", "returned": "stock_label"}
    told = {task.note: task.kind for task in db.session.query(Task)}
    assert told == {short_code(3_000_001 + place): kinds.get(state, "void_label") for place, state in enumerate(states)}
    assert db.session.query(SealBinding).count() == len(states), "what was done stays known"


def test_a_label_moved_between_two_of_our_instruments_leaves_the_first_without_one(far: World) -> None:
    assert bind(far, 1_000_001, instrument=1) == Status.APPLIED
    assert label(1_000_001).instrument_id == far.instruments[1]
    assert label(1_000_002).state == "replaced"
    row = db.session.get_one(Change, ("instrument", far.instruments[0], "411602"))
    assert '"label":null' in (row.body or "")
    assert (public.find(db.session(), 1_000_001) or {})["instrument"]["serial"] == "ACS-0002"


def test_binding_twice_changes_nothing_more(far: World) -> None:
    a_stock_label(far, 3_000_001)
    assert [bind(far, 3_000_001), bind(far, 3_000_001)] == [Status.APPLIED] * 2
    assert label(3_000_001).state == "applied"
    assert db.session.query(SealBinding).count() == 2


def test_an_instrument_elsewhere_gets_no_label_of_ours(far: World) -> None:
    a_stock_label(far, 3_000_001)
    assert bind(far, 3_000_001, instrument=2) == Status.REJECTED
    assert label(3_000_001).state == "issued"


# --- ids of the rows inside ------------------------------------------------------------------------------------------


def test_an_id_that_stands_twice_in_one_record_is_named_in_both_languages(far: World) -> None:
    phone = far.phone()
    check = far.check(GOOD)
    body = far.visit(check, check, far.check(GOOD, instrument=1))
    answer = send(far.app, phone, phone.op("visit.record/1", body))[0]
    assert answer["status"] == Status.REJECTED
    assert [row["pointer"] for row in answer["problem"]["errors"]] == ["/inspections/0/checks/1/id"]
    body = far.visit(far.check(GOOD))
    body["inspections"] *= 2
    answer = send(far.app, phone, phone.op("visit.record/1", body))[0]
    pointers = [row["pointer"] for row in answer["problem"]["errors"]]
    assert pointers == ["/inspections/1/id", "/inspections/1/checks/0/id"]


def test_a_record_from_before_a_change_of_custody_blames_who_was_responsible_then(far: World) -> None:
    """The check names the custody it froze, though it has ended since."""
    old = db.session.get_one(Custody, far.custodies[0])
    old.last_day = far.day - timedelta(days=1)
    db.session.add(
        Custody(
            id=new_id(now()), instrument_id=far.instruments[0], kind="own", user_id=far.parties[1], first_day=far.day
        )
    )
    db.session.commit()
    phone = far.phone()
    assert statuses(far.app, phone, phone.op("visit.record/1", far.visit(far.check(BEYOND)))) == [Status.APPLIED]
    assert db.session.query(Finding).one().party_id == far.parties[0]
