"""Who may use which route: the table and the routes are one to one, and every cell of it holds."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask import Flask

from server import policy
from server.accounts.models import Person, Role
from server.database import db
from tests.server.people import cookie_of, one_of_each, token_of
from tests.server.world import World

SAMPLES = {"text": "A" * 133, "number": "N-1", "slug": "not-found", "sha256": "0" * 64, "name": "tabler.css"}
SAMPLES |= {"filename": "css/tokens.css", "secret": "x", "visit_id": "019aa111-0000-7000-8000-000000000001"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def undeclared(app: Flask) -> list[tuple[str, str]]:
    """Return each route and method without a row; Flask's own HEAD and OPTIONS take the row of their route."""
    automatic = {"HEAD", "OPTIONS"}
    routes = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    return sorted(
        (endpoint, method)
        for endpoint, method in routes
        if (endpoint, method) not in policy.POLICY and not (method in automatic and policy.row_of(endpoint, method))
    )


def calls(app: Flask) -> list[tuple[str, str, str]]:
    """Return (endpoint, method, address) of every route."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: SAMPLES.get(name, "019aa111-0000-7000-8000-000000000001") for name in rule.arguments}
        address = app.url_map.bind("localhost").build(rule.endpoint, values)
        found += [(rule.endpoint, method, address) for method in sorted(rule.methods & METHODS)]
    return found


@pytest.fixture
def people(sqlite_world: World) -> dict[Role, Person]:
    """Somebody of each role."""
    return one_of_each(sqlite_world)


def test_every_route_has_a_row_and_every_row_a_route(sqlite_app: Flask) -> None:
    assert undeclared(sqlite_app) == [], "routes that nobody may use"
    routes = {(rule.endpoint, method) for rule in sqlite_app.url_map.iter_rules() for method in rule.methods or ()}
    assert set(policy.POLICY) - routes == set(), "rows about nothing"


def test_a_row_names_how_one_shows_who_one_is_and_which_roles() -> None:
    for (endpoint, _), row in policy.POLICY.items():
        assert (row.roles is None) == (row.via == "nothing"), endpoint
        assert row.roles is None or row.roles, endpoint
        assert endpoint.endswith("_api", 0, endpoint.find(".")) or row.via != "token", endpoint


def test_what_stands_in_no_row_is_refused(sqlite_app: Flask) -> None:
    sqlite_app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret")
    answer = sqlite_app.test_client().get("/api/v1/forgotten")
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/not-allowed")


def test_a_stranger_without_a_sign_in_gets_no_further(sqlite_world: World) -> None:
    client = sqlite_world.app.test_client()
    for endpoint, method, address in calls(sqlite_world.app):
        row = policy.POLICY[endpoint, method]
        if row.roles is None:
            continue
        answer = client.open(address, method=method, json={} if method != "GET" else None)
        where = (endpoint, method, answer.status_code)
        if row.via == "token":
            assert answer.status_code == 401, where
            assert answer.json["type"] == "/problems/sign-in-needed"
        elif method == "GET":
            assert answer.status_code == 302, where
            assert answer.headers["Location"].startswith("/sign-in?next="), where
        else:
            assert answer.status_code in (400, 401), where


def test_every_role_is_let_through_or_turned_away_as_the_table_says(
    sqlite_world: World, people: dict[Role, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a route then does is not asked here: each is replaced by one that says it was reached."""
    app = sqlite_world.app
    name = policy.cookie_name(secure=False)
    reached = {endpoint: _say_reached for (endpoint, _), row in policy.POLICY.items() if row.roles is not None}
    monkeypatch.setattr(app, "view_functions", app.view_functions | reached)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    cells = 0
    for role, person in people.items():
        client, token = app.test_client(), token_of(person)
        cookies = {"half": cookie_of(person, is_whole=False), "cookie": cookie_of(person)}
        for endpoint, method, address in calls(app):
            row = policy.POLICY[endpoint, method]
            if row.roles is None:
                continue
            client.set_cookie(name, cookies.get(row.via, ""))
            headers = {"Authorization": f"Bearer {token}"} if row.via == "token" else {}
            answer = client.open(address, method=method, headers=headers)
            assert answer.status_code == (200 if role in row.roles else 403), (role, endpoint, method, answer.text)
            cells += 1
    assert cells > 100


def _say_reached(**_: Any) -> str:
    return "reached"


def test_a_cookie_opens_no_route_of_the_phones_and_a_token_no_page(
    sqlite_world: World, people: dict[Role, Person]
) -> None:
    app = sqlite_world.app
    person = people[Role.SUPERVISOR]
    token, cookie = token_of(person), cookie_of(person)
    for endpoint, method, address in calls(app):
        row = policy.POLICY[endpoint, method]
        client = app.test_client()
        if row.via == "token":
            client.set_cookie(policy.cookie_name(secure=False), cookie)
            assert client.open(address, method=method, json={}).status_code == 401, endpoint
        elif row.via == "cookie":
            answer = client.open(address, method=method, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in (302, 400, 401), endpoint


def test_a_sign_in_opens_nothing_before_its_second_factor_and_asks_for_none_after(
    sqlite_world: World, people: dict[Role, Person]
) -> None:
    app = sqlite_world.app
    for role, person in people.items():
        cookies = {"half": cookie_of(person), "cookie": cookie_of(person, is_whole=False)}
        for endpoint, method, address in calls(app):
            row = policy.POLICY[endpoint, method]
            if row.via not in cookies:
                continue
            client = app.test_client()
            client.set_cookie(policy.cookie_name(secure=False), cookies[row.via])
            answer = client.open(address, method=method)
            assert answer.status_code == 302 if method == "GET" else answer.status_code in (400, 401), (role, endpoint)
            assert method != "GET" or answer.headers["Location"].startswith("/sign-in?next="), (role, endpoint)


def test_the_cookie_is_bound_to_the_host_where_there_is_https() -> None:
    assert policy.cookie_name(secure=True) == "__Host-dingpan"
    assert policy.cookie_name(secure=False) == "dingpan"


def test_an_evidence_file_of_another_region_is_not_there(sqlite_world: World) -> None:
    from server.evidence.folder import FolderStore
    from server.registry.models import Instrument

    folder = sqlite_world.app.extensions["dingpan"].settings.evidence_dir
    sha256 = FolderStore(folder).put(b"\xff\xd8 picture")
    db.session.get_one(Instrument, sqlite_world.instruments[0]).photo_sha256 = sha256
    db.session.commit()
    ours, theirs = sqlite_world.phone(), sqlite_world.phone(sqlite_world.stranger)
    get = partial(sqlite_world.client.get, buffered=True)
    assert get(f"/api/v1/evidence/{sha256}", headers=ours.headers).data == b"\xff\xd8 picture"
    assert get(f"/api/v1/evidence/{sha256}", headers=theirs.headers).status_code == 404
    odd = ["0" * 64, sha256.upper(), sha256[:-1], "..%2f..%2fetc%2fpasswd", "%00" * 64, "x" * 64, "٠" * 64]
    assert {get(f"/api/v1/evidence/{name}", headers=ours.headers).status_code for name in odd} <= {400, 404}
    unused = FolderStore(folder).put(b"nobody's")
    assert get(f"/api/v1/evidence/{unused}", headers=ours.headers).status_code == 404
