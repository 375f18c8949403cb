"""Serving over HTTP with granian; SQLite gets one process, PostgreSQL any number."""

from __future__ import annotations

import socket
from contextlib import closing

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

THREADS = 8


class PortInUse(Exception):
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


def serve(host: str, port: int, *, workers: int = 1) -> None:
    """Serve until the process is told to stop."""
    Granian(
        "server.wsgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        websockets=False,
        process_name="dingpan",
    ).serve()
