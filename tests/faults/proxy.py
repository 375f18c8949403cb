"""A line between phones and a server that breaks as it was told: each connection carries one request, and has a plan.

What a plan does is drawn from a seed, so that a number brings back every break of a run. The line knows no more of HTTP
than where a request ends. It listens on a free port of loopback.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

HOST = "127.0.0.1"
END = b"\r\n\r\n"
DRIP_BYTES, DRIP_S = 256, 0.0005
MOST_DRIPS = 40
BUSY_BODY = b'{"type": "/problems/busy", "title": "busy", "status": 503, "detail": "later"}'


class Fault(StrEnum):
    """What may become of one connection.

    CUT_REQUEST, CUT_ANSWER: reset after so many bytes, at the latest before the last. SWALLOWED: the server worked, its
    answer is lost. TWICE: the same request comes two times, and the second answer is the one seen. LATE: a copy of it
    comes once more, after the connection that follows. BUSY: somebody before the server says 503.
    """

    PASS = "pass"
    DELAY = "delay"
    CUT_REQUEST = "cut request"
    CUT_ANSWER = "cut answer"
    SWALLOWED = "swallowed"
    TWICE = "twice"
    LATE = "late"
    DRIP = "drip"
    BUSY = "busy"


@dataclass(frozen=True)
class Plan:
    """What becomes of one connection; ``after`` in bytes, for the two cuts."""

    fault: Fault = Fault.PASS
    after: int = 0
    delay_s: float = 0.0


WHOLE = Plan()
BREAKS = tuple(fault for fault in Fault if fault is not Fault.PASS)
Plans = Callable[[int], Plan]


def drawn(seed: str, share: float = 0.3) -> Plans:
    """Return the plan of each connection by its number: ``share`` of them break, the others pass."""

    def _plan(number: int) -> Plan:
        dice = random.Random(f"{seed}/{number}")
        if dice.random() >= share:
            return WHOLE
        return Plan(dice.choice(BREAKS), int(10 ** dice.uniform(0, 4)), dice.random() * 0.02)

    return _plan


class Line:
    """One listening port. ``plans`` may be replaced while it works; ``done`` is what became of each connection.

    Only requests that begin with ``aim`` are planned for, and numbered; the others pass.
    """

    def __init__(self, server_port: int, plans: Plans) -> None:
        self.server_port, self.plans = server_port, plans
        self.port = 0
        self.aim = b""
        self.done: list[Plan] = []
        self._late: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._take, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self, *, is_patient: bool = False) -> None:
        """Let nobody in any more, and end what is under way, or wait for it."""
        if self._server is not None:
            self._server.close()
        for task in [] if is_patient else list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._carry(reader, writer)
        finally:
            if not writer.is_closing():
                writer.transport.abort()
            self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _request(reader)
        plan = WHOLE
        if request.startswith(self.aim):
            plan = self.plans(len(self.done))
            self.done.append(plan)
        earlier, self._late = self._late, []
        if plan.fault is Fault.BUSY:
            return await _say(writer, _busy())
        if plan.fault is Fault.CUT_REQUEST:
            return await self._half(request[: min(plan.after, len(request) - 1)])
        await asyncio.sleep(plan.delay_s if plan.fault is Fault.DELAY else 0)
        answer = await self._ask(request)
        if plan.fault is Fault.TWICE:
            answer = await self._ask(request)
        if plan.fault is Fault.LATE:
            self._late.append(request)
        await self._give(writer, plan, answer)
        for late in earlier:
            await self._ask(late)
        return None

    async def _give(self, writer: asyncio.StreamWriter, plan: Plan, answer: bytes) -> None:
        if plan.fault is Fault.SWALLOWED:
            writer.transport.abort()
        elif plan.fault is Fault.CUT_ANSWER:
            writer.write(answer[: min(plan.after, len(answer) - 1)])
            await writer.drain()
            writer.transport.abort()
        elif plan.fault is Fault.DRIP:
            step = max(DRIP_BYTES, len(answer) // MOST_DRIPS)
            for start in range(0, len(answer), step):
                writer.write(answer[start : start + step])
                await writer.drain()
                await asyncio.sleep(DRIP_S)
            await _say(writer, b"")
        else:
            await _say(writer, answer)

    async def _half(self, part: bytes) -> None:
        """Let the server have the beginning of a request, and then a line that is gone."""
        _, writer = await asyncio.open_connection(HOST, self.server_port)
        writer.write(part)
        await writer.drain()
        writer.transport.abort()

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(HOST, self.server_port)
        try:
            writer.write(request)
            await writer.drain()
            return _closing(await reader.read(-1))
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Return one request, told to be the last of its connection; raises IncompleteReadError where none comes."""
    head = await reader.readuntil(END)
    lines = [line for line in head.removesuffix(END).split(b"\r\n") if not line.lower().startswith(b"connection:")]
    lengths = [int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length:")]
    content = await reader.readexactly(lengths[0]) if lengths else b""
    return b"\r\n".join([*lines, b"Connection: close"]) + END + content


def _closing(answer: bytes) -> bytes:
    """Tell whoever asked that this was the last answer of the connection; an answer of nothing stays nothing."""
    head, end, content = answer.partition(END)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + END + content if end else answer


def _busy() -> bytes:
    head = f"HTTP/1.1 503 Busy\r\nContent-Type: application/problem+json\r\nContent-Length: {len(BUSY_BODY)}\r\n"
    return head.encode() + b"Retry-After: 7\r\nConnection: close" + END + BUSY_BODY


async def _say(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


class Exchange:
    """The thread in which lines work."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lines")
        self._lines: list[Line] = []
        self._thread.start()

    def line(self, server_port: int, plans: Plans) -> Line:
        """Open one more line to a server."""
        made = Line(server_port, plans)
        asyncio.run_coroutine_threadsafe(made.open(), self._loop).result(10)
        self._lines.append(made)
        return made

    def close_line(self, line: Line) -> None:
        """Close one line once everything on it has come."""
        self._lines.remove(line)
        asyncio.run_coroutine_threadsafe(line.close(is_patient=True), self._loop).result(10)

    def close(self) -> None:
        """Close every line, and end the thread."""
        for line in self._lines:
            asyncio.run_coroutine_threadsafe(line.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def exchange() -> Iterator[Exchange]:
    """Carry lines until the block ends."""
    made = Exchange()
    try:
        yield made
    finally:
        made.close()
