"""What stands in front of the server: hosts it answers to, proxies it believes, bodies it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, request

from server import create_app
from server.database import db
from server.keyring import Keyring
from server.limits import address, address_and_name, caller
from server.settings import Settings
from shared.ops import MAX_PUSH_BYTES
from shared.texts import load
from tests.server.conftest import TestClock, settings_for
from tests.server.test_settings import WHOLE

MakeApp = Callable[..., Flask]
FORWARDED = {"X-Forwarded-For": "6.6.6.6, 7.7.7.7", "X-Forwarded-Host": "evil.example", "Forwarded": "for=6.6.6.6"}
FORWARDED |= {"X-Real-IP": "6.6.6.6", "Client-IP": "6.6.6.6", "CF-Connecting-IP": "6.6.6.6"}


@pytest.fixture
def make(sqlite_url: str, tmp_path: Path, keys: Keyring) -> Iterator[MakeApp]:
    """Make apps on one database with some settings changed."""
    made: list[Flask] = []

    def _make(**changed: object) -> Flask:
        settings = dataclasses.replace(settings_for(sqlite_url, tmp_path), **changed)  # type: ignore[arg-type]
        made.append(create_app(settings, keyring=keys, clock=TestClock()))
        return made[-1]

    yield _make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


# --- hosts ----------------------------------------------------------------------------------------------------------

STRANGE_HOSTS = [
    "evil.example",
    "example.gov.cn.evil.example",
    "evil.example:80",
    "xexample.gov.cn",
    "",
    "[::1]",
    "a b",
]


@pytest.mark.parametrize("host", STRANGE_HOSTS)
@pytest.mark.parametrize(("path", "kind"), [("/api/v1/keys", "application/problem+json"), ("/", "text/plain")])
def test_a_strange_host_is_told_so_in_plain_words(make: MakeApp, host: str, path: str, kind: str) -> None:
    client = make(trusted_hosts=("example.gov.cn",)).test_client()
    answer = client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, kind)
    assert load("zh-CN", "server")("problem.wrong-host.detail") in answer.text
    assert host == "" or f"//{host}" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_own_host_is_answered_whatever_its_port(make: MakeApp) -> None:
    client = make(trusted_hosts=("example.gov.cn",)).test_client()
    for host in ("example.gov.cn", "example.gov.cn:443", "EXAMPLE.GOV.CN"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host


def test_a_server_answers_to_its_own_addresses_where_no_hosts_are_named() -> None:
    said = WHOLE | {"DINGPAN_PUBLIC_URL": "https://desk.example.gov.cn:8443/", "DINGPAN_SEAL_HOST": "DP.GOV.CN"}
    hosts = ("desk.example.gov.cn", "dp.gov.cn", "127.0.0.1", "localhost")
    assert Settings.from_env(said).trusted_hosts == hosts
    assert Settings.from_env(said | {"DINGPAN_TRUSTED_HOSTS": "a.cn,"}).trusted_hosts == ("a.cn",)
    assert Settings.from_env(said | {"DINGPAN_DEMO": "1"}).trusted_hosts == ()


# --- proxies --------------------------------------------------------------------------------------------------------


def test_nobody_chooses_the_address_he_is_counted_by(make: MakeApp) -> None:
    """Without a proxy nothing in the headers counts; with one only what that one proxy has added."""
    for hops, counted in ((0, "127.0.0.1"), (1, "7.7.7.7")):
        with make(proxy_hops=hops).test_client() as client:
            client.post("/sign-in", data={"name": " Li "}, headers=FORWARDED)
            assert (request.remote_addr, address(), caller()) == (counted, counted, counted)
            assert address_and_name() == f"{counted} li"


def test_a_new_made_up_address_for_each_try_gains_no_more_tries(make: MakeApp) -> None:
    client = make().test_client()
    tries = [
        client.post("/api/v1/devices", json={}, headers={"X-Forwarded-For": f"6.6.6.{number}"}).status_code
        for number in range(61)
    ]
    assert tries == [422] * 60 + [429]
    answer = client.post("/api/v1/devices", json={}, headers=FORWARDED)
    assert (answer.status_code, answer.json["type"], answer.headers["Retry-After"]) == (429, "/problems/too-many", "60")


def test_a_host_that_a_proxy_did_not_add_is_not_believed(make: MakeApp) -> None:
    client = make(trusted_hosts=("localhost",)).test_client()
    assert client.get("/healthz", headers=FORWARDED).status_code == 200
    behind = make(trusted_hosts=("localhost",), proxy_hops=1).test_client()
    assert behind.get("/healthz", headers=FORWARDED).status_code == 400


# --- bodies ---------------------------------------------------------------------------------------------------------


def test_no_route_reads_a_body_without_end(make: MakeApp) -> None:
    """Each route that takes a body is sent one byte more than the most."""
    app = make(limiter_storage="memory://")
    client, asked = app.test_client(), 0
    content = b"x" * (MAX_PUSH_BYTES + 1)
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        path = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"), method="POST")
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            answer = client.post(path, data=content, content_type=kind)
            assert answer.status_code in (400, 401, 404, 413, 415, 422), (path, kind)
        asked += 1
    assert asked > 10
    assert client.post("/api/v1/rules/reweigh", data=content, content_type="application/json").status_code == 413


def test_sizes_are_set(make: MakeApp) -> None:
    config = make().config
    assert config["MAX_CONTENT_LENGTH"] == MAX_PUSH_BYTES
    assert 0 < config["MAX_FORM_MEMORY_SIZE"] <= MAX_PUSH_BYTES
    assert config["MAX_FORM_PARTS"] <= 1000
