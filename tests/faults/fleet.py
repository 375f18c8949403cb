"""Eight phones at once, each over a line of its own that breaks by its plan, against one real server on PostgreSQL."""

from __future__ import annotations

import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fieldapp.store.outbox import OpState
from fieldapp.sync.client import Client
from fieldapp.sync.round import Outcome, Result
from fieldapp.sync.token import Session
from server.database import db
from tests.faults.handset import Connect, Handset
from tests.faults.proxy import Exchange, Fault, Line, drawn
from tests.faults.reckoning import faults_of
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.world import World

PHONES = 8
WAVES = 3
BOUND = 8
SHARE = 0.3


class Fleet:
    """One run: waves of recording and sending over broken lines, then healing, draining and reckoning."""

    def __init__(self, world: World, clock: TestClock, lines: Exchange, server_port: int, seed: str) -> None:
        self.clock, self.seed = clock, seed
        self.folder = tempfile.TemporaryDirectory(prefix="dingpan-fleet-")
        self.lines = [lines.line(server_port, drawn(f"{seed}/{number}", SHARE)) for number in range(PHONES)]
        self.handsets = [
            Handset(world, clock, Path(self.folder.name) / str(number), _over(line), random.Random(f"{seed}/{number}"))
            for number, line in enumerate(self.lines)
        ]
        db.session.remove()

    def run(self) -> list[str]:
        """Return what is wrong in the end."""
        try:
            with ThreadPoolExecutor(PHONES) as pool:
                for _ in range(WAVES):
                    list(pool.map(_wave, self.handsets))
                    if any(OpState.CONFLICT in handset.store.outbox.counts() for handset in self.handsets):
                        return ["a conflict that nobody made"]
                    self.clock.move(seconds=30)
                for line in self.lines:
                    line.plans = drawn(self.seed, 0)
                self._drain(pool)
            return faults_of(self.handsets)
        finally:
            for handset in self.handsets:
                handset.close()
            self.folder.cleanup()

    def _drain(self, pool: ThreadPoolExecutor) -> None:
        """Sync over whole lines until nobody has anything left, at most BOUND times; then once more, to hear of all."""
        for _ in range(BOUND):
            self.clock.move(minutes=4)
            outcomes = list(pool.map(Handset.round, self.handsets))
            if all(handset.is_drained for handset in self.handsets) and all(map(_went_well, outcomes)):
                break
        self.clock.move(seconds=1)
        list(pool.map(Handset.round, self.handsets))

    @property
    def broken(self) -> int:
        """How many connections did not simply pass."""
        return sum(plan.fault is not Fault.PASS for line in self.lines for plan in line.done)


def _went_well(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.result is Result.DONE


def _over(line: Line) -> Connect:
    return lambda store: Session(store, Client(f"http://127.0.0.1:{line.port}"))


def _wave(handset: Handset) -> None:
    """Record some things and sync a few times, as the timer allows; now and then the program ends in between."""
    dice = handset.dice
    for _ in range(dice.randint(1, 3)):
        if dice.random() < 0.2:
            handset.visit(photos=[photos.noise((8, 6), dice.randrange(1 << 30))] if dice.random() < 0.5 else [])
            continue
        known = list(handset.wishes)
        depends_on = (dice.choice(known),) if known and dice.random() < 0.3 else ()
        handset.note(depends_on=depends_on, is_poison=not depends_on and dice.random() < 0.1)
    if dice.random() < 0.2:
        handset.killed_round(dice.randint(1, 10))
    else:
        handset.round()
