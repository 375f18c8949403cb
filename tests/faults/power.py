"""Cuts of a phone's power at random places of a day, and what the phone says of it when it is switched on again.

The day runs the phone's own store over a ``Flash``. A cut passes when the database opens whole; when it holds all that
was told as saved; when what was being saved is there whole or not at all; and when every photo it names is a file that
was synced, with its name, before.
"""

from __future__ import annotations

import os
import random
import stat
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fieldapp.store.database import Database
from fieldapp.store.store import PHOTOS, Store
from fieldapp.store.trouble import StorageTrouble
from shared.ops import next_prev
from tests.faults.driver import Driver, connect_to
from tests.faults.flash import Cutter, Flash, Image
from tests.faults.phone_day import PhoneDay
from tests.fieldapp.field_builders import DEVICE, KEY, SettableClock, a_store, save

NAME = "dingpan.db"
AGAIN = 0.2  # how often the battery fails once more while the phone recovers
GOES_ON = 0.05  # how often the recovered phone records something more

CORRUPT, LOST, TORN, NO_PHOTO, STUCK = "corrupt", "acknowledged and lost", "half kept", "photo not whole", "stuck"
APART = """SELECT (SELECT count(*) FROM record WHERE op_id NOT IN (SELECT op_id FROM op))
    + (SELECT count(*) FROM op WHERE op_id NOT IN (SELECT op_id FROM record))
    + (SELECT count(*) FROM upload WHERE op_id NOT IN (SELECT op_id FROM op))
    + (SELECT count(*) FROM filed WHERE register_op NOT IN (SELECT op_id FROM op))"""


def view_of(connection: Any) -> int:
    """Return a number for all that a database holds, each row as it is."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    names = [name for (name,) in connection.execute(tables).fetchall()]
    return hash(tuple((name, tuple(connection.execute(f"SELECT * FROM {name}").fetchall())) for name in names))  # noqa: S608


def apart(database: Database) -> int:
    """Return how many records lack their operation, operations their record, and files to send either."""
    found = database.row(APART)
    assert found is not None
    return int(found[0])


def open_on(
    flash: Flash, folder: Path, clock: SettableClock, committed: Callable[[Driver], None] | None = None
) -> Store:
    """Open the store whose database lies on a flash; its photos lie in a folder."""
    return Store(Database(folder / NAME, connect=connect_to(flash, committed)), KEY, folder, clock)


@dataclass(frozen=True)
class Before:
    """What had been told when the power went.

    ``view`` is what the database was then, ``ops`` how many operations were told as saved, ``photos`` which photos lay
    on the disk; ``allowed`` is what the database may be once it is opened again.
    """

    view: int
    ops: int
    photos: frozenset[str]
    allowed: frozenset[int]


class RecordedDay:
    """A day over a flash, with every write and every word to the person in the order in which they came."""

    def __init__(self, folder: Path, rng: random.Random, acts: int) -> None:
        self.folder, self.rng = folder, rng
        a_store(folder).database.close()
        self.flash = Flash({NAME: (folder / NAME).read_bytes()})
        self.clock = SettableClock()
        store = open_on(self.flash, folder, self.clock, self._committed)
        self.day = PhoneDay.begin(store, rng)
        connection = store.database._connection
        with _syncs_marked(self.flash, folder / PHOTOS):
            self._told(connection)
            for _ in range(acts):
                act, is_whole = self.day.draw()
                self.flash.mark("begin", is_whole)
                act()
                self._told(connection)
        store.database.close()
        log = self.flash.log
        self._marks = [(place, event[1:]) for place, event in enumerate(log) if event[0] == "mark"]
        self._places = [place for place, _ in self._marks]

    def _committed(self, driver: Driver) -> None:
        self.flash.mark("commit", view_of(driver))

    def _told(self, connection: Any) -> None:
        self.flash.mark("told", view_of(connection), len(self.day.ops))

    def before(self, place: int) -> Before:
        """Return what was told before a place of the log."""
        at = bisect_left(self._places, place)
        past, coming = [mark for _, mark in self._marks[:at]], [mark for _, mark in self._marks[at:]]
        last = max(number for number, mark in enumerate(past) if mark[0] == "told")
        view, ops = past[last][1:]
        running = [mark for mark in past[last:] if mark[0] in ("begin", "commit")]
        allowed = {view}
        if running and running[0][1]:
            allowed.add(_next(coming, "told"))
        elif running:
            commits = [mark[1] for mark in running if mark[0] == "commit"]
            allowed = {commits[-1] if commits else view, _next(coming, "commit", "told")}
        return Before(view, ops, _durable(past), frozenset(allowed))

    def cuts(self, count: int) -> Counter[str]:
        """Cut the power so often, each at a place of its own draw; return what went wrong, and how often."""
        found: Counter[str] = Counter()
        cutter = Cutter(self.flash)
        begun, end = self._places[0] + 1, len(self.flash.log) + 1
        for place in sorted(self.rng.choices(range(begun, end), k=count)):
            cutter.to(place)
            if wrong := self._wrong(cutter.survivors(self.rng), self.before(place)):
                found[wrong] += 1
        return found

    def _wrong(self, image: Image, before: Before) -> str:
        """Return what is wrong with a phone that is switched on after a cut; "" when nothing is."""
        try:
            while self.rng.random() < AGAIN:
                image = self._cut_again(image)
            store = open_on(Flash(image), self.folder, self.clock)
        except StorageTrouble:
            return CORRUPT
        try:
            return self._look(store, before)
        except StorageTrouble:
            return CORRUPT
        finally:
            store.database.close()

    def _cut_again(self, image: Image) -> Image:
        flash = Flash(image)
        open_on(flash, self.folder, self.clock).database.close()
        cutter = Cutter(flash)
        cutter.to(self.rng.randint(0, len(flash.log)))
        return cutter.survivors(self.rng)

    def _look(self, store: Store, before: Before) -> str:
        database = store.database
        if database.pragma("integrity_check") != "ok":
            return CORRUPT
        held = dict(database.rows("SELECT op_id, op_sha256 FROM op"))
        if any(held.get(op.op_id) != op.op_sha256 for op in self.day.ops[: before.ops]):
            return LOST
        if apart(database) or not is_chain(database):
            return TORN
        if not {name for (name,) in database.rows("SELECT sha256 FROM photo")} <= before.photos:
            return NO_PHOTO
        if (view := view_of(database._connection)) not in before.allowed:
            return LOST if view in self._older(before) else TORN
        return self._go_on(store, before.ops) if self.rng.random() < GOES_ON else ""

    def _older(self, before: Before) -> set[int]:
        views = [mark[1] for _, mark in self._marks if mark[0] in ("told", "commit")]
        return set(views[: views.index(before.view)])

    def _go_on(self, store: Store, told: int) -> str:
        """Open what was told as saved, and record another visit."""
        for op in self.rng.sample(self.day.ops[:told], min(told, 3)):
            entry = store.outbox.entry(op.op_id)
            if entry is None or store.outbox.op(entry, DEVICE.id) != op:
                return LOST
        save(store, self.day.a_visit())
        return "" if is_chain(store.database) and not apart(store.database) else STUCK


def _next(marks: list[tuple[Any, ...]], *kinds: str) -> int:
    """Return the view of the next mark of some kinds."""
    return next((mark[1] for mark in marks if mark[0] in kinds), 0)


def _durable(marks: list[tuple[Any, ...]]) -> frozenset[str]:
    """Return the photos whose content and whose name were synced."""
    files = {mark[1] for mark in marks if mark[0] == "file synced"}
    folders = [mark[1] for mark in marks if mark[0] == "folder synced"]
    return frozenset(name for name, inode in folders[-1].items() if inode in files) if folders else frozenset()


def is_chain(database: Database) -> bool:
    """Say whether each operation names the one before, from the first to the last."""
    rows = database.rows("SELECT device_seq, prev, signature FROM op ORDER BY device_seq")
    numbers = [row[0] for row in rows] == list(range(1, len(rows) + 1))
    return numbers and all(after[1] == next_prev(row[2]) for row, after in pairwise(rows))


@contextmanager
def _syncs_marked(flash: Flash, folder: Path) -> Iterator[None]:
    """Write into a flash's log which photo, and which names of photos, were synced."""
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        about = os.fstat(descriptor)
        if stat.S_ISDIR(about.st_mode):
            flash.mark("folder synced", {path.name: path.stat().st_ino for path in folder.iterdir()})
        else:
            flash.mark("file synced", about.st_ino)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield
