"""Two instruments that changed places: who uses which from that day on, what stays, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.clock import now
from server.database import db
from server.registry import service as registry
from server.registry.keeping import Terms
from server.registry.models import Custody, Dispenser, Instrument, Meter, Nozzle, Place
from shared.ops import Op, Status
from shared.words import CustodyKind
from tests.server.labelling import REGISTER, SWAP, a_swap, an_instrument
from tests.server.pages import get, words
from tests.server.protocol import send, statuses
from tests.server.test_pages_label import page_of
from tests.server.world import GOOD, Phone, World, new_id


def kept(instrument: str) -> list[tuple[Any, ...]]:
    """Return kind, owner, user, stall and days of each custody of an instrument, oldest first."""
    db.session.rollback()
    query = db.session.query(Custody).filter_by(instrument_id=instrument)
    rows = query.order_by(Custody.first_day, Custody.last_day.is_(None))
    return [(row.kind, row.owner_id, row.user_id, row.stall_id, row.first_day, row.last_day) for row in rows]


def swap(world: World, phone: Phone, **fields: Any) -> None:
    op = phone.op(SWAP, a_swap(world, *world.instruments[:2]) | fields)
    assert statuses(world.app, phone, op, op) == [Status.APPLIED, Status.DUPLICATE]


def refused(world: World, phone: Phone, op: Op) -> tuple[str, dict[str, str]]:
    before = [kept(instrument) for instrument in world.instruments]
    (answer,) = send(world.app, phone, op)
    assert answer["status"] == Status.REJECTED
    assert [kept(instrument) for instrument in world.instruments] == before
    problem = answer["problem"]
    told = {row["pointer"]: row["detail"] for row in problem.get("errors", ())}
    return problem["type"].rpartition("/")[2], told or {"": problem["detail"]}


def test_each_takes_over_the_others_spot_and_keeps_its_owner(world: World) -> None:
    phone, (one, two), day = world.phone(), world.instruments, world.day
    swap(world, phone)
    began, ended = day - timedelta(days=400), day - timedelta(days=1)
    (first, second), stalls = world.parties, world.stalls
    assert kept(one) == [
        ("own", first, first, stalls[0], began, ended),
        ("borrowed", first, second, stalls[1], day, None),
    ]
    assert kept(two) == [
        ("own", second, second, stalls[1], began, ended),
        ("borrowed", second, first, stalls[0], day, None),
    ]


def test_phones_and_the_labels_page_tell_the_new_place_and_remember_the_old_one(world: World) -> None:
    phone = world.phone()
    swap(world, phone)
    changes = phone.client.get("/api/v1/sync/changes", headers=phone.headers).json["changes"]
    stalls = {row["id"]: row["body"]["stall"] for row in changes if row["kind"] == "instrument"}
    assert stalls == dict(zip(world.instruments, reversed(world.stalls), strict=True))
    now_there = words(get(world, page_of(world)))
    assert "merchant 2" in now_there.partition("检定、检查和使用记录")[0]
    yesterday = words(get(world, f"{page_of(world)}?on={world.day - timedelta(days=1)}"))
    assert "A01 号摊位 · merchant 1" in yesterday


def test_a_check_of_before_names_the_custody_of_its_time_and_is_taken_in_after_the_swap(world: World) -> None:
    phone = world.phone()
    swap(world, phone)
    late = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    assert statuses(world.app, phone, late) == [Status.APPLIED]


def test_swapping_back_gives_everyone_back_what_was_theirs(world: World) -> None:
    phone = world.phone()
    before = [kept(instrument)[-1][:4] for instrument in world.instruments]
    swap(world, phone, on=(world.day - timedelta(days=3)).isoformat())
    swap(world, phone)
    assert [kept(instrument)[-1][:4] for instrument in world.instruments] == before
    assert [len(kept(instrument)) for instrument in world.instruments] == [3, 3]


def test_on_the_day_on_which_a_custody_began_it_ends_on_its_only_day(world: World) -> None:
    phone, day = world.phone(), world.day
    swap(world, phone)
    swap(world, phone)
    assert [row[4:] for row in kept(world.instruments[0])][1:] == [(day, day), (day, None)]
    where = registry.whereabouts(db.session(), world.instruments)
    assert [where[id_].stall_number for id_ in world.instruments] == ["A01", "A02"]


def test_places_and_regions_change_over_too(world: World) -> None:
    place = Place(id=new_id(now()), kind="market", name="other", address="", region="411602", phone_zone="allowed")
    db.session.add(place)
    db.session.commit()
    phone = world.phone()
    body = an_instrument(world, custody={"kind": "spare"}, place=place.id)
    body.pop("stall")
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.APPLIED]
    swap(world, phone, second=body["id"])
    there = {id_: db.session.get_one(Instrument, id_).place_id for id_ in (world.instruments[0], body["id"])}
    assert there == {world.instruments[0]: place.id, body["id"]: world.place}
    assert kept(world.instruments[0])[-1][:4] == ("spare", world.parties[0], None, None)
    assert kept(body["id"])[-1][:4] == ("borrowed", None, world.parties[0], world.stalls[0])


def test_one_that_nobody_used_leaves_the_other_used_by_nobody(world: World) -> None:
    phone = world.phone()
    body = {"id": new_id(now()), "kind": "scale", "serial": "S-1", "place": world.place}
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.APPLIED]
    swap(world, phone, second=body["id"])
    assert kept(world.instruments[0])[-1][5] == world.day - timedelta(days=1)
    assert kept(body["id"])[-1][:4] == ("borrowed", None, world.parties[0], world.stalls[0])


def test_what_makes_no_sense_is_refused_by_the_field(world: World) -> None:
    phone, (one, two) = world.phone(), world.instruments
    tomorrow = (world.day + timedelta(days=1)).isoformat()
    for fields, pointer, sentence in (
        ({"second": one}, "/second", "这是同一台器具，请选另一台。"),
        ({"on": tomorrow}, "/on", "日期不能在今天之后。"),
        ({"on": "2010-01-01"}, "/on", "日期早于 10 年前，请核对。"),
        ({"on": "2026-02-30"}, "/on", "日期应写成 2026-11-21"),
        ({"first": "x"}, "/first", ""),
        ({"id": "x"}, "/id", ""),
    ):
        slug, told = refused(world, phone, phone.op(SWAP, a_swap(world, one, two) | fields))
        assert (slug, list(told)) == ("bad-body", [pointer])
        assert told[pointer].startswith(sentence)


def test_a_swap_before_one_of_them_came_there_is_refused_with_the_day(world: World) -> None:
    phone, (one, two) = world.phone(), world.instruments
    swap(world, phone, on=(world.day - timedelta(days=2)).isoformat())
    early = phone.op(SWAP, a_swap(world, one, two, on=(world.day - timedelta(days=3)).isoformat()))
    slug, told = refused(world, phone, early)
    assert slug == "swap-too-early"
    assert "2026-11-19 起" in told[""]


def test_instruments_elsewhere_or_nowhere_are_out_of_scope(far: World) -> None:
    phone = far.phone()
    for second in (far.instruments[2], new_id(now())):
        assert refused(far, phone, phone.op(SWAP, a_swap(far, far.instruments[0], second)))[0] == "out-of-scope"


def test_a_nozzle_stays_on_its_dispenser(sqlite_world: World) -> None:
    world, phone = sqlite_world, sqlite_world.phone()
    made = {"serial": "D-1", "maker": "", "model": "", "board_no": "", "encoder_no": "", "processor_no": ""}
    dispenser = Dispenser(id=new_id(now()), place_id=world.place, number="1", **made)
    db.session.add(dispenser)
    db.session.flush()
    meter = Meter(id=new_id(now()), dispenser_id=dispenser.id, number="1")
    db.session.add(meter)
    db.session.flush()
    db.session.add(Nozzle(instrument_id=world.instruments[1], meter_id=meter.id, number="1", product="92#"))
    db.session.commit()
    slug, told = refused(world, phone, phone.op(SWAP, a_swap(world, *world.instruments)))
    assert (slug, list(told)) == ("bad-body", ["/second"])


# --- terms ----------------------------------------------------------------------------------------------------------

KINDS = list(CustodyKind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other_kind", KINDS)
def test_nothing_is_anybodys_own_unless_it_is_known_to_be_theirs(kind: CustodyKind, other_kind: CustodyKind) -> None:
    here = Terms(kind=kind, owner_id="a", user_id="a" if kind is CustodyKind.OWN else "b", stall_id="1")
    there = Terms(kind=other_kind, owner_id="c", user_id="c" if other_kind is CustodyKind.OWN else "d", stall_id="2")
    taken = there.taken_over_by(here.owner)
    assert (taken.owner_id, taken.user_id, taken.stall_id) == ("a", there.user_id, "2")
    assert taken.kind is not CustodyKind.OWN
    back = here.taken_over_by(taken.owner)
    assert back.user_id == here.user_id
    if kind is CustodyKind.OWN:
        assert back.kind is CustodyKind.OWN


def test_whose_owner_nobody_knows_stays_so() -> None:
    own = Terms(kind=CustodyKind.OWN, user_id="u", stall_id="1")
    assert own.owner == "u"
    assert own.taken_over_by(None) == Terms(kind=CustodyKind.BORROWED, owner_id=None, user_id="u", stall_id="1")
