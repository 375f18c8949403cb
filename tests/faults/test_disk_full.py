"""The phone's storage is full at each page there is to fill: that is told, nothing is half saved, and it goes on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from fieldapp.store.facts import Fact
from fieldapp.store.store import PHOTOS, Store
from fieldapp.store.trouble import StorageTrouble, Trouble
from fieldapp.sync.round import Outcome, Result
from fieldapp.visit.viewmodel import VisitViewModel
from fieldapp.visit.walk import keep
from shared.signing import sha256_hex
from shared.texts import load
from tests.builders import an_id
from tests.faults.flash import Flash
from tests.faults.phone_day import PhoneDay
from tests.faults.plants import Plant, commit_split_in_two, photo_row_before_file
from tests.faults.power import NAME, apart, open_on, view_of
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import SettableClock, a_store, a_visit, an_inspection

SEED = random.SystemRandom().randrange(1 << 32)
PAGES, PAGES_IN_FULL = 100, 300
PIECE = 2048


class HalfSaved(AssertionError):
    """Something was refused and is there nonetheless, or was there before and is not."""


def fill_up(day: PhoneDay, pages: int, set_room: Callable[[int], None]) -> int:
    """Do one thing after another with no room left, and make room one piece at a time, until so many were refused.

    ``set_room`` is told how many pieces more than now there may be.
    """
    refused = 0
    while refused < pages:
        act, is_whole = day.draw()
        room = 0
        while True:
            set_room(room)
            if not (trouble := _trouble(day, act, is_whole=is_whole)):
                break
            if trouble is not Trouble.FULL:
                raise HalfSaved(trouble)
            refused, room = refused + 1, room + 1
    return refused


def _trouble(day: PhoneDay, act: Callable[[], Outcome | None], *, is_whole: bool) -> Trouble | None:
    """Do something; return why storage refused it. Raises HalfSaved."""
    connection = day.store.database._connection
    before = view_of(connection)
    try:
        outcome = act()
    except StorageTrouble as trouble:
        if view_of(connection) != before:
            raise HalfSaved from trouble
        return trouble.code
    finally:
        _require_whole(day)
    if outcome is not None and outcome.result is Result.STORAGE:
        assert not is_whole
        return Trouble(outcome.why)
    return None


def _require_whole(day: PhoneDay) -> None:
    database = day.store.database
    held = {op_id for (op_id,) in database.rows("SELECT op_id FROM op")}
    if apart(database) or not {op.op_id for op in day.ops} <= held or len(held) != len(day.ops):
        raise HalfSaved
    for (sha256,) in database.rows("SELECT sha256 FROM photo"):
        if not (day.store.photos._folder / sha256).is_file():
            raise HalfSaved


def on_pages(store: Store) -> Callable[[int], None]:
    """Limit how many pages the database may have."""

    def set_room(pages: int) -> None:
        database = store.database
        database.pragma(f"max_page_count = {database.pragma('page_count') + pages}")

    return set_room


def on_flash(flash: Flash) -> Callable[[int], None]:
    """Limit how many bytes all files may have, the journal among them."""

    def set_room(pieces: int) -> None:
        flash.room = flash.used() + pieces * PIECE

    return set_room


def a_day_on(store: Store) -> PhoneDay:
    """Return a day on which much is recorded and little sent."""
    day = PhoneDay.begin(store, random.Random(SEED))
    day.syncs = 1
    return day


@pytest.fixture
def day(folder: Path) -> Iterator[PhoneDay]:
    store = a_store(folder)
    yield a_day_on(store)
    store.database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_each_page_that_is_refused_is_told_and_nothing_is_half_saved(day: PhoneDay, is_full: bool):
    pages = PAGES_IN_FULL if is_full else PAGES
    assert fill_up(day, pages, on_pages(day.store)) >= pages, f"seed {SEED}"
    day.store.database.pragma("max_page_count = 1000000")
    _goes_on(day)


def test_each_piece_of_the_journal_and_of_the_file_may_be_refused(folder: Path, is_full: bool):
    a_store(folder).database.close()
    flash = Flash({NAME: (folder / NAME).read_bytes()})
    day = a_day_on(open_on(flash, folder, SettableClock()))
    pieces = PAGES_IN_FULL if is_full else PAGES
    assert fill_up(day, pieces, on_flash(flash)) >= pieces, f"seed {SEED}"
    flash.room = None
    _goes_on(day)
    day.store.database.close()


def _goes_on(day: PhoneDay) -> None:
    """Everything works again: all is sent, all photos open, and files that nothing names are swept, no other."""
    day.photo()
    day.visit()
    for _ in range(3):
        day.clock.at += timedelta(hours=1)
        assert day.sync().result is Result.DONE
    assert {op.op_id for op in day.server.ops} == {op.op_id for op in day.ops}
    assert day.store.database.pragma("integrity_check") == "ok"
    named = {name for (name,) in day.store.database.rows("SELECT sha256 FROM photo")}
    assert set(day.photos) <= named
    assert all(day.store.photos.get(sha256) for sha256 in named)
    day.store.photos.sweep(day.clock.at + timedelta(days=3650))
    assert {path.name for path in day.store.photos._folder.iterdir()} == named


@pytest.mark.parametrize("plant", [commit_split_in_two, photo_row_before_file])
def test_a_planted_bug_is_found(day: PhoneDay, monkeypatch: pytest.MonkeyPatch, plant: Plant):
    plant(monkeypatch)
    with pytest.raises(HalfSaved):
        _plant_run(day)


def _plant_run(day: PhoneDay) -> None:
    fill_up(day, PAGES, on_pages(day.store))
    no_room_for(day.store, b"picture")
    _trouble(day, lambda: day.store.photos.keep(b"picture") and None, is_whole=True)


def no_room_for(store: Store, content: bytes) -> None:
    """Let the file of a photo be on the one device that is always full."""
    store.photos._folder.mkdir(exist_ok=True)
    (store.photos._folder / f"{sha256_hex(content)}.part").symlink_to("/dev/full")


def test_a_photo_for_which_there_is_no_room_is_told_and_leaves_nothing(folder: Path):
    store = a_store(folder)
    no_room_for(store, b"picture")
    with pytest.raises(StorageTrouble) as caught:
        store.photos.keep(b"picture")
    assert caught.value.code is Trouble.FULL
    assert store.database.rows("SELECT * FROM photo") == []
    assert list((folder / PHOTOS).iterdir()) == []
    assert store.photos.get(store.photos.keep(b"picture")) == b"picture"


def test_a_new_phone_without_room_is_told_and_begins_once_there_is_some(folder: Path):
    """The tables themselves do not fit: each step is taken whole, or not at all."""
    for pages in count():
        flash = Flash()
        flash.room = pages * 4096
        if _begins(flash, folder):
            break
        flash.room = None
        assert _begins(flash, folder)
    assert pages > 40


def _begins(flash: Flash, folder: Path) -> bool:
    """Open a new phone; return whether it had room for its tables."""
    try:
        store = open_on(flash, folder, SettableClock())
        store.facts.set(Fact.IS_FILLED, True)
    except StorageTrouble as trouble:
        if trouble.code is not Trouble.FULL:
            raise
        return False
    store.database.close()
    return True


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_person_is_told_in_plain_words_what_to_do(folder: Path, language: str):
    desk = Desk(folder, language=language)
    visit = a_visit(*(replace(an_inspection(), id=an_id(0x6000 + number)) for number in range(20)))
    keep(desk.parts, visit)
    vm = VisitViewModel(desk.parts)
    vm.opened()
    desk.store.database.pragma(f"max_page_count = {desk.store.database.pragma('page_count')}")
    vm.save()
    assert vm.trouble == load(language, "fieldapp")("storage.full")
    assert desk.store.outbox.all() == []
    assert desk.store.drafts.running() == visit
    desk.store.database.pragma("max_page_count = 1000000")
    vm.save()
    assert (vm.trouble, len(desk.store.outbox.all())) == ("", 1)
    assert desk.store.drafts.running() is None
    desk.store.database.close()
