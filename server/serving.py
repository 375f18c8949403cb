"""Serving over HTTP with granian; SQLite gets one process, PostgreSQL any number.

The one process answers with several threads. Each of several processes has two: one computes while the other waits for
the database. More would hand its interpreter to each other at every question, which costs a fifth of what it answers.
"""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from server import figures
from server.mending import CannotDo

THREADS_OF_ONE, THREADS_OF_SEVERAL = 4, 2
# A worker that is told to stop while it starts may not hear it. Before systemd kills all of them (dingpan.service).
LONGEST_STOP_S = 20
LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}


class PortInUse(CannotDo):
    """Somebody else listens there; the message says what to do."""


def free_port(host: str, port: int) -> int:
    """Return ``port`` if nobody listens there, or any free port for 0; raises PortInUse."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(f"Port {port} on {host} is in use. Choose another with --port, or --port 0.") from error
        chosen: int = probe.getsockname()[1]
    return chosen


def serve(
    host: str,
    port: int,
    *,
    workers: int = 1,
    app: str = "server.wsgi:create",
    longest_stop_s: int = LONGEST_STOP_S,
) -> None:
    """Serve until the process is told to stop; ``app`` names what makes the app of each worker.

    A worker that has not stopped in time is killed.
    """
    with figures.shared(workers):
        Granian(
            app,
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS_OF_ONE if workers == 1 else THREADS_OF_SEVERAL,
            log_level=LogLevels.error,
            log_dictconfig=LOGS,
            websockets=False,
            workers_kill_timeout=longest_stop_s,
            respawn_failed_workers=True,  # one that the system killed must not take the others with it
        ).serve()
