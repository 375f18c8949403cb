"""A phone of a campaign: the real store and the real sync, and a list of what it wrote and what must become of it."""

from __future__ import annotations

import atexit
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from fieldapp.clock import PhoneClock
from fieldapp.store.chain import Author, Chain, Entry
from fieldapp.store.kept import Bureau, Device, Person
from fieldapp.store.outbox import OpState
from fieldapp.store.sealing import Sealer
from fieldapp.store.store import Store
from fieldapp.store.uploads import UploadState
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Round
from fieldapp.sync.token import Session
from fieldapp.visit.model import Evidence, Participant, Visit
from shared.signing import sha256_hex
from shared.words import Capacity
from tests.fieldapp.field_builders import KEY, URL, a_field_check, a_visit, an_inspection, open_store
from tests.server.conftest import TestClock
from tests.server.world import Phone as Signer
from tests.server.world import World

CORRECTION = "correction/1"
Connect = Callable[[Store], Session]


class Killed(BaseException):
    """The program was ended in the middle of what it did."""


class Unasked(Entry):
    """A record that nobody held against the wire's form, as a faulty or a newer phone would sign one."""

    def __post_init__(self) -> None:
        pass


@dataclass(frozen=True)
class Wish:
    """What must become of an operation: how it stands on the phone in the end."""

    op_id: str
    state: OpState


class Handset:
    """``wishes`` in the order of the chain; ``photos`` are the contents that its records name."""

    def __init__(
        self, world: World, clock: TestClock | PhoneClock, folder: Path, connect: Connect, dice: random.Random
    ) -> None:
        self.world, self.folder, self.dice, self._connect = world, folder, dice, connect
        self.clock = clock if isinstance(clock, PhoneClock) else PhoneClock(wall=clock)
        self.signer: Signer = world.phone()
        self.wishes: dict[str, Wish] = {}
        self.notes: dict[str, str] = {}
        self.photos: dict[str, bytes] = {}
        self.writes_left: int | None = None
        shutil.copytree(_empty_folder(), folder)
        self.store = open_store(folder, self.clock)
        self._enrol()
        self.session = connect(self.store)

    def _enrol(self) -> None:
        """Give the store what an enrolment brings."""
        kept, keyring = self.store.kept, self.world.app.extensions["dingpan"].keyring
        kept.device = Device(self.signer.device_id, self.signer.signer.secret)
        kept.person = Person(self.world.inspector, "inspector", "inspector", "inspector")
        kept.bureau = Bureau(URL, keyring.root_public)
        self.store.documents.take_keys(keyring.key_set_document)
        self.store.documents.take_revoked(keyring.revoked_document)

    def restart(self) -> None:
        """End the program and start it again: what was only in memory is gone."""
        self.store.database.close()
        self.store = open_store(self.folder, self.clock)
        self.session = self._connect(self.store)

    def close(self) -> None:
        """Close the store and remove it."""
        self.store.database.close()
        shutil.rmtree(self.folder)

    # Writing

    def note(self, *, depends_on: tuple[str, ...] = (), is_poison: bool = False) -> str:
        """Write a small operation; a poisoned one lacks what its kind must have, one that builds on it is blocked."""
        text = self.clock.new_id()
        body = {"corrects": text} if is_poison else {"corrects": text, "note": text}
        waits = any(self.wishes[op_id].state is not OpState.RECEIVED for op_id in depends_on)
        state = OpState.BLOCKED if waits else OpState.REJECTED if is_poison else OpState.RECEIVED
        op_id = self._write(body, depends_on, state)
        self.notes[op_id] = text
        return op_id

    def _write(self, body: Mapping[str, Any], depends_on: tuple[str, ...], state: OpState) -> str:
        kept = self.store.kept
        assert kept.device is not None
        assert kept.person is not None
        author, sealer = Author(kept.device, kept.person, self.clock.now(), self.store.offset()), Sealer(KEY)
        entry = Unasked(kind=CORRECTION, body=body, name="note", place=None)
        with self.store.database.write() as connection:
            op = Chain(sealer, self.clock).add(connection, entry, author, depends_on)
        self.wishes[op.op_id] = Wish(op.op_id, state)
        return op.op_id

    def unreadable(self) -> str:
        """Write an operation that no server can read: it spoils every push it is in."""
        op_id = self._write({"corrects": self.clock.new_id(), "note": "x"}, (), OpState.QUARANTINED)
        with self.store.database.write() as connection:
            connection.execute("UPDATE op SET prev = 'nonsense' WHERE op_id = ?", (op_id,))
        return op_id

    def visit(self, *, is_far: bool = False, photos: Iterable[bytes] = ()) -> str:
        """Record a visit with one check; one beyond this person's regions is refused."""
        contents = list(photos)
        evidence = tuple(Evidence(self.store.photos.keep(one), len(one), "photo", None) for one in contents)
        (op,) = self.store.records.save(
            self._visit(evidence, is_far=is_far),
            name="m",
            device=self.store.kept.device,  # type: ignore[arg-type]  # enrolled
            person=self.store.kept.person,  # type: ignore[arg-type]
            offset=self.store.offset(),
        )
        self.wishes[op.op_id] = Wish(op.op_id, OpState.REJECTED if is_far else OpState.RECEIVED)
        if not is_far:
            self.photos |= {sha256_hex(one): one for one in contents}
        return op.op_id

    def _visit(self, evidence: tuple[Evidence, ...], *, is_far: bool) -> Visit:
        world, number, new_id = self.world, self.dice.randrange(2), self.clock.new_id
        people = ((world.inspector, "inspector"), (world.colleague, "colleague"))
        check = replace(a_field_check(instrument=world.instruments[number]), id=new_id(), label=None)
        check = replace(check, custody=world.custodies[number], tested_by=world.inspector, label_verdict=None)
        check = replace(check, photo_matches=None)
        place = {"party": world.parties[number], "stall": world.stalls[number]}
        return replace(
            a_visit(),
            id=new_id(),
            task=None,
            place=world.far_place if is_far else world.place,
            participants=tuple(Participant(id_, Capacity.OFFICER, card) for id_, card in people),
            inspections=(an_inspection(check, id=new_id(), evidence=evidence, **place),),
        )

    # Sending

    def round(self) -> Outcome | None:
        """Run one round as the worker does; None where the timer says that it is too early."""
        retry = Retry(self.store.facts, self.dice.random)
        if not retry.may_start(self.clock.now(), is_asked=False):
            return None
        return Round(self.store, self.session, retry).run()

    def killed_round(self, writes: int) -> Outcome | None:
        """Run a round in which the program is ended while it writes for the nth time; then start it again."""
        self.writes_left = writes
        real = self.store.database.write

        @contextmanager
        def _write() -> Iterator[Any]:
            with real() as connection:
                yield connection
                self.writes_left = (self.writes_left or 0) - 1
                if self.writes_left == 0:
                    raise Killed

        self.store.database.write = _write  # type: ignore[method-assign]
        try:
            return self.round()
        except Killed:
            return None
        finally:
            self.restart()

    @property
    def is_drained(self) -> bool:
        """Whether nothing is left to be sent: neither operations nor photos."""
        waits = self.store.outbox.counts().get(OpState.WAITING, 0)
        return not waits and not self.store.uploads.counts().get(UploadState.WAITING, 0)

    def register(self) -> dict[tuple[str, str], tuple[int, Any]]:
        """Return every row of the register, opened."""
        rows, sealer = self.store.database.rows("SELECT kind, id, rev, body FROM register"), Sealer(KEY)
        return {(kind, id_): (rev, sealer.open_json(f"register/{kind}/{id_}", body)) for kind, id_, rev, body in rows}


@cache
def _empty_folder() -> Path:
    """Make a store once for each run of the tests; the others are copies of it."""
    folder = Path(tempfile.mkdtemp(prefix="dingpan-handset-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(folder / "data").database.close()
    return folder / "data"


def receipt_kept(answer: Mapping[str, Any]) -> str:
    """Return the receipt of an answer as one text, "" for none."""
    return json.dumps(answer.get("receipt"), sort_keys=True) if answer.get("receipt") else ""
