"""Codes by SMS: one contract for every adapter, the gateway's own part over real HTTP, and what is written nowhere."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask, Response
from structlog.testing import capture_logs

from server.problems import SmsDown
from server.settings import MissingSetting, Settings, Sms
from server.sms import service
from server.sms.console import ConsoleSms
from server.sms.gateway import HttpSms
from server.sms.port import Message, Port
from server.sms.service import RESTS, Sender, port_of
from tests.server.conftest import TODAY
from tests.server.sms_gateway import SECRET, Gateway, gateway
from tests.server.test_settings import WHOLE

MESSAGE = Message("019aa111-0000-7000-8000-000000000001", "13800000000", "042317", "【定盘星】验证码 042317。")


@dataclass
class Tried:
    """An adapter, and how what it handed over is read."""

    port: Port
    arrived: Callable[[], list[str]]


@pytest.fixture
def running() -> Iterator[Gateway]:
    with gateway() as found:
        yield found


@pytest.fixture(params=["console", "http"])
def tried(request: pytest.FixtureRequest, running: Gateway) -> Iterator[Tried]:
    """Each adapter that there is."""
    if request.param == "http":
        yield Tried(HttpSms(running.url, SECRET), lambda: [f"{row['number']} {row['text']}" for row in running.taken])
        return
    with capture_logs() as lines:
        yield Tried(ConsoleSms(), lambda: [f"{line['number']} {line['text']}" for line in lines])


# --- the contract ---------------------------------------------------------------------------------------------------


def test_a_message_arrives_once_with_number_and_text(tried: Tried) -> None:
    tried.port.send(MESSAGE, TODAY)
    assert tried.arrived() == [f"{MESSAGE.number} {MESSAGE.text}"]


def test_two_messages_arrive_in_turn(tried: Tried) -> None:
    tried.port.send(MESSAGE, TODAY)
    tried.port.send(MESSAGE, TODAY + timedelta(minutes=1))
    assert tried.arrived() == [f"{MESSAGE.number} {MESSAGE.text}"] * 2


def test_every_way_that_may_be_set_has_its_adapter(running: Gateway) -> None:
    ways = {"none": type(None), "console": ConsoleSms, "http": HttpSms}
    assert {way: type(port_of(Sms(way=way, url=running.url, secret=SECRET))) for way in ways} == ways


# --- the gateway ----------------------------------------------------------------------------------------------------


def test_the_gateway_is_sent_a_signed_message_with_its_code_and_id(running: Gateway) -> None:
    HttpSms(running.url, SECRET).send(MESSAGE, TODAY)
    assert running.taken == [{"id": MESSAGE.id, "number": MESSAGE.number, "code": "042317", "text": MESSAGE.text}]
    (headers,) = running.headers
    assert headers["x-dingpan-timestamp"] == str(int(TODAY.timestamp()))
    assert headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
def test_any_answer_but_taken_is_down_and_is_not_tried_again(running: Gateway, status: int) -> None:
    running.answers = [status]
    with pytest.raises(SmsDown):
        HttpSms(running.url, SECRET).send(MESSAGE, TODAY)
    assert (len(running.headers), running.taken) == (1, [])


def test_another_secret_is_refused_by_the_gateway(running: Gateway) -> None:
    with pytest.raises(SmsDown):
        HttpSms(running.url, SECRET[::-1]).send(MESSAGE, TODAY)
    assert running.taken == []


def test_a_connection_that_breaks_is_tried_once_more_under_another_nonce(running: Gateway) -> None:
    running.answers = [0, 200]
    HttpSms(running.url, SECRET).send(MESSAGE, TODAY)
    assert [row["id"] for row in running.taken] == [MESSAGE.id]
    nonces = {headers["x-dingpan-nonce"] for headers in running.headers}
    assert (len(running.headers), len(nonces)) == (2, 2)


def test_a_connection_that_breaks_twice_is_down(running: Gateway) -> None:
    running.answers = [0, 0, 200]
    with pytest.raises(SmsDown):
        HttpSms(running.url, SECRET).send(MESSAGE, TODAY)
    assert (len(running.headers), running.taken) == (2, [])


def test_nobody_listening_is_down() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(SmsDown):
        HttpSms(f"http://127.0.0.1:{port}/send", SECRET).send(MESSAGE, TODAY)


def test_a_gateway_that_never_answers_is_given_up_and_not_asked_twice(running: Gateway) -> None:
    running.may_answer.clear()
    with pytest.raises(SmsDown):
        HttpSms(running.url, SECRET, timeout_s=0.2).send(MESSAGE, TODAY)
    assert len(running.headers) <= 1


def test_no_proxy_of_the_environment_is_asked(running: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    HttpSms(running.url, SECRET).send(MESSAGE, TODAY)
    assert len(running.taken) == 1


@pytest.mark.parametrize("answers", [[], [500], [0], [0, 0]])
def test_neither_code_nor_number_is_ever_in_the_log(
    running: Gateway, answers: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    running.answers = list(answers)
    with capture_logs() as lines:
        try:
            HttpSms(running.url, SECRET).send(MESSAGE, TODAY)
        except SmsDown as problem:
            lines.append({"problem": repr(problem.__dict__), "cause": repr(problem.__cause__)})
    said = repr(lines) + "".join(capfd.readouterr())
    assert [word for word in (MESSAGE.code, MESSAGE.number, MESSAGE.text, SECRET) if word in said] == []
    assert bool(lines) == bool(answers)


def test_a_planted_line_with_the_code_would_be_seen() -> None:
    """The console writes it by design, so the check above can see one."""
    with capture_logs() as lines:
        ConsoleSms().send(MESSAGE, TODAY)
    assert MESSAGE.code in repr(lines)


# --- the sender -----------------------------------------------------------------------------------------------------


def test_after_a_failure_the_sender_rests_for_a_minute_for_everyone(running: Gateway) -> None:
    sender = Sender(HttpSms(running.url, SECRET))
    running.answers = [503]
    with pytest.raises(SmsDown):
        sender.send(MESSAGE, TODAY)
    with pytest.raises(SmsDown):
        sender.require_up(TODAY + RESTS - timedelta(seconds=1))
    sender.require_up(TODAY + RESTS)
    sender.send(MESSAGE, TODAY + RESTS)
    assert len(running.taken) == 1
    assert SmsDown.status == 503


def test_what_failed_after_an_answer_rests_too_and_shows_nobody(running: Gateway) -> None:
    sender = Sender(HttpSms(running.url, SECRET))
    running.answers = [503]
    for seconds in (0, 59):
        follow(sender, TODAY + timedelta(seconds=seconds))
        sender.require_up(TODAY + timedelta(seconds=seconds))
    assert len(running.headers) == 1, "the gateway is left alone for a minute"
    sender.send(MESSAGE, TODAY + timedelta(seconds=59))
    follow(sender, TODAY + RESTS)
    assert len(running.taken) == 2


def follow(sender: Sender, at: datetime) -> None:
    """Send a message after an answer that leaves at once."""
    answer = Response()
    sender.send_after(answer, MESSAGE, at)
    answer.close()


def test_a_gateway_that_hangs_keeps_the_thread_of_no_request(running: Gateway, sqlite_app: Flask) -> None:
    """What the app sends by waits on threads of its own, not on the one that answered."""
    dingpan = sqlite_app.extensions["dingpan"]
    settings = replace(dingpan.settings, sms=Sms(way="http", url=running.url, secret=SECRET))
    sqlite_app.extensions["dingpan"] = replace(dingpan, settings=settings)
    service.register(sqlite_app)
    running.may_answer.clear()
    with sqlite_app.app_context():
        follow(service.sender(), TODAY)
    assert running.taken == []
    running.may_answer.set()
    assert running.came.wait(10)
    assert [row["id"] for row in running.taken] == [MESSAGE.id]


def test_where_none_is_set_nothing_is_offered() -> None:
    sender = Sender(None)
    assert not sender.is_offered
    with pytest.raises(SmsDown):
        sender.send(MESSAGE, TODAY)
    follow(sender, TODAY)


# --- settings -------------------------------------------------------------------------------------------------------

HTTP = {"DINGPAN_SMS": "http", "DINGPAN_SMS_URL": "https://sms.example.cn/send", "DINGPAN_SMS_SECRET": "s" * 32}
DEMO = WHOLE | {"DINGPAN_DEMO": "1"}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"DINGPAN_SMS": "console"}, "DINGPAN_SMS"),
        ({"DINGPAN_SMS": "smtp"}, "DINGPAN_SMS"),
        (HTTP | {"DINGPAN_SMS_URL": ""}, "DINGPAN_SMS_URL"),
        (HTTP | {"DINGPAN_SMS_URL": "http://sms.example.cn/send"}, "DINGPAN_SMS_URL"),
        (HTTP | {"DINGPAN_SMS_URL": "http://localhost.example.cn/"}, "DINGPAN_SMS_URL"),
        (HTTP | {"DINGPAN_SMS_URL": "https:///send"}, "DINGPAN_SMS_URL"),
        (HTTP | {"DINGPAN_SMS_SECRET": ""}, "DINGPAN_SMS_SECRET"),
        (HTTP | {"DINGPAN_SMS_SECRET": "s" * 31}, "DINGPAN_SMS_SECRET"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(said: dict[str, str], name: str) -> None:
    with pytest.raises(MissingSetting, match=name) as told:
        Settings.from_env(WHOLE | said)
    assert "ssss" not in str(told.value)


def test_what_is_set_is_taken_and_the_secret_is_not_shown() -> None:
    assert Settings.from_env(WHOLE).sms == Sms(way="none")
    assert Settings.from_env(DEMO | {"DINGPAN_SMS": "console"}).sms.way == "console"
    found: Any = Settings.from_env(WHOLE | HTTP).sms
    assert (found.way, found.url, found.secret) == ("http", "https://sms.example.cn/send", "s" * 32)
    assert "ssss" not in repr(found)
    loopback = HTTP | {"DINGPAN_SMS_URL": "http://127.0.0.1:8600/send"}
    assert Settings.from_env(WHOLE | loopback).sms.url == "http://127.0.0.1:8600/send"
