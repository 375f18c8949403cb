"""Signing in and out at a desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from server import create_app
from server.accounts import service
from server.accounts.models import Person, SignIn
from server.database import db
from tests.server.conftest import TestClock, settings_for
from tests.server.pages import Visitor, visitor, words
from tests.server.world import PASSWORD, World


def test_a_right_password_opens_the_desk(world: World) -> None:
    person = visitor(world)
    person.get("/sign-in")
    answer = person.post("/sign-in", name="inspector", password=PASSWORD, next="/console/tasks?lang=en")
    assert (answer.status_code, answer.location) == (302, "/console/tasks?lang=en")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("dingpan=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert person.get("/console/").status_code == 200
    assert db.session.query(SignIn).count() == 1


@pytest.mark.parametrize(
    ("name", "password"), [("inspector", "not this"), ("nobody", PASSWORD), ("nobody", "not this")]
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(sqlite_world: World, name: str, password: str) -> None:
    person = visitor(sqlite_world)
    person.get("/sign-in")
    answer = person.post("/sign-in", name=name, password=password, next="")
    assert answer.status_code == 401
    assert "用户名或密码不对，或者账号不可用。请核对后重试。" in words(answer)
    assert f'value="{name}"' in answer.text
    assert password not in answer.text
    assert "dingpan=" not in str(answer.headers.getlist("Set-Cookie"))
    assert person.get("/console/").status_code == 302


def test_a_suspended_person_is_answered_as_a_stranger(sqlite_world: World) -> None:
    db.session().get_one(Person, sqlite_world.inspector).is_suspended = True
    db.session.commit()
    assert visitor(sqlite_world).sign_in("inspector").status_code == 401


def test_empty_fields_are_all_named_at_once(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    person.get("/sign-in")
    answer = person.post("/sign-in", name=" ", password="", next="/console/")
    assert answer.status_code == 422
    assert words(answer).count("必须填写。") == 2


def test_after_signing_in_nobody_is_led_to_another_server(sqlite_world: World) -> None:
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "console", "/a\nb", "/\tb"):
        person = visitor(sqlite_world)
        person.get("/sign-in")
        answer = person.post("/sign-in", name="inspector", password=PASSWORD, next=to)
        assert answer.location == "/console/", to


def test_a_page_for_the_staff_asks_to_sign_in_and_comes_back(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    answer = person.get("/console/bulletin?day=2026-11-20")
    assert answer.location == "/sign-in?next=/console/bulletin?day%3D2026-11-20"
    page = person.get(answer.location)
    assert 'name="next" value="/console/bulletin?day=2026-11-20"' in page.text


def test_the_eleventh_try_within_a_minute_is_refused_for_that_name_alone(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    person.get("/sign-in")
    tries = [person.post("/sign-in", name="inspector", password="", next="").status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert person.post("/sign-in", name="INSPECTOR ", password="", next="").headers["Retry-After"] == "60"
    assert person.post("/sign-in", name="colleague", password="", next="").status_code == 422


def test_a_form_without_its_token_is_refused(sqlite_world: World) -> None:
    answer = sqlite_world.app.test_client().post("/sign-in", data={"name": "inspector", "password": PASSWORD})
    assert answer.status_code == 400
    assert "页面已过期" in words(answer)


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    person = visitor(world, "inspector")
    assert db.session.query(SignIn).count() == 1
    copied = person.client.get_cookie("dingpan")
    assert copied is not None
    answer = person.post("/sign-out")
    assert (answer.status_code, answer.location) == (302, "/")
    assert db.session.query(SignIn).count() == 0
    thief = visitor(world)
    thief.client.set_cookie("dingpan", copied.value)
    assert thief.get("/console/").status_code == 302


def test_signing_in_again_in_one_browser_ends_the_sign_in_before(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    for _ in range(3):
        person.get("/sign-in")
        assert person.post("/sign-in", name="inspector", password=PASSWORD).status_code == 302
    assert db.session.query(SignIn).count() == 1


def test_signing_out_tells_the_browser_to_forget_pages(sqlite_world: World) -> None:
    answer = visitor(sqlite_world, "inspector").post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("typed", [f" {PASSWORD}", f"{PASSWORD} ", PASSWORD.upper()])
def test_a_password_is_compared_to_the_last_space(sqlite_world: World, typed: str) -> None:
    person = visitor(sqlite_world)
    person.get("/sign-in")
    assert person.post("/sign-in", name="inspector", password=typed).status_code == 401


def test_whoever_is_reset_while_the_password_is_compared_does_not_sign_in(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = service.authenticate

    def slow(session: Session, **about: Any) -> Person:
        person = compare(session, **about)
        session.execute(text("UPDATE person SET password_hash = NULL WHERE sign_in_name = 'inspector'"))
        session.commit()  # by an administrator, meanwhile: what was read stays as it was
        return person

    person = visitor(sqlite_world)
    person.get("/sign-in")
    monkeypatch.setattr(service, "authenticate", slow)
    assert person.post("/sign-in", name="inspector", password=PASSWORD).status_code == 401
    assert db.session.query(SignIn).count() == 0


def test_each_way_of_signing_in_is_logged_without_the_name(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    person.get("/sign-in")
    with capture_logs() as lines:
        person.post("/sign-in", name="inspector", password="not this")
        person.get("/sign-in")
        person.post("/sign-in", name="inspector", password=PASSWORD)
        person.get("/console/")
        person.post("/sign-out")
        person.get("/api/v1/sync/changes", headers={"Authorization": "Bearer x"})
    told = {line["event"]: line for line in lines if line["event"] != "answered"}
    assert set(told) == {"sign_in_failed", "signed_in", "refused"}
    assert told["signed_in"]["person"] == sqlite_world.inspector
    assert len(told["sign_in_failed"]["name"]) == 64
    assert told["refused"]["slug"] == "token-expired"
    assert not any("inspector" in str(line) for line in lines)


def test_a_sign_in_ends_after_twelve_hours(sqlite_world: World, clock: TestClock) -> None:
    person = visitor(sqlite_world, "inspector")
    clock.move(hours=12)
    assert person.get("/console/").status_code == 302
    clock.moment -= timedelta(seconds=1)
    assert person.get("/console/").status_code == 200


def test_over_https_the_cookie_is_bound_to_host_and_https(sqlite_world: World, sqlite_url: str, tmp_path: Path) -> None:
    dingpan = sqlite_world.app.extensions["dingpan"]
    settings = replace(settings_for(sqlite_url, tmp_path), public_url="https://dingpan.example")
    app = create_app(settings, keyring=dingpan.keyring, clock=dingpan.clock)
    person = Visitor(app.test_client())
    options = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/sign-in"}}
    with app.app_context():
        page = person.get("/sign-in", **options)
        fields = {"csrf_token": person.token, "name": "inspector", "password": PASSWORD}
        answer = person.client.post("/sign-in", data=fields, **options)  # type: ignore[arg-type]
        db.engine.dispose()
    cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-form", "__Host-dingpan"}
    assert all("Secure" in cookie and "Path=/" in cookie and "HttpOnly" in cookie for cookie in cookies)
    assert answer.headers["Strict-Transport-Security"]


def test_a_problem_before_anybody_is_known_is_a_page_and_no_fault(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    person.get("/sign-in")
    for path in ("/console/tasks", "/console/verification", "/console/enrolment", "/m/pledge"):
        answer = person.post(path)
        assert answer.status_code == 401, path
        assert "请登录后再试。" in words(answer)
