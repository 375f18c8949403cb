"""Structured logs: one line an event, with the id of its request; bodies, queries and identities are never logged.

A trace names files and lines, never the values of variables: those hold names, numbers and tokens of people.
"""

from __future__ import annotations

import logging
import os
import sys
import time

import structlog
from flask import Flask, Response, g, request
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")


def configure(*, as_json: bool) -> None:
    """Set up structlog for the process, on stderr; JSON for machines, coloured text for a person at a terminal."""
    for_people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else for_people
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([ExceptionRenderer(ExceptionDictTransformer(show_locals=False))] if as_json else []),
            renderer,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def register(app: Flask) -> None:
    """Give every request an id, and log one line when it is answered."""
    log = structlog.get_logger("server.request")

    @app.before_request
    def _begin() -> None:
        g.request_id, g.began = os.urandom(8).hex(), time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if not request.path.startswith(QUIET_PATHS):
            took_ms = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
            said = {"method": request.method, "route": _route(), "status": response.status_code, "took_ms": took_ms}
            log.info("answered", **said, **who())
        return response


def who() -> dict[str, str]:
    """Return the ids of the person and phone that ask, where they are known; never a name or an address."""
    known = {kind: getattr(g.get(kind), "id", None) for kind in ("person", "device")}
    return {kind: id_ for kind, id_ in known.items() if id_}


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"
