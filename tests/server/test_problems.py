"""Problems: every one has its sentences, leaves in the same form, and gives nothing of the machinery away."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, default_exceptions

from server import create_app, logs, policy, problems
from server.database import db
from server.keyring import Keyring
from server.sync.problems import SLUGS, op_problem
from shared import texts
from shared.errors import NotANumber
from shared.words import SealState
from tests.server.conftest import TestClock, settings_for

RFC_9457 = {"type", "title", "status", "detail", "instance"}
HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
SECRETS = ("410000199001011234", "Bearer abc", "swordfish")


@pytest.fixture
def failing(
    sqlite_url: str, tmp_path: Path, keys: Keyring, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """An app without a pushed context, with routes that fail on demand: one of the API and one of the pages."""
    app = create_app(settings_for(sqlite_url, tmp_path), keyring=keys, clock=clock)
    raised: dict[str, BaseException] = {}

    def fail() -> str:
        number_of_a_person = SECRETS[0]
        raise raised["error"] if raised else RuntimeError(f"{len(number_of_a_person)}")

    app.add_url_rule("/api/v1/fail", "fail_api", fail, methods=["GET", "POST"])
    app.add_url_rule("/fail", "fail_page", fail)
    for called in (("fail_api", "GET"), ("fail_api", "POST"), ("fail_page", "GET")):
        monkeypatch.setitem(policy.POLICY, called, policy.POLICY["public.home", "GET"])
    app.extensions["raised"] = raised
    yield app
    with app.app_context():
        db.engine.dispose()


def fail_with(app: Flask, error: BaseException | None, path: str = "/api/v1/fail", **options: Any) -> Any:
    """Let a route fail and return the answer."""
    app.extensions["raised"].clear()
    if error is not None:
        app.extensions["raised"]["error"] = error
    return app.test_client(use_cookies=False).get(path, **options)


def all_problems() -> list[type[problems.Problem]]:
    return problems.known()


VALUES: dict[str, dict[str, object]] = {
    "app-too-old": {"least": "1.2.0"},
    "already-there": {"what": "N-1"},
    "bad-rectangle": {"width": 40, "height": 30},
    "bad-upload": {"header": "Upload-Length"},
    "label-refused": {"serial": 1_000_001, "state": "lost", "wanted": SealState.APPLIED},
    "labels-missing": {"count": 3},
    "no-picture": {"why": "The file is empty."},
    "serials-used-up": {"count": 500},
    "upload-too-large": {"mib": 32},
    "rescue-too-large": {"mib": 256},
}


def make(kind: type[problems.Problem]) -> problems.Problem:
    return kind(**VALUES.get(kind.slug, {}))  # type: ignore[arg-type]  # what a sentence of its own asks for


# --- the catalogue --------------------------------------------------------------------------------------------------


def test_slugs_are_stable_words_and_each_is_used_once() -> None:
    slugs = [kind.slug for kind in all_problems()]
    assert len(slugs) == len(set(slugs)) > 20
    assert [slug for slug in slugs if not re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)] == []


@pytest.mark.parametrize("kind", all_problems(), ids=lambda kind: kind.slug)
def test_a_problem_has_a_status_and_sentences_in_both_languages(kind: type[problems.Problem]) -> None:
    assert kind.status in range(400, 600)
    assert (kind.retry_after_s is not None) == (kind.status in (429, 503))
    told = []
    for language in texts.LANGUAGES:
        catalogue = texts.load(language, "server")
        title, detail = (catalogue.messages[f"problem.{kind.slug}.{part}"] for part in ("title", "detail"))
        assert title
        assert detail.endswith(("。", "."))
        told.append((title, detail, set(re.findall(r"\{\w+\}", detail))))
    assert told[0][0] != told[1][0]
    assert told[0][2] == told[1][2], "the same placeholders"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_problem_of_an_op_has_sentences_in_both_languages(slug: str) -> None:
    for language in texts.LANGUAGES:
        catalogue = texts.load(language, "server").messages
        assert catalogue[f"op.{slug}.title"]
        assert catalogue[f"op.{slug}.detail"]
    values = {"kind": "x/1", "op": "1", "number": "1", "since": "2026-11-21"}
    told = op_problem(slug, errors=[{"pointer": "/a", "detail": "b"}], **values)
    assert set(told) == {"type", "title", "detail", "errors"}


def test_every_message_a_field_can_give_is_a_sentence() -> None:
    """The keys that the wire's fields name stand in the catalogues, with as many values as they have."""
    source = "".join(path.read_text("utf-8") for path in Path("shared/wire").glob("*.py"))
    source += Path("server/devices/schemas.py").read_text("utf-8") + Path("server/query.py").read_text("utf-8")
    keys = set(re.findall(r"\"(invalid\.[a-z0-9_]+)", source))
    assert len(keys) > 15
    for language in texts.LANGUAGES:
        messages = texts.load(language, "server").messages
        assert sorted(keys - set(messages)) == []
        assert problems._MARSHMALLOW.keys()
        assert [key for key in problems._MARSHMALLOW.values() if key not in messages] == []


# --- the form -------------------------------------------------------------------------------------------------------


def test_a_problem_leaves_the_api_in_the_form_of_the_rfc(failing: Flask) -> None:
    for kind in all_problems():
        answer = fail_with(failing, make(kind), headers={"Accept": "text/html"})
        assert answer.status_code == kind.status == answer.json["status"], kind
        assert answer.content_type == "application/problem+json"
        assert set(answer.json) == RFC_9457
        assert answer.json["type"] == f"/problems/{kind.slug}"
        assert answer.json["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"
        assert answer.headers.get("Retry-After") == (str(kind.retry_after_s) if kind.retry_after_s else None)
        assert answer.headers.get("WWW-Authenticate") == ("Bearer" if kind.status == 401 else None)


def test_people_get_the_same_problem_as_a_page(failing: Flask) -> None:
    for kind in all_problems():
        answer = fail_with(failing, make(kind), "/fail", headers=HTML)
        assert answer.status_code == kind.status, kind
        assert answer.mimetype == "text/html"
        assert texts.load("zh-CN", "server").messages[f"problem.{kind.slug}.title"] in answer.text
        assert answer.headers["X-Request-Id"] in answer.text


def test_the_language_is_the_one_asked_for(failing: Flask) -> None:
    chinese = fail_with(failing, problems.NotFound())
    english = [
        fail_with(failing, problems.NotFound(), "/api/v1/fail?lang=en"),
        fail_with(failing, problems.NotFound(), headers={"Accept-Language": "en-GB,en;q=0.9"}),
        fail_with(failing, problems.NotFound(), headers={"Cookie": "language=en"}),
    ]
    assert chinese.json["title"] == texts.load("zh-CN", "server")("problem.not-found.title")
    assert {answer.json["title"] for answer in english} == {texts.load("en", "server")("problem.not-found.title")}
    for odd in ("fr", "", "en-US", "zh-TW", "../en", "x" * 5000):
        assert fail_with(failing, problems.NotFound(), f"/api/v1/fail?lang={odd[:100]}").status_code == 404
        assert fail_with(failing, problems.NotFound(), headers={"Accept-Language": odd}).status_code == 404


def test_every_mistake_of_a_form_is_named_at_once(failing: Flask) -> None:
    messages = {"a": ["invalid.missing"], "b": {0: {"c/d~": ["invalid.range|1|5"]}}, "_schema": ["whatever"]}
    answer = fail_with(failing, ValidationError(messages), "/api/v1/fail?lang=en")
    assert answer.status_code == 422
    assert answer.json["detail"].startswith("3 ")
    assert answer.json["errors"] == [
        {"pointer": "/a", "detail": "This is required."},
        {"pointer": "/b/0/c~1d~0", "detail": "This must be between 1 and 5."},
        {"pointer": "/", "detail": "This is not right; check it."},
    ]


def test_a_broken_rule_is_told_in_words_of_the_trade(failing: Flask) -> None:
    answer = fail_with(failing, NotANumber(text="x"))
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/bad-fields")
    assert answer.json["errors"][0]["detail"]


def test_every_error_of_http_becomes_a_problem_of_its_status(failing: Flask) -> None:
    for code, kind in default_exceptions.items():
        for path, headers in (("/api/v1/fail", {}), ("/fail", HTML)):
            answer = fail_with(failing, kind(), path, headers=headers)
            assert answer.status_code == code
            if path.startswith("/api"):
                assert set(answer.json) == RFC_9457
                assert answer.json["status"] == code


def test_a_wrong_address_and_a_wrong_method_are_told(failing: Flask) -> None:
    client = failing.test_client()
    assert client.get("/api/v1/nothing").json["type"] == "/problems/not-found"
    answer = client.delete("/api/v1/keys")
    assert answer.json["type"] == "/problems/method-not-allowed"
    assert {"GET", "HEAD", "OPTIONS"} == set(answer.headers["Allow"].split(", "))
    assert client.get("/nothing", headers=HTML).mimetype == "text/html"
    odd = client.open("/api/v1/keys", method="BREW")
    assert (odd.status_code, odd.json["type"]) == (405, "/problems/method-not-allowed")


def test_a_redirect_is_no_problem(failing: Flask) -> None:
    from werkzeug.routing import RequestRedirect

    answer = fail_with(failing, RequestRedirect("/elsewhere"))
    assert (answer.status_code, answer.headers["Location"]) == (308, "/elsewhere")


def test_a_form_whose_time_is_over_is_told(failing: Flask) -> None:
    answer = failing.test_client().post("/sign-in", data={"name": "x", "password": "y"}, headers=HTML)
    assert answer.status_code == 400
    assert texts.load("zh-CN", "server")("problem.form-expired.title") in answer.text


# --- what goes wrong unforeseen -------------------------------------------------------------------------------------


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the program writes to its log as JSON."""
    before, written = structlog.get_config(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(as_json=True)
    structlog.configure(cache_logger_on_first_use=False)
    yield written
    structlog.configure(**before)


@pytest.mark.parametrize("path", ["/api/v1/fail", "/fail"])
def test_what_nobody_foresaw_is_a_problem_without_a_trace_and_logged_with_the_request(
    failing: Flask, logged: io.StringIO, path: str
) -> None:
    headers = {"Authorization": SECRETS[1]} | (HTML if path == "/fail" else {})
    answer = fail_with(failing, None, f"{path}?password={SECRETS[2]}", headers=headers)
    assert answer.status_code == 500
    assert [word for word in ("Traceback", "RuntimeError", "test_problems", *SECRETS[:2]) if word in answer.text] == []
    lines = [json.loads(line) for line in logged.getvalue().splitlines() if line.startswith("{")]
    unhandled = next(line for line in lines if line["event"] == "unhandled")
    assert unhandled["request_id"] == answer.headers["X-Request-Id"]
    assert "RuntimeError" in json.dumps(unhandled)
    assert [word for word in SECRETS if word in logged.getvalue()] == []
    answered = next(line for line in lines if line["event"] == "answered")
    assert (answered["status"], answered["route"]) == (500, path)


def test_an_error_of_the_database_is_logged_without_what_people_wrote(failing: Flask, logged: io.StringIO) -> None:
    def fail() -> str:
        db.session.execute(db.text("INSERT INTO party (id, name) VALUES (:id, :name)"), {"id": "1", "name": SECRETS[2]})
        return ""

    failing.view_functions["fail_api"] = fail
    answer = fail_with(failing, None)
    assert (answer.status_code, answer.json["type"]) == (500, "/problems/server-error")
    assert "IntegrityError" in logged.getvalue()
    assert SECRETS[2] not in logged.getvalue()
    assert SECRETS[2] not in answer.text


def test_a_person_at_a_terminal_sees_the_trace_without_values(failing: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before, written = structlog.get_config(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(as_json=False)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        fail_with(failing, None)
    finally:
        structlog.configure(**before)
    assert "RuntimeError" in written.getvalue()
    assert SECRETS[0] not in written.getvalue()


def test_nobody_writes_lines_of_their_own_into_the_log(failing: Flask, logged: io.StringIO) -> None:
    for text in ("line\r\nforged: 1", "\x1b[31mred", '","event":"forged'):
        failing.test_client().get("/api/v1/nothing", query_string={"x": text}, headers={"User-Agent": "x"})
        failing.test_client().get(f"/api/v1/{text!r}")
    lines = logged.getvalue().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["answered"] * 6


NULS = ["/V/\0", "/V/%00", "/P/%00", "/pictures/%00", "/problems/%00", "/m/i/%00", "/assets/%00", "/static/%00", "/%00"]
NULS += ["/sign-in?next=%00", "/?lang=%00", "/api/v1/evidence/%00", "/api/v1/log/consistency?first=%00&second=1"]


def test_a_nul_in_an_address_never_reaches_a_database(app: Flask) -> None:
    client = app.test_client()
    for path in NULS:
        answer = client.get(path)
        assert answer.status_code < 500, path
        db.session.rollback()


def test_http_exceptions_with_a_body_of_their_own_do_not_leak(failing: Flask) -> None:
    class Odd(HTTPException):
        code, description = 400, "SELECT * FROM person"

    assert "SELECT" not in fail_with(failing, Odd()).text
