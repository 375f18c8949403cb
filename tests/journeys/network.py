"""A network that can be cut: a TCP forwarder between the phone and the server."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 65_536


class Network:
    """Forwards connections from ``port`` to the server while it is up; when cut, connections die and none is taken."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._is_up = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut the cable: every connection is reset, new ones too."""
        with self._lock:
            self._is_up = False
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _close(*pair)

    def restore(self) -> None:
        """Plug the cable in again."""
        with self._lock:
            self._is_up = True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            _close(near)
            return
        with self._lock:
            if not self._is_up:
                _close(near, far)
                return
            self._pairs.add((near, far))
        with contextlib.suppress(OSError, ValueError):
            _forward(near, far)
        with self._lock:
            self._pairs.discard((near, far))
        _close(near, far)


def _forward(near: socket.socket, far: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(near, selectors.EVENT_READ, far)
        selector.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in selector.select():
                source: socket.socket = key.fileobj  # type: ignore[assignment]  # only sockets are registered
                content = source.recv(CHUNK)
                if not content:
                    return
                key.data.sendall(content)


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def network(server_port: int) -> Iterator[Network]:
    """Run a network for a while."""
    cable = Network(server_port)
    try:
        yield cable
    finally:
        cable.close()
