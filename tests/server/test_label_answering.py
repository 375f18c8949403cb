"""The page of a label before the framework: it says what the routes say, of today, counted and logged as theirs."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import Client

from server.database import begin_write, db
from server.policy import POLICY, RateClass
from server.public import answering
from server.public.models import PublicRecord
from server.public.state import PageState
from server.scans import service as scans
from server.scans.models import Scan
from tests.label_states import make_states
from tests.server.made_records import records
from tests.server.pages import forget_last_request, words
from tests.server.plain_pages import MANY, by_layer, by_routes, handed_over, layer, plain, said
from tests.server.world import World

LANGUAGES = ("zh-CN", "en;q=0.9, zh;q=0.5", "")


def page_of(world: World, number: int = 0) -> str:
    return "/V/" + world.links[number].rpartition("/")[2]


def record_of(world: World, number: int = 0) -> dict[str, Any]:
    """Return the finished record of the label on an instrument."""
    query = select(PublicRecord.body).where(PublicRecord.instrument_id == world.instruments[number])
    record: dict[str, Any] = json.loads(db.session.scalars(query).one())
    db.session.rollback()
    return record


def write(world: World, record: dict[str, Any] | None, number: int = 0) -> None:
    """Put another record in the place of one, or none."""
    begin_write()
    row = db.session.query(PublicRecord).filter_by(instrument_id=world.instruments[number]).one()
    if record is None:
        db.session.delete(row)
    else:
        row.body = json.dumps(record)
    db.session.commit()


def kept_scans() -> list[int]:
    db.session.rollback()
    assert scans.flush()
    return sorted(row.count for row in db.session.scalars(select(Scan)))


# --- it says what the routes say --------------------------------------------------------------------------------------


def test_every_state_is_answered_as_its_route_does(world: World) -> None:
    """In each language, compressed or not, the first time and from what was kept; also where only the host differs."""
    paths, asked = make_states(world), 0
    for state, path in paths.items():
        if state is PageState.NOT_A_SEAL:
            continue
        for way in MANY:
            for spoken in LANGUAGES:
                headers = {"Accept-Language": spoken, "Accept-Encoding": way, "Host": "127.0.0.1:8000"}
                ours = said(by_layer(world.app, path, **headers))
                again = said(by_layer(world.app, path, **headers))
                theirs = said(by_routes(world.app, path, **headers | {"Accept-Encoding": "gzip" if way else ""}))
                assert replace(ours, nonce="") == replace(theirs, nonce=""), (state, spoken, way)
                assert replace(again, nonce="") == replace(theirs, nonce="")
                assert len({ours.nonce, again.nonce, theirs.nonce}) == 3
                asked += 1
    assert asked > 180


@settings(max_examples=60, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=records(), spoken=st.sampled_from(["zh-CN", "en"]))
def test_every_record_is_shown_as_its_route_does(sqlite_world: World, record: dict[str, Any], spoken: str) -> None:
    write(sqlite_world, record)
    ours = said(plain(sqlite_world.app, page_of(sqlite_world), **{"Accept-Language": spoken}))
    theirs = said(by_routes(sqlite_world.app, page_of(sqlite_world), **{"Accept-Language": spoken}))
    assert ours.status == 200
    assert replace(ours, nonce="") == replace(theirs, nonce="")


def test_a_language_that_was_chosen_is_remembered(sqlite_world: World) -> None:
    path = page_of(sqlite_world)
    english = said(by_layer(sqlite_world.app, path, Cookie="form=x; language=en", **{"Accept-Language": "zh-CN"}))
    assert b"Never verified" in english.page
    assert "无检定记录".encode() in said(by_layer(sqlite_world.app, path, Cookie="language=zh-CN")).page


def test_https_is_told_to_last(sqlite_world: World) -> None:
    answer = Client(sqlite_world.app.wsgi_app).get(page_of(sqlite_world), base_url="https://127.0.0.1")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_label_signed_by_another_is_forged_whatever_the_record_of_its_serial_says(world: World) -> None:
    """A record names the text that the office signed; another text with the same serial is verified as ever."""
    path, record = page_of(world), record_of(world)
    assert record["label"]["text"] == path.rpartition("/")[2]
    forged = path[:-20] + ("A" if path[-20] != "A" else "B") + path[-19:]
    for _ in range(2):
        assert said(plain(world.app, forged)).page == said(by_routes(world.app, forged)).page
        assert "ACS-0001" not in words(plain(world.app, forged))
    for known in ({}, {"text": None}, {"text": forged.rpartition("/")[2].lower()}):
        write(world, record | {"label": {"serial": 1, "state": "applied", "kind": 1} | known})
        assert "ACS-0001" in words(by_layer(world.app, path))
        assert "ACS-0001" not in words(plain(world.app, forged))


# --- what is left to the routes ---------------------------------------------------------------------------------------


def test_whatever_is_no_plain_page_of_a_label_is_left_to_the_routes(sqlite_world: World) -> None:
    app, path = sqlite_world.app, page_of(sqlite_world)
    client_paths = {
        f"{path}?on=2026-01-01": 200,
        f"{path}?on=never": 422,
        f"{path}?lang=en": 200,
        f"{path}?print=large": 200,
        f"{path}/": 404,
        path.lower(): 404,
        "/V/ABC": 404,
        "/V/" + "A" * 132 + "B": 404,
    }
    for asked, status in client_paths.items():
        with handed_over(app) as paths:
            assert plain(app, asked).status_code == status, asked
        assert len(paths) == 1, asked
    with handed_over(app) as paths:
        plain(app, path, **{"Transfer-Encoding": "chunked"})
        forget_last_request()
        head = app.test_client().head(path)
        app.test_client().post(path)
    assert len(paths) == 3
    assert head.headers["ETag"] == plain(app, path).headers["ETag"]


def test_a_host_that_is_not_ours_is_left_to_the_routes(sqlite_world: World) -> None:
    sqlite_world.app.config["TRUSTED_HOSTS"] = ["dingpan.test"]
    with handed_over(sqlite_world.app) as paths:
        assert plain(sqlite_world.app, page_of(sqlite_world), Host="evil.test").status_code == 400
    assert len(paths) == 1
    assert by_layer(sqlite_world.app, page_of(sqlite_world), Host="dingpan.test").status_code == 200


@pytest.mark.parametrize("other", [{"rate": RateClass.GUESS}, {"is_read_logged": True}, {"roles": frozenset()}])
def test_a_page_with_a_limit_or_for_some_is_left_to_the_routes(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    monkeypatch.setitem(POLICY, ("public.show_seal", "GET"), replace(POLICY["public.show_seal", "GET"], **other))
    with handed_over(sqlite_world.app) as paths:
        plain(sqlite_world.app, page_of(sqlite_world))
        assert by_layer(sqlite_world.app, page_of(sqlite_world).replace("/V/", "/v/")).status_code == 200
    assert len(paths) == 1


# --- what is of no form, and a browser that has the page -------------------------------------------------------------


def test_a_record_that_is_not_of_the_form_is_told_as_ever(sqlite_world: World) -> None:
    write(sqlite_world, {"label": {"state": "applied"}, "instrument": {}})
    with handed_over(sqlite_world.app) as paths:
        assert plain(sqlite_world.app, page_of(sqlite_world)).status_code == 500
    assert len(paths) == 1


def test_a_browser_that_has_the_page_is_told_so_until_it_changes(world: World) -> None:
    path = page_of(world)
    first = plain(world.app, path)
    asked = {"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"}
    ours, theirs = by_layer(world.app, path, **asked), by_routes(world.app, path, **asked)
    for answer in (ours, theirs):
        assert (answer.status_code, answer.data) == (304, b"")
        assert "Content-Security-Policy" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-cache"
        assert len(answer.headers["X-Request-Id"]) == 16
    assert said(ours) == said(theirs)
    record = record_of(world)
    record["merchant"] = "somebody else"
    write(world, record)
    assert "somebody else" in by_layer(world.app, path, **{"If-None-Match": first.headers["ETag"]}).text


# --- it counts, and writes down ---------------------------------------------------------------------------------------


def test_scans_are_counted_as_by_the_routes(world: World) -> None:
    path = page_of(world)
    tag = plain(world.app, path).headers["ETag"]
    plain(world.app, path)
    plain(world.app, path, **{"If-None-Match": tag})
    forget_last_request()
    world.app.test_client().head(path)
    write(world, None, 1)
    plain(world.app, page_of(world, 1))
    plain(world.app, path[:-9] + "AAAAAAAAA")
    assert kept_scans() == [3]


def test_each_answer_is_logged_and_measured(sqlite_world: World, logged: io.StringIO) -> None:
    layer(sqlite_world.app)._log = structlog.get_logger("server.request")  # as the fixture has set it up
    path = page_of(sqlite_world)
    ours = by_layer(sqlite_world.app, path.replace("/V/", "/v/"))
    theirs = by_routes(sqlite_world.app, path.replace("/V/", "/v/"))
    lines = [json.loads(line) for line in logged.getvalue().splitlines() if '"answered"' in line]
    assert [line["request_id"] for line in lines] == [ours.headers["X-Request-Id"], theirs.headers["X-Request-Id"]]
    for line in lines:
        del line["request_id"], line["took_ms"], line["timestamp"]
    assert lines[0] == lines[1]
    figures = sqlite_world.app.test_client().get("/metrics").text
    assert 'dingpan_requests_total{method="GET",route="/v/<text>",status="200"} 2.0' in figures


def test_pages_that_are_kept_are_few(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST", 3)
    paths = [path for state, path in make_states(sqlite_world).items() if state is not PageState.NOT_A_SEAL]
    for path in paths:
        by_layer(sqlite_world.app, path)
    assert len(layer(sqlite_world.app)._pages) == 3
    assert len(paths) > 10
