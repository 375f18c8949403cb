"""Is the process alive, is it ready to serve, and how is it doing?"""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text

from server.audit import service as audit
from server.database import db
from server.figures import Figures

blueprint = Blueprint("health", __name__)

FIGURES = "dingpan_figures"
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


def register(app: Flask) -> None:
    """Count requests by route, and serve the figures."""
    figures = app.extensions[FIGURES] = Figures()

    @app.after_request
    def _measure(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "(none)"
        method = request.method if request.method in METHODS else "other"  # a made-up one must not cost memory for ever
        figures.note(route, method, response.status_code, time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    def metrics() -> Response:
        return Response(figures.told(), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "health.metrics", metrics)
    app.register_blueprint(blueprint)
