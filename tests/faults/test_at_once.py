"""One operation from five requests at the same moment, and poison at every place: nobody is in the way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from fieldapp.store.outbox import OpState
from fieldapp.sync.push import push_all
from server.audit.models import Leaf
from server.clock import new_id, now
from server.database import db
from server.inspections.models import Correction
from server.sync.models import StoredOp
from shared.ops import Op
from tests.faults.handset import Handset
from tests.faults.histories import Weather
from tests.faults.planted import PLANTS
from tests.fieldapp.pretend_server import session_with
from tests.server.conftest import TestClock
from tests.server.live import Server, serving
from tests.server.world import World

TIMES = 5
OPS, FULL_OPS, PARTS = 300, 10_000, 3
SIZES, CHANCES, LARGEST, POISON_PARTS = 20, 200, 100, 4
KINDS_OF_POISON = {"refused": OpState.REJECTED, "unreadable": OpState.QUARANTINED}

pytestmark = pytest.mark.usefixtures("nobody_counts")


def faults_of_five(server: Server, headers: dict[str, str], ops: list[Op]) -> list[str]:
    """Send each operation in five requests that start together; return what was wrong with the answers."""
    barrier = Barrier(TIMES)

    def _send(_: int) -> list[tuple[int, str, str]]:
        told = []
        for op in ops:
            barrier.wait(60)
            answer = server.send("POST", "/api/v1/sync/push", {"ops": [op.to_wire()]}, headers)
            entry = answer.json["results"][0] if answer.status == 200 else {}
            told.append((answer.status, entry.get("status", ""), str(entry.get("receipt"))))
        return told

    with ThreadPoolExecutor(TIMES) as pool:
        columns = list(pool.map(_send, range(TIMES)))
    found = []
    for op, *answers in zip(ops, *columns, strict=True):
        statuses = sorted(status for _, status, _ in answers)
        if statuses != ["applied"] + ["duplicate"] * (TIMES - 1) or len({receipt for *_, receipt in answers}) != 1:
            found.append(f"{op.op_id}: {statuses}, {len({receipt for *_, receipt in answers})} receipts")
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_an_operation_from_five_requests_at_once_is_kept_once(town: World, is_full: bool, part: int) -> None:
    count = (FULL_OPS if is_full else OPS) // PARTS
    phone = town.phone()
    headers = phone.headers
    ops = [phone.op("correction/1", {"corrects": new_id(now()), "note": f"{part} {place}"}) for place in range(count)]
    db.session.remove()
    with serving(town.app) as server:
        found = [one for start in range(0, count, 500) for one in faults_of_five(server, headers, ops[start:][:500])]
    assert not found
    kept = [db.session.query(table).count() for table in (StoredOp, Correction)]
    assert kept == [count] * 2
    assert db.session.query(Leaf).where(Leaf.kind == "op").count() == count


@pytest.mark.parametrize("plant", ["replay_works_again", "new_receipt_for_a_duplicate"])
def test_five_requests_see_a_planted_bug(town: World, monkeypatch: pytest.MonkeyPatch, plant: str) -> None:
    phone = town.phone()
    headers = phone.headers
    ops = [phone.op("correction/1", {"corrects": new_id(now()), "note": f"{place}"}) for place in range(5)]
    db.session.remove()
    with serving(town.app) as server, monkeypatch.context() as patch:
        PLANTS[plant](patch)
        found = faults_of_five(server, headers, ops)
    leaves = db.session.query(Leaf).where(Leaf.kind == "op").count()
    assert found or leaves > len(ops)


@pytest.fixture
def sender(sqlite_world: World, clock: TestClock, tmp_path: Path) -> Iterator[Handset]:
    """A phone in fine weather."""
    weather = Weather(sqlite_world, clock)
    made = Handset(
        sqlite_world, clock, tmp_path / "phone", lambda store: session_with(store, weather), random.Random(1)
    )
    yield made
    made.close()


def faults_of_poison(handset: Handset, size: int, place: int, kind: str) -> list[str]:
    """Send a batch with poison at one place; return what stands where it should not, or is sent a second time."""
    written = []
    for number in range(size):
        if number != place:
            written.append(handset.note())
        else:
            written.append(handset.note(is_poison=True) if kind == "refused" else handset.unreadable())
    push_all(handset.store, handset.session)
    entries = {op_id: handset.store.outbox.entry(op_id) for op_id in written}
    found = [
        f"{kind} at {place} of {size}: place {written.index(op_id)} stands {entry.state if entry else None}"
        for op_id, entry in entries.items()
        if entry is None or entry.state is not handset.wishes[op_id].state
    ]
    poison = entries[written[place]]
    if poison is None or not poison.answer.get("problem"):
        found.append(f"{kind} at {place} of {size}: set aside without a reason")
    if handset.store.outbox.due(handset.clock.now(), longest_s=0):
        found.append(f"{kind} at {place} of {size}: something is to be sent again")
    return found


@pytest.mark.parametrize("turn", [0, 1])
def test_poison_at_any_place_of_any_batch_stops_nobody(sender: Handset, turn: int, is_full: bool) -> None:
    """Every place of every size once, the kinds by turns; with all campaigns, each kind at each."""
    batches = [(size, place) for size in range(1, SIZES + 1) for place in range(size)]
    assert len(batches) == 210
    mine = batches if is_full else batches[turn::2]
    kinds = list(KINDS_OF_POISON)
    for number, (size, place) in enumerate(mine):
        kind = kinds[turn if is_full else number % 2]
        assert not faults_of_poison(sender, size, place, kind)


@pytest.mark.parametrize("part", range(POISON_PARTS))
def test_poison_in_batches_of_any_size_stops_nobody(sender: Handset, seed: int, is_full: bool, part: int) -> None:
    dice = random.Random(f"{seed}/{part}")
    if is_full:
        batches = [(size, place) for size in range(1, LARGEST + 1) for place in range(size)][part::POISON_PARTS]
    else:
        sizes = [dice.randint(1, LARGEST) for _ in range(CHANCES // POISON_PARTS)]
        batches = [(size, dice.randrange(size)) for size in sizes]
    for size, place in batches:
        assert not faults_of_poison(sender, size, place, dice.choice(list(KINDS_OF_POISON))), f"--seed {seed}"


@pytest.mark.parametrize("plant", ["poison_takes_the_others_along", "poison_at_the_head"])
def test_poison_shows_a_planted_bug(sender: Handset, monkeypatch: pytest.MonkeyPatch, plant: str) -> None:
    kind = "refused" if plant == "poison_takes_the_others_along" else "unreadable"
    with monkeypatch.context() as patch:
        PLANTS[plant](patch)
        try:
            found = faults_of_poison(sender, 5, 2, kind)
        except Exception as error:  # the round that carries the push would catch it
            found = [repr(error)]
    assert found
