"""A person's regions change, rows move between them, downloads break off: the phone holds its scope, exactly."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from fieldapp.store.facts import Fact
from fieldapp.store.refills import Refills
from fieldapp.store.store import Store
from fieldapp.store.wipe import wipe
from fieldapp.sync import pull as pulling
from fieldapp.sync import refill as refilling
from fieldapp.sync.failures import Unreachable
from fieldapp.sync.pull import pull_all
from server import feed
from server.accounts.models import Person, UnitRegion
from server.audit.models import LogState
from server.database import begin_write, db, lock_log
from server.sync import snapshots
from server.sync.models import Change
from shared.texts import load
from tests.fieldapp.field_builders import open_store
from tests.fieldapp.pretend_server import session_with
from tests.fieldapp.server_phone import Phone

REGIONS = ("411602", "411603", "411681", "411700")
SCOPES = ("4116", *REGIONS, "41", "411699")
IDS = tuple(f"019aa111-0000-7000-8000-{number:012x}" for number in range(40))
KINDS = ("place", "stall", "party", "task")
STEPS, FULL = 250, 10_000
BEING_MADE = "problem.snapshot-being-made.detail"


class Ended(BaseException):
    """The program was ended."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, parts and batches of a few rows, so that a register of forty takes many of each."""
    monkeypatch.setattr(pulling, "LIMIT", 4)
    monkeypatch.setattr(refilling, "PART_BYTES", 100)
    monkeypatch.setattr(refilling, "BATCH", 3)
    monkeypatch.setattr(snapshots, "MOST_BEHIND", 3)


class Town:
    """The server's register and the jurisdiction of the phone's unit; ``asked`` are the requests that came."""

    def __init__(self, phone: Phone, folder: Path) -> None:
        self.phone, self.folder, self.asked = phone, folder, list[requests.PreparedRequest]()
        self.unit = db.session.get_one(Person, phone.world.inspector).unit_id
        self.rev = 1
        self.cuts_after: int | None = None
        self._send = phone.adapter.send
        phone.adapter.send = self._counted  # type: ignore[method-assign]

    def _counted(self, request: requests.PreparedRequest, **rest: Any) -> requests.Response:
        if self.cuts_after is not None:
            self.cuts_after -= 1
            if self.cuts_after < 0:
                raise requests.ConnectionError
        self.asked.append(request)
        return self._send(request, **rest)

    def set_scope(self, *regions: str) -> None:
        db.session.rollback()
        db.session.query(UnitRegion).filter_by(unit_id=self.unit).delete()
        db.session.add_all(UnitRegion(unit_id=self.unit, region=region) for region in regions)
        db.session.commit()
        db.session.expire_all()

    def put(self, kind: str, id_: str, region: str, **fields: Any) -> None:
        """Write a row; the revision need not rise when it moves, as of a stall whose place did."""
        body = {"id": id_, "region": region, "name": f"{kind} {id_[-2:]}"} | fields
        self._write({feed.ROWS: [feed.Row(kind, id_, region, self.rev, body)]})

    def take_away(self, kind: str, id_: str) -> None:
        self._write({feed.GONE: {kind: {id_: None}}})

    def prune(self, keep: int) -> None:
        begin_write()
        feed.prune(db.session(), keep)
        db.session.commit()

    def _write(self, what: dict[str, Any]) -> None:
        begin_write()
        session = db.session()
        session.info.update(what)
        lock_log()
        feed.write(session)
        session.commit()

    def expected(self) -> dict[tuple[str, str], str]:
        """Return what a phone of this scope holds, straight from the table."""
        db.session.rollback()
        regions = tuple(row.region for row in db.session.query(UnitRegion).filter_by(unit_id=self.unit))
        live = db.session.query(Change).where(Change.deleted.is_(False))
        seen = [row for row in live if not row.scope or (regions and row.scope.startswith(regions))]
        return {(row.kind, row.id): row.body or "" for row in seen}

    def held(self) -> dict[tuple[str, str], str]:
        store = self.phone.store
        rows = store.database.rows("SELECT kind, id, body FROM register")
        opener = store.register._sealer
        return {(kind, id_): opener.open(f"register/{kind}/{id_}", body).decode() for kind, id_, body in rows}

    def restart(self) -> None:
        """Start the program again: what was only in memory is gone."""
        self.phone.store.database.close()
        self.phone.store = open_store(self.folder, self.phone.clock)
        self.phone.session = session_with(self.phone.store, self.phone.adapter)

    def pull(self) -> None:
        pull_all(self.phone.store, self.phone.session)


@pytest.fixture
def town(fresh_phone: Phone, folder: Path, small: None) -> Town:
    town = Town(fresh_phone, folder)
    for number, id_ in enumerate(IDS[:30]):
        town.put(KINDS[number % len(KINDS)], id_, REGIONS[number % len(REGIONS)])
    return town


@contextmanager
def ended_at(store: Store, write: int) -> Iterator[None]:
    """End the program while it writes for the nth time, before that is committed."""
    real, left = store.database.write, write

    @contextmanager
    def _write() -> Iterator[Any]:
        nonlocal left
        with real() as connection:
            yield connection
            left -= 1
            if left == 0:
                raise Ended

    store.database.write = _write  # type: ignore[method-assign]
    yield


def some_step(town: Town, dice: random.Random) -> Callable[[], None]:
    """Draw what happens next."""
    kind_of = {id_: KINDS[number % len(KINDS)] for number, id_ in enumerate(IDS)}
    id_, number = dice.choice(IDS), dice.randrange(1 << 30)
    folder = town.phone.world.app.extensions["dingpan"].settings.snapshots

    def _write() -> None:
        town.rev += dice.randrange(2)
        town.put(kind_of[id_], id_, dice.choice(REGIONS), note=str(number))

    def _cut() -> None:
        town.cuts_after = dice.randrange(12)
        with suppress(Unreachable):
            town.pull()
        town.cuts_after = None

    def _end() -> None:
        with ended_at(town.phone.store, dice.randrange(1, 15)), suppress(Ended):
            town.pull()
        town.restart()

    def _spoil() -> None:
        for path in folder.glob("*.gz"):
            path.write_bytes(dice.randbytes(path.stat().st_size))

    acts = {
        lambda: town.set_scope(*dice.sample(SCOPES, dice.randrange(4))): 4,
        _write: 8,
        lambda: town.take_away(kind_of[id_], id_): 3,
        lambda: town.prune(dice.randrange(20)): 1,
        lambda: shutil.rmtree(folder, ignore_errors=True): 1,
        _spoil: 1,
        _cut: 4,
        _end: 4,
    }
    return dice.choices([*acts], [*acts.values()])[0]


def test_whatever_changes_and_breaks_the_phone_holds_its_scope(town: Town, seed: int, is_full: bool) -> None:
    dice = random.Random(seed)
    for number in range(FULL if is_full else STEPS):
        some_step(town, dice)()
        if dice.random() < 0.4:
            town.pull()
            assert town.held() == town.expected(), f"--seed {seed}, step {number}"
            assert town.phone.store.refills.first() is None


def ranges(town: Town) -> list[str]:
    return [str(request.headers["Range"]) for request in town.asked if "Range" in request.headers]


def test_a_download_that_broke_off_goes_on_from_the_bytes_that_came(town: Town) -> None:
    town.cuts_after = 8
    with pytest.raises(Unreachable):
        town.pull()
    town.cuts_after = None
    came = town.phone.store.refills.bytes_held()
    assert came > 0
    town.asked.clear()
    town.restart()
    town.pull()
    assert ranges(town)[0] == f"bytes={came}-{came + 99}"
    assert town.held() == town.expected()


def end_in_the_second_batch(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load a region until some of its rows are in the register, and end the program there."""
    real, batches = Refills.applied, iter([None])

    def _applied(connection: Any, refill: Any, rows: int) -> None:
        if next(batches, Ended) is Ended:
            raise Ended
        real(connection, refill, rows)

    with monkeypatch.context() as patch, suppress(Ended):
        patch.setattr(Refills, "applied", staticmethod(_applied))
        town.pull()
    town.restart()


def test_a_program_that_ended_while_it_applied_goes_on_with_the_rows_that_are_left(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.set_scope("411681")
    end_in_the_second_batch(town, monkeypatch)
    refill = town.phone.store.refills.first()
    assert refill is not None
    assert refill.applied == refilling.BATCH
    town.asked.clear()
    town.pull()
    assert ranges(town) == []
    assert town.held() == town.expected()


def test_what_came_in_part_of_a_region_that_then_left_is_dropped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.set_scope("411681")
    end_in_the_second_batch(town, monkeypatch)
    assert any(kind != "region" for kind, _ in town.held())
    shutil.rmtree(town.phone.world.app.extensions["dingpan"].settings.snapshots)
    town.set_scope("411602")
    town.pull()
    assert town.held() == town.expected()


def test_a_snapshot_that_was_kept_is_followed_by_what_changed_since(town: Town) -> None:
    town.set_scope("411602")
    town.pull()
    town.put("place", IDS[0], "411602", note="changed")
    wipe(town.phone.store)
    town.pull()
    assert town.held() == town.expected()


def test_while_a_snapshot_is_made_whoever_needs_another_comes_back_and_one_at_hand_is_given(town: Town) -> None:
    folder = town.phone.world.app.extensions["dingpan"].settings.snapshots
    town.set_scope("411602")
    for number in range(9):
        town.put("stall", IDS[number], REGIONS[number % 2])
    town.pull()
    with snapshots._alone(folder):
        wipe(town.phone.store)
        town.pull()
        assert town.held() == town.expected()
        town.set_scope("411602", "411603")
        with pytest.raises(Unreachable) as told:
            town.pull()
    assert (told.value.retry_after_s, told.value.sentence) == (3, load("zh-CN", "server")(BEING_MADE))
    town.pull()
    assert town.held() == town.expected()


def test_a_region_that_leaves_goes_at_once_and_what_stays_is_not_fetched_again(town: Town) -> None:
    town.set_scope("411602", "411603")
    town.pull()
    town.asked.clear()
    town.set_scope("411602")
    town.pull()
    assert town.held() == town.expected()
    assert len(town.asked) == 1
    assert ranges(town) == []


def test_a_wider_scope_keeps_what_it_held_while_the_rest_comes(town: Town) -> None:
    town.set_scope("411602")
    town.pull()
    before = town.held()
    town.set_scope("4116")
    for cut in range(0, 40, 3):
        town.cuts_after = cut
        with suppress(Unreachable):
            town.pull()
        assert before.items() <= town.held().items(), cut
    town.cuts_after = None
    town.pull()
    assert town.held() == town.expected()


def test_a_phone_older_than_the_tombstones_that_are_kept_begins_anew(town: Town) -> None:
    town.set_scope("4116")
    town.pull()
    town.take_away("place", IDS[0])
    town.take_away("stall", IDS[1])
    town.prune(0)
    assert db.session.get_one(LogState, 1).feed_horizon > 0
    before = town.phone.store.facts.get(Fact.CURSOR)
    town.pull()
    assert town.held() == town.expected()
    assert town.phone.store.facts.get(Fact.CURSOR).partition(".")[0] != before.partition(".")[0]


def test_a_region_within_another_is_one_scope_by_pages_and_by_snapshots(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.set_scope("4116", "411602")
    with monkeypatch.context() as patch:
        patch.setattr(refilling, "_opened", lambda *_: None)
        town.pull()
    town.put("place", IDS[0], "411602", note="changed")
    town.pull()
    assert town.held() == town.expected()
    town.set_scope("4116")
    town.asked.clear()
    town.pull()
    assert len(town.asked) == 1, "the same scope, with one name less"
    assert town.held() == town.expected()


def test_a_cursor_whose_regions_lie_within_each_other_brings_everything_anew(town: Town) -> None:
    town.set_scope("4116", "411602")
    town.pull()
    store = town.phone.store
    cursor = str(store.facts.get(Fact.CURSOR))
    store.facts.set(Fact.CURSOR, cursor.replace(".4116.", ".4116-411602."))
    town.pull()
    assert town.held() == town.expected()
    assert store.facts.get(Fact.CURSOR) == cursor


def test_a_snapshot_that_is_never_what_it_says_is_done_without(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.set_scope("4116")
    monkeypatch.setattr(refilling, "_opened", lambda *_: None)
    town.pull()
    assert ranges(town) == []
    assert town.held() == town.expected()


def test_a_picture_goes_with_the_region_that_named_it_unless_another_does(town: Town) -> None:
    town.set_scope("411602", "411603")
    store = town.phone.store
    lone, shared = (store.photos.keep(content) for content in (b"lone", b"shared"))
    town.put("place", IDS[35], "411603", photo=lone)
    town.put("place", IDS[36], "411603", photo=shared)
    town.put("place", IDS[37], "411602", photo=shared)
    town.pull()
    town.set_scope("411602")
    town.pull()
    assert (store.photos.get(lone), store.photos.get(shared)) == (None, b"shared")
    assert not (town.folder / "photos" / lone).exists()
