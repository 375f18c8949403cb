"""Two people who move the same labels at the same moment: one of them wins, and everything still adds up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from server import transaction
from server.accounts.service import Scope
from server.clock import now
from server.database import begin_write, db
from server.keyring import Keyring
from server.seals import service as seals
from server.seals.models import SealEvent, SealStock
from shared.ops import Status
from shared.words import SealState
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.protocol import statuses
from tests.server.world import World, make_world

HERE = Scope(("4116",))
TRIALS, PEOPLE, COUNT = 6, 4, 60
SEED = random.SystemRandom().randrange(1 << 32)


@pytest.fixture
def world(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[World]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield make_world(app)


def stock(world: World) -> int:
    """Order some labels and take them into the store; return the first."""
    draft = seals.draft(
        db.session(),
        world.app.extensions["dingpan"].keyring,
        region="411602",
        count=COUNT,
        host="DINGPAN.TEST",
        day=world.day,
    )
    begin_write()
    seals.place(db.session(), draft, by=None, now=now())
    printed = seals.Move(first=draft.first, last=draft.last, to=SealState.PRINTED, by=None)
    seals.move(db.session(), printed, scope=HERE, now=now())
    transaction.commit(db.session(), now())
    return draft.first


def attempt(app: Flask, work: Callable[[], object]) -> bool:
    """Do one move in a thread's own transaction; False when it was refused."""

    def _work() -> bool:
        begin_write()
        try:
            work()
        except (seals.LabelRefused, seals.LabelsTaken):
            transaction.rollback(db.session())
            return False
        transaction.commit(db.session(), now())
        return True

    return in_context(app, _work)


def test_of_several_who_take_overlapping_ranges_from_the_store_nobody_gets_a_label_twice(world: World) -> None:
    dice, app = random.Random(SEED), world.app
    for _ in range(TRIALS):
        first = stock(world)
        middle = first + COUNT // 2
        ranges = [
            (dice.randint(first, middle), dice.randint(middle, first + COUNT - 1)) for _ in range(PEOPLE)
        ]  # all have the one in the middle

        def _void(number: int, ranges: list[tuple[int, int]] = ranges) -> bool:
            wanted = seals.Move(first=ranges[number][0], last=ranges[number][1], to=SealState.VOID, by=None, note="x")
            return attempt(app, lambda: seals.move(db.session(), wanted, scope=HERE, now=now()))

        won = at_once(PEOPLE, _void)
        assert sum(won) == 1, (SEED, ranges, won)
        begun, ended = ranges[won.index(True)]
        db.session.rollback()
        gone = db.session.query(SealStock).filter(SealStock.serial.between(first, first + COUNT - 1))
        assert {label.serial for label in gone.filter_by(state="void")} == set(range(begun, ended + 1))
        assert db.session.query(SealEvent).filter_by(kind="void", first_serial=begun, last_serial=ended).count() == 1
        assert seals.adds_up(db.session(), HERE)


def test_a_phone_that_binds_a_label_while_the_desk_writes_it_off_leaves_one_of_the_two(world: World) -> None:
    for _ in range(TRIALS):
        first = stock(world)
        phone = world.phone()
        op = phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": first})
        void = seals.Move(first=first, last=first + COUNT - 1, to=SealState.VOID, by=None, note="x")

        def _do(number: int, op: object = op, void: seals.Move = void, phone: object = phone) -> object:
            if number:
                return attempt(world.app, lambda: seals.move(db.session(), void, scope=HERE, now=now()))
            return in_context(world.app, lambda: statuses(world.app, phone, op))  # type: ignore[arg-type]

        bound, is_void = at_once(2, _do)
        assert (bound, is_void) == ([Status.APPLIED], True)
        db.session.rollback()
        assert db.session.get_one(SealStock, first).state == "void"
        assert seals.adds_up(db.session(), HERE)
        steps = [event.step for event in seals.history(db.session(), first)]
        assert steps == list(range(1, len(steps) + 1))


def test_two_orders_at_the_same_moment_never_share_a_serial(world: World) -> None:
    ring = world.app.extensions["dingpan"].keyring
    about = {"region": "411602", "count": COUNT, "host": "DINGPAN.TEST", "day": world.day}
    drafts = [seals.draft(db.session(), ring, **about) for _ in range(2)]
    db.session.rollback()

    def _place(number: int) -> bool:
        return attempt(world.app, lambda: seals.place(db.session(), drafts[number], by=None, now=now()))

    assert sorted(at_once(2, _place)) == [False, True]
    db.session.rollback()
    assert seals.adds_up(db.session(), HERE)
    assert db.session.query(SealEvent).filter_by(kind="ordered").count() == 1
