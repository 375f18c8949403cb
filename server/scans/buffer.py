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
from typing import Any, Generic, NamedTuple, TypeVar

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


K = TypeVar("K", bound=tuple[object, ...])


class Buffer(Generic[K]):
    """The scans of one process that are not written yet; ``write`` writes them all or raises SQLAlchemyError.

    ``what`` they are begins the names of what the log is told.
    """

    def __init__(self, write: Callable[[Mapping[K, int]], None], *, most: int = MOST, what: str = "scans") -> None:
        self._write, self._most, self.what = write, most, what
        self._counts: Counter[K] = Counter()
        self._lock = threading.Lock()
        self._one_writer = threading.Lock()
        self._lost = self._failures = 0

    def note(self, key: K) -> None:
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
                log.error(f"{self.what}_lost", scans=lost)
            return not counts or self._written(counts)

    def _written(self, counts: Counter[K]) -> bool:
        try:
            self._write(counts)
        except SQLAlchemyError as error:
            self._keep(counts)
            if self._failures % TOLD_EVERY == 0:
                log.warning(f"{self.what}_not_written", error=type(error).__name__, scans=counts.total())
            self._failures += 1
            return False
        except BaseException:
            self._keep(counts)
            raise
        if self._failures:
            log.warning(f"{self.what}_written_again", scans=counts.total(), failures=self._failures)
            self._failures = 0
        return True

    def _keep(self, counts: Mapping[K, int]) -> None:
        with self._lock:
            for key, count in counts.items():
                self._add(key, count)

    def _add(self, key: K, count: int) -> None:
        if key in self._counts or len(self._counts) < self._most:
            self._counts[key] += count
        else:
            self._lost += count


def keep_writing(*buffers: Buffer[Any], while_runs: threading.Thread | None = None) -> threading.Thread:
    """Write what waits every second, from a thread that ends with another, the main one, and writes the rest then.

    The process waits for such a thread before it goes, told to stop or not; no handler of a signal is needed, and a
    server that has its own keeps them.
    """
    other = while_runs or threading.main_thread()

    def _run() -> None:
        while other.is_alive():
            other.join(EVERY_S)
            for buffer in buffers:
                buffer.flush()
        for _ in range(LAST_TIMES):  # what was asked before the end may still be answered after it
            time.sleep(LAST_PAUSE_S)
            left = [buffer for buffer in buffers if buffer.waiting()]
            if not left:
                return
            for buffer in left:
                buffer.flush()
        for buffer in buffers:
            if count := buffer.waiting():
                log.error(f"{buffer.what}_lost", scans=count)

    thread = threading.Thread(target=_run, name="scans", daemon=False)
    thread.start()
    return thread
