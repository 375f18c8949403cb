"""The thread that syncs: when something was saved, when the person asks, when the timer is over, and every minute.

It touches no widget: what it finds is posted to the UI thread.
"""

from __future__ import annotations

import random
from datetime import datetime
from threading import Condition, Thread

from fieldapp.network.port import Network
from fieldapp.store.facts import Fact
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble
from fieldapp.sync.failures import SyncFailure
from fieldapp.sync.pull import expected_rows
from fieldapp.sync.retry import EVERY_S, Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.status import SyncStatus
from fieldapp.sync.token import Session
from fieldapp.sync.uploads import Progress
from fieldapp.ui_thread import Post

SHORTEST_S = 0.05


class Worker:
    """Runs rounds one after another until it is stopped."""

    def __init__(self, store: Store, session: Session, status: SyncStatus, post: Post, network: Network) -> None:
        self._store, self._session, self._status, self._post = store, session, status, post
        self._network = network
        self._retry = Retry(store.facts, random.random)
        self._round = Round(store, session, self._retry, is_metered=network.is_metered)
        self._wake = Condition()
        self._is_stopped = False
        self._is_wanted = False
        self._is_asked = False
        self._thread = Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """Begin with a round at once, if the timer allows."""
        self._is_wanted = True
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is running."""
        self._session.close()
        with self._wake:
            self._is_stopped = True
            self._wake.notify()

    def join(self) -> None:
        """Wait for the end: at most as long as one request takes."""
        self._thread.join()

    def poke(self, *, is_asked: bool = False) -> None:
        """Ask for a round: something was saved, or (``is_asked``) a person wants it now."""
        with self._wake:
            self._is_wanted = True
            self._is_asked = self._is_asked or is_asked
            self._wake.notify()

    def _run(self) -> None:
        try:
            self._sweep()
            self._loop()
        finally:
            if not self._is_stopped:
                self._post(self._status.break_off)

    def _sweep(self) -> None:
        """Remove what a crash left of photos and packages; what storage refuses now is done another time."""
        try:
            self._store.photos.sweep(self._store.clock.now())
            self._store.carried.sweep(self._store.clock.now())
        except StorageTrouble as trouble:
            self._end_soon(Outcome(Result.STORAGE, trouble.code.value))

    def _loop(self) -> None:
        while True:
            with self._wake:
                if not self._is_wanted and not self._is_stopped:
                    self._wake.wait(self._pause_s(self._store.clock.now()))
                if self._is_stopped:
                    return
                is_asked, self._is_asked, self._is_wanted = self._is_asked, False, False
            try:
                if self._retry.may_start(self._store.clock.now(), is_asked=is_asked):
                    self._work()
            except StorageTrouble as trouble:
                self._end_soon(Outcome(Result.STORAGE, trouble.code.value))

    def _pause_s(self, now: datetime) -> float:
        """Return how long to sleep: until the timer is over, or until the next regular round."""
        try:
            timer = self._retry.timer()
        except StorageTrouble:
            timer = None
        if timer is None:
            return EVERY_S
        return min(max((timer.at - now).total_seconds(), SHORTEST_S), EVERY_S)

    def _work(self) -> None:
        self._post(self._begin)
        self._expect()
        outcome = self._round.run(self._tell_progress, self._tell_photo)
        self._end_soon(outcome)
        if outcome.has_more:
            self.poke()

    def _end_soon(self, outcome: Outcome) -> None:
        is_metered = self._network.is_metered()
        self._post(lambda: self._end(outcome, is_metered=is_metered))

    def _begin(self) -> None:
        self._status.is_running = True

    def _end(self, outcome: Outcome, *, is_metered: bool) -> None:
        if not self._is_stopped:
            self._status.is_metered = is_metered
            self._status.take(outcome, self._store)

    def _expect(self) -> None:
        """Before the first download, ask how much it will be; without an answer the progress has no end to show."""
        if self._store.facts.get(Fact.IS_FILLED):
            return
        try:
            rows = expected_rows(self._session)
        except SyncFailure:
            return
        self._post(lambda: setattr(self._status, "rows_expected", rows))

    def _tell_photo(self, progress: Progress) -> None:
        self._post(lambda: self._status.show_photo(progress))

    def _tell_progress(self, rows: int) -> None:
        self._post(lambda: setattr(self._status, "rows_done", rows))
