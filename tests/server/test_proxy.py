"""What the bureau's nginx makes of requests and answers: the file that is installed, in a real nginx."""

from __future__ import annotations

import gzip
import json
import random
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request

from fieldapp.store.store import Store
from fieldapp.sync.client import Client
from fieldapp.sync.round import Result
from fieldapp.sync.token import Session
from fieldapp.sync.uploads import CHUNK_BYTES
from server import create_app
from server.database import db
from server.keyring import Keyring
from server.serving import free_port
from shared.signing import sha256_hex
from tests.faults.handset import Handset
from tests.server import photos
from tests.server.conftest import TestClock, settings_for
from tests.server.live import serving
from tests.server.proxy import HOST, LONGEST_S, NAME, Proxy, in_front_of
from tests.server.rescuing import TYPE, package_of
from tests.server.world import BEYOND, World

MEBIBYTE = 1 << 20
OTHER_MACHINE = "127.0.0.2"
HSTS = ["max-age=31536000; includeSubDomains"]
OLD = "ECDHE-ECDSA-AES128-SHA256"
SECRET = "/invitation/a-secret-of-somebody?name=zhou"


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """The server with the settings of a bureau behind one proxy."""
    about = {"public_url": f"https://{NAME}", "proxy_hops": 1, "trusted_hosts": (NAME, "localhost")}
    app = create_app(
        replace(settings_for(sqlite_url, tmp_path), **about),  # type: ignore[arg-type]
        keyring=keys,
        clock=clock,
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def sqlite_app(app: Flask) -> Flask:
    """Let the world be that server's."""
    return app


@pytest.fixture
def seen(app: Flask) -> list[tuple[Any, ...]]:
    """Who asked, how and whom, as the server understands it."""
    told: list[tuple[Any, ...]] = []
    app.before_request(lambda: told.append((request.remote_addr, request.scheme, request.host)))
    return told


@pytest.fixture
def proxy(app: Flask, tmp_path: Path) -> Iterator[Proxy]:
    with serving(app) as server, in_front_of(server.port, tmp_path / "nginx") as proxy:
        yield proxy


# --- what nginx does ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Front:
    """nginx before the server; ``seen`` is who asked, how and whom, as the server understood it."""

    proxy: Proxy
    seen: list[tuple[Any, ...]]

    def told(self, method: str, path: str, *more: Any, **others: Any) -> tuple[int, list[str] | None]:
        """Ask, and return the status and what was said of HTTPS."""
        answer, _ = self.proxy.ask(method, path, *more, **others)
        return answer.status, answer.headers.get_all("Strict-Transport-Security")

    def spoken(self, context: ssl.SSLContext) -> tuple[str | None, str | None]:
        """Return the version of TLS that nginx and we agree on, and the protocol above it."""
        with (
            socket.create_connection((HOST, self.proxy.secure), LONGEST_S) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as line,
        ):
            return line.version(), line.selected_alpn_protocol()


def a_page_in_the_clear_moves_and_a_program_is_told(front: Front) -> None:
    answer, _ = front.proxy.ask("GET", "/s/XYZ?a=b", is_secure=False)
    assert (answer.status, answer.getheader("Location")) == (308, f"https://{NAME}/s/XYZ?a=b")
    for path in ("/api/v1/keys", "/api/v1/sync/push"):
        answer, _ = front.proxy.ask("POST", path, {"Authorization": "Bearer x"}, b"{}", is_secure=False)
        assert (answer.status, answer.getheader("Location")) == (403, None)


def new_tls_and_http_2_are_spoken_and_old_ciphers_are_not(front: Front) -> None:
    context = front.proxy.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    assert front.spoken(context) == ("TLSv1.3", "h2")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert front.spoken(context) == ("TLSv1.2", "h2")
    context.set_ciphers(OLD)
    with pytest.raises(ssl.SSLError) as refused:
        front.spoken(context)
    assert refused.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE"


def the_server_knows_the_caller_whatever_the_caller_says(front: Front) -> None:
    lies = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for source, headers in ((HOST, {}), (OTHER_MACHINE, lies)):
        assert front.told("GET", "/api/v1/keys", headers, source=source)[0] == 200
    assert front.seen == [(HOST, "https", NAME), (OTHER_MACHINE, "https", NAME)]


def figures_are_for_this_machine_alone(front: Front) -> None:
    answer, figures = front.proxy.ask("GET", "/metrics")
    assert answer.status == 200
    assert b"dingpan_requests" in figures
    for lie in ({}, {"X-Forwarded-For": HOST, "X-Real-IP": HOST}):
        assert front.told("GET", "/metrics", lie, source=OTHER_MACHINE) == (403, HSTS)


def who_asks_too_much_is_told_to_wait_and_others_are_not(front: Front) -> None:
    """All at once on one line, so that no time passes between them."""
    one = f"GET /metrics HTTP/1.1\r\nHost: {NAME}\r\n".encode()
    many = (one + b"\r\n") * 599 + one + b"Connection: close\r\n\r\n"
    with (
        socket.create_connection((HOST, front.proxy.secure), LONGEST_S, (OTHER_MACHINE, 0)) as plain,
        front.proxy.context().wrap_socket(plain, server_hostname=NAME) as line,
    ):
        line.sendall(many)
        answers = b"".join(iter(lambda: line.recv(MEBIBYTE), b""))
    assert answers.count(b"HTTP/1.1 403") >= 400
    assert answers.count(b"HTTP/1.1 429") >= 1
    assert front.told("GET", "/api/v1/keys")[0] == 200


def a_body_is_as_large_as_its_route_needs(front: Front) -> None:
    kinds = {"/api/v1/sync/push": 9, "/api/v1/uploads/x": 9, "/": 9, "/api/v1/sync/rescue": 257, "/console/rescue": 257}
    for path, most in kinds.items():
        for more, passes in ((1, False), (0, True)):
            told = {"Content-Length": str(most * MEBIBYTE + more), "Expect": "100-continue"}
            first = front.proxy.begin("POST", path, told)
            assert first.startswith(b"HTTP/1.1 100" if passes else b"HTTP/1.1 413"), path


def every_answer_says_once_that_it_stays_https(front: Front) -> None:
    for path, status in (("/", 200), ("/api/v1/keys", 200), ("/api/v1/sync/scope", 401), ("/nowhere", 404)):
        assert front.told("GET", path) == (status, HSTS), path


def answers_are_squeezed(front: Front) -> None:
    for path in ("/", "/static/css/console.css"):
        _, plain = front.proxy.ask("GET", path)
        answer, squeezed = front.proxy.ask("GET", path, {"Accept-Encoding": "gzip"})
        assert answer.headers.get_all("Content-Encoding") == ["gzip"], path
        assert len(squeezed) < len(plain) / 2
        assert len(gzip.decompress(squeezed)) == len(plain)


Check = Callable[[Front], None]
CHECKS: tuple[Check, ...] = (
    a_page_in_the_clear_moves_and_a_program_is_told,
    new_tls_and_http_2_are_spoken_and_old_ciphers_are_not,
    the_server_knows_the_caller_whatever_the_caller_says,
    figures_are_for_this_machine_alone,
    who_asks_too_much_is_told_to_wait_and_others_are_not,
    a_body_is_as_large_as_its_route_needs,
    every_answer_says_once_that_it_stays_https,
    answers_are_squeezed,
)
PLANTED: list[tuple[Check, str, str]] = [
    (CHECKS[0], "return 403;", "return 308 https://$host$request_uri;"),
    (CHECKS[0], "308 https://$host$request_uri", "308 https://$host$uri"),
    (CHECKS[1], "ssl http2;", "ssl;"),
    (CHECKS[1], "ssl_ciphers         ", f"ssl_ciphers {OLD}:"),
    (CHECKS[2], "$proxy_add_x_forwarded_for", "$http_x_forwarded_for"),
    (CHECKS[2], "X-Forwarded-Host  $host", "X-Forwarded-Host  $http_x_forwarded_host"),
    (CHECKS[2], "X-Forwarded-Proto $scheme", "X-Forwarded-Proto http"),
    (CHECKS[3], "deny  all;", ""),
    (CHECKS[4], "limit_req zone=dingpan burst=400 nodelay;", ""),
    (CHECKS[4], "burst=400", "burst=40"),
    (CHECKS[5], "client_max_body_size 257m;", ""),
    (CHECKS[5], "client_max_body_size 9m;", ""),
    (CHECKS[6], "proxy_hide_header Strict-Transport-Security;", ""),
    (CHECKS[7], "gzip on;", ""),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_file_that_is_installed(proxy: Proxy, seen: list[tuple[Any, ...]], check: Check) -> None:
    check(Front(proxy, seen))


@pytest.mark.parametrize(("check", "theirs", "ours"), PLANTED)
def test_a_planted_fault_of_the_file_is_found(
    app: Flask, seen: list[tuple[Any, ...]], tmp_path: Path, check: Check, theirs: str, ours: str
) -> None:
    with (
        serving(app) as server,
        in_front_of(server.port, tmp_path / "nginx", {theirs: ours}) as proxy,
        pytest.raises((AssertionError, pytest.fail.Exception)),
    ):
        check(Front(proxy, seen))


@pytest.mark.parametrize("plant", [{}, {"errors crit": "errors error"}, {"errors crit": "errors"}])
def test_what_fails_is_answered_and_no_address_is_logged(tmp_path: Path, plant: dict[str, str]) -> None:
    with in_front_of(free_port(HOST, 0), tmp_path / "nginx", plant) as proxy:
        assert Front(proxy, []).told("GET", SECRET) == (502, HSTS)
        logged = proxy.errors.read_text(encoding="utf-8")
    assert bool(logged) == bool(plant)
    assert (SECRET in logged) == bool(plant)


# --- a phone --------------------------------------------------------------------------------------------------------


def over(proxy: Proxy, statuses: list[tuple[str, int]]) -> Callable[[Store], Session]:
    """Return what connects a phone by way of nginx; ``statuses`` are told each kind of request with its answer's."""

    def _connect(store: Store) -> Session:
        session = requests.Session()
        session.verify = str(proxy.authority)
        session.hooks["response"].append(
            lambda answer, **_: statuses.append((answer.request.method, answer.status_code))
        )
        return Session(store, Client(f"https://localhost:{proxy.secure}", session))

    return _connect


def test_a_phone_sends_records_and_photos_and_downloads_its_region(
    sqlite_world: World, proxy: Proxy, clock: TestClock, tmp_path: Path, seed: int
) -> None:
    statuses: list[tuple[str, int]] = []
    photo, record = photos.noise((900, 1_500), seed), tmp_path / "phone"
    handset = Handset(sqlite_world, clock, record, over(proxy, statuses), random.Random(seed))
    handset.visit(photos=[photo])
    db.session.remove()
    outcome = handset.round()
    assert outcome is not None
    assert outcome.result is Result.DONE
    assert handset.is_drained
    assert len(handset.register()) > 5
    assert ("GET", 206) in statuses, "of the snapshot a part was asked"
    assert [status for method, status in statuses if method == "PATCH"] == [204] * -(-len(photo) // CHUNK_BYTES)
    handset.close()


def test_a_rescue_package_larger_than_any_push_comes_whole(sqlite_world: World, proxy: Proxy) -> None:
    phone, photo = sqlite_world.phone(), photos.noise((2_700, 4_400), 1)
    body = sqlite_world.visit(sqlite_world.check(BEYOND))
    row = body["inspections"][0]
    row["evidence"] = [{"sha256": sha256_hex(photo), "bytes": len(photo), "kind": "photo", "check": None}]
    package = package_of(sqlite_world.app, phone.op("visit.record/1", body), photos=[(body["id"], photo)])
    assert len(package) > 9 * MEBIBYTE
    carrier = sqlite_world.phone(sqlite_world.colleague)
    headers = carrier.headers | TYPE
    db.session.remove()
    answer, told = proxy.ask("POST", "/api/v1/sync/rescue", headers, package)
    assert answer.status == 200, told
    assert json.loads(told)["photos"]["kept"] == 1
