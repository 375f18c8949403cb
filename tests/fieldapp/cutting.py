"""A network that breaks after some bytes: a TCP forwarder that counts what the phone sends."""

from __future__ import annotations

import contextlib
import socket
import threading

CHUNK = 4096


class Cable:
    """Forwards connections to a server; once ``room`` bytes have passed towards it, everything is reset."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self.room: int | None = None
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Stop, and wait for every thread."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._reset()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._server_port))
            with self._lock:
                self._open += [near, far]
            for source, target, is_counted in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._carry, args=(source, target), kwargs={"is_counted": is_counted})
                self._threads.append(thread)
                thread.start()

    def _carry(self, source: socket.socket, target: socket.socket, *, is_counted: bool) -> None:
        with contextlib.suppress(OSError):  # the other end, or this test, has cut the line
            while content := source.recv(CHUNK):
                if is_counted and self.room is not None:
                    allowed, self.room = content[: self.room], self.room - len(content)
                    target.sendall(allowed)
                    if self.room < 0:
                        self.cuts += 1
                        self._reset()
                        return
                else:
                    target.sendall(content)
            target.shutdown(socket.SHUT_WR)

    def _reset(self) -> None:
        """Break every connection: both ends notice."""
        with self._lock:
            broken, self._open = self._open, []
        for one in broken:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
