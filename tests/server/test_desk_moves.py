"""What is done at a desk with labels and physical seals is a leaf each, and what is done to it later is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from server.accounts.models import Person
from server.audit import service as audit
from server.audit.checking import check
from server.audit.decisions import EXPLAINERS
from server.audit.models import Leaf
from server.clock import now
from server.database import Base, begin_write, db
from server.evidence.service import open_store
from server.physical_seals.models import PhysicalSealEvent
from server.seals.models import SealEvent
from shared import tree
from shared.dates import instant_text
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.pages import Visitor, visitor
from tests.server.protocol import statuses
from tests.server.world import World, new_id

ORDER = {"region": "411602", "count": "5"}
SEAL = {"position": "housing", "owner": "verification", "act": "applied", "new_number": "QF-001", "witnesses": "李四"}


def leaves() -> list[Leaf]:
    db.session.rollback()
    return db.session.query(Leaf).filter_by(kind="decision").order_by(Leaf.index).all()


def faults(world: World) -> list[str]:
    """Return what ``dingpan audit verify`` would tell."""
    db.session.rollback()
    db.session.expunge_all()
    dingpan = world.app.extensions["dingpan"]
    found = check(db.session(), dingpan.keyring.key_set, open_store(dingpan.settings))
    return [fault.sentence for fault in found.faults]


def stands_for(leaf: Leaf) -> dict[str, Any]:
    """Return what a leaf was made over, as the tables say it now; it must be that very text."""
    found = [text for texts, _ in EXPLAINERS.values() for text in texts(db.session(), [leaf.ref_id]).values()]
    (text,) = found
    assert tree.salted_sha256(leaf.salt, text) == leaf.salted_sha256
    told: dict[str, Any] = json.loads(text)
    return told


def move(desk: Visitor, to: str, first: int, last: int, **fields: str) -> None:
    fields |= {"move": to, "first": str(first), "last": str(last)}
    assert desk.post("/console/labels/move", **fields).status_code == 303


def test_each_move_at_the_desk_is_one_leaf_that_says_who_when_and_which(world: World, clock: TestClock) -> None:
    desk = visitor(world, "supervisor")
    assert desk.post("/console/labels/order", **ORDER).status_code == 303
    first = db.session.query(SealEvent).filter_by(kind="ordered").one().first_serial
    steps: list[tuple[str, int, int, dict[str, str]]] = [
        ("printed", first, first + 4, {}),
        ("issued", first, first + 3, {"person": world.inspector}),
        ("returned", first, first + 1, {}),
        ("broken", first, first, {"reason": "torn"}),
        ("void", first + 1, first + 1, {"reason": "blurred"}),
        ("lost", first + 2, first + 3, {"reason": "in the market"}),
    ]
    whens = [instant_text(now())]
    for to, begin, end, fields in steps:
        clock.move(minutes=7)
        whens.append(instant_text(now()))
        move(desk, to, begin, end, **fields)
    told = [stands_for(leaf) for leaf in leaves()]
    got = [(one["kind"], one["first_serial"], one["last_serial"], one["at"], one["by_person"]) for one in told]
    expected = [("ordered", first, first + 4), *(step[:3] for step in steps)]
    assert got == [(*step, when, world.supervisor) for step, when in zip(expected, whens, strict=True)]
    assert (told[2]["to_holder"], told[4]["note"]) == (f"person/{world.inspector}", "torn")
    assert faults(world) == []


def test_labels_that_were_not_alike_are_an_event_and_a_leaf_each(world: World) -> None:
    desk = visitor(world, "supervisor")
    desk.post("/console/labels/order", **ORDER)
    first = db.session.query(SealEvent).filter_by(kind="ordered").one().first_serial
    move(desk, "printed", first, first + 1)
    before = len(leaves())
    move(desk, "lost", first, first + 4, reason="a box")
    assert [stands_for(leaf)["from_state"] for leaf in leaves()[before:]] == ["printed", "ordered"]


def test_a_move_that_is_refused_leaves_nothing(world: World) -> None:
    desk = visitor(world, "supervisor")
    fields = {"move": "returned", "first": "1000001", "last": "1000001"}
    assert desk.post("/console/labels/move", **fields).status_code == 409
    assert leaves() == []


def test_a_seal_entered_at_the_desk_is_one_leaf_and_one_of_a_phone_has_its_operations(world: World) -> None:
    about = {"instrument": world.instruments[0], "done_on": world.day.isoformat()}
    assert visitor(world, "verifier").post("/console/physical-seals", **SEAL, **about).status_code == 303
    (leaf,) = leaves()
    told = stands_for(leaf)
    assert (told["by_person"], told["new_number"], told["witnesses"]) == (world.verifier, "QF-001", "李四")
    assert told["at"] == instant_text(now())
    phone = world.phone()
    body = {"id": new_id(now()), "instrument": world.instruments[0], "at": instant_text(now()), "act": "found_broken"}
    body |= {"position": "housing", "owner": "verification", "old_number": "QF-001"}
    bind = phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": 1_000_002})
    assert statuses(world.app, phone, phone.op("physical_seal.record/1", body), bind) == [Status.APPLIED] * 2
    assert len(leaves()) == 1
    assert audit.state(db.session()).size == 3
    assert faults(world) == []


def delete_it(table: Any, id_: str) -> None:
    db.session.execute(delete(table).where(table.c.id == id_))


def edit_it(table: Any, id_: str) -> None:
    """Say that it was somebody else."""
    other = select(Person.id).where(Person.id != table.c.by_person).limit(1).scalar_subquery()
    db.session.execute(update(table).where(table.c.id == id_).values(by_person=other))


def date_it_back(table: Any, id_: str) -> None:
    row = db.session.query(table).filter(table.c.id == id_).one()
    db.session.execute(update(table).where(table.c.id == id_).values(at=row.at.replace(year=2025)))


def add_another(table: Any, id_: str) -> None:
    row = db.session.query(table).filter(table.c.id == id_).one()
    db.session.execute(insert(table).values(**row._asdict() | {"id": new_id(now())}))


@pytest.mark.parametrize("name", ["seal_event", "physical_seal_event"])
@pytest.mark.parametrize(
    ("crime", "sentence"),
    [
        (delete_it, "leaf 1: the record behind the leaf is gone"),
        (edit_it, "leaf 1: the record behind the leaf is not what was logged"),
        (date_it_back, "leaf 1: the record behind the leaf is not what was logged"),
        (add_another, "leaves 0 to 3: a record has no leaf"),
    ],
)
def test_a_move_that_is_deleted_edited_or_added_in_the_database_is_found(
    world: World, name: str, crime: Callable[[Any, str], None], sentence: str
) -> None:
    """The one of the middle: a leaf before and a leaf after it stay well."""
    desk, about = visitor(world, "supervisor"), {"instrument": world.instruments[0], "done_on": world.day.isoformat()}
    for number in range(3):
        if name == "seal_event":
            desk.post("/console/labels/order", **ORDER)
        else:
            seal = SEAL | {"act": "found_broken", "new_number": "", "old_number": f"QF-{number}"}
            desk.post("/console/physical-seals", **seal, **about)
    assert faults(world) == []
    table = Base.metadata.tables[name]
    (touched,) = [leaf.ref_id for leaf in leaves() if leaf.index == 1]
    db.session.rollback()
    begin_write()
    crime(table, touched)
    db.session.commit()
    (told,) = faults(world)
    assert told.startswith(sentence)


def test_what_was_kept_before_moves_were_leaves_is_no_fault(sqlite_world: World) -> None:
    """The opening events of the world are such; so is what a migration found."""
    opened = db.session.scalars(select(SealEvent.id).where(SealEvent.predates_log)).all()
    assert len(opened) == db.session.query(SealEvent).count() > 0
    assert faults(sqlite_world) == []
    begin_write()
    db.session.execute(update(SealEvent).where(SealEvent.id == opened[0]).values(predates_log=False))
    db.session.commit()
    (told,) = faults(sqlite_world)
    assert told.endswith(f"a record has no leaf (seals {opened[0]})")
    assert db.session.query(PhysicalSealEvent).count() == 0
