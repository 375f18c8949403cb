"""A server of several processes that may be killed at any moment: whoever dies is replaced at once.

``python -m tests.faults.killable URL FOLDER WORKERS`` prints the port it listens on, then the id of each process that
begins to serve, a line each. The processes are forked from one that has made the app, so that a new one is there in
no time; each has database connections of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

from werkzeug.serving import make_server

from server import create_app
from server.limits import limiter
from tests.server.conftest import TestClock, settings_for
from tests.telling import tell

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]


def main(url: str, folder: Path, workers: int) -> None:
    """Serve until we are told to end."""
    app = create_app(settings_for(url, folder), clock=TestClock())
    limiter.enabled = False  # one address stands for many phones
    listening = socket(AF_INET, SOCK_STREAM)
    listening.bind((HOST, 0))
    listening.listen(64)
    port = listening.getsockname()[1]
    tell(port)
    living: set[int] = set()

    def _end(*_: object) -> None:
        for process_id in living:
            os.kill(process_id, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, _end)
    while True:
        while len(living) < workers:
            process_id = os.fork()
            if process_id == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.dup2(2, 1)  # what it logs is no news of ours
                make_server(HOST, port, app, threaded=True, fd=listening.fileno()).serve_forever()
            living.add(process_id)
            tell(process_id)
        living.discard(os.waitpid(-1, 0)[0])


class Killable:
    """Such a server as a test sees it."""

    def __init__(self, process: subprocess.Popen[str], workers: int) -> None:
        self._process = process
        self._living: list[int] = []
        self._came = threading.Condition()
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        self._wait_for(workers)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._came:
                self._living.append(int(line))
                self._came.notify()

    def _wait_for(self, workers: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self._living) >= workers, 30)

    def kill_one(self) -> None:
        """Kill the process that has served longest, and wait for the one that takes its place."""
        with self._came:
            count = len(self._living)
            os.kill(self._living.pop(0), signal.SIGKILL)
        self._wait_for(count)

    def end(self) -> None:
        """End all of them."""
        self._process.terminate()
        self._thread.join()
        self._process.wait(10)


@contextmanager
def killable(url: str, folder: Path, workers: int = 2) -> Iterator[Killable]:
    """Serve a database until the block ends."""
    command = [sys.executable, "-m", "tests.faults.killable", url, str(folder), str(workers)]
    with (
        (folder / "killable.log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, text=True) as process,
    ):
        server = Killable(process, workers)
        try:
            yield server
        finally:
            server.end()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
