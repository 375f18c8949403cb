"""The benchmark of the label's page notices a page that became slow, an answer that is none, and a cost that grows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from benchmarks import load
from benchmarks.label_page import Figures, flat, judged, offline
from benchmarks.label_town import FIRST_SERIAL, body
from benchmarks.load import Result
from server.public.state import answer
from shared import seal
from shared.seal import LabelVerdict
from tests.builders import TODAY

GOOD = Result(rate=10_000, p50_ms=5, p99_ms=20, answered=50_000, bytes_each=20_000, cpu_share=0.4)
FAST = Figures([replace(GOOD, rate=20_000)] * 3, [GOOD] * 3, [replace(GOOD, rate=18_000)] * 3)


def missed(figures: Figures) -> list[str]:
    return [line.what.strip() for line in judged(figures, "here") if not line.holds]


def test_good_figures_hold() -> None:
    assert missed(FAST) == []
    assert flat(FAST, FAST).holds


@pytest.mark.parametrize(
    ("slower", "told"),
    [
        ({"distinct": [replace(GOOD, rate=7_900)] * 3}, ["of a bare route (20,000/s)"]),
        ({"distinct": [replace(GOOD, p99_ms=51)] * 3}, ["slowest of a hundred, 64 connections"]),
        ({"repeated": [replace(GOOD, rate=13_900)] * 3}, ["of a bare route"]),
        (
            {"distinct": [replace(GOOD, rate=2_900)] * 3},
            ["other labels each time, here", "of a bare route (20,000/s)"],
        ),
    ],
)
def test_a_page_that_became_slow_is_told(slower: dict[str, Any], told: list[str]) -> None:
    assert missed(replace(FAST, **slower)) == told


def test_one_run_that_was_disturbed_is_forgiven() -> None:
    assert missed(replace(FAST, distinct=[GOOD, replace(GOOD, rate=1_000, p99_ms=400), GOOD])) == []


def test_a_cost_that_grows_with_the_town_is_told() -> None:
    assert not flat(FAST, replace(FAST, distinct=[replace(GOOD, rate=8_000)] * 3)).holds


def test_opening_a_label_that_became_slow_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = seal.open_seal

    def _slow(*arguments: Any) -> Any:
        real(*arguments)
        real(*arguments)
        return real(*arguments)

    monkeypatch.setattr(seal, "open_seal", _slow)
    (line,) = offline(runs=3, count=60)
    assert not line.holds


# --- the load generator -----------------------------------------------------------------------------------------------


REQUESTS = [b"GET /ok HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]


@contextmanager
def answering(answer: Callable[[], tuple[int, bytes]]) -> Iterator[int]:
    """Serve with connections that stay open; yields the port."""

    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, content = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_answer_is_counted_and_a_slow_one_is_seen() -> None:
    counted: list[int] = []

    def _answer() -> tuple[int, bytes]:
        counted.append(1)
        end = time.perf_counter() + (0.06 if len(counted) % 20 == 0 else 0)
        while time.perf_counter() < end:
            pass  # a planted slow-down: every twentieth answer computes for 60 ms
        return 200, b"x" * 100_000

    with answering(_answer) as port:
        found = load.run(port, REQUESTS, seconds=1.0, connections=2)
    assert 50 < found.answered <= len(counted) <= found.answered + 2
    assert found.bytes_each > 100_000
    assert found.p99_ms > 55


@pytest.mark.parametrize("status", [500, 503, 404])
def test_an_answer_that_is_no_page_ends_the_run(status: int) -> None:
    with answering(lambda: (status, b"")) as port, pytest.raises(load.BadAnswer):
        load.run(port, REQUESTS, seconds=1.0, connections=2)


# --- the town ---------------------------------------------------------------------------------------------------------


def test_the_records_of_the_town_are_of_many_kinds() -> None:
    told = [answer(LabelVerdict.GENUINE, json.loads(body(number, TODAY, "-")), TODAY).state for number in range(1_000)]
    assert {"in_date", "due_soon", "overdue", "servicing", "never_verified"} == set(told)
    assert told.count("in_date") > 500
    assert json.loads(body(7, TODAY, "-"))["label"]["serial"] == FIRST_SERIAL + 7
