"""How a server is doing, in figures: requests answered and the time they took, of all its workers together."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where workers keep their figures, by the library's own name for it


class Figures:
    """The figures of one app: requests answered by route, method and status, and the time they took by route.

    A worker of several keeps its own in the folder that all share, and tells the sum of all.
    """

    def __init__(self) -> None:
        self._registry, self._is_shared = CollectorRegistry(), FOLDER in os.environ
        if self._is_shared:  # the library looks when it is imported, which may be before the folder is made
            values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        labels = ["route", "method", "status"]
        self._answered = Counter("dingpan_requests", "Requests answered", labels, registry=self._registry)
        self._took = Histogram("dingpan_request_seconds", "Time to answer", ["route"], registry=self._registry)
        self._found = lru_cache(maxsize=1_000)(self._find)

    def note(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count one request."""
        count, histogram = self._found(route, method, status)
        count.inc()
        histogram.observe(took_s)

    def _find(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self._answered.labels(route, method, status), self._took.labels(route)

    def told(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        registry = self._registry
        if self._is_shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


@contextmanager
def shared(workers: int) -> Iterator[None]:
    """Give the workers that start within the block a folder for their figures, where there are several."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="dingpan-figures-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
