"""Headers of every answer there is: each route, each method, each kind of visitor, and what is no route at all."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import create_app, web
from server.database import db
from server.keyring import Keyring
from server.policy import POLICY, row_of
from tests.server.conftest import TestClock, settings_for
from tests.server.every_route import Call, calls
from tests.server.pages import Visitor, visitor
from tests.server.plain_pages import layer
from tests.server.test_pages_merchant import merchant
from tests.server.world import World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NONCE = re.compile(r"'nonce-([\w-]{22})'")
INLINE = re.compile(r"<(script|style)\b([^>]*)>", re.IGNORECASE)
HANDLER = re.compile(r"<[a-z][^>]*\s(on[a-z]+|style)\s*=", re.IGNORECASE)
LONG_S = 31_536_000


def faults(answer: TestResponse, *, is_personal: bool, is_secure: bool = False) -> list[str]:
    """Say what is missing from the headers of an answer."""
    headers = answer.headers
    found = [name for name, value in ALWAYS.items() if headers.get(name) != value]
    policy = dict(part.strip().partition(" ")[::2] for part in headers.get("Content-Security-Policy", "").split(";"))
    found += _policy_faults(policy)
    if {part.strip() for part in headers.get("Permissions-Policy", "").split(",")} < {"camera=()", "geolocation=()"}:
        found.append("Permissions-Policy")
    secure = headers.get("Strict-Transport-Security", "")
    if is_secure != bool(secure) or (secure and int(secure.partition("max-age=")[2].partition(";")[0]) < LONG_S):
        found.append("Strict-Transport-Security")
    if (is_personal or "Set-Cookie" in headers) and headers.get("Cache-Control") != "no-store":
        found.append("Cache-Control")
    if "Server" in headers or "X-Powered-By" in headers:
        found.append("tells what it runs on")
    if answer.mimetype == "text/html":
        found += _page_faults(answer.text, policy.get("script-src", ""))
    return found


def _policy_faults(policy: dict[str, str]) -> list[str]:
    found = []
    wanted = {"default-src": "'none'", "frame-ancestors": "'none'", "base-uri": "'none'", "form-action": "'self'"}
    found += [name for name, value in wanted.items() if policy.get(name) != value]
    found += [name for name, value in policy.items() if "unsafe" in value or "*" in value or "http" in value]
    if not NONCE.fullmatch(policy.get("script-src", "")):
        found.append("script-src")
    return found


def _page_faults(text: str, scripts: str) -> list[str]:
    """What the policy would stop the browser from running, or nobody asked it to run."""
    nonce = NONCE.fullmatch(scripts)
    allowed = f'nonce="{nonce[1]}"' if nonce else "no nonce"
    found = [f"<{tag}> without nonce" for tag, rest in INLINE.findall(text) if allowed not in rest]
    return found + [f"inline {name}" for name in HANDLER.findall(text)]


def ask(client: FlaskClient, call: Call) -> TestResponse:
    return client.open(call.path, method=call.method, data={} if call.method == "POST" else None, buffered=True)


def people(world: World) -> dict[str, Visitor]:
    """Somebody of each kind with a browser."""
    names = ("inspector", "verifier", "supervisor")
    return {"nobody": visitor(world), "merchant": merchant(world)} | {name: visitor(world, name) for name in names}


def test_every_answer_of_every_route_has_its_headers(sqlite_world: World) -> None:
    wrong, asked = {}, 0
    for who, person in people(sqlite_world).items():
        for call in calls(sqlite_world.app):
            if call.endpoint == "accounts.sign_out":
                continue  # it would end what this person came with
            answer = ask(person.client, call)
            is_own = who != "nobody" and row_of(call.endpoint, call.method).via == "cookie"
            is_personal = is_own or call.method not in ("GET", "HEAD")
            told = faults(answer, is_personal=is_personal)
            asked += 1
            if told:
                wrong[who, call.endpoint, call.method, answer.status_code] = told
    assert wrong == {}
    assert asked > 250


def test_what_a_phone_is_told_has_its_headers(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    for call in calls(sqlite_world.app):
        if row_of(call.endpoint, call.method).via == "token":
            answer = phone.client.open(call.path, method=call.method, headers=phone.headers, json={}, buffered=True)
            assert faults(answer, is_personal=True) == [], call


@pytest.mark.parametrize(
    ("path", "method"),
    [
        *(("/nothing", "GET"), ("/api/v1/nothing", "GET"), ("/", "DELETE"), ("/healthz", "TRACE")),
        *(("/console", "GET"), ("/%00", "GET"), ("/static/../web.py", "GET"), ("/V/x", "GET"), ("/sign-in", "OPTIONS")),
    ],
)
def test_what_is_no_answer_of_a_route_has_its_headers_too(sqlite_world: World, path: str, method: str) -> None:
    assert faults(sqlite_world.app.test_client().open(path, method=method), is_personal=False) == []


def test_a_fault_of_the_server_has_its_headers_too(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def _fail(**_: str) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(sqlite_world.app.view_functions, "public.home", _fail)
    sqlite_world.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = sqlite_world.app.test_client().get("/")
    assert answer.status_code == 500
    assert faults(answer, is_personal=False) == []


def test_the_nonce_is_another_one_each_time(sqlite_world: World) -> None:
    seen = {person.get("/tools").headers["Content-Security-Policy"] for person in [visitor(sqlite_world)] * 20}
    assert len(seen) == 20


@pytest.fixture
def secure(sqlite_url: str, tmp_path: Path, keys: Keyring) -> Iterator[Flask]:
    """The server behind one proxy that ends HTTPS."""
    settings = dataclasses.replace(settings_for(sqlite_url, tmp_path), public_url="https://localhost", proxy_hops=1)
    app = create_app(settings, keyring=keys, clock=TestClock())
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_over_https_every_answer_says_that_it_stays_so(secure: Flask) -> None:
    for protocol, is_secure in (("https", True), ("http", False)):
        for call in calls(secure):
            headers = {"X-Forwarded-Proto": protocol}
            answer = secure.test_client().open(call.path, method=call.method, headers=headers, buffered=True)
            assert faults(answer, is_personal=False, is_secure=is_secure) == [], (protocol, call.path)


def test_cookies_are_for_this_host_over_https_out_of_reach_of_scripts(secure: Flask) -> None:
    answer = secure.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}, cookie
        assert "Domain" not in cookie


# --- the check checks -----------------------------------------------------------------------------------------------

PLANTED: dict[str, tuple[dict[str, str], str, str]] = {
    "own policy": ({"Content-Security-Policy": "default-src *"}, "x", "default-src"),
    "unsafe": ({"Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'"}, "x", "script-src"),
    "framed": ({"Content-Security-Policy": "default-src 'none'; frame-ancestors *"}, "x", "frame-ancestors"),
    "sniffed": ({"X-Content-Type-Options": "off"}, "x", "X-Content-Type-Options"),
    "told on": ({"Referrer-Policy": "unsafe-url"}, "x", "Referrer-Policy"),
    "cookie": ({"Set-Cookie": "a=b"}, "x", "Cache-Control"),
    "server": ({"Server": "Werkzeug/3.1"}, "x", "tells what it runs on"),
    "script": ({}, "<script>alert(1)</script>", "<script> without nonce"),
    "handler": ({}, '<p onclick="alert(1)">', "inline onclick"),
    "style": ({}, '<p style="color:red">', "inline style"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_route_without_headers_is_found(
    sqlite_app: Flask, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, text, fault = PLANTED[name]
    sqlite_app.add_url_rule("/planted", "planted", lambda: Response(text, headers=headers, mimetype="text/html"))
    monkeypatch.setitem(POLICY, ("planted", "GET"), POLICY["public.home", "GET"])
    call = next(call for call in calls(sqlite_app) if call.endpoint == "planted")
    assert fault in faults(ask(sqlite_app.test_client(), call), is_personal=False)


def test_a_personal_page_that_may_be_kept_is_found(sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_app.add_url_rule("/planted", "planted", lambda: Response("x", headers={"Cache-Control": "max-age=60"}))
    monkeypatch.setitem(POLICY, ("planted", "GET"), POLICY["public.home", "GET"])
    assert faults(sqlite_app.test_client().get("/planted"), is_personal=True) == ["Cache-Control"]


def test_an_app_that_sends_no_headers_is_found_on_every_route(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_app.after_request_funcs[None] = [
        after for after in sqlite_app.after_request_funcs[None] if after is not web._headers
    ]
    sqlite_app.wsgi_app = layer(sqlite_app).routes  # type: ignore[method-assign]  # it has headers of its own
    for call in calls(sqlite_app):
        told = faults(ask(sqlite_app.test_client(), call), is_personal=False)
        assert {"default-src", "X-Content-Type-Options"} <= set(told), call.path


def test_the_cookie_of_the_language_is_bound_to_the_host_where_there_is_https(
    sqlite_url: str, tmp_path: Path, keys: Keyring, clock: TestClock
) -> None:
    settings = dataclasses.replace(settings_for(sqlite_url, tmp_path), public_url="https://dingpan.test")
    app = create_app(settings, keyring=keys, clock=clock)
    (cookie,) = app.test_client().get("/?lang=en", base_url="https://dingpan.test").headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-language=en;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    with app.app_context():
        db.engine.dispose()
