"""Several workers of the web server: one that is killed is replaced, and all tell the figures of all."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
SERVE = "from server.serving import serve; serve('127.0.0.1', {port}, workers=2, app='tests.faults.tiny_app:create')"
TRIES, SCRAPES = 400, 40
ANSWERED = re.compile(rb'^dingpan_requests_total\{method="GET",route="/",status="200"\} (.+)$', re.MULTILINE)
COUNTED = Counter[int]()  # how often each process answered


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a web server with two workers."""
    port = free_port("127.0.0.1", 0)
    with subprocess.Popen([sys.executable, "-c", SERVE.format(port=port)], cwd=ROOT) as process:
        try:
            yield port
        finally:
            process.terminate()


def worker(port: int) -> int:
    """Return which process answers; 0 when none does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            found = int(answer.read())
    except OSError:
        return 0
    COUNTED[found] += 1
    return found


def seen(port: int, count: int, gone: int = 0) -> set[int]:
    """Ask until so many processes other than ``gone`` have answered, and return them."""
    pause, found = threading.Event(), set[int]()
    for _ in range(TRIES):
        found |= {worker(port)} - {0, gone}
        if len(found) >= count:
            break
        pause.wait(0.05)
    return found


def figures(port: int) -> set[float]:
    """Ask, often enough that each worker was asked, how many requests were answered; return the different answers."""
    told = set[float]()
    for _ in range(SCRAPES):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            told |= {float(found) for found in ANSWERED.findall(answer.read())}
    return told


def test_a_killed_worker_is_replaced_and_the_other_goes_on(port: int) -> None:
    before = seen(port, 2)
    assert len(before) == 2
    assert figures(port) == {float(COUNTED.total())}
    killed = before.pop()
    os.kill(killed, signal.SIGKILL)
    after = seen(port, 2, gone=killed)
    assert before < after
    assert len(after) == 2
    assert figures(port) == {float(COUNTED.total())}, "also of those that the killed one had answered"
