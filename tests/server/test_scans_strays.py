"""A label in no use whose page somebody opens becomes a task for its region, once a week, and nothing else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server import transaction
from server.campaigns import service as campaigns
from server.campaigns.models import Task
from server.clock import now
from server.credit.models import CreditEvent
from server.database import begin_write, db
from server.scans import service, strays
from server.scans.buffer import Key
from server.seals.models import SealStock
from shared.words import TaskState
from tests.server.conftest import TestClock
from tests.server.world import World

WEEK = timedelta(days=7)


def scanned(serial: int) -> None:
    db.session.rollback()
    service.write({Key(serial, now().replace(minute=0, second=0, microsecond=0), ""): 1})


def told() -> int:
    begin_write()
    count = strays.tell(db.session(), now(), within=WEEK)
    transaction.commit(db.session(), now())
    return count


@pytest.mark.parametrize(
    ("state", "kind"),
    [("lost", "lost_label"), ("void", "void_label"), ("printed", "stock_label"), ("applied", None)],
)
def test_a_label_in_no_use_that_is_scanned_is_looked_into(
    world: World, clock: TestClock, state: str, kind: str | None
) -> None:
    label = db.session.query(SealStock).order_by(SealStock.serial).first()
    assert label is not None
    label.state = state
    db.session.commit()
    scanned(label.serial)
    assert told() == (kind is not None)
    assert [task.kind for task in db.session.query(Task)] == ([kind] if kind else [])
    assert told() == 0
    clock.move(days=8)
    scanned(label.serial)
    assert told() == 0, "one open task for each label"
    close_tasks()
    assert told() == (kind is not None)
    assert db.session.query(CreditEvent).count() == 0


def close_tasks() -> None:
    begin_write()
    for task in db.session.query(Task):
        campaigns.set_state(db.session(), task, TaskState.DONE)
    transaction.commit(db.session(), now())


def test_a_scan_that_was_told_and_looked_into_is_not_told_again(world: World, clock: TestClock) -> None:
    label = db.session.query(SealStock).order_by(SealStock.serial).first()
    assert label is not None
    label.state = "lost"
    db.session.commit()
    scanned(label.serial)
    assert told() == 1
    close_tasks()
    clock.move(days=6)
    assert told() == 0, "another week, and no scan since"
    scanned(label.serial)
    assert told() == 1


def test_what_nobody_scans_or_nobody_knows_is_no_task(sqlite_world: World) -> None:
    label = db.session.query(SealStock).order_by(SealStock.serial).first()
    assert label is not None
    label.state = "lost"
    db.session.commit()
    scanned(99_999_999)
    assert told() == 0
