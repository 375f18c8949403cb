"""Signing in by phone while no SMS leaves: nothing tells whose numbers we know, and the page says another way."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from server.limits import limiter
from server.merchant.codes import spaced
from server.problems import SmsDown
from server.sms.gateway import HttpSms
from server.sms.service import Sender
from tests.server.conftest import TestClock
from tests.server.pages import visitor, words
from tests.server.sms_gateway import SECRET, gateway
from tests.server.test_pages_merchant import merchant
from tests.server.test_phone_codes import (  # noqa: F401 - fixtures are found by their names in this module
    NUMBER,
    OTHER,
    UNKNOWN,
    Pocket,
    ask,
    known,
    pocket,
)
from tests.server.world import World

STRANGE = "13700000010"
Seen = list[tuple[int, str | None, str]]


def what_is_seen(world: World, clock: TestClock, number: str) -> Seen:
    """Ask for codes as somebody who probes would: for one number, then for others, now and later, from all sides."""
    seen: Seen = []
    for minutes, asked in ((0, number), (0, STRANGE), (0, number), (1, number), (0, STRANGE), (60, number)):
        clock.move(minutes=minutes)
        limiter.reset()
        person = visitor(world)
        answers = [ask(person, asked), person.post("/m/enter/code", number=asked, code="000000")]
        said = [words(one).replace(spaced(number), "?").replace(spaced(STRANGE), "?") for one in answers]
        seen += [
            (one.status_code, one.headers.get("Retry-After"), text) for one, text in zip(answers, said, strict=True)
        ]
    return seen


def test_an_outage_is_no_oracle(known: World, pocket: Pocket, clock: TestClock) -> None:  # noqa: F811
    pocket.is_down = True
    of_known = what_is_seen(known, clock, NUMBER)
    clock.move(hours=25)  # the codes of a day are forgotten
    known.app.extensions["dingpan_sms"] = Sender(pocket)
    assert what_is_seen(known, clock, UNKNOWN) == of_known
    assert {status for status, _, _ in of_known} == {200, 401, 429}


OUTAGES = {"an error": [503], "too many": [429], "refused": [400], "hangs up": [0, 0]}


@pytest.mark.parametrize("answers", OUTAGES.values(), ids=OUTAGES)
def test_nor_is_any_failure_of_a_real_gateway(
    known: World,  # noqa: F811
    clock: TestClock,
    answers: list[int],
) -> None:
    seen = []
    for number in (NUMBER, UNKNOWN):
        with gateway() as running:
            running.answers = answers * 9
            known.app.extensions["dingpan_sms"] = Sender(HttpSms(running.url, SECRET))
            seen.append(what_is_seen(known, clock, number))
            assert bool(running.headers) is (number == NUMBER), "the gateway was asked for the known one alone"
        clock.move(hours=25)
    assert seen[0] == seen[1]


def test_the_probe_sees_a_planted_oracle(known: World, pocket: Pocket, clock: TestClock) -> None:  # noqa: F811
    """As it was before: what failed for a known number is told to whoever asks next."""

    class Telling(Sender):
        """Sends what follows an answer as it sends everything."""

        def _try_to_send(self, message, now):  # type: ignore[no-untyped-def]
            try:
                self.send(message, now)
            except SmsDown:
                return

    pocket.is_down = True
    seen = []
    for number in (NUMBER, UNKNOWN):
        known.app.extensions["dingpan_sms"] = Telling(pocket)
        seen.append(what_is_seen(known, clock, number))
        clock.move(hours=25)
    assert seen[0] != seen[1]


def test_a_merchant_who_registers_learns_nothing_of_a_sign_in_before(
    known: World,  # noqa: F811
    pocket: Pocket,  # noqa: F811
    clock: TestClock,
) -> None:
    pocket.is_down = True
    told = []
    for number in (NUMBER, UNKNOWN):
        known.app.extensions["dingpan_sms"] = Sender(pocket)
        ask(visitor(known), number)
        pocket.tried = 0
        told.append((ask(merchant(known, 1), OTHER, "/m/number").status_code, pocket.tried))
        clock.move(hours=25)
        limiter.reset()
    assert told == [(503, 1), (503, 1)], "it is tried for them, whatever failed before"


def test_an_outage_that_somebody_was_told_of_is_told_to_everyone_alike(
    known: World,  # noqa: F811
    pocket: Pocket,  # noqa: F811
    clock: TestClock,
) -> None:
    pocket.is_down = True
    assert ask(merchant(known, 1), OTHER, "/m/number").status_code == 503
    for number in (NUMBER, UNKNOWN):
        answer = ask(visitor(known), number)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert "短信暂时发不出去，请一分钟后再试；也可以打开执法人员给您的邀请链接。" in words(answer)
    pocket.is_down = False
    clock.move(minutes=1)
    assert {ask(visitor(known), number).status_code for number in (NUMBER, UNKNOWN)} == {200}


def test_the_page_says_what_to_do_when_nothing_comes_and_the_log_that_it_failed(
    known: World,  # noqa: F811
    pocket: Pocket,  # noqa: F811
) -> None:
    pocket.is_down = True
    with capture_logs() as lines:
        said = words(ask(visitor(known), NUMBER))
    assert "短信也可能暂时发不出去：请打开执法人员给您的邀请链接，或请执法人员重新邀请，不用短信也能登录。" in said
    assert "sms_not_sent" in [line["event"] for line in lines]


def test_once_the_gateway_is_back_a_code_comes_again(
    known: World,  # noqa: F811
    pocket: Pocket,  # noqa: F811
    clock: TestClock,
) -> None:
    pocket.is_down = True
    ask(visitor(known), NUMBER)
    pocket.is_down = False
    clock.move(minutes=1)
    person = visitor(known)
    ask(person, NUMBER)
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == 303
