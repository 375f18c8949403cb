"""Who may keep an answer: everyone keeps files of a named version for ever, nobody what somebody signed in sees."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask, url_for

from server import create_app
from server.keyring import Keyring
from server.policy import POLICY
from tests.server.conftest import TestClock, settings_for
from tests.server.pages import Visitor, get, visitor
from tests.server.test_pages_merchant import merchant
from tests.server.world import World

FOR_EVER = "public, max-age=31536000, immutable"
FILE = re.compile(r'(?:src|href)="(/(?:static|assets)/[^"]+)"')
PAGES = {
    "supervisor": ("/console/", "/console/incoming", "/console/tasks", "/console/bulletin", "/api/v1/docs"),
    "merchant": ("/m/", "/m/pledge"),
}


def people(world: World) -> dict[str, Visitor]:
    return {"supervisor": visitor(world, "supervisor"), "merchant": merchant(world)}


def files_of(person: Visitor, paths: tuple[str, ...]) -> set[str]:
    """Return the address of every file that some pages load."""
    return {address for path in paths for address in FILE.findall(person.get(path).text)}


def test_every_file_of_every_page_is_kept_for_ever_also_by_somebody_signed_in(sqlite_world: World) -> None:
    seen: set[str] = set()
    for name, person in people(sqlite_world).items():
        found = files_of(person, PAGES[name])
        assert len(found) > 3, name
        for address in found:
            assert re.fullmatch(r"/(?:static|assets)/[\w./-]+\?v=[0-9a-f]{12}", address), address
            with person.get(address) as answer:
                assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER), address
                assert "Set-Cookie" not in answer.headers, address
                assert "cookie" not in answer.headers.get("Vary", "").lower(), address
                tag = answer.headers["ETag"]
            with person.get(address, headers={"If-None-Match": tag}) as again:
                assert (again.status_code, again.headers["Cache-Control"]) == (304, FOR_EVER), address
        seen |= found
    assert {address.partition("?")[0] for address in seen} >= {"/static/css/tokens.css", "/assets/tabler.css"}


@pytest.mark.parametrize("path", ["/static/css/parts.css", "/assets/tabler.css"])
@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?v=%00", "?lang=en"])
def test_a_file_without_its_own_version_may_be_kept_for_a_day_at_most(
    sqlite_world: World, path: str, query: str
) -> None:
    with visitor(sqlite_world, "supervisor").get(path + query) as answer:
        assert answer.status_code == (400 if "%00" in query else 200)
        assert answer.headers.get("Cache-Control") in (None, "no-cache", "max-age=86400", "public, max-age=86400")


@pytest.mark.parametrize(
    "path", ["/static/nothing.css", "/static/../web.py", "/static/%2e%2e/web.py", "/assets/nothing.js", "/assets/.."]
)
def test_what_is_no_file_of_ours_is_not_found_and_not_kept(sqlite_world: World, path: str) -> None:
    answer = get(sqlite_world, f"{path}?v=000000000000")
    assert answer.status_code == 404
    assert "Cache-Control" not in answer.headers


@pytest.fixture
def on_a_copy(sqlite_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Flask:
    """A server whose own files lie where a test may change them."""
    app = create_app(settings_for(sqlite_url, tmp_path), keyring=keys, clock=clock)
    assert app.static_folder
    shutil.copytree(app.static_folder, tmp_path / "static")
    app.static_folder = str(tmp_path / "static")
    return app


def test_a_file_that_changes_gets_another_address_and_the_old_one_promises_nothing_more(on_a_copy: Flask) -> None:
    def address() -> str:
        with on_a_copy.test_request_context():
            return url_for("static", filename="css/parts.css")

    old, path = address(), Path(str(on_a_copy.static_folder), "css/parts.css")
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    os.utime(path, (1, 1))
    new, client = address(), on_a_copy.test_client()
    assert old != new
    with client.get(old) as before, client.get(new) as after:
        assert (before.headers["Cache-Control"], after.headers["Cache-Control"]) == ("no-cache", FOR_EVER)


def test_nothing_that_needs_a_sign_in_is_kept_anywhere(sqlite_world: World) -> None:
    """Each route of the table, for those who may use it and for those who may not."""
    adapter = sqlite_world.app.url_map.bind("localhost")
    everyone, asked = [*people(sqlite_world).values(), visitor(sqlite_world, "verifier")], 0
    for rule in sqlite_world.app.url_map.iter_rules():
        row = POLICY.get((rule.endpoint, "GET"))
        if row is None or row.via != "cookie":
            continue
        path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))
        for person in everyone:
            with person.get(path) as answer:
                assert answer.status_code in (200, 302, 400, 403, 404), path
                assert answer.headers["Cache-Control"] == "no-store", (path, answer.status_code)
                asked += 1
    assert asked > 30


def test_what_a_phone_gets_with_its_token_is_kept_nowhere(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    for path in ("/api/v1/sync/changes", "/api/v1/sync/scope", f"/api/v1/evidence/{'0' * 64}"):
        answer = phone.client.get(path, headers=phone.headers)
        assert answer.headers["Cache-Control"] == "no-store", path
