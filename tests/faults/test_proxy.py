"""The line of the campaigns does what its plans say: a campaign over a line that breaks nothing would prove nothing."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fieldapp.sync.client import Client
from fieldapp.sync.failures import Unreachable
from tests.faults.proxy import BREAKS, WHOLE, Exchange, Fault, Line, Plan, drawn, exchange

ANSWER = b"0123456789" * 100
SENT = b"x" * 500


class Echo:
    """A server that counts what came whole."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if len(content) == len(SENT):
                    came.append(content)
                self.send_response(200)
                self.send_header("Content-Length", str(len(ANSWER)))
                self.end_headers()
                self.wfile.write(ANSWER)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.close()


@pytest.fixture
def lines() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


def ask(line: Line) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=5)
    try:
        connection.request("POST", "/", SENT)
        response = connection.getresponse()
        return b"503" if response.status == 503 else response.read()
    finally:
        connection.close()


def is_lost(line: Line) -> bool:
    try:
        ask(line)
    except (OSError, http.client.HTTPException):
        return True
    return False


@pytest.mark.parametrize("fault", [Fault.PASS, Fault.DELAY, Fault.DRIP])
def test_what_only_takes_longer_comes_whole(echo: Echo, lines: Exchange, fault: Fault) -> None:
    line = lines.line(echo.server.server_port, lambda _: Plan(fault, delay_s=0.001))
    assert ask(line) == ANSWER
    assert echo.came == [SENT]


@pytest.mark.parametrize("after", [0, 1, 40, 200])
def test_a_cut_request_never_comes_whole(echo: Echo, lines: Exchange, after: int) -> None:
    line = lines.line(echo.server.server_port, lambda _: Plan(Fault.CUT_REQUEST, after))
    assert is_lost(line)
    assert echo.came == []


@pytest.mark.parametrize("plan", [Plan(Fault.CUT_ANSWER, 0), Plan(Fault.CUT_ANSWER, 300), Plan(Fault.SWALLOWED)])
def test_a_lost_answer_is_of_a_request_that_came(echo: Echo, lines: Exchange, plan: Plan) -> None:
    line = lines.line(echo.server.server_port, lambda _: plan)
    assert is_lost(line)
    assert echo.came == [SENT]


@pytest.mark.parametrize("after", [0, 10, 60, 120, 600, 1_100])
def test_to_the_phone_a_cut_answer_is_no_network_wherever_it_is_cut(echo: Echo, lines: Exchange, after: int) -> None:
    line = lines.line(echo.server.server_port, lambda _: Plan(Fault.CUT_ANSWER, after))
    with pytest.raises(Unreachable):
        Client(f"http://127.0.0.1:{line.port}").post("/sync/push", {"ops": "x" * (len(SENT) - 10)})
    assert len(echo.came) == 1


def test_a_doubled_request_comes_twice_and_a_late_one_after_the_next(echo: Echo, lines: Exchange) -> None:
    line = lines.line(echo.server.server_port, lambda number: (Plan(Fault.TWICE), Plan(Fault.LATE), WHOLE)[number])
    assert ask(line) == ANSWER
    assert len(echo.came) == 2
    assert ask(line) == ANSWER
    assert len(echo.came) == 3
    assert ask(line) == ANSWER
    lines.close_line(line)
    assert len(echo.came) == 5


def test_a_busy_line_answers_without_asking(echo: Echo, lines: Exchange) -> None:
    line = lines.line(echo.server.server_port, lambda _: Plan(Fault.BUSY))
    assert ask(line) == b"503"
    assert echo.came == []


def test_a_seed_brings_back_every_plan_and_all_kinds_of_break() -> None:
    first, again, other = drawn("7/1"), drawn("7/1"), drawn("7/2")
    plans = [first(number) for number in range(1_000)]
    assert plans == [again(number) for number in range(1_000)]
    assert plans != [other(number) for number in range(1_000)]
    assert {plan.fault for plan in plans} == {*BREAKS, Fault.PASS}
    assert 0.2 < sum(plan != WHOLE for plan in plans) / 1_000 < 0.4
