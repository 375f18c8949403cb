"""Large photos wait for a network that costs nothing, a day at most; records never do; and the screens say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldapp.network.android import AndroidNetwork
from fieldapp.network.desktop import DesktopNetwork
from fieldapp.routes import Route
from fieldapp.settings import from_arguments
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.uploads import UploadState
from fieldapp.sync.metered import LARGE_BYTES, LONGEST
from fieldapp.sync.push import push_all
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.uploads import Progress
from fieldapp.visit.model import Evidence
from tests.faults.pretend_uploads import PhotoServer
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import a_visit, save
from tests.fieldapp.pretend_server import session_with

LARGE, SMALL = b"L" * (LARGE_BYTES + 1), b"s" * LARGE_BYTES


class Phone:
    """A desk with a server that takes photos, and a network that a test changes."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.server, self.is_metered = Desk(folder), PhotoServer(), True
        self.store, self.asked = self.desk.store, 0
        self.session = session_with(self.store, self.server)

    def ask(self) -> bool:
        self.asked += 1
        return self.is_metered

    def take(self, *contents: bytes) -> str:
        kept = tuple(Evidence(self.store.photos.keep(one), len(one), "photo", None) for one in contents)
        visit = a_visit()
        return str(save(self.store, visit.with_inspection(replace(visit.inspections[0], evidence=kept)))[0].op_id)

    def round(self, tell: Any = None) -> Outcome:
        retry = Retry(self.store.facts, lambda: 0.0)
        outcome = Round(self.store, self.session, retry, is_metered=self.ask).run(None, tell)
        self.desk.parts.status.is_metered = self.is_metered
        self.desk.parts.status.take(outcome, self.store)
        return outcome

    @property
    def states(self) -> list[UploadState]:
        return [upload.state for upload in self.store.uploads.of_op(self.store.outbox.all()[0].op_id)]


@pytest.fixture
def phone(folder: Path) -> Iterator[Phone]:
    made = Phone(folder)
    yield made
    made.store.database.close()


WAITS, DONE = UploadState.WAITING, UploadState.DONE


def test_a_record_and_small_photos_go_at_once_and_a_large_one_when_there_is_wifi(phone: Phone) -> None:
    phone.take(LARGE, SMALL)
    assert phone.round().result is Result.DONE
    assert [entry.state for entry in phone.store.outbox.all()] == [OpState.RECEIVED]
    assert phone.states == [WAITS, DONE]
    phone.is_metered = False
    phone.round()
    assert phone.states == [DONE, DONE]
    assert phone.desk.parts.status.photos_held == []


@pytest.mark.parametrize(
    ("passed", "goes"),
    [
        (LONGEST - timedelta(seconds=1), False),
        (LONGEST, True),
        (timedelta(seconds=-1), False),
        (-LONGEST, True),
    ],
)
def test_it_waits_a_day_at_most_whatever_becomes_of_the_clock(phone: Phone, passed: timedelta, *, goes: bool) -> None:
    phone.take(LARGE)
    push_all(phone.store, phone.session)
    phone.desk.clock.at += passed
    phone.round()
    assert phone.states == [DONE if goes else WAITS]


def test_whoever_chose_any_network_does_not_wait_and_the_network_is_not_asked(phone: Phone) -> None:
    phone.desk.go(Route.PREFERENCES).choose_photos("any")
    assert [one["chosen"] for one in phone.desk.vm.photos] == [False, True]
    phone.take(LARGE)
    phone.round()
    assert (phone.states, phone.asked, phone.desk.pokes) == ([DONE], 0, [False])
    phone.desk.vm.choose_photos("wait")
    assert phone.store.facts.get(Fact.PHOTOS_WAIT) is True


def test_the_outbox_says_why_photos_wait_and_sends_them_when_told_to(phone: Phone) -> None:
    phone.take(LARGE, SMALL)
    phone.round()
    vm = phone.desk.go(Route.OUTBOX)
    assert vm.photos == (
        "1 张照片（1.1 MB）在等 Wi-Fi：现在的网络按流量计费。到 11月22日 12:00 还没有 Wi-Fi，就用流量上传。"
    )
    assert (vm.can_send_photos, vm.rows[0]["second"].split("  ")[1]) == (True, "照片 1/2")
    assert phone.desk.go(Route.TODAY).balance == "今日 1 条，服务器已收到 1 条，一致。\n1 张照片还没有传完。"
    assert phone.desk.go(Route.RECORD, op_id=vm.rows[0]["key"]).photo_lines[0][1].endswith("在等 Wi-Fi")
    vm = phone.desk.go(Route.OUTBOX)
    vm.send_photos()
    assert (vm.can_send_photos, phone.desk.pokes) == (False, [True])
    phone.round()
    assert phone.states == [DONE, DONE]
    assert phone.desk.go(Route.OUTBOX).photos == ""


def test_each_photo_shows_how_much_of_it_the_server_has(phone: Phone) -> None:
    op_id = phone.take(LARGE * 3)
    phone.is_metered = False
    outbox, shown = phone.desk.go(Route.OUTBOX), []

    def _tell(progress: Progress) -> None:
        phone.desk.parts.status.show_photo(progress)
        shown.append((outbox.photos, outbox.rows[0]["trailing"]))

    phone.round(_tell)
    assert shown[1] == ("正在传照片：共 3.1 MB，已传 1.0 MB。", "33%")
    assert outbox.rows[0]["trailing"] == ""
    record = phone.desk.go(Route.RECORD, op_id=op_id)
    assert record.photo_lines == [["照片 1", "3.1 MB，服务器已收到"]]


def test_a_screen_of_a_record_follows_its_photo(phone: Phone) -> None:
    op_id = phone.take(LARGE * 3)
    phone.is_metered = False
    record, shown = phone.desk.go(Route.RECORD, op_id=op_id), []

    def _tell(progress: Progress) -> None:
        phone.desk.parts.status.show_photo(progress)
        shown.append(record.photo_lines[0][1])

    assert record.photo_lines[0][1] == "3.1 MB，记录收到后上传"
    phone.round(_tell)
    assert "3.1 MB，已传 2.0 MB（66%）" in shown


def test_a_photo_that_was_refused_can_be_sent_again_from_its_record(phone: Phone) -> None:
    op_id = phone.take(SMALL)
    push_all(phone.store, phone.session)
    (upload,) = phone.store.uploads.of_op(op_id)
    phone.store.uploads.refused(upload, {"detail": "这是 HEIC 照片。"})
    vm = phone.desk.go(Route.RECORD, op_id=op_id)
    assert (vm.can_send_again, vm.photo_lines[0][1]) == (True, "1.0 MB，没有传成，留在本机")
    vm.send_again()
    phone.round()
    assert (phone.states, vm.can_send_again) == ([DONE], False)


def test_signing_out_tells_of_photos_that_have_not_come(phone: Phone) -> None:
    phone.take(LARGE)
    phone.round()
    assert phone.desk.go(Route.PREFERENCES).sign_out_hint.startswith("还有 1 张照片没有传完。")


class JavaError(Exception):
    """What a Java exception becomes."""


class Manager:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def isActiveNetworkMetered(self) -> bool:  # noqa: N802 - the name is Java's
        if isinstance(self.answer, Exception):
            raise self.answer
        return bool(self.answer)


class StandIn:
    """The Java side as far as the network asks it."""

    exception = JavaError
    CONNECTIVITY_SERVICE = "connectivity"

    def __init__(self, manager: Manager | None) -> None:
        self.activity, self._manager = self, manager

    def new(self, name: str) -> Any:
        assert name == "android.content.Context"
        return self

    def getSystemService(self, name: str) -> Manager | None:  # noqa: N802 - the name is Java's
        assert name == "connectivity"
        return self._manager


@pytest.mark.parametrize(
    ("manager", "is_metered"),
    [(Manager(True), True), (Manager(False), False), (Manager(JavaError()), True), (None, True)],
)
def test_android_is_asked_each_time_and_who_does_not_say_is_taken_to_count(
    manager: Manager | None, *, is_metered: bool
) -> None:
    java: Any = StandIn(manager)
    network = AndroidNetwork(java)
    assert network.is_metered() is is_metered
    if manager is not None and not isinstance(manager.answer, Exception):
        manager.answer = not is_metered
        assert network.is_metered() is not is_metered


def test_a_desktop_counts_no_bytes_unless_told() -> None:
    for arguments, is_metered in (([], False), (["--metered"], True)):
        assert DesktopNetwork(metered=from_arguments(arguments).is_metered).is_metered() is is_metered


def test_the_package_asks_for_the_permission_that_the_network_needs() -> None:
    spec = (Path(__file__).parents[2] / "fieldapp" / "buildozer.spec").read_text("utf-8")
    assert "android.permission.ACCESS_NETWORK_STATE" in spec
