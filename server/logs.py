"""Structured logs: one line an event, with the id of its request; bodies, queries and identities are never logged.

A trace names files, lines and types, never the values of variables nor the message of an error: those hold names,
numbers and tokens of people. PostgreSQL tells which value "already exists", and ``int`` repeats what it was given.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request
from sqlalchemy import inspect
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

_lines_to: TextIO | None = None  # where lines of JSON go, on a server
_transform = ExceptionDictTransformer(show_locals=False)
QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")


def configure(*, as_json: bool) -> None:
    """Set up structlog for the process, on stderr; JSON for machines, coloured text for a person at a terminal."""
    global _lines_to
    _lines_to = sys.stderr if as_json else None
    for_people = structlog.dev.ConsoleRenderer(exception_formatter=_trace_for_people)
    renderer = structlog.processors.JSONRenderer(_write_json) if as_json else for_people
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([ExceptionRenderer(_trace_for_machines)] if as_json else []),
            renderer,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


@cache
def _encoder(default: Callable[[object], object]) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, default=default)


def _write_json(event: object, *, default: Callable[[object], object]) -> str:
    """Write one line; ``json.dumps`` would make an encoder for each."""
    return _encoder(default).encode(event)


def _trace_for_machines(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Return what failed where, innermost cause last, without what was said."""
    return [_mute(trace) for trace in _transform(exc_info)]


def _mute(trace: dict[str, Any]) -> dict[str, Any]:
    inner = [[_mute(one) for one in group] for group in trace.get("exceptions", [])]
    return trace | {"exc_value": "", "exc_notes": [], "exceptions": inner}


def _trace_for_people(written: TextIO, exc_info: ExcInfo) -> None:
    """Write the lines that led there and the type, the cause before what followed from it."""
    error: BaseException | None = exc_info[1]
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for one in reversed(chain):
        written.write("\n" + "".join(traceback.format_tb(one.__traceback__)) + type(one).__qualname__)


def answered(log: Any, *, request_id: str, route: str, status: int, took_ms: float) -> None:
    """Log the answer to a ``GET`` of nobody known, as ``register`` does it; every part is a word or number of ours.

    On a server the line is written as it is: the way through the processors takes as long as the page itself.
    """
    if _lines_to is None:
        log.info("answered", request_id=request_id, method="GET", route=route, status=status, took_ms=took_ms)
        return
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    said = f'"method": "GET", "route": "{route}", "status": {status}, "took_ms": {took_ms}, "event": "answered"'
    _lines_to.write(f'{{"request_id": "{request_id}", {said}, "level": "info", "timestamp": "{at}"}}\n')
    _lines_to.flush()


def register(app: Flask) -> None:
    """Give every request an id, and log one line when it is answered."""
    log = structlog.get_logger("server.request")
    # Flask's own line on an error names the address, which may hold a secret; ours is written by the problems.
    app.log_exception = lambda _: None  # type: ignore[method-assign,assignment]

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
    known = {kind: _id(row) for kind in ("person", "device") if (row := g.get(kind)) is not None}
    return {kind: id_ for kind, id_ in known.items() if id_}


def _id(row: Any) -> str | None:
    """Return the id of a row without asking the database again for one that a commit has made stale."""
    state = inspect(row, raiseerr=False)
    found: str | None = state.identity[0] if state is not None and state.identity else getattr(row, "id", None)
    return found


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"
