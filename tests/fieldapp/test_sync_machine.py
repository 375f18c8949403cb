"""Any order of saving, sending, losing, restarting and waiting ends with every record on the server once.

A state machine: the model is the list of what was saved. After each step the server holds nothing twice and the phone
has forgotten nothing; in the end, with a network that works, everything is received and the balance is equal.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fieldapp.store.outbox import OpState
from fieldapp.sync.balance import balance_of_today
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Result, Round
from fieldapp.visit.model import Visit
from tests.fieldapp.field_builders import SettableClock, a_store, a_visit, an_inspection, open_store, save
from tests.fieldapp.pretend_server import Cut, PretendServer, problem, session_with

FAULTS = ("request lost", "answer lost", "busy", "silent", "expired", "hotel", "too large")


class SyncMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dingpan-sync-"))
        self.clock = SettableClock()
        self.server = PretendServer(self.clock.now)
        self.store = a_store(self.folder / "data", self.clock)
        self.saved: list[str] = []
        self.faults: list[str] = []
        self.server.before, self.server.after = self.before, self.after

    def before(self, method: str, path: str, body: Any) -> Any:
        fault = self.faults[0] if self.faults else ""
        if fault == "request lost":
            self.faults.pop(0)
            raise Cut
        if fault == "busy":
            self.faults.pop(0)
            return 503, {"headers": {"Retry-After": "1"}}
        if fault == "hotel":
            self.faults.pop(0)
            return 200, b"<html>sign in</html>"
        if fault == "expired":
            self.faults.pop(0)
            self.server.token += "x"
        if fault == "too large" and path == "/sync/push" and len(body["ops"]) > 1:
            self.faults.pop(0)
            return problem(413, "too-large")
        return None

    def after(self, path: str, answer: Any) -> Any:
        fault = self.faults[0] if self.faults else ""
        if fault == "answer lost":
            self.faults.pop(0)
            raise Cut
        if fault == "silent" and path == "/sync/push" and "results" in answer[1]:  # not where the token is refused
            self.faults.pop(0)
            answer[1]["results"] = answer[1]["results"][1:]
        return answer

    @rule(count=st.integers(1, 3))
    def save(self, count: int) -> None:
        for _ in range(count):
            visit = Visit(**a_visit().__dict__ | {"id": self.clock.new_id()})
            inspection = an_inspection()
            changed = inspection.__class__(**inspection.__dict__ | {"id": self.clock.new_id()})
            self.saved += [op.op_id for op in save(self.store, visit.with_inspection(changed))]

    @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=3))
    def sync(self, faults: list[str]) -> None:
        self.faults = list(faults)
        self.round()
        self.faults = []

    def round(self) -> Result:
        session = session_with(self.store, self.server)
        return Round(self.store, session, Retry(self.store.facts, lambda: 0.0)).run().result

    @rule()
    def restart(self) -> None:
        self.store.database.close()
        self.store = open_store(self.folder / "data", self.clock)

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)

    @invariant()
    def nothing_is_twice_and_nothing_is_forgotten(self) -> None:
        held = [op.op_id for op in self.server.ops]
        assert len(held) == len(set(held))
        assert {entry.op_id for entry in self.store.outbox.all()} == set(self.saved)
        received = {entry.op_id for entry in self.store.outbox.all() if entry.state is OpState.RECEIVED}
        assert received <= set(held)

    def teardown(self) -> None:
        try:
            for _ in range(4):
                self.clock.at += timedelta(minutes=20)
                assert self.round() is Result.DONE
            assert {op.op_id for op in self.server.ops} == set(self.saved)
            assert {entry.state for entry in self.store.outbox.all()} <= {OpState.RECEIVED}
            assert self.store.alarms.all() == []
            assert self.store.heads.unproven() == []
            assert balance_of_today(self.store).is_equal
        finally:
            self.store.database.close()
            shutil.rmtree(self.folder)


SyncMachine.TestCase.settings = settings(
    max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSyncMachine = SyncMachine.TestCase
