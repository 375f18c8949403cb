"""A load generator: some connections that each ask again as soon as they were answered, in a process of their own.

It shares the machine with the server it measures, so it does little: requests are bytes made before, answers are
counted by their length and looked at by their first line. ``cpu_share`` says how much of a core it took.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import resource
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

CONNECTIONS = 64
LENGTH = b"content-length: "
END = b"\r\n\r\n"
LONGEST_WAIT_S = 20


class BadAnswer(Exception):
    """Something else than the page came back."""


@dataclass(frozen=True)
class Result:
    """What one run measured; times in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    answered: int
    bytes_each: float
    cpu_share: float


def run(port: int, requests: Sequence[bytes], *, seconds: float, connections: int = CONNECTIONS) -> Result:
    """Send requests in turn for some seconds; raises BadAnswer for any answer that is no page."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, port, requests, seconds, connections))
    process.start()
    there.close()
    try:
        found = here.recv() if here.poll(seconds + LONGEST_WAIT_S) else BadAnswer("nothing came back")
    except EOFError:
        found = BadAnswer("the load generator died")
    finally:
        process.join(LONGEST_WAIT_S)
    if isinstance(found, Exception):
        raise found
    result: Result = found
    return result


def _run(
    there: multiprocessing.connection.Connection, port: int, requests: Sequence[bytes], seconds: float, connections: int
) -> None:
    try:
        there.send(_measure(port, cycle(requests), seconds, connections))
    except (BadAnswer, OSError) as error:
        there.send(BadAnswer(str(error)))


class _Connection:
    """One connection with the answer it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._missing = self._length = 0
        self._begun = b""

    def ask(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """Return the length of the answer once it is whole, 0 before; raises BadAnswer."""
        part = self.socket.recv(262_144)
        if not part:
            raise BadAnswer("the server hung up")
        if self._missing:
            self._missing -= len(part)
            self._length += len(part)
            return 0 if self._missing else self._length
        self._begun += part
        head, end, body = self._begun.partition(END)
        if not end:
            return 0
        if not head.startswith(b"HTTP/1.1 200 "):
            raise BadAnswer(head[:200].decode("latin-1"))
        _, _, rest = head.lower().partition(LENGTH)
        self._length = len(self._begun)
        self._missing = int(rest.partition(b"\r\n")[0]) - len(body)
        self._begun = b""
        return 0 if self._missing else self._length


def _measure(port: int, requests: Iterator[bytes], seconds: float, count: int) -> Result:
    poll = select.epoll()
    connections: dict[int, _Connection] = {}
    for _ in range(count):
        one = _Connection(port)
        connections[one.socket.fileno()] = one
        poll.register(one.socket, select.EPOLLIN)
    took: list[float] = []
    length, cpu = 0, _cpu_s()
    began = time.perf_counter()
    for one in connections.values():
        one.ask(next(requests))
    end = began + seconds
    while time.perf_counter() < end:
        for number, _ in poll.poll(1.0):
            one = connections[number]
            if got := one.receive():
                took.append(time.perf_counter() - one.sent_at)
                length += got
                one.ask(next(requests))
    lasted, cpu = time.perf_counter() - began, _cpu_s() - cpu
    for one in connections.values():
        one.socket.close()
    if len(took) < count:
        raise BadAnswer(f"only {len(took)} answers")
    took.sort()
    return Result(
        rate=len(took) / lasted,
        p50_ms=took[len(took) // 2] * 1000,
        p99_ms=took[len(took) * 99 // 100] * 1000,
        answered=len(took),
        bytes_each=length / len(took),
        cpu_share=cpu / lasted,
    )


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
