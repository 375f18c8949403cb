"""A phone without a screen as a process of its own, to be killed: it records, takes photos, and syncs.

``python -m tests.faults.headless`` loads everything once and then forks a phone for each line of JSON that it reads, so
that a phone begins in milliseconds; for each it answers how the phone ended. What the store has told to be saved, a
phone writes into its ledger, a file that outlives it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from fieldapp import crashpoint
from fieldapp.store import derivation
from fieldapp.store.database import Database
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Enrolment
from fieldapp.store.store import Store
from fieldapp.store.vault import Vault
from fieldapp.store.wipe import wipe
from fieldapp.sync.client import Client
from fieldapp.sync.enrol import enrol
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.token import Session
from shared import rescue
from tests.builders import a_signer
from tests.faults import plants
from tests.faults.phone_day import PhoneDay
from tests.fieldapp.field_builders import DEVICE, NOON, PIN, SettableClock

NAME, LEDGER = "dingpan.db", "ledger"
QUICK = {"name": "argon2id", "memory_kib": 64, "passes": 1, "lanes": 1}
TWO_DAYS_S = 2 * 24 * 3600
CARRIES = 0.1


@dataclass(frozen=True)
class Life:
    """One life of a phone. ``crash_at``: where it ends; ``kill_after_s``: when it is killed, 0: not at all.

    The time counts from its birth, or ``from_ready`` from when it is open and enrolled, however busy the machine is.
    ``errand``: ``once`` does each thing once, ``for ever`` one after another, ``rest`` only sends what is left.
    """

    folder: str
    url: str
    errand: str = "once"
    seed: int = 0
    crash_at: str = ""
    kill_after_s: float = 0.0
    from_ready: bool = False
    plant: str = ""


class Nursery:
    """Brings phones into being, one at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.headless"]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=Path(__file__).parents[2])

    def live(self, life: Life) -> int:
        """Let a phone live; return its exit status, negative for the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(life)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


class Phone(PhoneDay):
    """A day whose sync is a real one."""

    session: Session
    packages: frozenset[str] = frozenset()

    def draw(self) -> tuple[Callable[[], Any], bool]:
        """Return what is done next: now and then another phone's package is taken over."""
        act, is_whole = super().draw()
        return (self.carry, True) if self.rng.random() < CARRIES else (act, is_whole)

    def carry(self) -> None:
        """Take over a package of another phone, which nobody can open here."""
        package = rescue.head_of(1, bytes(32)) + self.rng.randbytes(9_000)
        self.packages |= {self.store.carried.keep(io.BytesIO(package), NOON, name=self.clock.new_id())}

    def sync(self) -> Outcome:
        return Round(self.store, self.session, Retry(self.store.facts, lambda: 0.0)).run()

    def _grow(self) -> None:
        """The server is another process."""


def switch_on(life: Life) -> Phone:
    """Open the phone, and enrol it if it is not enrolled yet."""
    clock, folder = SettableClock(), Path(life.folder)
    database = Database(folder / NAME)
    vault = Vault(database)
    if not vault.exists:
        vault.create(PIN)
    store = Store(database, vault.unlock(PIN, NOON), folder, clock)
    client = Client(life.url)
    if not store.facts.get(Fact.IS_ENROLLED):
        root = hashlib.sha256(a_signer("root").public).hexdigest()
        if store.kept.device is None:
            store.kept.device = DEVICE
        enrol(store, client, Enrolment(life.url, root, "c"), DEVICE, "p")
    phone = Phone(store, random.Random(life.seed), clock, None)  # type: ignore[arg-type] # it has no server in hand
    phone.session = Session(store, client)
    return phone


def live(life: Life, ready: Callable[[], None]) -> None:
    """Live one life; ``ready`` is called once the phone is open."""
    if life.plant:
        getattr(plants, life.plant)(pytest.MonkeyPatch())
    crashpoint.arm(life.crash_at)
    phone = switch_on(life)
    ready()
    ledger = Ledger(Path(life.folder) / LEDGER, phone)
    if life.errand == "for ever":
        while True:
            ledger.after(phone.draw()[0])
    if life.errand == "once":
        _do_each_thing(life, phone, ledger)
    for _ in range(2):
        phone.session = Session(phone.store, Client(life.url))
        phone.store.outbox.wake()
        phone.store.carried.wake()
        assert phone.sync().result is Result.DONE
    phone.store.photos.sweep(NOON)
    phone.store.carried.sweep(NOON)


def _do_each_thing(life: Life, phone: Phone, ledger: Ledger) -> None:
    assert phone.sync().result is Result.DONE
    wipe(phone.store)
    vault = Vault(phone.store.database)
    vault.rewrap(vault.unlock(PIN, NOON), PIN, lambda connection: None)
    vault.forget_former()
    phone.store.photos.drop(phone.store.photos.keep(b"taken anew"))
    stray = Path(life.folder) / "photos" / "0.part"
    stray.write_bytes(b"what a crash left")
    os.utime(stray, (NOON.timestamp() - TWO_DAYS_S,) * 2)
    for act in (phone.photo, phone.photo, phone.draft, phone.visit, phone.visit, phone.file, phone.seal, phone.draft):
        ledger.after(act)
    ledger.after(phone.carry)


class Ledger:
    """What this phone was told to be saved: operations, photos, packages. One line each, and it is written at once."""

    def __init__(self, path: Path, phone: Phone) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._phone = phone

    def after(self, act: Callable[[], Any]) -> None:
        """Do something, and write down what came of it."""
        phone = self._phone
        ops, photos, packages = len(phone.ops), set(phone.photos), phone.packages
        act()
        lines = [f"op {op.op_id} {op.op_sha256}" for op in phone.ops[ops:]]
        lines += [f"photo {sha256} -" for sha256 in set(phone.photos) - photos]
        lines += [f"package {sha256} -" for sha256 in phone.packages - packages]
        os.write(self._file, "".join(f"{line}\n" for line in lines).encode())


def _bring_into_being(life: Life) -> int:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            live(life, lambda: os.close(writer))
            status = 0
        finally:
            if status:
                sys.excepthook(*sys.exc_info())
            os._exit(status)
    os.close(writer)
    if life.from_ready:
        os.read(reader, 1)  # ends when the phone closes the other end, or ends itself
    os.close(reader)
    timer = threading.Timer(life.kill_after_s, os.kill, (child, signal.SIGKILL))
    if life.kill_after_s:
        timer.start()
    _, status = os.waitpid(child, 0)
    timer.cancel()
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    derivation.ARGON2ID = QUICK
    for line in sys.stdin:
        sys.stdout.write(f"{_bring_into_being(Life(**json.loads(line)))}\n")
        sys.stdout.flush()
