"""A label that turns up and is in no use: a task for the region's supervisor, once a week; and what is revoked."""

from __future__ import annotations

from typing import Any

import pytest

from server import transaction
from server.campaigns import service as campaigns
from server.campaigns.models import Task
from server.clock import now
from server.database import begin_write, db
from server.seals import service as seals
from server.seals.models import SealStock
from shared.ops import Status
from shared.seal import short_code
from shared.words import SealState, TaskState
from tests.server.conftest import TestClock
from tests.server.pages import visitor, words
from tests.server.protocol import statuses
from tests.server.world import GOOD, World, a_label, opening, scope_of_branch

STOCK = 3_000_001


def add(world: World, state: str, serial: int = STOCK) -> str:
    """Put a label into the ledger in a state; return its 133 characters."""
    label = a_label(world, serial, None)
    label.state = state
    db.session.add_all((label, opening(label)))
    db.session.commit()
    return label.text


def scan(serial: int) -> Task | None:
    """Let a consumer scan a label."""
    begin_write()
    made = seals.found_out_of_life(db.session(), serial, region="411681", now=now())
    transaction.commit(db.session(), now())
    return made


def close(kind: str) -> None:
    begin_write()
    for task in db.session.query(Task).filter_by(kind=kind):
        campaigns.set_state(db.session(), task, TaskState.DONE)
    transaction.commit(db.session(), now())


def kinds() -> list[str]:
    return [task.kind for task in db.session.query(Task).order_by(Task.made_at, Task.kind.desc())]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        *(("void", "void_label"), ("broken", "void_label"), ("replaced", "void_label"), ("lost", "lost_label")),
        *(
            ("ordered", "stock_label"),
            ("printed", "stock_label"),
            ("issued", "stock_label"),
            ("returned", "stock_label"),
        ),
    ],
)
def test_a_label_in_no_use_is_looked_into_where_it_belongs(world: World, state: str, kind: str) -> None:
    add(world, state)
    task = scan(STOCK)
    assert task is not None
    assert (task.kind, task.region, task.note, task.state) == (kind, "411602", short_code(STOCK), "open")
    page = visitor(world, "supervisor").get("/console/tasks")
    assert f"/console/labels?q={short_code(STOCK)}" in page.text


def test_a_label_in_use_is_no_task_and_an_unknown_one_is_looked_into_where_it_was_met(world: World) -> None:
    assert scan(1_000_001) is None
    task = scan(9_999)
    assert task is not None
    assert (task.kind, task.region) == ("unknown_label", "411681")


def test_a_label_is_looked_into_once_a_week_and_again_when_its_state_changes(world: World, clock: TestClock) -> None:
    add(world, "issued")
    assert scan(STOCK) is not None
    assert scan(STOCK) is None
    lost = seals.Move(first=STOCK, last=STOCK, to=SealState.LOST, by=world.supervisor, note="x")
    begin_write()
    seals.move(db.session(), lost, scope=scope_of_branch(), now=now())
    transaction.commit(db.session(), now())
    assert scan(STOCK) is not None
    clock.move(days=1)  # Sunday
    assert scan(STOCK) is None
    clock.move(days=1)  # the next week
    assert scan(STOCK) is None, "one open task for each label"
    close("lost_label")
    assert scan(STOCK) is not None
    close("lost_label")
    assert scan(STOCK) is None
    assert kinds() == ["stock_label", "lost_label", "lost_label"]


def test_void_and_lost_labels_are_to_be_revoked_and_no_others(world: World) -> None:
    for place, state in enumerate(SealState):
        add(world, state, STOCK + place)
    wanted = [STOCK + place for place, state in enumerate(SealState) if state in (SealState.VOID, SealState.LOST)]
    assert seals.serials_to_revoke(db.session()) == wanted


def visit(world: World, text: str, verdict: str = "genuine") -> list[str]:
    """Send a visit whose check read a label."""
    phone = world.phone()
    body = world.visit(world.check(GOOD, label=text, label_verdict=verdict))
    return statuses(world.app, phone, phone.op("visit.record/1", body))


def test_a_label_that_an_officer_reads_in_a_check_is_looked_into(world: World) -> None:
    assert visit(world, add(world, "lost")) == [Status.APPLIED]
    (task,) = db.session.query(Task)
    told: tuple[Any, ...] = (task.kind, task.instrument_id, task.region)
    assert told == ("lost_label", world.instruments[0], "411602")
    assert visit(world, db.session.get_one(SealStock, STOCK).text) == [Status.APPLIED]
    assert kinds() == ["lost_label"], "once a week"


def test_a_label_on_its_way_onto_an_instrument_and_one_of_somebody_else_are_no_task(world: World) -> None:
    assert visit(world, add(world, "issued")) == [Status.APPLIED]
    assert visit(world, "A" * 133, "forged") == [Status.APPLIED]
    assert visit(world, world.links[0].rpartition("/")[2]) == [Status.APPLIED]
    assert kinds() == []


def test_a_genuine_label_that_we_never_heard_of_is_looked_into(world: World) -> None:
    text = a_label(world, 7_000_007, None).text
    assert visit(world, text) == [Status.APPLIED]
    assert [(task.kind, task.note) for task in db.session.query(Task)] == [("unknown_label", short_code(7_000_007))]


def test_a_label_that_went_out_of_life_after_the_check_was_well_when_it_was_read(
    world: World, clock: TestClock
) -> None:
    text = add(world, "issued")
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD, label=text, label_verdict="genuine")))
    clock.move(hours=3)
    begin_write()
    void = seals.Move(first=STOCK, last=STOCK, to=SealState.VOID, by=None, note="x")
    seals.move(db.session(), void, scope=scope_of_branch(), now=now())
    transaction.commit(db.session(), now())
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    assert kinds() == []


def test_the_desk_tells_a_void_label_that_was_bound_from_an_unknown_one(world: World) -> None:
    add(world, "void")
    phone = world.phone()
    ops = [phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": one}) for one in (STOCK, 9_999)]
    assert statuses(world.app, phone, *ops) == [Status.APPLIED] * 2
    page = words(visitor(world, "supervisor").get("/console/tasks"))
    assert "作废标识仍在现场，待核查" in page
    assert "未登记的标识，待核查" in page
