"""A working week of a phone whose clock is wrong: off by up to ten years, drifting, set forward and back at any time.

The phone's code, its SQLite and the whole Flask app are the real ones. ``WildClock`` is the clock of the phone and the
counter of seconds since its start, both of one bad quartz; the server's clock is the true one. What the phone could
know is told here apart from its code: it has heard the server since its start, or nothing has touched the clock since.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from fieldapp.card import wording as card
from fieldapp.clock import DAY_S, DRIFT, LARGE_S, RUN, SAME_START_S, PhoneClock
from fieldapp.store.facts import Fact
from fieldapp.store.rows import Instrument
from fieldapp.sync import wording
from server.audit.models import Leaf
from server.database import db
from server.inspections.models import Visit
from server.sync.models import StoredOp
from shared.dates import civil_day, parse_instant
from shared.ids import unix_ms
from shared.texts import load
from shared.words import VerificationResult
from tests.faults.handset import Handset
from tests.faults.reckoning import faults_of
from tests.fieldapp.pretend_server import session_with
from tests.fieldapp.server_phone import IntoFlask
from tests.server.conftest import TestClock
from tests.server.world import World

STEPS = 24
BOUND = 8
TEN_YEARS_S = 3650 * 86_400
SLACK_S = 2  # an instant of the wire is cut to the second, twice
EXACTLY_S = 1e-3  # a clock that was set and set back is right again but for the rounding of the sums
DEAD_BATTERY = datetime(2000, 1, 1, tzinfo=UTC)
TEXTS = load("zh-CN", "fieldapp")


class WildClock:
    """``wall`` and ``ticks`` follow the true time; ``error_s`` is how far somebody has set the clock off."""

    def __init__(self, true: TestClock, dice: random.Random) -> None:
        self._true, self._began = true, true()
        self._pace = dice.uniform(-5e-5, 5e-5)
        self.error_s = dice.choice((0.0, dice.uniform(-600, 600), dice.uniform(-TEN_YEARS_S, TEN_YEARS_S)))
        self._started, self._ticked = self._lived(), dice.uniform(10, 1e6)
        self.starts, self.touched_s = 1, 0.0

    def _lived(self) -> float:
        return (self._true() - self._began).total_seconds() * (1 + self._pace)

    def wall(self) -> datetime:
        return self._began + timedelta(seconds=self._lived() + self.error_s)

    def ticks(self) -> float:
        return self._ticked + self._lived() - self._started

    def set_by(self, seconds: float) -> None:
        self.error_s += seconds
        self.touched_s += seconds

    def start_anew(self) -> None:
        """Switch the phone off and on: the counter begins anew, as it does, and the clock goes on."""
        self.starts, self._started, self._ticked = self.starts + 1, self._lived(), 20.0

    def empty_battery(self) -> None:
        self.set_by((DEAD_BATTERY - self.wall()).total_seconds())


class SlowLine(IntoFlask):
    """Each request and each answer takes a while; ``heard`` counts the answers that told the time."""

    def __init__(self, world: World, clock: TestClock, dice: random.Random) -> None:
        super().__init__(world.app)
        self._clock, self._dice = clock, dice

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self._clock.move(seconds=self._dice.uniform(0, 2))
        db.session.remove()
        try:
            return super().send(request, **options)
        finally:
            db.session.remove()
            self._clock.move(seconds=self._dice.uniform(0, 2))


@dataclass(frozen=True)
class Heard:
    """When a phone last heard the time: in which start and run, how its clock had been set, if it was a day behind."""

    starts: int
    boot: str
    at: datetime
    touched_s: float
    is_behind: bool


@dataclass(frozen=True)
class Made:
    """What was true when an operation was made; ``is_known``: the phone could know the time."""

    at: datetime
    is_known: bool
    is_visit: bool


class Week:
    """One run; ``run`` returns what is wrong after it, an empty list where all is well.

    A phone whose battery ``is_weak`` loses its clock at each new start, of which there are many.
    """

    def __init__(self, world: World, clock: TestClock, seed: str) -> None:
        self.world, self.clock, self.dice = world, clock, random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="dingpan-clocks-"))
        self.wild = WildClock(clock, self.dice)
        self.tells_starts, self.is_weak = self.dice.random() < 0.5, self.dice.random() < 0.25
        self.line = SlowLine(world, clock, self.dice)
        self.runs = 0
        self.handset = Handset(
            world, self._phone_clock(), self.folder / "phone", lambda store: session_with(store, self.line), self.dice
        )
        self.heard: Heard | None = None
        self.made: dict[str, Made] = {}
        self.found: list[str] = []

    def _phone_clock(self) -> PhoneClock:
        """Return the clock of one run of the app; where the system names no starts, each run names its own."""
        self.runs += 1
        self.boot = f"start {self.wild.starts}" if self.tells_starts else f"{RUN}{self.runs}"
        return PhoneClock(wall=self.wild.wall, ticks=self.wild.ticks, boot=self.boot)

    def run(self) -> list[str]:
        """Live through the week, come back on line, and reckon."""
        return self._live(lambda: (self._step() for _ in range(STEPS)))

    def run_with_two_empty_batteries(self, *, tells_starts: bool) -> list[str]:
        """The same week each time: the battery empties, the server is heard, the battery empties again days later."""
        self.tells_starts = tells_starts

        def _steps() -> Iterator[None]:
            for is_on_line in (True, False):
                self.wild.empty_battery()
                self.wild.start_anew()
                self._start_app()
                yield self.clock.move(seconds=300 if is_on_line else 3_000)
                if is_on_line:
                    yield self._contact(is_cut=False)
                yield self._record(is_visit=True)
                yield self.clock.move(days=3)

        return self._live(_steps)

    def _live(self, steps: Callable[[], Iterable[None]]) -> list[str]:
        try:
            for _ in steps():
                self._look()
            self._come_home()
            return self.found + faults_of([self.handset]) + list(self._reckon())
        finally:
            self.handset.close()
            shutil.rmtree(self.folder)

    def _step(self) -> None:
        steps: list[tuple[Callable[[], None], int]] = [
            (self._write, 8),
            (lambda: self.clock.move(seconds=self.dice.choice((5, 300, 7_200, 40_000, 200_000))), 5),
            (self._set_the_clock, 4),
            (self._contact, 4),
            (self._restart_app, 2),
            (self._restart_phone, 5 if self.is_weak else 1),
        ]
        self.dice.choices([step for step, _ in steps], [weight for _, weight in steps])[0]()

    def _write(self) -> None:
        for _ in range(self.dice.randint(1, 3)):
            self._record(is_visit=self.dice.random() < 0.6)
            self.clock.move(seconds=self.dice.choice((1, 20, 900)))
            if self.dice.random() < 0.2:
                self._set_the_clock()

    def _record(self, *, is_visit: bool) -> None:
        at, is_known = self.clock(), self._is_known()
        op_id = self.handset.visit() if is_visit else self.handset.note()
        self.made[op_id] = Made(at, is_known, is_visit)

    def _set_the_clock(self) -> None:
        size = self.dice.choice((30, 3_600, 86_400, 40 * 86_400, TEN_YEARS_S))
        seconds = self.dice.uniform(0.2, 1) * size * self.dice.choice((-1, 1))
        self.wild.set_by(-self.wild.error_s if self.dice.random() < 0.2 else _within_reach(self.wild, seconds))

    def _contact(self, *, is_cut: bool | None = None) -> None:
        """Sync, or try to where there is no network; a token is asked for each time, as after a quarter of an hour."""
        self.line.is_cut = self.dice.random() < 0.3 if is_cut is None else is_cut
        self.handset.session.client.token = ""
        before = self.handset.store.facts.get(Fact.CLOCK)
        self.handset.round()
        self.line.is_cut = False
        if self.handset.store.facts.get(Fact.CLOCK) != before:
            behind_s = (self.clock() - self.wild.wall()).total_seconds()
            self.heard = Heard(self.wild.starts, self.boot, self.clock(), self.wild.touched_s, behind_s > DAY_S)

    def _restart_app(self) -> None:
        if self.dice.random() < 0.4:
            self._set_the_clock()
        self._start_app()

    def _start_app(self) -> None:
        self.handset.clock = self._phone_clock()
        self.handset.restart()

    def _restart_phone(self) -> None:
        if self.dice.random() < 0.3:
            self._set_the_clock()
        if self.is_weak or self.dice.random() < 0.3:
            self.wild.empty_battery()
        self.wild.start_anew()
        self._restart_app()

    def _is_known(self) -> bool:
        """Whether a phone can know the time: it heard it in this run, or since, nothing has touched its clock.

        Whether nothing has, a phone whose system names no starts cannot tell of a clock that was a day behind: an empty
        battery may have set it so, and again.
        """
        return self._is_unlost(EXACTLY_S)

    def _is_lost(self) -> bool:
        """Whether a phone can know that it does not: its clock was set by more than a bad quartz may be off by now."""
        if self.heard is None:
            return False
        age_s = (self.clock() - self.heard.at).total_seconds()
        return not self._is_unlost(SAME_START_S + SLACK_S + age_s / DRIFT)

    def _is_unlost(self, within_s: float) -> bool:
        if self.heard is None:
            return False
        is_as_heard = abs(self.wild.touched_s - self.heard.touched_s) <= within_s and not self.heard.is_behind
        return self.heard.starts == self.wild.starts and (self.heard.boot == self.boot or is_as_heard)

    # What has to be right

    def _look(self) -> None:
        """Compare what the screens say now with what is true."""
        store, true = self.handset.store, self.clock()
        warning = wording.clock_warning(TEXTS, store.offset())
        if self._is_lost() and not warning:
            self.found.append("a phone that cannot know the time says nothing of it")
        if not self._is_known():
            return
        wrong_by_s = abs((self.wild.wall() - true).total_seconds())
        if abs(wrong_by_s - LARGE_S) > SLACK_S + 60 and bool(warning) != (wrong_by_s > LARGE_S):
            self.found.append(f"wrong by {wrong_by_s:.0f} s, and the screen says {warning!r}")
        if not _is_near_midnight(true, 120):
            self.found += self._due(store.today(), true)

    def _due(self, today: Any, true: datetime) -> Iterator[str]:
        for days in (-1, 0, 1, 30, self.dice.randint(-400, 400)):
            instrument = _verified_until(civil_day(true) + timedelta(days=days))
            shown, right = (card.validity(TEXTS, instrument, day) for day in (today, civil_day(true)))
            if shown != right:
                yield f"due in {days} days, and the card says {shown.sentence!r}"

    def _come_home(self) -> None:
        for _ in range(BOUND):
            self.clock.move(minutes=4)
            self.handset.round()
            if self.handset.is_drained:
                break
        self.clock.move(seconds=1)
        self.handset.session.client.token = ""
        self.handset.round()

    def _reckon(self) -> Iterator[str]:
        query = db.select(StoredOp).where(StoredOp.device_id == self.handset.signer.device_id)
        stored = {op.op_id: op for op in db.session.scalars(query)}
        leaves: dict[str, int] = {}
        for ref_id, index in db.session.execute(db.select(Leaf.ref_id, Leaf.index).where(Leaf.ref_id.in_([*stored]))):
            leaves[ref_id] = index
        order = list(self.made)
        if sorted(stored, key=lambda op_id: stored[op_id].device_seq) != order:
            yield "the chain is not in the order in which things were made"
        if sorted(stored, key=lambda op_id: leaves[op_id]) != order:
            yield "they did not come in the order in which they were made"
        if not all(op.is_chained for op in stored.values()):
            yield "the chain has a gap"
        for op_id in order:
            if op_id in stored:
                yield from self._dated(stored[op_id], self.made[op_id])
        db.session.remove()

    def _dated(self, op: StoredOp, made: Made) -> Iterator[str]:
        if made.is_known and abs(unix_ms(op.op_id) / 1000 - made.at.timestamp()) > 60:
            yield f"the id of {op.op_id} tells another time than {made.at}"
        if not made.is_visit:
            return
        body = json.loads(op.body)
        visit = db.session.get_one(Visit, op.record_id)
        is_doubtful = "clock" in visit.irregular.split()
        offset_s, doubt_s = body["clock_offset_s"] or 0, body["clock_doubt_s"] or 0
        wrong_by_s = abs((parse_instant(body["made_at"]) - made.at).total_seconds() + offset_s)
        if made.is_known and (wrong_by_s > doubt_s + SLACK_S or doubt_s > 600):
            yield f"made {made.at}, told {wrong_by_s:.0f} s off with a doubt of {doubt_s} s"
        if made.is_known and is_doubtful:
            yield "a phone that knew the time is said to be in doubt"
        if not is_doubtful and visit.civil_day != civil_day(made.at) and not _is_near_midnight(made.at, 120):
            yield f"made on {civil_day(made.at)}, kept under {visit.civil_day}, and no doubt is told"


def _within_reach(wild: WildClock, seconds: float) -> float:
    """Return by how much to set a clock so that it stays within ten years of the truth."""
    return seconds if abs(wild.error_s + seconds) <= TEN_YEARS_S else -seconds


def _is_near_midnight(at: datetime, within_s: int) -> bool:
    span = timedelta(seconds=within_s)
    return civil_day(at - span) != civil_day(at + span)


def _verified_until(day: Any) -> Instrument:
    done = {"result": VerificationResult.PASSED, "document_no": "1", "valid_until": day.isoformat()}
    done |= {"done_on": (day - timedelta(days=365)).isoformat(), "mark_no": "1", "body": "m"}
    return Instrument.from_body({"id": "m", "kind": "scale", "use": "trade", "status": "in_use", "verification": done})
