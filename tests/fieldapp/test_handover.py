"""One phone, one officer after the other: what the first one signed is sent, and is seen by nobody else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.uploads import UploadState
from fieldapp.store.vault import Vault, WrongPin
from fieldapp.sync.enrol import device_of, enrol, read_enrolment
from fieldapp.sync.failures import Unreachable
from fieldapp.sync.round import Result
from fieldapp.visit.model import Evidence
from server.database import db
from server.evidence.models import NamedFile
from server.inspections.models import Visit as ServerVisit
from server.sync.models import StoredOp
from shared.texts import load
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import DEVICE, NOON, PIN, a_visit, save
from tests.fieldapp.pretend_server import PretendServer, session_with
from tests.fieldapp.server_phone import Phone, enrolment_text

NEW_PIN = "903581"


def take_over(phone: Phone, person: str) -> None:
    """Let somebody enrol the phone with a code of their own, and sync as they do."""
    text = read_enrolment(enrolment_text(phone.world, person))
    phone.session = session_with(phone.store, phone.adapter)
    enrol(phone.store, phone.session.client, text, device_of(phone.store, DEVICE.secret), "p")


def a_photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(file, "JPEG")
    return file.getvalue()


def test_what_both_signed_is_applied_each_under_the_own_name(phone: Phone):
    world = phone.world
    phone.adapter.is_cut = True
    for number in range(2):
        phone.save(phone.a_visit(number))
    assert phone.round().result is Result.OFFLINE
    phone.adapter.is_cut = False
    take_over(phone, world.colleague)
    phone.save(phone.a_visit(2))
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED] * 3
    assert all(entry.has_receipt for entry in phone.store.outbox.all())
    ops = db.session.query(StoredOp).order_by(StoredOp.device_seq).all()
    assert [op.person_id for op in ops] == [world.inspector, world.inspector, world.colleague]
    assert [(op.outcome, op.is_chained) for op in ops] == [("applied", True)] * 3
    assert db.session.query(ServerVisit).count() == 3
    assert phone.store.alarms.all() == []


def test_the_register_is_that_of_the_new_officers_region(phone: Phone):
    assert [place.name for place in phone.store.register.places()] == ["market 411602"]
    take_over(phone, phone.world.stranger)
    assert phone.store.register.count() == 0
    assert phone.store.kept.colleagues == []
    assert phone.round().result is Result.DONE
    assert [place.name for place in phone.store.register.places()] == ["market 411681"]
    assert phone.store.kept.person.id == phone.world.stranger
    assert [person.name for person in phone.store.kept.colleagues] == ["stranger"]


def test_the_first_ones_refresh_token_is_not_used_for_the_second(phone: Phone):
    first = phone.store.kept.refresh
    assert first is not None
    take_over(phone, phone.world.colleague)
    assert phone.store.kept.refresh is None
    phone.round()
    assert phone.store.kept.refresh.person_id == phone.world.colleague


def test_enrolling_oneself_again_keeps_the_register(phone: Phone):
    before = phone.store.register.count()
    take_over(phone, phone.world.inspector)
    assert phone.store.register.count() == before > 0


def test_photos_of_the_first_one_follow_their_record(phone: Phone):
    content = a_photo()
    visit = phone.a_visit()
    evidence = Evidence(phone.store.photos.keep(content), len(content), "photo", None)
    inspections = tuple(one.__class__(**one.__dict__ | {"evidence": (evidence,)}) for one in visit.inspections)
    phone.save(visit.__class__(**visit.__dict__ | {"inspections": inspections}))
    take_over(phone, phone.world.colleague)
    assert phone.round().result is Result.DONE
    assert phone.store.uploads.counts() == {UploadState.DONE: 1}
    assert db.session.query(NamedFile).one().received_at is not None


# --- on the screens -------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(folder: Path) -> Desk:
    made = Desk(folder, adapter=PretendServer())
    made.parts.key = made.parts.vault.create(PIN)
    made.parts.start_sync = lambda: None  # type: ignore[method-assign]
    return made


def press(desk: Desk, pin: str) -> None:
    for digit in pin:
        desk.vm.press(digit)


def hand_over(desk: Desk) -> None:
    """Hand the phone over as whoever has it, with the PIN."""
    desk.go(Route.PREFERENCES).hand_over()
    press(desk, PIN)


def code(text: str = "second") -> str:
    return f'{{"url":"http://127.0.0.1:9","root_sha256":"{"0" * 64}","code":"{text}"}}'


def test_a_running_visit_is_finished_first(desk: Desk):
    desk.store.drafts.keep(a_visit(), NOON)
    desk.go(Route.PREFERENCES).hand_over()
    assert desk.route == "preferences"
    assert desk.vm.refusal == desk.t("preferences.handover_visit")
    assert not desk.parts.facts.get(Fact.IS_HANDED_OVER)


def test_nobody_hands_over_a_phone_without_its_pin(desk: Desk):
    """Not even with a full outbox, whose records the next officer would send."""
    save(desk.store)
    stopped: list[bool] = []
    desk.parts.stop_sync = lambda: stopped.append(True)  # type: ignore[method-assign]
    desk.go(Route.PREFERENCES).hand_over()
    assert (desk.route, desk.vm.sentence) == ("handover", desk.t("handover.enter"))
    press(desk, NEW_PIN)
    assert (desk.route, desk.vm.sentence) == ("handover", desk.t("signin.wrong"))
    assert not desk.parts.facts.get(Fact.IS_HANDED_OVER)
    assert stopped == [], "what was being sent goes on being sent"
    press(desk, PIN)
    assert (desk.route, stopped) == ("enrol", [True])


def test_guessing_at_handing_over_is_as_slow_as_at_signing_in(desk: Desk):
    desk.go(Route.PREFERENCES).hand_over()
    press(desk, NEW_PIN * 3)
    assert (desk.vm.state, desk.vm.sentence) == ("waiting", desk.t("signin.wait", seconds=5))
    press(desk, PIN)
    assert desk.route == "handover"
    desk.vm.back()
    desk.vm.hand_over()
    assert desk.vm.state == "waiting", "going back and coming again gains nothing"
    desk.parts.lock()
    assert desk.go(Route.SIGN_IN).state == "waiting"


def test_whoever_does_not_agree_goes_back_to_the_preferences(desk: Desk):
    desk.go(Route.PREFERENCES).hand_over()
    desk.vm.back()
    assert desk.route == "preferences"
    assert not desk.parts.facts.get(Fact.IS_HANDED_OVER)


def test_a_forgotten_pin_leads_to_the_desk():
    words = load("zh-CN", "fieldapp")("handover.forgotten")
    assert "全部上传" in words
    assert "在工作台停用这台手机" in words


def test_signing_out_asks_for_nothing_and_says_what_waits(desk: Desk):
    save(desk.store)
    save(desk.store, number=2)
    assert desk.go(Route.PREFERENCES).sign_out_hint == desk.t("preferences.sign_out_waiting", count=2)
    with desk.store.database.write() as connection:
        connection.execute("UPDATE op SET state = 'received'")
    vm = desk.go(Route.PREFERENCES)
    assert vm.sign_out_hint == desk.t("preferences.sign_out_hint")
    vm.sign_out()
    assert desk.route == "signin"
    press(desk, PIN)
    assert len(desk.parts.store.outbox.all()) == 2


def test_whoever_takes_over_scans_an_own_code_and_chooses_an_own_pin(desk: Desk):
    save(desk.store)
    hand_over(desk)
    assert (desk.route, desk.vm.can_stay) == ("enrol", True)
    desk.vm.on_text(code())
    assert desk.route == "pin"
    press(desk, NEW_PIN * 2)
    assert desk.route == "joining"
    assert desk.store.kept.enrolment.code == "second"
    assert Vault(desk.parts.database).unlock(NEW_PIN, NOON) == desk.parts.key
    assert Vault(desk.parts.database).unlock(PIN, NOON) == desk.parts.key, "until the server has taken the new officer"
    desk.parts.vault.forget_former()
    assert Vault(desk.parts.database).unlock(NEW_PIN, NOON) == desk.parts.key
    with pytest.raises(WrongPin):
        Vault(desk.parts.database).unlock(PIN, NOON)
    assert not desk.parts.facts.get(Fact.IS_ENROLLED)
    assert len(desk.store.outbox.all()) == 1


def test_one_may_keep_the_phone_after_all(desk: Desk):
    hand_over(desk)
    desk.vm.stay()
    assert desk.route == "today"
    assert Vault(desk.parts.database).unlock(PIN, NOON) == desk.parts.key
    desk.go(Route.ENROL)
    assert not desk.vm.can_stay


def test_a_restart_in_the_middle_goes_on_with_handing_over(desk: Desk):
    hand_over(desk)
    desk.parts.lock()
    desk.go(Route.SIGN_IN)
    press(desk, PIN)
    assert (desk.route, desk.vm.can_stay) == ("enrol", True)


def test_the_second_officer_sees_that_there_are_records_and_not_what_they_say(desk: Desk):
    (op,) = save(desk.store)
    me = desk.store.kept.person
    assert desk.go(Route.OUTBOX).rows[0]["title"] == "东关农贸市场"
    desk.store.kept.person = me.__class__(**me.__dict__ | {"id": "019aa111-0000-7000-8000-0000000000b9"})
    (row,) = desk.go(Route.OUTBOX).rows
    assert (row["title"], row["second"].split()[0]) == ("前一位使用人的记录", "待上传")
    vm = desk.go(Route.RECORD, op_id=op.op_id)
    assert (vm.title, vm.can_revise) == ("前一位使用人的记录", False)
    with desk.store.database.write() as connection:
        connection.execute("UPDATE op SET state = 'rejected'")
    vm = desk.go(Route.RECORD, op_id=op.op_id)
    vm.revise()
    assert desk.store.drafts.running() is None


def test_a_session_that_was_ended_asks_and_keeps_nothing_more(desk: Desk):
    server = PretendServer()
    session = session_with(desk.store, server)
    session.begin()
    server.after = lambda path, answer: (session.close(), answer)[1]
    with pytest.raises(Unreachable):
        session.call(lambda client: client.get("/sync/scope"))
    asked = len(server.calls)
    with pytest.raises(Unreachable):
        session.call(lambda client: client.get("/sync/scope"))
    assert len(server.calls) == asked
