"""A photo of twelve megabytes over a line that is cut all the time comes whole, by our client and by a stranger's."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader.uploader import Uploader

from fieldapp.sync.client import Client
from fieldapp.sync.push import push_all
from fieldapp.sync.token import Session
from fieldapp.sync.uploads import CHUNK_BYTES
from server.database import db
from server.evidence import service as evidence
from server.evidence.models import NamedFile
from shared.signing import sha256_hex
from tests.faults.handset import Connect, Handset
from tests.faults.proxy import WHOLE, Exchange, Fault, Line, Plan, exchange
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.live import serving
from tests.server.sending import named
from tests.server.world import World
from tests.telling import tell

CUTS, FULL = 40, 2_000
PARTS = 2
AT_ONCE = 40
TWELVE_MEGABYTES = 12 << 20
SIZE = (2_700, 4_400)
HEAD_BYTES = 700

pytestmark = pytest.mark.usefixtures("nobody_counts")


class Scissors:
    """Plans: cuts one connection of two somewhere in the chunk, or in the answer to it, until there were enough."""

    def __init__(self, seed: str, most: int) -> None:
        self._dice, self.left = random.Random(seed), most

    def __call__(self, _: int) -> Plan:
        if not self.left or self._dice.random() < 0.15:
            return WHOLE
        self.left -= 1
        if self._dice.random() < 0.2:
            return Plan(Fault.CUT_ANSWER, self._dice.randrange(200))
        return Plan(Fault.CUT_REQUEST, HEAD_BYTES + self._dice.randrange(CHUNK_BYTES - HEAD_BYTES))


class Meter:
    """Counts the bytes of the chunks that a phone sends."""

    def __init__(self, client: Client) -> None:
        self.sent = 0
        real = client.exchange

        def _exchange(method: str, path: str, headers: dict[str, str], content: bytes | None) -> object:
            self.sent += len(content or b"") if method == "PATCH" else 0
            return real(method, path, headers, content)

        client.exchange = _exchange  # type: ignore[method-assign,assignment]


def a_photo(seed: str) -> bytes:
    photo = photos.noise(SIZE, random.Random(seed).randrange(1 << 30))
    assert len(photo) > TWELVE_MEGABYTES
    return photo


def is_whole(photo: bytes) -> bool:
    """Say whether the server says that a photo has come, and has it."""
    db.session.remove()
    came = db.session.scalars(db.select(NamedFile.received_at).where(NamedFile.sha256 == sha256_hex(photo))).all()
    return bool(came) and None not in came and evidence.store().get(sha256_hex(photo)) == photo


def runs(seed: str, is_full: bool) -> Iterator[tuple[str, bytes, Scissors]]:
    """Yield photos with what cuts them, until a part's cuts have been made; a photo may be there before its last."""
    left, number = (FULL if is_full else CUTS) // PARTS, 0
    while left > 0:
        name, most = f"{seed}/{number}", min(AT_ONCE, left)
        scissors = Scissors(name, most)
        yield name, a_photo(name), scissors
        assert scissors.left < most
        left, number = left - most + scissors.left, number + 1


@pytest.mark.parametrize("part", range(PARTS))
def test_our_client_sends_no_more_than_a_chunk_again_for_a_cut(
    sqlite_world: World, clock: TestClock, tmp_path: Path, seed: int, is_full: bool, part: int
) -> None:
    with serving(sqlite_world.app) as server, exchange() as lines:
        for name, photo, scissors in runs(f"{seed}/{part}", is_full):
            cuts, line = scissors.left, _aimed(lines.line(server.port, scissors))
            handset = Handset(sqlite_world, clock, tmp_path / sha256_hex(photo), _over(line), random.Random(name))
            handset.visit(photos=[photo])
            db.session.remove()
            handset.session.begin()
            assert push_all(handset.store, handset.session) == 1
            meter = Meter(handset.session.client)
            rounds = _rounds(handset, clock, cuts)
            handset.close()
            cuts -= scissors.left
            assert is_whole(photo), f"--seed {seed}: {rounds} rounds"
            assert meter.sent <= len(photo) + cuts * CHUNK_BYTES, f"--seed {seed}"
            tell(f"{cuts} cuts, {rounds} rounds, {meter.sent - len(photo)} bytes more than the photo has")


def _rounds(handset: Handset, clock: TestClock, cuts: int) -> int:
    for number in range(1, 3 * cuts + 10):
        handset.round()
        if handset.is_drained:
            return number
        clock.move(minutes=16)
    raise AssertionError("the photo is stuck")


def _aimed(line: Line) -> Line:
    """Let only chunks be cut: the rest of the protocol is cut in the campaign of the fleet."""
    line.aim = b"PATCH"
    return line


def _over(line: Line) -> Connect:
    return lambda store: Session(store, Client(f"http://127.0.0.1:{line.port}"))


@pytest.mark.parametrize("part", range(PARTS))
def test_a_client_of_others_goes_on_after_every_cut(sqlite_world: World, seed: int, is_full: bool, part: int) -> None:
    with serving(sqlite_world.app) as server, exchange() as lines:
        for _, photo, scissors in runs(f"{seed}/{part}", is_full):
            cuts, phone = scissors.left, sqlite_world.phone()
            record, headers = named(sqlite_world, phone, photo), dict(phone.headers)
            db.session.remove()
            tries = _send_by_tuspy(lines, server.port, scissors, photo, record, headers)
            assert is_whole(photo), f"--seed {seed}"
            tell(f"tuspy: {cuts - scissors.left} cuts, {tries} tries")


def _send_by_tuspy(
    lines: Exchange, port: int, scissors: Scissors, photo: bytes, record: str, headers: dict[str, str]
) -> int:
    """Send a photo with tuspy, which asks where it stands after each cut; return how often it had to begin anew."""
    line = _aimed(lines.line(port, scissors))
    client = TusClient(f"http://127.0.0.1:{line.port}/api/v1/uploads", headers)
    told = {"sha256": sha256_hex(photo), "kind": "photo", "record": record}
    where: str | None = None
    for number in range(1, 3 * (scissors.left + 10)):
        try:
            uploader: Uploader = client.uploader(
                file_stream=io.BytesIO(photo), chunk_size=CHUNK_BYTES, metadata=told, url=where
            )
            if where is None:
                uploader.set_url(uploader.create_url())
                where = uploader.url
            uploader.upload()
        except (TusCommunicationError, TusUploadFailed, OSError, TypeError, ValueError):
            continue  # the last two: of an answer's half head, or of half a line in it
        return number
    raise AssertionError("the photo is stuck")
