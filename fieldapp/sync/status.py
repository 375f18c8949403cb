"""What screens show of the sync: one object, changed on the UI thread only."""

from __future__ import annotations

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, OptionProperty, StringProperty

from fieldapp.store.outbox import NEEDS_A_LOOK, OpState
from fieldapp.store.store import Store
from fieldapp.sync.balance import Balance, balance_of_today
from fieldapp.sync.round import Outcome, Result

IDLE = "idle"
BROKEN = "broken"


class SyncStatus(EventDispatcher):
    """``result`` of the last round (IDLE before the first), and what the outbox holds."""

    result = OptionProperty(IDLE, options=(IDLE, BROKEN, *(result.value for result in Result)))
    why = StringProperty("")
    is_running = BooleanProperty(False)
    waiting = NumericProperty(0)
    needs_a_look = NumericProperty(0)
    alarms = NumericProperty(0)
    rows_done = NumericProperty(0)
    rows_expected = NumericProperty(0)
    balance = ObjectProperty(Balance(0, 0, is_equal=True))
    ticks = NumericProperty(0)

    def take(self, outcome: Outcome, store: Store) -> None:
        """Show how a round ended."""
        self.result, self.why, self.is_running = outcome.result.value, outcome.why, False
        self.look(store)

    def break_off(self) -> None:
        """Say that the thread ended by a fault of the program: better told than silently standing still."""
        self.result, self.is_running = BROKEN, False

    def look(self, store: Store) -> None:
        """Count again; ``ticks`` rises, so that lists may follow."""
        counts = store.outbox.counts()
        self.waiting = counts.get(OpState.WAITING, 0)
        self.needs_a_look = sum(counts.get(state, 0) for state in NEEDS_A_LOOK)
        self.alarms = len(store.alarms.all())
        self.balance = balance_of_today(store)
        self.ticks += 1
