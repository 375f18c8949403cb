"""A network of its own with one slow line in it: the kernel's own TCP, its packets delayed and lost by a process.

Where a kernel has netem, ``tc`` could do the same; this needs only a tunnel device, and a network namespace that
``unshare`` makes, as root or in a user namespace. Whoever asks ``FAR`` is answered by what listens on ``NEAR``: the
line swaps both addresses of every packet, which leaves all checksums as they are.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import random
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

NEAR, FAR = "10.77.0.1", "10.77.0.2"
NAME = b"line"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8916, 0x891C, 0x8913, 0x8914
IFF_UP = 0x1
LARGEST = 65_536
SYN, ACK = 0x02, 0x10


@dataclass(frozen=True)
class Traffic:
    """What the line carried: packets and bytes in both directions, what it lost, how many connections were begun."""

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    connections: int = 0

    def since(self, before: Traffic) -> Traffic:
        """Return what came after an earlier count."""
        return Traffic(*(getattr(self, name) - getattr(before, name) for name in vars(self)))


class SlowLine:
    """The line, seen from the process that measures."""

    def __init__(self, wire: Connection) -> None:
        self._wire = wire

    def traffic(self) -> Traffic:
        """Return what it carried so far."""
        self._wire.send(None)
        found: Traffic = self._wire.recv()
        return found


@contextmanager
def slow_line(*, round_trip_s: float, loss: float, seed: int) -> Iterator[SlowLine]:
    """Carry packets until the block ends, each way half the round trip late, each lost with the same chance.

    Only inside a network namespace made for it: addresses and the way of congestion are set for all of it.
    """
    Path("/proc/sys/net/ipv4/tcp_congestion_control").write_text("reno")  # the most cautious, and known to every kernel
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", NAME, IFF_TUN | IFF_NO_PI))
    _configure()
    here, there = multiprocessing.get_context("fork").Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_carry, args=(tunnel, there, round_trip_s / 2, loss, random.Random(seed)), daemon=True
    )
    process.start()
    os.close(tunnel)
    try:
        yield SlowLine(here)
    finally:
        process.terminate()
        process.join()


def _configure() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for number, address in ((SIOCSIFADDR, NEAR), (SIOCSIFNETMASK, "255.255.255.252")):
            wanted = struct.pack("16sHH4s8x", NAME, socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(control, number, wanted)
        for name in (b"lo", NAME):
            told = fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sH22x", name, 0))
            flags = struct.unpack("16sH22x", told)[1]
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", name, flags | IFF_UP))


def _carry(tunnel: int, wire: Connection, delay_s: float, loss: float, dice: random.Random) -> None:
    """Carry packets in their order, and answer how many there were whenever that is asked."""
    under_way: deque[tuple[float, bytes]] = deque()
    packets = size = lost = connections = 0
    while True:
        wait_s = max(under_way[0][0] - time.monotonic(), 0) if under_way else None
        readable, _, _ = select.select([tunnel, wire.fileno()], [], [], wait_s)
        if tunnel in readable:
            packet = os.read(tunnel, LARGEST)
            packets, size = packets + 1, size + len(packet)
            connections += _begins(packet)
            if dice.random() < loss:
                lost += 1
            else:
                under_way.append((time.monotonic() + delay_s, _swapped(packet)))
        if wire.fileno() in readable:
            try:
                wire.recv()
            except EOFError:
                return
            wire.send(Traffic(packets, size, lost, connections))
        while under_way and under_way[0][0] <= time.monotonic():
            os.write(tunnel, under_way.popleft()[1])


def _begins(packet: bytes) -> bool:
    """Say whether a packet asks for a connection: TCP, SYN without ACK."""
    if packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
        return False
    return packet[(packet[0] & 15) * 4 + 13] & (SYN | ACK) == SYN


def _swapped(packet: bytes) -> bytes:
    return packet if packet[0] >> 4 != 4 else packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
