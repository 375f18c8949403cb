"""Seeded histories of two phones and one server in one thread: each step and each break follows from a number.

The phone's code, its SQLite and the whole Flask app are the real ones; between them stands ``Weather``, which loses,
doubles and spoils what it carries, and watches that phones keep the protocol's rules of sending.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import bindparam
from urllib3 import HTTPResponse

from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.register import Register
from fieldapp.store.trouble import StorageTrouble, Trouble
from fieldapp.sync.round import Result
from server import feed, transaction
from server.clock import now
from server.database import begin_write, db
from server.registry.models import Instrument
from server.sync.models import StoredOp
from tests.faults.handset import Handset
from tests.faults.reckoning import faults_of
from tests.fieldapp.pretend_server import sent_in, session_with
from tests.fieldapp.server_phone import IntoFlask
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.world import World

BREAKS = (
    "request lost",
    "answer lost",
    "busy",
    "silent",
    "expired",
    "hotel",
    "too large",
    "twice",
    "late",
    "half kept",
)
OF_PUSHES = ("silent", "too large")
QUIET_S = 20
STEPS = 9
BOUND = 6
HELD = db.select(StoredOp.op_id).where(StoredOp.op_id.in_(bindparam("received", expanding=True)))
FOLLOWS, POISONED = 0.3, 0.2  # of the small records: how many build on another, and lack something


class Weather(IntoFlask):
    """Carries one phone's requests into the app; ``breaks`` happen one after another, then it is fine."""

    def __init__(self, world: World, clock: TestClock) -> None:
        super().__init__(world.app)
        self.now = clock
        self.breaks: list[str] = []
        self.offences: list[str] = []
        self._late: list[requests.PreparedRequest] = []
        self._quiet_until: datetime | None = None

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self._watch(request)
        fault = self.breaks.pop(0) if self.breaks and self._fits(request, self.breaks[0]) else ""
        early, self._late = self._late, []
        try:
            return self._carry(request, fault)
        finally:
            for one in early:
                self._ask(one)

    def _fits(self, request: requests.PreparedRequest, fault: str) -> bool:
        return fault not in OF_PUSHES or (request.path_url or "").endswith("/sync/push")

    def _ask(self, request: requests.PreparedRequest) -> requests.Response:
        db.session.remove()
        try:
            return super().send(request)
        finally:
            db.session.remove()

    def _carry(self, request: requests.PreparedRequest, fault: str) -> requests.Response:
        if fault == "request lost":
            raise requests.ConnectionError
        if fault == "busy":
            self._quiet_until = self.now() + timedelta(seconds=QUIET_S)
            return _made(503, b"{}", {"Retry-After": str(QUIET_S)})
        if fault == "hotel":
            return _made(200, b"<html>sign in</html>", {})
        if fault == "expired" and "Authorization" in request.headers:
            request.headers["Authorization"] = "Bearer none"
        if fault == "too large" and len(_ops(request)) > 1:
            return _made(413, b'{"type": "/problems/too-large", "title": "t"}', {})
        answer = self._ask(request)
        if fault == "twice":
            answer = self._ask(request)
        if fault == "late":
            self._late.append(request)
        if fault == "answer lost":
            raise requests.ConnectionError
        if fault == "silent" and answer.status_code == 200:
            return _without_first(answer)
        return answer

    def excuse(self, handset: Handset) -> None:
        """A program that was ended before it could write the server's wish down cannot know of it."""
        kept = handset.store.facts.get(Fact.RETRY) or {}
        if self._quiet_until is not None and (kept.get("rests_until") or 0) < self._quiet_until.timestamp():
            self._quiet_until = None

    def _watch(self, request: requests.PreparedRequest) -> None:
        """Note what no phone may do: ask while the server wants rest, or send out of the order of its chain."""
        if self._quiet_until is not None and self.now() < self._quiet_until:
            self.offences.append("asked before Retry-After was over")
        if (request.path_url or "").endswith("/sync/push"):
            seqs = [op["device_seq"] for op in _ops(request)]
            if seqs != sorted(seqs):
                self.offences.append(f"sent out of order: {seqs}")


def _ops(request: requests.PreparedRequest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (sent_in(request) or {}).get("ops", [])
    return found


def _made(status: int, content: bytes, headers: dict[str, str]) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response.raw = HTTPResponse(io.BytesIO(content), headers=headers, status=status, preload_content=False)
    return response


def _without_first(answer: requests.Response) -> requests.Response:
    told = json.loads(answer.raw.read())
    told["results"] = told["results"][1:]
    return _made(200, json.dumps(told).encode(), {})


class History:
    """One history; ``run`` returns what is wrong after it, an empty list where all is well."""

    def __init__(self, world: World, clock: TestClock, seed: str) -> None:
        self.world, self.clock, self.dice = world, clock, random.Random(seed)
        self.seed = seed
        self.folder = Path(tempfile.mkdtemp(prefix="dingpan-history-"))
        self.weathers = [Weather(world, clock) for _ in range(2)]
        self.handsets = [
            Handset(world, clock, self.folder / str(number), self._line(number), random.Random(f"{seed}/{number}"))
            for number in range(2)
        ]

    def _line(self, number: int) -> Callable[..., Any]:
        return lambda store: session_with(store, self.weathers[number])

    def run(self) -> list[str]:
        """Live through the steps, heal, drain, and reckon."""
        try:
            found: list[str] = []
            for _ in range(STEPS):
                self._step()
                found += self._at_once()
                if found:
                    return found
            self._heal()
            found += [offence for weather in self.weathers for offence in weather.offences]
            return found + faults_of(self.handsets)
        finally:
            for handset in self.handsets:
                handset.close()
            shutil.rmtree(self.folder)

    def _step(self) -> None:
        handset, weather = self.dice.choice(list(zip(self.handsets, self.weathers, strict=True)))
        steps: list[tuple[Callable[[], None], int]] = [
            (lambda: self._write(handset), 5),
            (lambda: self._sync(handset, weather), 5),
            (handset.restart, 1),
            (lambda: self.clock.move(seconds=self.dice.choice((1, 30, 300))), 2),
            (self._change_the_register, 2),
        ]
        self.dice.choices([step for step, _ in steps], [weight for _, weight in steps])[0]()

    def _write(self, handset: Handset) -> None:
        for _ in range(self.dice.randint(1, 3)):
            kind = self.dice.random()
            if kind < 0.12:
                photo = photos.noise((8, 6), self.dice.randrange(1 << 30)) if self.dice.random() < 0.5 else None
                handset.visit(is_far=self.dice.random() < 0.2, photos=[photo] if photo else [])
            elif kind < 0.18:
                handset.unreadable()
            else:
                readable = [id_ for id_, wish in handset.wishes.items() if wish.state is not OpState.QUARANTINED]
                is_follower = bool(readable) and self.dice.random() < FOLLOWS
                refused = [id_ for id_ in readable if handset.wishes[id_].state is not OpState.RECEIVED]
                chain = refused[-1:] if refused and self.dice.random() < 0.5 else readable  # blocked ones block more
                depends_on = (self.dice.choice(chain),) if is_follower else ()
                handset.note(depends_on=depends_on, is_poison=not depends_on and self.dice.random() < POISONED)

    def _sync(self, handset: Handset, weather: Weather) -> None:
        breaks = [self.dice.choice((*BREAKS, "")) for _ in range(self.dice.randint(0, 5))]
        weather.breaks = [one for one in breaks if one != "half kept"]
        if self.dice.random() < 0.15:
            handset.killed_round(self.dice.randint(1, 12))
            weather.excuse(handset)
        elif "half kept" in breaks:
            self._full_disk(handset)
        else:
            handset.round()
        weather.breaks = []

    def _full_disk(self, handset: Handset) -> None:
        """Run a round in which the phone's disk is full when the register is written."""

        class Full(Register):
            @staticmethod
            def apply(*_: Any) -> None:
                raise StorageTrouble(Trouble.FULL)

        real = handset.store.register
        handset.store.register = Full(real._database, real._sealer)
        handset.round()
        handset.store.register = real

    def _change_the_register(self) -> None:
        db.session.remove()
        begin_write()
        item = db.session.get_one(Instrument, self.dice.choice(self.world.instruments))
        item.maker = f"maker {self.dice.randrange(1 << 30)}"
        feed.changed(db.session(), "instrument", item.id)
        transaction.commit(db.session(), now())
        db.session.remove()

    def _at_once(self) -> list[str]:
        """Return what may not be wrong at any time."""
        found = []
        for number, handset in enumerate(self.handsets):
            entries = handset.store.outbox.all()
            if {entry.op_id for entry in entries} != handset.wishes.keys():
                found.append(f"phone {number}: an operation is gone")
            received = {entry.op_id for entry in entries if entry.state is OpState.RECEIVED}
            if received and received - set(db.session.scalars(HELD, {"received": list(received)})):
                found.append(f"phone {number}: received, and the server has it not")
        db.session.remove()
        return found

    def _heal(self) -> None:
        """Let the weather be fine; after so many rounds nothing may wait any more."""
        for _ in range(BOUND):
            self.clock.move(minutes=4)
            outcomes = [handset.round() for handset in self.handsets]
            if all(handset.is_drained for handset in self.handsets):
                break
        self.clock.move(seconds=1)
        for handset, outcome in zip(self.handsets, outcomes, strict=True):
            # Whoever came first has not heard of the other's yet; the last one heard of all, if its round was whole.
            if handset is not self.handsets[-1] or outcome is None or outcome.result is not Result.DONE:
                handset.round()
