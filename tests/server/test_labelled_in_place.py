"""Instruments registered on the spot with their custody, and photos of labels in place that show them from then on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server import transaction
from server.campaigns.models import Task
from server.clock import now
from server.database import begin_write, db
from server.evidence import service as evidence
from server.evidence.models import NamedFile, PublicCopy
from server.public import service as public
from server.public.models import PublicRecord
from server.registry.models import Custody, Instrument, InstrumentStatusEntry, Place, Stall
from shared.ids import uuid7
from shared.ops import Op, Status
from tests.server.labelling import BIND, REGISTER, a_binding, an_instrument, files, photo, stock, upload
from tests.server.protocol import resigned, send, statuses
from tests.server.sending import begun, digest, named
from tests.server.world import Phone, World, new_id


def refused(world: World, phone: Phone, op: Op) -> tuple[str, list[str]]:
    """Push an op that is refused; return the problem, and the fields that it points to."""
    (answer,) = send(world.app, phone, op)
    assert answer["status"] == Status.REJECTED
    problem = answer["problem"]
    return problem["type"].rpartition("/")[2], [row["pointer"] for row in problem.get("errors", ())]


def custody_of(instrument: str) -> tuple[Any, ...] | None:
    row = db.session.query(Custody).filter_by(instrument_id=instrument).one_or_none()
    return (row.kind, row.owner_id, row.user_id, row.stall_id, row.first_day, row.last_day) if row else None


def register(world: World, phone: Phone, **fields: Any) -> str:
    """Register a scale; return its id."""
    body = an_instrument(world, **fields)
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.APPLIED]
    instrument: str = body["id"]
    return instrument


# --- custody --------------------------------------------------------------------------------------------------------


def test_a_custody_and_a_stall_are_kept_from_the_day_of_the_record(world: World) -> None:
    phone, party, stall = world.phone(), world.parties[0], world.stalls[0]
    told = {"kind": "market_provided", "owner": world.parties[1], "user": party}
    whole = register(world, phone, custody=told)
    assert custody_of(whole) == ("market_provided", world.parties[1], party, stall, world.day, None)


def test_what_somebody_uses_as_their_own_is_theirs_and_what_nobody_knows_stays_unknown(world: World) -> None:
    phone, party = world.phone(), world.parties[0]
    assert custody_of(register(world, phone, custody={"kind": "own", "user": party})) == (
        *("own", party, party, world.stalls[0]),
        *(world.day, None),
    )
    assert custody_of(register(world, phone, custody={"kind": "spare"})) == (
        *("spare", None, None, world.stalls[0]),
        *(world.day, None),
    )


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_a_stall_alone_is_no_longer_dropped_and_tells_the_place(world: World) -> None:
    phone = world.phone()
    bodies = [without(an_instrument(world), *names) for names in (("custody", "place"), ("custody", "stall"))]
    assert statuses(world.app, phone, *(phone.op(REGISTER, body) for body in bodies)) == [Status.APPLIED] * 2
    assert custody_of(bodies[0]["id"]) == ("own", None, None, world.stalls[0], world.day, None)
    assert db.session.get_one(Instrument, bodies[0]["id"]).place_id == world.place
    assert custody_of(bodies[1]["id"]) is None


@pytest.mark.parametrize(("days", "kept"), [(-3, -3), (0, 0), (2, 0), (-59, -59), (-61, 0), (-7000, 0)])
def test_the_day_is_that_of_the_phone_unless_it_cannot_be(sqlite_world: World, days: int, kept: int) -> None:
    phone = sqlite_world.phone()
    made = uuid7(int((now() + timedelta(days=days)).timestamp() * 1000), bytes(10))
    body = an_instrument(sqlite_world)
    op = resigned(phone, phone.op(REGISTER, body), op_id=made)
    assert statuses(sqlite_world.app, phone, op) == [Status.APPLIED]
    first_day = sqlite_world.day + timedelta(days=kept)
    assert (custody_of(body["id"]) or ())[4] == first_day
    assert db.session.query(InstrumentStatusEntry).filter_by(instrument_id=body["id"]).one().first_day == first_day


def test_stalls_and_parties_that_are_not_ours_or_not_there_are_out_of_scope(far: World) -> None:
    phone, unknown = far.phone(), new_id(now())
    other = Place(id=new_id(now()), kind="market", name="other", address="", region="411602", phone_zone="allowed")
    db.session.add(other)
    db.session.flush()
    db.session.add(spot := Stall(id=new_id(now()), place_id=other.id, number="C01"))
    db.session.commit()
    for fields in (
        {"stall": far.stalls[2]},
        {"stall": far.stalls[2], "place": far.far_place},
        {"stall": unknown},
        {"stall": spot.id},
        {"place": far.far_place},
        {"custody": {"kind": "own", "user": far.parties[2]}},
        {"custody": {"kind": "own", "owner": far.parties[2]}},
        {"custody": {"kind": "own", "owner": unknown, "user": far.parties[0]}},
    ):
        body = an_instrument(far) | fields
        assert refused(far, phone, phone.op(REGISTER, body)) == ("out-of-scope", []), fields
        assert db.session.get(Instrument, body["id"]) is None


FILE = files("nameplate", [b"x"])[0]
BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"custody": {}}, ["/custody/kind"]),
    ({"custody": {"kind": "mine"}}, ["/custody/kind"]),
    ({"custody": {"kind": "own", "user": "x"}}, ["/custody/user"]),
    ({"custody": {"kind": "own", "since": "2026-11-21"}}, ["/custody/since"]),
    ({"custody": None}, ["/custody"]),
    ({"stall": None}, ["/stall"]),
    ({"evidence": [FILE | {"kind": "film"}]}, ["/evidence/0/kind"]),
    ({"evidence": [FILE, FILE | {"check": "019aa111-0000-7000-8000-000000000001"}]}, ["/evidence/1/check"]),
    ({"evidence": [FILE] * 5}, ["/evidence"]),
    ({"evidence": {}}, ["/evidence"]),
]


@pytest.mark.parametrize(("fields", "told"), BAD, ids=[f"{row[0]}"[:60] for row in BAD])
def test_a_registration_is_refused_by_the_field(sqlite_world: World, fields: dict[str, Any], told: list[str]) -> None:
    phone = sqlite_world.phone()
    op = phone.op(REGISTER, an_instrument(sqlite_world) | fields)
    assert refused(sqlite_world, phone, op) == ("bad-body", told)


def test_photos_of_a_label_name_no_check(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    file = FILE | {"check": new_id(now())}
    op = phone.op(BIND, a_binding(sqlite_world.instruments[0], 1_000_001) | {"evidence": [file]})
    assert refused(sqlite_world, phone, op) == ("bad-body", ["/evidence/0/check"])


# --- photos ---------------------------------------------------------------------------------------------------------


def shown(instrument: str) -> tuple[str | None, str | None]:
    """Return the picture of an instrument, and the one that the page of its label names."""
    db.session.rollback()
    label = db.session.query(PublicRecord).filter_by(instrument_id=instrument).order_by(PublicRecord.serial.desc())
    found = label.first()
    return db.session.get_one(Instrument, instrument).photo_sha256, found.photo_sha256 if found else None


def bound(world: World, phone: Phone, instrument: str, serial: int, *in_place: bytes) -> str:
    """Put a label on; return the id of the op, which names the photos."""
    op = phone.op(BIND, a_binding(instrument, serial, *in_place))
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    return op.op_id


def test_the_photo_of_a_label_that_is_there_no_more_stays_evidence(world: World) -> None:
    phone, serials, instrument = world.phone(), stock(world, 2), world.instruments[0]
    first = bound(world, phone, instrument, serials[0], photo(1))
    second = bound(world, phone, instrument, serials[1], photo(2))
    upload(phone, second, "label_in_place", photo(2))
    picture, copy = shown(instrument)
    assert (picture, copy is not None) == (digest(photo(2)), True)
    upload(phone, first, "label_in_place", photo(1))
    assert shown(instrument) == (picture, copy)
    assert db.session.query(NamedFile).filter_by(received_at=None).count() == 0


def test_the_photo_of_a_doubtful_label_shows_nothing(world: World) -> None:
    phone, instrument = world.phone(), world.instruments[0]
    op_id = bound(world, phone, instrument, 9_999_999, photo(1))
    upload(phone, op_id, "label_in_place", photo(1))
    assert shown(instrument) == (None, None)
    assert [task.kind for task in db.session.query(Task)] == ["unknown_label"]


def test_a_nameplate_and_a_photo_of_another_kind_show_nothing(world: World) -> None:
    phone, (serial,) = world.phone(), stock(world, 1)
    instrument = register(world, phone, evidence=files("nameplate", [photo(1)]))
    op = phone.op(
        BIND, a_binding(instrument, serial) | {"evidence": files("photo", [photo(2)]) + files("nameplate", [photo(3)])}
    )
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    upload(phone, instrument, "nameplate", photo(1))
    upload(phone, op.op_id, "photo", photo(2))
    upload(phone, op.op_id, "nameplate", photo(3))
    assert shown(instrument) == (None, None)
    assert db.session.query(PublicCopy).count() == 0


def test_a_face_that_was_hidden_stays_hidden_when_the_same_photo_comes_again(world: World) -> None:
    phone, (serial,), instrument = world.phone(), stock(world, 1), world.instruments[0]
    upload(phone, bound(world, phone, instrument, serial, photo(1)), "label_in_place", photo(1))
    _, before = shown(instrument)
    begin_write()
    hidden = evidence.publish(
        db.session(), evidence.store(), digest(photo(1)), blurred=[evidence.Rectangle(10, 5, 30, 25)], now=now()
    )
    public.changed(db.session(), instrument)
    transaction.commit(db.session(), now())
    upload(phone, bound(world, phone, instrument, serial, photo(1)), "label_in_place", photo(1))
    assert before != hidden
    assert shown(instrument) == (digest(photo(1)), hidden)


def test_only_the_files_that_a_record_promised_are_taken_for_it(world: World) -> None:
    phone, other, (serial,) = world.phone(), world.phone(world.stranger), stock(world, 1)
    instrument = register(world, phone, evidence=files("nameplate", [photo(1)]))
    op_id = bound(world, phone, instrument, serial, photo(2))
    for sender, record, content in (
        (phone, instrument, photo(2)),
        (phone, op_id, photo(1)),
        (other, op_id, photo(2)),
        (phone, op_id, photo(2)),  # named as photo/label_in_place, sent as photo
    ):
        assert begun(sender, record, content).status_code == 422


def test_an_id_under_which_another_record_names_files_is_a_conflict(world: World) -> None:
    phone = world.phone()
    visit = named(world, phone, photo(1))
    body = an_instrument(world, 1, photo(2), id=visit)
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.CONFLICT]
    bind = phone.op(BIND, a_binding(world.instruments[0], 1_000_001, photo(3)))
    assert statuses(world.app, phone, resigned(phone, bind, op_id=visit)) == [Status.CONFLICT]
    instrument = register(world, phone, evidence=files("nameplate", [photo(4)]))
    later = world.visit(id=instrument)
    later["inspections"][0]["evidence"] = files("photo", [photo(5)])
    assert statuses(world.app, phone, phone.op("visit.record/1", later)) == [Status.CONFLICT]
