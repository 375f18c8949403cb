"""A real server on a free port of loopback, with threads of its own, for what a test client cannot show."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from werkzeug.serving import make_server

from server import create_app
from server.database import db
from server.keyring import Keyring
from tests.server.conftest import TestClock, settings_for

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    json: Any


@dataclass(frozen=True)
class Server:
    """Where it listens."""

    port: int

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        content = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, content, {"Content-Type": "application/json"} | (headers or {}))
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        return Answer(response.status, dict(response.getheaders()), json.loads(text) if text else None)


@contextmanager
def serving(app: Flask) -> Iterator[Server]:
    """Serve an app until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Server(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def patient_app(url: str, folder: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """Make an app that waits for a busy SQLite as long as a real one does, with its context pushed."""
    app = create_app(replace(settings_for(url, folder), sqlite_busy_ms=20_000), keyring=keys, clock=clock)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Run some work in threads that all start at the same moment; return what each returned."""
    barrier = threading.Barrier(count)

    def _start(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(_start, range(count)))


def in_context(app: Flask, work: Callable[[], T]) -> T:
    """Run some work in an app context of this thread, with a session of its own."""
    with app.app_context():
        try:
            return work()
        finally:
            db.session.remove()
