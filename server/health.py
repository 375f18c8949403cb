"""Is the process alive, is it ready to serve, and how is it doing?"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text

from server.audit import service as audit
from server.database import db

blueprint = Blueprint("health", __name__)

METRICS = "dingpan_metrics"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Alive: the process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """Ready: the database answers and its tables are there."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok", "log_size": audit.state(db.session()).size}


class Metrics:
    """The figures of one app: requests answered by route, method and status, and the time they took by route."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "method", "status"]
        self._answered = Counter("dingpan_requests", "Requests answered", labels, registry=self.registry)
        self._took = Histogram("dingpan_request_seconds", "Time to answer", ["route"], registry=self.registry)
        self._found = lru_cache(maxsize=1_000)(self._find)

    def note(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count one request."""
        count, histogram = self._found(route, method, status)
        count.inc()
        histogram.observe(took_s)

    def _find(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self._answered.labels(route, method, status), self._took.labels(route)


def register(app: Flask) -> None:
    """Count requests by route, and serve the figures."""
    figures = app.extensions[METRICS] = Metrics()

    @app.after_request
    def _measure(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "(none)"
        method = request.method if request.method in METHODS else "other"  # a made-up one must not cost memory for ever
        figures.note(route, method, response.status_code, time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    def metrics() -> Response:
        return Response(generate_latest(figures.registry), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "health.metrics", metrics)
    app.register_blueprint(blueprint)
