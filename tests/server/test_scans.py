"""Scans of public labels, over HTTP: what is counted, which places are taken, and what nobody finds anywhere."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from server.database import Base, db
from server.limits import limiter
from server.scans import service
from server.scans.models import Scan
from shared.texts import load
from tests.label_states import wrong_host
from tests.server.pages import get, visitor, words
from tests.server.world import World

PLACE = {"latitude": "33.63", "longitude": "114.65"}
ADDRESS, BROWSER = "203.0.113.77", "Mozilla/5.0 (a phone like no other)"


def page_of(world: World, number: int = 0) -> str:
    """Return the page of a label."""
    return world.links[number].partition("TEST")[2]


def give(world: World, path: str = "", **fields: str) -> TestResponse:
    """Give a place on the page of a label, by default a good one on the first."""
    limiter.reset()
    return visitor(world).client.post(f"{path or page_of(world)}/place", data=fields or PLACE)


def kept() -> list[tuple[int, str, int]]:
    """Return what stands in the table once all is written."""
    db.session.rollback()  # the requests of a test leave their reading open, and SQLite waits for it
    assert service.flush()
    return sorted((row.serial, row.cell, row.count) for row in db.session.scalars(select(Scan)))


# --- what is counted ------------------------------------------------------------------------------------------------


def test_opening_the_page_of_a_genuine_label_is_counted_in_its_hour(world: World) -> None:
    for path in (page_of(world), page_of(world), page_of(world).replace("/V/", "/v/"), page_of(world, 1)):
        assert get(world, path).status_code == 200
    first, second = sorted({serial for serial, _, _ in kept()})
    assert kept() == [(first, "", 3), (second, "", 1)]


def test_nothing_else_is_counted(world: World) -> None:
    get(world, "/V/" + "A" * 133)
    get(world, page_of(world)[:-9] + "AAAAAAAAA")
    with wrong_host(world.app):
        get(world, page_of(world))
    visitor(world).client.head(page_of(world))
    assert kept() == []


def test_a_place_is_rounded_once_more_and_the_page_says_what_was_kept(world: World) -> None:
    answer = give(world, latitude="33.63417", longitude="114.65499")
    assert answer.status_code == 200
    assert load("zh-CN", "server")("place.square", square="33.63,114.65") in words(answer)
    assert "33.634" not in answer.text
    assert [(cell, count) for _, cell, count in kept()] == [("33.63,114.65", 1)]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "fields",
    [
        {"latitude": "33.63"},
        {"latitude": "", "longitude": ""},
        {"latitude": "48.85", "longitude": "2.35"},
        {"latitude": "114.65", "longitude": "33.63"},
        {"latitude": "1e1", "longitude": "114.65"},
        {"latitude": "３３.63", "longitude": "114.65"},
        PLACE | {"accuracy": "5"},
    ],
)
def test_a_place_that_is_none_is_answered_with_a_sentence_and_not_kept(world: World, fields: dict[str, str]) -> None:
    answer = give(world, **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert kept() == []


def test_only_a_label_that_is_genuine_and_on_file_has_a_place(world: World) -> None:
    for path in ("/V/" + "A" * 133, page_of(world)[:-9] + "AAAAAAAAA"):
        assert give(world, path).status_code == 404
    with wrong_host(world.app):
        assert give(world).status_code == 404
    assert kept() == []


def test_another_site_cannot_send_its_visitors(world: World) -> None:
    for site, status in (("cross-site", 400), ("same-site", 400), ("none", 400), ("same-origin", 200)):
        limiter.reset()
        headers = {"Sec-Fetch-Site": site}
        answer = visitor(world).client.post(f"{page_of(world)}/place", data=PLACE, headers=headers)
        assert answer.status_code == status, site
    assert len(kept()) == 1


def test_who_gives_places_all_the_time_is_stopped(world: World) -> None:
    limiter.reset()
    client, path = visitor(world).client, f"{page_of(world)}/place"
    statuses = [client.post(path, data=PLACE).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    limiter.reset()


def test_only_the_page_of_a_label_may_ask_the_browser_for_a_place(world: World) -> None:
    assert "geolocation=(self)" in get(world, page_of(world)).headers["Permissions-Policy"]
    for path in ("/", "/tools", "/sign-in"):
        assert "geolocation=()" in get(world, path).headers["Permissions-Policy"]


def test_the_form_is_hidden_without_script_and_its_script_has_a_nonce(world: World) -> None:
    with world.app.test_request_context():
        made = world.app.jinja_env.get_template("public/_place.html").render(text="A" * 133)
    assert f'action="/V/{"A" * 133}/place" data-place hidden>' in made
    assert '<script nonce="' in made
    with get(world, "/static/js/place.js") as answer:
        script = answer.text
    assert "toFixed(DIGITS)" in script
    assert "DIGITS = 2" in script


# --- nobody is kept -------------------------------------------------------------------------------------------------


def test_no_address_browser_cookie_or_exact_place_is_in_a_table_or_log(world: World, logged: io.StringIO) -> None:
    limiter.reset()
    about = {
        "headers": {"User-Agent": BROWSER, "Cookie": "form=a-cookie-of-mine"},
        "environ_base": {"REMOTE_ADDR": ADDRESS},
    }
    client = world.app.test_client(use_cookies=False)
    assert client.get(page_of(world), **about).status_code == 200
    exact = {"latitude": "33.634171", "longitude": "114.654993"}
    assert client.post(f"{page_of(world)}/place", data=exact, **about).status_code == 200
    assert client.post(f"{page_of(world)}/place", data=exact | {"latitude": "99"}, **about).status_code == 422
    assert len(kept()) == 2
    secrets = (ADDRESS, BROWSER, "a phone like no other", "a-cookie-of-mine", "33.6341", "114.6549")
    stored = json.dumps([list(map(str, row)) for table in tables() for row in db.session.execute(select(table))])
    assert "33.63,114.65" in stored
    assert [one for one in secrets if one in stored] == []
    assert '"route": "/V/<text>/place"' in logged.getvalue()
    assert [one for one in (*secrets, "33.63,") if one in logged.getvalue()] == []


def tables() -> list[object]:
    return list(Base.metadata.sorted_tables)
