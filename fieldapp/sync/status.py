"""What screens show of the sync: one object, changed on the UI thread only."""

from __future__ import annotations

from kivy.event import EventDispatcher
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)

from fieldapp.store.outbox import NEEDS_A_LOOK, OpState
from fieldapp.store.store import Store
from fieldapp.store.uploads import UploadState
from fieldapp.sync.balance import Balance, balance_of_today
from fieldapp.sync.metered import held
from fieldapp.sync.round import Outcome, Result
from fieldapp.sync.uploads import Progress

IDLE = "idle"
BROKEN = "broken"


class SyncStatus(EventDispatcher):
    """``result`` of the last round (IDLE before the first), and what the outbox holds.

    ``photo`` is the Progress of the photo on its way, ``photos_held`` are those that wait for another network.
    """

    result = OptionProperty(IDLE, options=(IDLE, BROKEN, *(result.value for result in Result)))
    why = StringProperty("")
    is_running = BooleanProperty(False)
    waiting = NumericProperty(0)
    needs_a_look = NumericProperty(0)
    alarms = NumericProperty(0)
    rows_done = NumericProperty(0)
    rows_expected = NumericProperty(0)
    photos_waiting = NumericProperty(0)
    photos_refused = NumericProperty(0)
    photos_held = ListProperty()
    is_metered = BooleanProperty(False)
    photo = ObjectProperty(None, allownone=True)
    balance = ObjectProperty(Balance(0, 0, is_equal=True))
    ticks = NumericProperty(0)

    def take(self, outcome: Outcome, store: Store) -> None:
        """Show how a round ended."""
        self.result, self.why, self.is_running = outcome.result.value, outcome.why, False
        self.photo = None
        self.look(store)

    def break_off(self) -> None:
        """Say that the thread ended by a fault of the program: better told than silently standing still."""
        self.result, self.is_running = BROKEN, False

    def show_photo(self, progress: Progress) -> None:
        """Show how far the photo on its way has come."""
        self.photo = progress

    def look(self, store: Store) -> None:
        """Count again; ``ticks`` rises, so that lists may follow."""
        counts = store.outbox.counts()
        self.waiting = counts.get(OpState.WAITING, 0)
        self.needs_a_look = sum(counts.get(state, 0) for state in NEEDS_A_LOOK)
        photos = store.uploads.counts()
        self.photos_waiting = photos.get(UploadState.WAITING, 0)
        self.photos_refused = photos.get(UploadState.REFUSED, 0)
        self.photos_held = held(store, store.clock.now()) if self.is_metered else []
        self.alarms = len(store.alarms.all())
        self.balance = balance_of_today(store)
        self.ticks += 1
