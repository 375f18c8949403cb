"""A phone's sync over a bad line, from the real client to granian: 300 ms there and back, 2 % of packets lost each way.

The phone has its store on the disk and its own client, the server is granian with TLS on SQLite. The line is
``slow_network``: real TCP, so what a lost packet costs is what it costs. Measured is the whole round of an app that was
just started, from signing in to the balance: 200 visits of one check each, every one with a receipt at its end.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask_migrate import upgrade

from benchmarks.label_town import settings_of
from benchmarks.slow_network import FAR, NEAR, SlowLine, slow_line
from benchmarks.table import Line
from fieldapp.clock import PhoneClock
from fieldapp.store.database import Database
from fieldapp.store.kept import Bureau, Device, Person
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.client import Client
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Result, Round
from fieldapp.sync.token import Session
from fieldapp.visit.model import Participant, Visit
from server import create_app, feed, keyring, transaction
from server.clock import now
from server.database import begin_write, db
from server.settings import Settings
from shared.dates import civil_day
from shared.words import Capacity
from tests.fieldapp.field_builders import a_field_check, a_visit, an_inspection
from tests.server.world import World, make_world, stall_with_scale

RUNS, CHECKS, STALLS = 3, 200, 60
ROUND_TRIP_S, LOSS = 0.3, 0.02
PORT = 8443
LIMIT_S, MOST_REQUESTS, MOST_CONNECTIONS = 15, 9, 1
SERVE = """
from pathlib import Path
from granian import Granian
from server.serving import LOGS, THREADS, Interfaces, LogLevels
Granian("server.wsgi:create", factory=True, address="{near}", port={port}, interface=Interfaces.WSGI, workers=1,
    blocking_threads=THREADS, log_level=LogLevels.error, log_dictconfig=LOGS, websockets=False,
    ssl_cert=Path("{folder}/cert.pem"), ssl_key=Path("{folder}/key.pem")).serve()
"""
ROOT = Path(__file__).parents[1]


def lines() -> Iterator[Line]:
    """Measure each line, in a network of its own."""
    command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    command += [sys.executable, "-m", "benchmarks.slow_line"]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, list[float]] = json.loads(told)
    yield Line.of("200 checks over 300 ms and 2 % loss, app to granian", found["seconds"], "s", LIMIT_S)
    yield Line.of("  requests of that round", found["requests"], "", MOST_REQUESTS)
    yield Line.of("  connections it needs", found["connections"], "", MOST_CONNECTIONS)
    yield Line.of("  packets lost of a hundred", found["lost"], "%", float("inf"))
    yield Line.of("  an op and its answer, all packets", found["bytes"], "B", float("inf"))


def measured(*, runs: int = RUNS, checks: int = CHECKS) -> dict[str, list[float]]:
    """Return seconds, requests, connections, share lost and bytes an op of each run."""
    found: dict[str, list[float]] = {"seconds": [], "requests": [], "connections": [], "lost": [], "bytes": []}
    seed = secrets.randbits(32)
    print(f"seed {seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name, slow_line(round_trip_s=ROUND_TRIP_S, loss=LOSS, seed=seed) as line:
        folder = Path(name)
        world, settings = _town(folder)
        _certificate(folder)
        with _serving(folder, settings):
            phone = Phone(folder, world)
            for _ in range(runs):
                phone.record(checks)
                _add(found, phone.sync(line), checks)
    return found


def _add(found: dict[str, list[float]], one: dict[str, float], checks: int) -> None:
    found["seconds"].append(one["seconds"])
    found["requests"].append(one["requests"])
    found["connections"].append(one["connections"])
    found["lost"].append(100 * one["lost"] / one["packets"])
    found["bytes"].append(one["bytes"] / checks)


class Counting(requests.Session):
    """Counts and times what the client asks."""

    def __init__(self, certificate: Path) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = str(certificate)
        self.asked: list[tuple[str, float]] = []

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        began = time.perf_counter()
        answer = super().request(method, url, *args, **options)
        self.asked.append((f"{method} {url}", time.perf_counter() - began))
        return answer


class Phone:
    """The phone: its store on the disk, its client new at every round as after a start of the app."""

    def __init__(self, folder: Path, world: World) -> None:
        self._folder, self._world = folder, world
        self._clock = PhoneClock()
        self.store = Store(Database(folder / "phone.db"), secrets.token_bytes(32), folder / "phone", self._clock)
        signer, keys = world.phone(), world.app.extensions["dingpan"].keyring
        kept = self.store.kept
        kept.device = Device(signer.device_id, signer.signer.secret)
        kept.person = Person(world.inspector, "inspector", "inspector", "inspector")
        kept.bureau = Bureau(f"https://{FAR}:{PORT}", keys.root_public)
        self.store.documents.take_keys(keys.key_set_document)
        self.store.documents.take_revoked(keys.revoked_document)
        db.session.remove()
        self._round()

    def record(self, checks: int) -> None:
        """Save visits of one check each, one stall after another."""
        kept = self.store.kept
        assert kept.device is not None
        assert kept.person is not None
        for number in range(checks):
            self.store.records.save(
                self._visit(number % len(self._world.stalls)),
                name="market",
                device=kept.device,
                person=kept.person,
                offset=self.store.facts.offset(),
            )

    def _visit(self, stall: int) -> Visit:
        world, new_id = self._world, self._clock.new_id
        check = a_field_check(instrument=world.instruments[stall])
        check = replace(check, id=new_id(), custody=world.custodies[stall], tested_by=world.inspector)
        inspection = an_inspection(check, id=new_id(), party=world.parties[stall], stall=world.stalls[stall])
        people = ((world.inspector, "inspector"), (world.colleague, "colleague"))
        officers = tuple(Participant(id_, Capacity.OFFICER, card) for id_, card in people)
        return replace(a_visit(inspection), id=new_id(), task=None, place=world.place, participants=officers)

    def sync(self, line: SlowLine) -> dict[str, float]:
        """Run one round of a fresh app and say what it took."""
        before = line.traffic()
        seconds, asked = self._round()
        traffic = line.traffic().since(before)
        states = self.store.outbox.counts()
        assert set(states) == {OpState.RECEIVED}, states
        for what, took in asked:
            print(f"  {took:6.2f} s  {what}", file=sys.stderr)
        return {"seconds": seconds, "requests": len(asked), **vars(traffic)}

    def _round(self) -> tuple[float, list[tuple[str, float]]]:
        carrier = Counting(self._folder / "cert.pem")
        session = Session(self.store, Client(f"https://{FAR}:{PORT}", carrier))
        began = time.perf_counter()
        outcome = Round(self.store, session, Retry(self.store.facts, lambda: 0.0)).run()
        seconds = time.perf_counter() - began
        assert outcome.result is Result.DONE, outcome
        carrier.close()
        return seconds, carrier.asked


def _town(folder: Path) -> tuple[World, dict[str, str]]:
    keys = keyring.create(folder / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=civil_day(datetime.now(UTC)))
    settings = settings_of(f"sqlite:///{folder}/server.db", folder)
    app = create_app(Settings.from_env(settings), keyring=keys)
    app.app_context().push()
    upgrade()
    world = make_world(app)
    begin_write()
    for number in range(3, STALLS):
        stall_with_scale(world, number)
    feed.changed(db.session(), "instrument", *world.instruments)
    transaction.commit(db.session(), now())
    return world, settings


@contextmanager
def _serving(folder: Path, settings: dict[str, str]) -> Iterator[None]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("DINGPAN_")}
    command = [sys.executable, "-c", SERVE.format(near=NEAR, port=PORT, folder=folder)]
    process = subprocess.Popen(command, env=others | settings, cwd=ROOT, stdout=sys.stderr)
    try:
        _wait(folder / "cert.pem", process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(certificate: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"https://{FAR}:{PORT}/readyz", verify=str(certificate), timeout=10).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server never became ready")


def _certificate(folder: Path) -> None:
    """Write a key and a certificate of its own for the far address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slow line")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(FAR))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


if __name__ == "__main__":
    json.dump(measured(), sys.stdout)
