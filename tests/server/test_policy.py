"""Who may use which route: the table and the routes are one to one, no row contradicts another, the gate is shut."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from server import create_app, policy
from server.accounts.models import Person, Role
from server.database import db
from server.keyring import Keyring
from server.policy import ADMINISTRATORS, DESK, FIELD, POLICY, DataScope, PolicyGap, RateClass, Row, Via
from tests.server.conftest import settings_for
from tests.server.every_route import calls
from tests.server.people import OUTSIDE, cookie_of, one_of_each, token_of
from tests.server.world import World

READING = ("GET", "HEAD", "OPTIONS")
ONLY_READING = {Role.AUDITOR, Role.AUDIT_ADMINISTRATOR}


def doubts(rows: Mapping[tuple[str, str], Row]) -> list[str]:
    """Say which rows contradict what holds for all: a region is the staff's, a party a merchant's, and so on."""
    found = []
    for (endpoint, method), row in rows.items():
        roles = row.roles or frozenset()
        wrong = {
            "whoever may be anybody shows it by nothing but the request": (row.roles is None)
            != (row.via in (Via.NOTHING, Via.PROOF)),
            "nobody may use it": row.roles is not None and not row.roles,
            "what needs no proof is public": (row.via is Via.NOTHING) != (row.scope is DataScope.PUBLIC),
            "merchants have no region": row.scope in (DataScope.REGION, DataScope.OWN_OR_REGION, DataScope.UNIT)
            and not roles <= DESK | ADMINISTRATORS,
            "staff act for no party": row.scope is DataScope.PARTY and not roles <= set(OUTSIDE),
            "only field staff have phones": row.via is Via.TOKEN and not roles <= FIELD,
            "a token is of the API, a cookie of the pages": (row.via is Via.TOKEN) and "_api." not in endpoint,
            "whoever audits changes nothing of others": method not in READING
            and row.scope is not DataScope.OWN
            and bool(roles & ONLY_READING),
            "what writes is counted": method not in READING and row.rate is RateClass.READ,
            "what can be guessed is counted": row.via is Via.PROOF and row.rate is RateClass.READ,
            "only phones are suspended": row.takes_in and row.via is not Via.TOKEN,
            "a logged reading has a reader": (row.is_read_logged or row.is_fetch_logged) and row.roles is None,
            "what is fetched is fetched by a phone": row.is_fetch_logged and row.via is not Via.TOKEN,
        }
        found += [f"{endpoint} {method}: {why}" for why, is_wrong in wrong.items() if is_wrong]
    return found


@pytest.fixture
def people(sqlite_world: World) -> dict[Role, Person]:
    """Somebody of each role."""
    return one_of_each(sqlite_world)


# --- the table ------------------------------------------------------------------------------------------------------


def test_every_route_has_a_row_and_every_row_a_route(sqlite_app: Flask) -> None:
    assert policy.gaps(sqlite_app) == []


def test_no_row_contradicts_what_holds_for_all() -> None:
    assert doubts(POLICY) == []


@pytest.mark.parametrize(
    ("key", "row", "why"),
    [
        (("console.bulletin", "GET"), Row(Via.COOKIE, DESK | {Role.MERCHANT}, DataScope.REGION), "no region"),
        (("merchant.home", "GET"), Row(Via.COOKIE, frozenset({Role.SUPERVISOR}), DataScope.PARTY), "no party"),
        (("sync_api.changes", "GET"), Row(Via.TOKEN, FIELD | {Role.AUDITOR}, DataScope.REGION), "phones"),
        (("console.assign", "POST"), Row(Via.COOKIE, DESK, DataScope.REGION, RateClass.WRITE), "audits"),
        (("console.assign", "POST"), Row(Via.COOKIE, FIELD, DataScope.REGION), "writes is counted"),
        (("console.today", "GET"), Row(Via.NOTHING, None, DataScope.REGION), "is public"),
        (("devices_api.enrol", "POST"), Row(Via.PROOF, None, DataScope.OWN), "guessed"),
        (("console.today", "GET"), Row(Via.COOKIE, None, DataScope.REGION), "by nothing but"),
    ],
)
def test_a_planted_row_that_contradicts_is_found(key: tuple[str, str], row: Row, why: str) -> None:
    assert any(why in one and one.startswith(" ".join(key)) for one in doubts(POLICY | {key: row}))


# --- the start ------------------------------------------------------------------------------------------------------


def start(tmp_path: Path, keys: Keyring) -> Flask:
    return create_app(settings_for(f"sqlite:///{tmp_path}/server.db", tmp_path), keyring=keys)


def test_a_server_with_a_route_without_a_row_does_not_start(
    tmp_path: Path, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(POLICY, ("console.tasks", "GET"))
    with pytest.raises(PolicyGap, match=r"the route console\.tasks has no row for GET\."):
        start(tmp_path, keys)


def test_nor_one_with_a_method_without_a_row(tmp_path: Path, keys: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(POLICY, ("accounts.sign_in", "POST"))
    with pytest.raises(PolicyGap, match=r"the route accounts\.sign_in has no row for POST\."):
        start(tmp_path, keys)


def test_nor_one_with_a_row_that_names_no_route(tmp_path: Path, keys: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICY, ("console.gone", "GET"), POLICY["console.tasks", "GET"])
    with pytest.raises(PolicyGap, match=r"the row of console\.gone for GET names no route"):
        start(tmp_path, keys)


# --- the gate -------------------------------------------------------------------------------------------------------


def test_what_stands_in_no_row_is_refused_to_everyone(
    sqlite_world: World, people: dict[Role, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate asks again at each request, whatever was registered since the start."""
    app = sqlite_world.app
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret", methods=["GET", "POST", "DELETE"])
    assert policy.gaps(app) == [f"the route forgotten has no row for {method}" for method in ("DELETE", "GET", "POST")]
    for person in (None, *people.values()):
        client = app.test_client()
        if person is not None:
            client.set_cookie(policy.cookie_name(secure=False), cookie_of(person))
        for method in ("GET", "DELETE", "HEAD", "OPTIONS"):
            assert client.open("/api/v1/forgotten", method=method).status_code == 403, method
    answer = app.test_client().get("/api/v1/forgotten")
    assert answer.get_json()["type"] == "/problems/not-allowed"


def test_a_method_without_a_row_is_refused_though_its_route_has_one(
    sqlite_world: World, people: dict[Role, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(POLICY, ("console.assign", "POST"))
    monkeypatch.setitem(sqlite_world.app.config, "WTF_CSRF_ENABLED", False)
    client = sqlite_world.app.test_client()
    client.set_cookie(policy.cookie_name(secure=False), cookie_of(people[Role.SUPERVISOR]))
    assert client.get("/console/tasks").status_code == 200
    assert client.post("/console/tasks").status_code == 403


def test_a_cookie_opens_no_route_of_the_phones_and_a_token_no_page(
    sqlite_world: World, people: dict[Role, Person]
) -> None:
    app = sqlite_world.app
    person = people[Role.SUPERVISOR]
    token, cookie = token_of(person), cookie_of(person)
    for call in calls(app):
        row = POLICY[call.endpoint, call.method]
        client = app.test_client()
        if row.via is Via.TOKEN:
            client.set_cookie(policy.cookie_name(secure=False), cookie)
            assert client.open(call.path, method=call.method, json={}).status_code == 401, call
        elif row.via is Via.COOKIE:
            answer = client.open(call.path, method=call.method, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in (302, 400, 401), call


def test_a_sign_in_opens_nothing_before_its_second_factor_and_asks_for_none_after(
    sqlite_world: World, people: dict[Role, Person]
) -> None:
    app = sqlite_world.app
    for role, person in people.items():
        other = {Via.HALF: cookie_of(person), Via.COOKIE: cookie_of(person, is_whole=False)}
        for call in calls(app):
            row = POLICY[call.endpoint, call.method]
            if row.via not in other:
                continue
            client = app.test_client()
            client.set_cookie(policy.cookie_name(secure=False), other[row.via])
            answer = client.open(call.path, method=call.method)
            is_read, where = call.method == "GET", (role, call.endpoint)
            assert answer.status_code == 302 if is_read else answer.status_code in (400, 401), where
            assert not is_read or answer.headers["Location"].startswith("/sign-in?next="), where


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
