"""The web server's processes: how they are told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from server.serving import free_port

ROOT = Path(__file__).parents[2]
SERVE = """from server.serving import serve
serve('127.0.0.1', {}, workers=2, app='benchmarks.bare:create', longest_stop_s=1)"""
LONGEST_S = 30


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes of a server's workers."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [one for one in map(int, found) if "worker" in Path(f"/proc/{one}/cmdline").read_text()]


def wait(what: str, until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not until():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/ok", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_worker_that_does_not_hear_that_it_is_to_stop_keeps_nothing_from_ending() -> None:
    port = free_port("127.0.0.1", 0)
    process = subprocess.Popen([sys.executable, "-c", SERVE.format(port)], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait("it never answered", lambda: answers(port) and len(workers_of(process)) == 2)
        deaf = workers_of(process)[0]
        os.kill(deaf, signal.SIGSTOP)
        process.terminate()
        assert process.wait(timeout=LONGEST_S) == 0
        assert not Path(f"/proc/{deaf}").exists()
    finally:
        process.kill()
        process.wait()
