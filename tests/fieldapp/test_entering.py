"""Enrolment, PIN, sign-in and first download, with viewmodels as plain objects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fieldapp.parts import Locked
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Enrolment
from fieldapp.sync.round import Outcome, Result
from fieldapp.visit.model import Visit
from shared.signing import sha256_hex
from tests.builders import a_signer
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import DEVICE, NOON, PIN, a_field_check, a_visit, an_inspection
from tests.fieldapp.pretend_server import Cut, PretendServer, problem

ROOT = sha256_hex(a_signer("root").public)
CODE = {"url": "http://127.0.0.1:9", "root_sha256": ROOT, "code": "one-time"}


@pytest.fixture
def server() -> PretendServer:
    return PretendServer()


@pytest.fixture
def desk(folder: Path, server: PretendServer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A phone out of the box: nothing is kept yet."""
    monkeypatch.setattr("os.urandom", lambda count: DEVICE.secret[:count])
    desk = Desk(folder, adapter=server)
    desk.parts.opened = None
    with desk.store.database.write() as connection:
        for table in ("kept", "document", "register", "fact"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand here
    desk.parts.start_sync = lambda: desk.pokes.append(True)  # type: ignore[method-assign]
    return desk


def press(vm, digits: str) -> None:
    for digit in digits:
        vm.press(digit)


def a_closed_phone(desk: Desk) -> None:
    """Enrol the phone and close it again."""
    press(desk.go(Route.PIN, enrolment=Enrolment(**CODE)), PIN + PIN)
    desk.parts.facts.set(Fact.IS_FILLED, True)
    desk.parts.lock()
    desk.pokes.clear()


class TestEnrolment:
    def test_the_code_leads_to_the_pin(self, desk: Desk):
        vm = desk.go(Route.ENROL)
        assert vm.state == "no_camera"
        vm.on_text(json.dumps(CODE))
        assert desk.route == "pin"

    @pytest.mark.parametrize("text", ["HTTPS://DINGPAN.TEST/V/AAA", "", json.dumps(CODE | {"url": "http://far.test"})])
    def test_anything_else_is_told_and_looking_goes_on(self, desk: Desk, text: str):
        vm = desk.go(Route.ENROL)
        vm.on_text(text)
        assert (desk.route, vm.state, vm.sentence) == ("enrol", "not_one", desk.t("enrol.not_one"))

    def test_a_pin_is_typed_twice_and_then_the_phone_is_registered(self, desk: Desk):
        vm = desk.go(Route.PIN, enrolment=Enrolment(**CODE))
        press(vm, "123456")
        assert vm.sentence == desk.t("pin.weak")
        press(vm, PIN)
        assert vm.state == "repeat"
        press(vm, "111")
        vm.press("erase")
        assert vm.typed == "11"
        press(vm, "1234")
        assert (vm.state, vm.sentence) == ("choose", desk.t("pin.different"))
        press(vm, PIN + PIN)
        assert desk.route == "joining"
        assert desk.parts.facts.get(Fact.IS_ENROLLED)
        assert desk.parts.store.documents.keys.seq == 7
        assert desk.vm.state == "downloading"
        assert desk.pokes == [True]

    def test_without_a_network_it_is_tried_again_with_the_same_key(self, desk: Desk, server: PretendServer):
        def cut(*_: object) -> None:
            raise Cut

        server.before = cut
        press(desk.go(Route.PIN, enrolment=Enrolment(**CODE)), PIN + PIN)
        assert (desk.vm.state, desk.vm.needs_new_code) == ("failed", False)
        assert desk.vm.sentence == desk.t("joining.unreachable")
        device = desk.parts.device
        server.before = lambda *_: None
        desk.vm.try_again()
        assert (desk.vm.state, desk.parts.device) == ("downloading", device)

    def test_a_used_code_is_told_in_the_servers_words_and_another_can_be_scanned(
        self, desk: Desk, server: PretendServer
    ):
        server.before = lambda *_: problem(403, "code-used", detail="登记码已用过。")
        press(desk.go(Route.PIN, enrolment=Enrolment(**CODE)), PIN + PIN)
        assert "登记码已用过" in desk.vm.sentence
        assert desk.vm.needs_new_code
        desk.vm.scan_again()
        server.before = lambda *_: None
        desk.vm.on_text(json.dumps(CODE | {"code": "fresh"}))
        assert (desk.route, desk.vm.state) == ("joining", "downloading")

    def test_a_server_with_another_root_is_not_joined(self, desk: Desk):
        press(desk.go(Route.PIN, enrolment=Enrolment(**CODE | {"root_sha256": "0" * 64})), PIN + PIN)
        assert desk.vm.sentence == desk.t("joining.wrong_root")
        assert not desk.parts.facts.get(Fact.IS_ENROLLED)

    def test_the_download_shows_how_far_it_is(self, desk: Desk):
        press(desk.go(Route.PIN, enrolment=Enrolment(**CODE)), PIN + PIN)
        vm, status = desk.vm, desk.parts.status
        status.is_running, status.rows_expected, status.rows_done = True, 200, 50
        assert (vm.progress, vm.share) == ("50 / 200 条", 0.25)
        status.is_running, status.result = False, "offline"
        assert (vm.state, vm.sentence) == ("offline", desk.t("sync.offline"))
        vm.try_again()
        assert (vm.state, desk.pokes) == ("downloading", [True, True])
        desk.parts.facts.set(Fact.IS_FILLED, True)
        status.take(Outcome(Result.DONE), desk.parts.store)
        assert desk.route == "today"


class TestSignIn:
    def test_the_pin_opens_the_phone_and_syncs(self, desk: Desk):
        a_closed_phone(desk)
        with pytest.raises(Locked):
            _ = desk.parts.store
        press(desk.go(Route.SIGN_IN), PIN)
        assert (desk.route, desk.pokes) == ("today", [True])

    def test_a_wrong_pin_is_told_and_slowed_and_nothing_is_lost(self, desk: Desk):
        a_closed_phone(desk)
        vm = desk.go(Route.SIGN_IN)
        press(vm, "270419")
        assert (vm.state, vm.sentence) == ("typing", desk.t("signin.wrong"))
        press(vm, "270419" * 2)
        assert (vm.state, vm.sentence) == ("waiting", desk.t("signin.wait", seconds=5))
        press(vm, PIN)
        assert vm.typed == ""
        for _ in range(5):
            vm.tick()
        assert vm.state == "typing"
        press(vm, PIN)
        assert vm.state == "waiting"
        desk.clock.at = NOON.replace(minute=5)
        for _ in range(5):
            vm.tick()
        press(vm, PIN)
        assert desk.route == "today"

    def test_the_wait_is_still_there_after_a_restart(self, desk: Desk):
        a_closed_phone(desk)
        press(desk.go(Route.SIGN_IN), "270419" * 3)
        assert desk.go(Route.SIGN_IN).state == "waiting"

    def test_a_phone_that_was_not_registered_goes_on_with_that(self, desk: Desk, server: PretendServer):
        server.before = lambda *_: problem(403, "code-used")
        press(desk.go(Route.PIN, enrolment=Enrolment(**CODE)), PIN + PIN)
        desk.parts.lock()
        server.before = lambda *_: None
        press(desk.go(Route.SIGN_IN), PIN)
        assert (desk.route, desk.vm.state) == ("joining", "downloading")

    def test_a_killed_app_comes_back_to_the_check_that_was_open(self, desk: Desk):
        a_closed_phone(desk)
        desk.parts.open(desk.parts.vault.unlock(PIN, NOON))
        check = a_field_check()
        visit = a_visit(an_inspection(check, disposition=None, signature=None), open_check=check.id)
        desk.parts.store.drafts.keep(visit, NOON)
        desk.parts.lock()
        press(desk.go(Route.SIGN_IN), PIN)
        assert desk.route == "check"
        assert len(desk.vm.rows) == 3
        assert [stop.route.value for stop in desk.parts.path.stops] == ["today", "visit", "check"]

    def test_a_visit_without_an_open_check_is_resumed_too(self, desk: Desk):
        a_closed_phone(desk)
        desk.parts.open(desk.parts.vault.unlock(PIN, NOON))
        desk.parts.store.drafts.keep(Visit(**a_visit().__dict__ | {"inspections": ()}), NOON)
        desk.parts.lock()
        press(desk.go(Route.SIGN_IN), PIN)
        assert desk.route == "visit"

    def test_storage_that_cannot_be_written_is_told(self, desk: Desk):
        a_closed_phone(desk)
        vm = desk.go(Route.SIGN_IN)
        desk.store.database.pragma("query_only = 1")
        press(vm, PIN)
        assert (desk.route, vm.trouble) == ("signin", desk.t("storage.read_only"))
        desk.store.database.pragma("query_only = 0")
        press(vm, PIN)
        assert desk.route == "today"
