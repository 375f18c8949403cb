"""The page of a label under load, beside the least that Flask can do, and the signature beside a bare verification.

PostgreSQL, granian and the load generator share the machine; what is compared was measured back to back, each server
with the same settings, ours with its log and its count of scans. The signature is checked as a phone does it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from benchmarks import load
from benchmarks.label_town import Town, build
from benchmarks.server import get
from benchmarks.table import Line
from server.serving import free_port
from shared import seal, signing
from shared.dates import civil_day
from tests.builders import TODAY, a_key_set, a_label, a_revocation_list, a_signer
from tests.server.databases import postgres

RUNS, SECONDS = 3, 5.0
WORKERS = 2  # one for each of the cores on which rates are promised
SMALL, LARGE = 10_000, 1_000_000
REPEATED, WARMING, WARM_UPS = 100, 3_000, 4
ROOT = Path(__file__).parents[1]
SERVE = "from server.serving import serve; serve('127.0.0.1', {port}, workers={workers}, app='{app}')"
PHONE = b"Accept-Language: zh-CN\r\n"


@dataclass(frozen=True)
class Figures:
    """The runs of one town; each list holds one result a run, and runs of one number were measured back to back."""

    bare: Sequence[load.Result]
    distinct: Sequence[load.Result]
    repeated: Sequence[load.Result]


def lines() -> Iterator[Line]:
    """Measure each line."""
    yield from offline()
    today = civil_day(datetime.now(UTC))
    with tempfile.TemporaryDirectory() as folder, postgres() as socket:
        large = measured(build(socket, "large", Path(folder) / "large", LARGE, today))
        yield from judged(large, "1,000,000 instruments")
        small = measured(build(socket, "small", Path(folder) / "small", SMALL, today))
        yield from judged(small, "10,000 instruments")
        yield flat(small, large)


def measured(town: Town, *, runs: int = RUNS, seconds: float = SECONDS, workers: int = WORKERS) -> Figures:
    """Ask a bare route, other labels each time, and the same labels again, in turn."""
    found = Figures([], [], [])
    bare, distinct = [_request("/ok")], [_request(f"/V/{text}") for text in town.texts]
    for _ in range(runs):
        with serving("benchmarks.bare:create", {}, "/ok", workers) as port:
            found.bare.append(load.run(port, bare, seconds=seconds))
        with serving("server.wsgi:create", town.settings, "/readyz", workers) as port:
            for _ in range(WARM_UPS):  # each process draws each kind of page slowly once; the kernel chooses which
                load.run(port, distinct[-WARMING:], seconds=seconds / WARM_UPS)
            found.distinct.append(load.run(port, distinct, seconds=seconds))
            found.repeated.append(load.run(port, distinct[:REPEATED], seconds=seconds))
    return found


def judged(figures: Figures, where: str) -> Iterator[Line]:
    """Yield the lines of one town."""
    rates, shares = [run.rate for run in figures.distinct], _shares(figures.distinct, figures.bare)
    slowest = [run.p99_ms for run in figures.distinct]
    yield Line.of(f"other labels each time, {where}", rates, "/s", 3_000, is_at_least=True)
    yield Line.of(f"  of a bare route ({_median(figures.bare):,.0f}/s)", shares, "%", 40, is_at_least=True)
    yield Line.of(f"  slowest of a hundred, {load.CONNECTIONS} connections", slowest, "ms", 50)
    rates = [run.rate for run in figures.repeated]
    yield Line.of(f"the same labels again, {where}", rates, "/s", 3_000, is_at_least=True)
    yield Line.of("  of a bare route", _shares(figures.repeated, figures.bare), "%", 70, is_at_least=True)


def flat(small: Figures, large: Figures) -> Line:
    """Return what a page costs in the larger town, in pages of the smaller one."""
    costs = [a.rate / b.rate for a, b in zip(small.distinct, large.distinct, strict=True)]
    return Line.of("a page of 1,000,000 instruments, in pages of 10,000", costs, "x", 1.2)


def _shares(ours: Sequence[load.Result], bare: Sequence[load.Result]) -> list[float]:
    return [100 * one.rate / other.rate for one, other in zip(ours, bare, strict=True)]


def _median(runs: Sequence[load.Result]) -> float:
    return sorted(run.rate for run in runs)[len(runs) // 2]


@contextmanager
def serving(app: str, settings: Mapping[str, str], ready: str, workers: int) -> Iterator[int]:
    """Run a server of its own on a free port, its log written to a file as a service's is."""
    port = free_port("127.0.0.1", 0)
    others = {name: value for name, value in os.environ.items() if not name.startswith("DINGPAN_")}
    command = [sys.executable, "-c", SERVE.format(port=port, workers=workers, app=app)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=others | settings, cwd=ROOT, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}{ready}", process)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if get(url)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} never became ready")


def _request(path: str, more: bytes = PHONE) -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n" % (path.encode(), more)


def offline(*, runs: int = RUNS, count: int = 2_000) -> Iterator[Line]:
    """Yield how much of a bare verification's rate is left when a label is opened as a phone does it."""
    link, keys, revoked = a_label(), a_key_set(), a_revocation_list()
    signer = a_signer("seal")
    signed = signing.SEAL + seal.open_seal(link, keys, revoked, TODAY).payload.to_bytes()
    public, signature = Ed25519PublicKey.from_public_bytes(signer.public), signer.sign(b"", signed)
    shares = []
    for _ in range(runs):
        bare = _seconds(lambda: public.verify(signature, signed), count)
        ours = _seconds(lambda: seal.open_seal(link, keys, revoked, TODAY), count)
        shares.append(100 * bare / ours)
    yield Line.of("opening a label offline, of a bare verification", shares, "%", 70, is_at_least=True)


def _seconds(once: object, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        once()  # type: ignore[operator]
    return time.perf_counter() - began
