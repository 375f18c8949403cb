"""A day of a phone: what an officer does and what the sync does, drawn at random, through the phone's own store."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from fieldapp.labelling.model import Day
from fieldapp.physical_seals.model import Move
from fieldapp.store.chain import Author, Entry
from fieldapp.store.filings import About
from fieldapp.store.forms import BIND, PHYSICAL_SEAL, REGISTER
from fieldapp.store.store import Store
from fieldapp.store.wipe import wipe
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Round
from fieldapp.visit.model import Evidence, Visit
from shared.dates import instant_text
from shared.ops import Op
from shared.signing import sha256_hex
from shared.words import SealAct, SealOwner, SealPosition
from tests.builders import an_id
from tests.faults.pretend_uploads import PhotoServer
from tests.fieldapp.field_builders import (
    DEVICE,
    ME,
    PARTY,
    PLACE,
    SCALE,
    STALL,
    SettableClock,
    a_field_check,
    a_scale_row,
    a_visit,
    an_inspection,
    save,
)
from tests.fieldapp.pretend_server import session_with

MASSES = {"max_mg": 15_000_000, "min_mg": 100_000, "e_mg": 5_000, "d_mg": 5_000, "accuracy_class": "III"}
CUSTODY = {"kind": "own", "owner": PARTY, "user": PARTY}
SEAL_WORDS = {"position": SealPosition.HOUSING, "act": SealAct.APPLIED, "owner": SealOwner.VERIFICATION}


@dataclass
class PhoneDay:
    """Does one thing after another; ``ops`` and ``photos`` are what the store has told to be saved.

    ``syncs`` is how often the sync runs, where a visit is recorded five times.
    Every act but the sync is one step for the person: all of it is kept, or none.
    """

    store: Store
    rng: random.Random
    clock: SettableClock
    server: PhotoServer
    ops: list[Op] = field(default_factory=list)
    photos: dict[str, bytes] = field(default_factory=dict)
    syncs: int = 3

    @classmethod
    def begin(cls, store: Store, rng: random.Random) -> PhoneDay:
        """Return a day on a store whose clock stands still between two acts."""
        assert isinstance(store.clock, SettableClock)
        return cls(store, rng, store.clock, PhotoServer(store.clock.now))

    def draw(self) -> tuple[Callable[[], None], bool]:
        """Return what is done next, and whether it is one step that is kept whole."""
        acts = {
            self.visit: 5,
            self.draft: 4,
            self.photo: 3,
            self.file: 2,
            self.seal: 2,
            self.fact: 1,
            self.sync: self.syncs,
        }
        (act,) = self.rng.choices(list(acts), list(acts.values()))
        self.clock.at += timedelta(seconds=self.rng.randint(1, 60))
        if act == self.sync:
            self._grow()
        return act, act != self.sync

    def photo(self) -> None:
        """Take a photo."""
        content = self.rng.randbytes(self.rng.randint(100, 9_000))
        self.photos[self.store.photos.keep(content)] = content

    def visit(self) -> None:
        """Record a visit, with photos where some were taken."""
        visit = self.a_visit()
        self.ops += save(self.store, visit)

    def draft(self) -> None:
        """Type a reading."""
        self.store.drafts.keep(self.a_visit(), self.clock.now())

    def a_visit(self) -> Visit:
        """Return another visit, of one party or of some."""
        inspections = tuple(
            replace(
                an_inspection(a_field_check(id_=self.rng.getrandbits(40)), remark="重" * self.rng.choice((0, 5, 500))),
                id=self.clock.new_id(),
                evidence=self._some_photos(),
            )
            for _ in range(self.rng.choice((1, 1, 1, 2, 5)))
        )
        return replace(a_visit(*inspections), id=self.clock.new_id())

    def _some_photos(self) -> tuple[Evidence, ...]:
        chosen = self.rng.sample(sorted(self.photos), min(len(self.photos), self.rng.randint(0, 2)))
        return tuple(Evidence(sha256, len(self.photos[sha256]), "photo", None) for sha256 in chosen)

    def file(self) -> None:
        """Put a label on an instrument that the register lacks."""
        instrument, serial = self.clock.new_id(), f"S{self.rng.getrandbits(30)}"
        photos = [photo.to_wire() for photo in self._some_photos()[:1]]
        about = About(instrument, self.rng.getrandbits(20), serial, "衡正衡器", "ACS-15", PLACE, "A12", "")
        register: dict[str, Any] = {"id": instrument, "kind": "scale", "serial": serial, "maker": "衡正衡器"}
        register |= {"model": "ACS-15", "use": "trade", "place": PLACE, "stall": STALL, "custody": CUSTODY}
        register |= {"price_computing": True} | MASSES | ({"evidence": photos} if photos else {})
        bodies = ((REGISTER, register), (BIND, {"instrument": instrument, "serial": about.label}))
        entries = [Entry(kind=kind, body=body, name=serial, place=PLACE) for kind, body in bodies]
        ops = self.store.filings.save(entries, about, Day(person=ME.id, place=PLACE, serial=serial), self._author)
        self.ops += ops

    def seal(self) -> None:
        """Record a physical seal."""
        move = Move(instrument=SCALE, new_number=f"QF-{self.rng.getrandbits(20)}", **SEAL_WORDS)
        body = {"id": self.clock.new_id(), "instrument": SCALE, "at": instant_text(self.clock.now())}
        body |= {name: word.value for name, word in SEAL_WORDS.items()} | {"new_number": move.new_number}
        entry = Entry(kind=PHYSICAL_SEAL, body=body, name="铅封", place=PLACE)
        self.ops.append(self.store.seal_moves.save(entry, move, self._author))

    def fact(self) -> None:
        """Leave an instrument half filed."""
        self.store.labelling.keep(
            Day(person=ME.id, place=PLACE, serial=f"S{self.rng.getrandbits(30)}"), self.clock.now()
        )

    def wipe(self) -> None:
        """Hand the phone over: the register goes, what was made here stays."""
        wipe(self.store)

    def _grow(self) -> None:
        """Let the server's register have an instrument more, with its picture."""
        number, picture = len(self.server.rows), self.rng.randbytes(200)
        self.server.pictures[sha256_hex(picture)] = picture
        row = a_scale_row(an_id(0x70000 + number), serial=f"R{number}", label=None, photo=sha256_hex(picture))
        self.server.bring("instrument", row, rev=number + 1)

    def sync(self) -> Outcome:
        """Send and fetch."""
        session = session_with(self.store, self.server)
        return Round(self.store, session, Retry(self.store.facts, lambda: 0.0)).run()

    @property
    def _author(self) -> Author:
        return Author(DEVICE, ME, self.clock.now())
