"""The balance says all is equal only when it is; else which are not, and whose doing it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.routes import Route
from fieldapp.store.outbox import OpState
from fieldapp.sync import wording
from fieldapp.sync.balance import Balance, ask_balance, balance_of_today
from fieldapp.sync.push import push_all
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Round
from fieldapp.sync.token import Session
from shared.ops import Status
from shared.texts import load
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import save
from tests.fieldapp.pretend_server import PretendServer, session_with

t = load("zh-CN", "fieldapp")


class Day:
    """A desk with some records, and the server that has them."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.server = PretendServer(lambda: self.desk.clock.at)
        self.store = self.desk.store
        self.session: Session = session_with(self.store, self.server)

    def round(self) -> None:
        outcome = Round(self.store, self.session, Retry(self.store.facts, lambda: 0.0)).run()
        self.desk.parts.status.take(outcome, self.store)

    def told(self) -> tuple[str, str]:
        vm = self.desk.go(Route.OUTBOX)
        return vm.balance, vm.balance_code


@pytest.fixture
def day(folder: Path) -> Day:
    return Day(folder)


def test_it_names_the_records_that_are_not_confirmed(day: Day):
    save(day.store)
    day.round()
    assert day.told() == ("今日 1 条，服务器已收到 1 条，一致。", "within")
    for number in range(2, 9):
        save(day.store, number=number)
    day.desk.parts.status.look(day.store)
    assert day.told() == (
        "还有 7 条未得到服务器确认（第 2、3、4、5、6 条等），都保存在本机，不会丢失。",
        "unknown",
    )


def test_yesterdays_that_are_still_here_are_told_and_nothing_is_called_equal(day: Day):
    save(day.store)
    day.desk.clock.at += timedelta(days=1)
    day.desk.parts.status.look(day.store)
    assert day.told() == ("今日还没有记录。\n另有以前的 1 条未得到服务器确认，都保存在本机。", "unknown")
    day.round()
    assert day.told() == ("今日还没有记录。", "within")


def test_what_came_and_was_not_accepted_is_received_and_told_apart(day: Day):
    op = save(day.store)[0]
    save(day.store, number=2)
    day.server.statuses[op.op_id] = Status.REJECTED
    day.round()
    balance = balance_of_today(day.store)
    assert (balance.made, balance.received, balance.is_equal, balance.refused) == (2, 2, True, 1)
    assert day.told() == (
        "今日 2 条，服务器已收到 2 条，一致。\n其中 1 条服务器收到了但没有接受，请点开处理。",
        "unknown",
    )


def test_a_server_that_lost_a_record_is_caught_and_the_tick_goes(day: Day):
    lost = save(day.store)[0]
    for number in (2, 3):
        save(day.store, number=number)
    day.round()
    day.server.ops = [op for op in day.server.ops if op.op_id != lost.op_id]
    del day.server.answers[lost.op_id]
    ask_balance(day.store, day.session)
    day.desk.parts.status.look(day.store)
    text, code = day.told()
    assert (text, code) == (wording.balance(t, balance_of_today(day.store)), "beyond")
    assert "有 1 条服务器给过回执，现在却查不到了" in text
    rows = {row["key"]: (row["code"], row["second"].split("  ")[0]) for row in day.desk.vm.rows}
    assert rows.pop(lost.op_id) == ("beyond", "服务器已查不到")
    assert set(rows.values()) == {("within", "已收到")}
    vm = day.desk.go(Route.RECORD, op_id=lost.op_id)
    assert (vm.can_send_again, vm.sentence) == (True, t("record.lost"))
    vm.send_again()
    day.round()
    assert {entry.state for entry in day.store.outbox.all()} == {OpState.RECEIVED}
    assert day.told()[0] == "今日 3 条，服务器已收到 3 条，一致。"


def test_a_server_that_has_more_than_we_know_of_lost_nothing(day: Day):
    save(day.store)
    save(day.store, number=2)
    push_all(day.store, day.session)
    with day.store.database.write() as connection:
        connection.execute("UPDATE op SET has_receipt = 0, state = 'waiting' WHERE device_seq = 2")
    ask_balance(day.store, day.session)
    assert balance_of_today(day.store).lost == ()
    assert not balance_of_today(day.store).is_equal


@pytest.mark.parametrize(
    ("balance", "sentence"),
    [
        (Balance(5, 3, is_equal=True, settled=2), "今日 5 条，服务器已收到 3 条，一致；另外 2 条已改正后重发。"),
        (Balance(2, 2, is_equal=False), "今日 2 条都有回执，尚未与服务器核对。"),
        (
            Balance(3, 1, is_equal=False, open=(3,), settled=1),
            "还有 1 条未得到服务器确认（第 3 条），都保存在本机，不会丢失。",
        ),
    ],
)
def test_each_standing_has_its_sentence(balance: Balance, sentence: str):
    assert wording.balance(t, balance) == sentence


@pytest.mark.parametrize(
    ("balance", "code"),
    [
        (Balance(2, 2, is_equal=True), "within"),
        (Balance(2, 2, is_equal=True, earlier=1), "unknown"),
        (Balance(2, 2, is_equal=True, refused=1), "unknown"),
        (Balance(2, 2, is_equal=False, lost=("x",)), "beyond"),
    ],
)
def test_the_tick_stands_only_where_nothing_is_open(day: Day, balance: Balance, code: str):
    vm = day.desk.go(Route.OUTBOX)
    day.desk.parts.status.balance = balance
    vm.look()
    assert vm.balance_code == code
