"""Scans on their way to the database: counted in the process, written together about once a second.

A page that is scanned only adds to a count in memory; nothing it does waits for the database. What could not be
written stays and is tried again, and the log says so. A bound keeps the memory small: what is beyond it is lost, and
the log says how much.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger(__name__)

EVERY_S = 1.0
MOST = 20_000  # different rows: some 5 MB; a busy day of a prefecture has fewer in an hour
TOLD_EVERY = 60
LAST_TIMES, LAST_PAUSE_S = 5, 0.05


class Key(NamedTuple):
    """Which row a scan is counted in."""

    serial: int
    hour: datetime
    cell: str


class Buffer:
    """The scans of one process that are not written yet; ``write`` writes them all or raises SQLAlchemyError."""

    def __init__(self, write: Callable[[Mapping[Key, int]], None], *, most: int = MOST) -> None:
        self._write, self._most = write, most
        self._counts: Counter[Key] = Counter()
        self._lock = threading.Lock()
        self._one_writer = threading.Lock()
        self._lost = self._failures = 0

    def note(self, key: Key) -> None:
        """Count one scan."""
        with self._lock:
            self._add(key, 1)

    def waiting(self) -> int:
        """Return how many scans are not written yet."""
        with self._lock:
            return self._counts.total()

    def flush(self) -> bool:
        """Write what waits; False when it could not be, and is kept."""
        with self._one_writer:
            with self._lock:
                counts, self._counts = self._counts, Counter()
                lost, self._lost = self._lost, 0
            if lost:
                log.error("scans_lost", scans=lost)
            return not counts or self._written(counts)

    def _written(self, counts: Counter[Key]) -> bool:
        try:
            self._write(counts)
        except SQLAlchemyError as error:
            self._keep(counts)
            if self._failures % TOLD_EVERY == 0:
                log.warning("scans_not_written", error=type(error).__name__, scans=counts.total())
            self._failures += 1
            return False
        except BaseException:
            self._keep(counts)
            raise
        if self._failures:
            log.warning("scans_written_again", scans=counts.total(), failures=self._failures)
            self._failures = 0
        return True

    def _keep(self, counts: Mapping[Key, int]) -> None:
        with self._lock:
            for key, count in counts.items():
                self._add(key, count)

    def _add(self, key: Key, count: int) -> None:
        if key in self._counts or len(self._counts) < self._most:
            self._counts[key] += count
        else:
            self._lost += count


def keep_writing(buffer: Buffer, *, while_runs: threading.Thread | None = None) -> threading.Thread:
    """Write what waits every second, from a thread that ends with another, the main one, and writes the rest then.

    The process waits for such a thread before it goes, told to stop or not; no handler of a signal is needed, and a
    server that has its own keeps them.
    """
    other = while_runs or threading.main_thread()

    def _run() -> None:
        while other.is_alive():
            other.join(EVERY_S)
            buffer.flush()
        for _ in range(LAST_TIMES):  # what was asked before the end may still be answered after it
            time.sleep(LAST_PAUSE_S)
            if not buffer.waiting():
                return
            buffer.flush()
        if left := buffer.waiting():
            log.error("scans_lost", scans=left)

    thread = threading.Thread(target=_run, name="scans", daemon=False)
    thread.start()
    return thread
