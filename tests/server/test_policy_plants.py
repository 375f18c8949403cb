"""The matrix sees: each fault of authorisation that is planted is found by the same questions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true

from server import feed, policy
from server.accounts import service as accounts
from server.accounts.models import Role
from server.accounts.scope import Scope
from server.policy import POLICY, DataScope, Row, Via
from server.problems import NotAllowed
from tests.server.cells import Situation
from tests.server.every_route import Call
from tests.server.matrix import Matrix

OF = Scope.of
COVERS = Scope.covers


def named(*endpoints: str) -> Callable[[Call], bool]:
    """Choose some routes: the others are asked in the matrix itself."""
    return lambda route: route.endpoint in endpoints


IN_REGIONS = {
    endpoint for (endpoint, _), row in POLICY.items() if row.scope in (DataScope.REGION, DataScope.OWN_OR_REGION)
}


def faulty(wrong: list[str]) -> set[str]:
    """Return the routes that a report names."""
    return {line.split()[0] for line in wrong}


@pytest.fixture
def app(matrix: Matrix) -> Flask:
    """The app of the matrix, which takes routes after its first request for once."""
    app = matrix.all_.world.app
    app._got_first_request = False
    return app


@pytest.fixture(autouse=True)
def _questions_put_together_anew() -> Iterator[None]:
    """The feed keeps its questions by scope: none from before a plant may hide it, and none with it may outlast it."""
    kept = (feed._page_after, feed._next_after)
    for question in kept:
        question.cache_clear()
    yield
    for question in kept:
        question.cache_clear()


# --- a query that forgets its scope ---------------------------------------------------------------------------------

FEATURES = {
    "server.registry": {"console.assign", "console.enter_verification", "console.invitation", "console.verification"},
    "server.inspections": {"console.visit", "console.today"},
    "server.campaigns": {"console.tasks", "console.today"},
    "server.certificates": {"console.verification"},
    "server.evidence": {"console.picture", "evidence_api.evidence"},
    "server.statistics": {"console.bulletin", "console.bulletin_csv"},
    "server.accounts.responsible": {"console.tasks", "console.assign", "console.incoming"},
    "server.feed": {"sync_api.changes"},
}


# What asks within a region and names nothing of it: a count of rows, and packages whose records are judged one by one.
NAME_NOTHING = {"sync_api.scope", "rescue_api.bring", "console.rescue", "console.take_in_rescue"}
SNAPSHOTS = {"sync_api.snapshot", "sync_api.manifest"}  # files of a region, which are found without a query


def forgetful(feature: str) -> Callable[..., Any]:
    """Return a scope that the queries of one feature leave out."""

    def _of(scope: Scope, column: Any) -> Any:
        asks = sys._getframe(1).f_globals["__name__"]
        return true() if asks.startswith(feature) else OF(scope, column)

    return _of


def blind(module: str) -> Callable[..., bool]:
    """Return a scope that covers whatever one module asks about."""

    def _covers(scope: Scope, region: str) -> bool:
        return sys._getframe(1).f_globals["__name__"] == module or COVERS(scope, region)

    return _covers


@pytest.mark.parametrize("feature", FEATURES)
def test_a_query_that_forgets_its_scope_is_found(matrix: Matrix, monkeypatch: pytest.MonkeyPatch, feature: str) -> None:
    chosen = named(*FEATURES[feature], "sync_api.push", "console.enrolment")
    monkeypatch.setattr(Scope, "of", forgetful(feature))
    found = faulty(matrix.run(Situation.OTHER_REGION, chosen).wrong)
    assert found >= FEATURES[feature]
    assert "console.enrolment" not in found, "it is about nobody's region"


def test_a_record_accepted_for_another_region_is_found(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scope, "of", forgetful("server.registry"))
    monkeypatch.setattr(Scope, "covers", blind("server.inspections.known"))
    wrong = matrix.run(Situation.OTHER_REGION, named("sync_api.push")).wrong
    for what in ("visit place", "visit party", "visit stall", "visit instrument", "seal.bind/1 instrument"):
        assert any(f"POST {what} as inspector" in line for line in wrong), what
    assert any("wrote what was refused" in line for line in wrong)


def test_no_query_of_a_region_asks_without_its_scope(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every scope is left out, every row that names a region answers about the other one."""
    monkeypatch.setattr(Scope, "of", lambda *_: true())
    found = faulty(matrix.run(Situation.OTHER_REGION, named(*IN_REGIONS)).wrong)
    assert IN_REGIONS - found <= NAME_NOTHING | SNAPSHOTS


def test_a_snapshot_of_another_region_that_is_given_is_found(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scope, "covers", blind("server.sync.snapshots"))
    assert faulty(matrix.run(Situation.OTHER_REGION, named(*SNAPSHOTS)).wrong) == SNAPSHOTS


# --- rows, roles, answers -------------------------------------------------------------------------------------------


def test_a_route_without_a_row_is_found(matrix: Matrix, app: Flask) -> None:
    app.add_url_rule("/console/forgotten", "forgotten", lambda: "secret")
    try:
        assert matrix.run(Situation.OWN_THING, named("forgotten")).wrong == ["forgotten GET: no row"]
        with pytest.raises(policy.PolicyGap, match="the route forgotten has no row for GET"):
            policy.register(app)
    finally:
        forget(app, "forgotten")


def test_a_role_that_is_let_in_past_its_row_is_found(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate goes by a wider row than the one that is asked about."""
    wide = Row(Via.COOKIE, policy.DESK | {Role.MERCHANT}, DataScope.REGION)
    monkeypatch.setattr(policy, "row_asked", lambda: wide)
    wrong = matrix.run(Situation.OWN_THING, named("console.bulletin")).wrong
    assert {line.partition(",")[0] for line in wrong} == {"console.bulletin GET as merchant"}


def test_a_403_where_nothing_is_to_be_told_is_found(
    matrix: Matrix, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = app.view_functions["console.visit"]

    def _tells(visit_id: str) -> Any:
        if visit_id == matrix.all_.stranger.things["visit_id"]:
            raise NotAllowed
        return real(visit_id)

    monkeypatch.setitem(app.view_functions, "console.visit", _tells)
    wrong = matrix.run(Situation.OTHER_REGION, named("console.visit")).wrong
    assert sum("answered 403, but is to be told that there is nothing" in line for line in wrong) == len(policy.DESK)
    assert any("otherwise than about what is nowhere" in line for line in wrong)


def test_a_404_that_names_what_it_hides_is_found(matrix: Matrix, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    word = matrix.all_.stranger.word
    monkeypatch.setitem(app.view_functions, "console.visit", lambda visit_id: (f"not yours: {word}", 404))
    wrong = matrix.run(Situation.OTHER_REGION, named("console.visit")).wrong
    assert sum(line.endswith(f"says ['{word}']") for line in wrong) == len(policy.DESK)


def test_a_refused_request_that_writes_all_the_same_is_found(
    matrix: Matrix, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = app.view_functions["console.invite"]

    def _writes() -> Any:
        from server.accounts.models import Person
        from server.database import db

        db.session.query(Person).update({Person.card_no: "written"})
        db.session.commit()
        return real()

    monkeypatch.setitem(app.view_functions, "console.invite", _writes)
    wrong = matrix.run(Situation.OTHER_REGION, named("console.invite")).wrong
    assert wrong == ["console.invite POST, other region: wrote what was refused"]


def test_the_cookie_of_a_suspended_person_that_still_opens_is_found(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _unheeding(session: Any, cookie: str, now: Any) -> Any:
        return session.get(accounts.SignIn, accounts.sha256_of(cookie))

    monkeypatch.setattr(accounts, "sign_in_of_cookie", _unheeding)
    wrong = matrix.run(Situation.SUSPENDED_PERSON, named("console.tasks", "accounts.sign_out")).wrong
    assert faulty(wrong) == {"console.tasks", "accounts.sign_out"}
    assert any("console.tasks GET as supervisor, suspended person: answered 200" in line for line in wrong)


def test_a_suspended_phone_that_still_reads_is_found(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    lax = {key: Row(row.via, row.roles, row.scope, row.rate, takes_in=True) for key, row in POLICY.items()}
    monkeypatch.setattr(policy, "row_asked", lambda: lax["sync_api.changes", "GET"])
    wrong = matrix.run(Situation.SUSPENDED_DEVICE, named("sync_api.changes")).wrong
    assert any("as inspector, suspended device: answered 200" in line for line in wrong)


def forget(app: Flask, endpoint: str) -> None:
    """Take a planted route out again: the world serves the other tests of this file too."""
    del app.view_functions[endpoint]
    rules = [rule.empty() for rule in app.url_map.iter_rules() if rule.endpoint != endpoint]
    app.url_map = type(app.url_map)(rules, host_matching=app.url_map.host_matching)
