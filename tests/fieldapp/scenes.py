"""Every screen in the states a person meets it in; each scene goes there on a desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

from fieldapp.album.port import Picture, Told
from fieldapp.clock import Offset
from fieldapp.routes import Route
from fieldapp.store.alarms import AlarmCode
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Enrolment
from fieldapp.store.outbox import OpState
from fieldapp.store.wipe import wipe
from fieldapp.sync.balance import ask_balance
from fieldapp.sync.push import push_all
from fieldapp.sync.round import Outcome, Result
from fieldapp.visit.model import Evidence
from fieldapp.visit.walk import LabelSeen
from shared.words import Disposition
from tests.builders import a_label
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    NOON,
    NOZZLE,
    OTHER_PLACE,
    PARTY,
    PLACE,
    SCALE,
    WORN,
    a_field_check,
    a_scale_row,
    a_visit,
    an_inspection,
    fill,
    save,
)
from tests.fieldapp.labelling_scenes import LABELLING_SCENES
from tests.fieldapp.photographs import a_frame, a_jpeg, a_photograph, a_sight_of
from tests.fieldapp.pretend_server import PretendServer, session_with
from tests.fieldapp.rescue_scenes import RESCUE_SCENES
from tests.fieldapp.seal_scenes import SEAL_SCENES

Scene = Callable[[Desk], object]


def enrol(desk: Desk) -> None:
    vm = desk.go(Route.ENROL)
    vm.see(a_frame(a_photograph("x")))
    vm.on_text("x")


def pin(desk: Desk) -> None:
    vm = desk.go(Route.PIN, enrolment=Enrolment("https://x.test", "0" * 64, "c"))
    for digit in "1111113":
        vm.press(digit)


def sign_in(desk: Desk) -> None:
    vm = desk.go(Route.SIGN_IN)
    vm._wait(20)


def joining(desk: Desk) -> None:
    desk.parts.facts.set(Fact.IS_FILLED, False)
    desk.parts.start_sync = lambda: None  # type: ignore[method-assign]
    vm = desk.go(Route.JOINING)
    vm.state, vm.sentence, vm.needs_new_code = "failed", desk.t("joining.wrong_root"), True


def downloading(desk: Desk) -> None:
    desk.parts.facts.set(Fact.IS_FILLED, False)
    desk.parts.start_sync = lambda: None  # type: ignore[method-assign]
    vm = desk.go(Route.JOINING)
    vm.state, vm.sentence, vm.share = "downloading", desk.t("joining.downloading"), 0.4
    vm.progress = desk.t("joining.progress", done=4000, expected=10000)


def today(desk: Desk) -> None:
    save(desk.store)
    desk.store.drafts.keep(a_visit(id=desk.clock.new_id()), NOON)
    desk.store.alarms.ring(AlarmCode.LOG_CHANGED, NOON, size=1)
    desk.parts.facts.set_offset(Offset(-4000, 1, NOON))
    desk.go(Route.TODAY)
    desk.parts.status.take(Outcome(Result.REFUSED, "设备已停用，请联系管理员"), desk.store)
    desk.vm.choose_place(OTHER_PLACE)


def quiet_today(desk: Desk) -> None:
    desk.go(Route.TODAY)


def scanning(desk: Desk) -> None:
    desk.go(Route.SCAN).see(a_frame(a_photograph(a_label())))


def several_labels(desk: Desk) -> None:
    links = (a_label(), a_label(serial=1_000_009), a_label(signer="somebody"))
    desk.go(Route.SCAN).on_sight(a_sight_of(*links))


def labels_anywhere(desk: Desk) -> None:
    desk.go(Route.SCAN).on_codes([a_label(serial=1_000_000 + number) for number in range(1, 7)])


def forged(desk: Desk) -> None:
    desk.go(Route.SCAN).on_codes([a_label(signer="somebody")])


def unregistered(desk: Desk) -> None:
    desk.go(Route.SCAN).on_codes([a_label(serial=1_000_009)])


def short_code(desk: Desk) -> None:
    vm = desk.go(Route.SCAN)
    vm.type_short_code()
    vm.on_short_code("AAAA6QSB8")


def reading_picture(desk: Desk) -> None:
    desk.parts.new_album = lambda: _Album(Picture(lambda: BytesIO(b"no picture")))
    desk.parts.run = lambda job: None
    desk.go(Route.SCAN).choose_picture()


def damaged_picture(desk: Desk) -> None:
    desk.parts.new_album = lambda: _Album(Picture(lambda: BytesIO(b"no picture")))
    desk.go(Route.SCAN).choose_picture()


class _Album:
    """An album in which the same picture is always chosen."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def ask(self, told: Told) -> None:
        told(self._picture)

    def close(self) -> None:
        """Nothing is open."""


def card(desk: Desk) -> None:
    photo = desk.store.photos.keep(a_jpeg(a_photograph("x", size=(480, 360))))
    found = {"state": "suspected", "suspected_on": "2026-11-01"}
    fill(desk.store, [("instrument", a_scale_row(photo=photo, finding=found, own_no="公平秤 3 号"))])
    desk.go(Route.CARD, instrument=SCALE, link=a_label(binding=b"abcd"))


def card_unfolded(desk: Desk) -> None:
    link = "https://sc.example.cn/code?id=2604011600000000000000000000000000000000116"
    codes = {"production_code": link, "verification_code": "J26040116"}
    fill(desk.store, [("instrument", a_scale_row(**codes))])
    desk.go(Route.CARD, instrument=SCALE, link=a_label()).fold_codes()


def void_card(desk: Desk) -> None:
    fill(desk.store, [("instrument", a_scale_row(label={"serial": 1_000_003, "short": "", "text": ""}))])
    desk.go(Route.CARD, instrument=SCALE, link=a_label(serial=1_000_003))


def nozzle_card(desk: Desk) -> None:
    desk.go(Route.CARD, instrument=NOZZLE)


def start(desk: Desk) -> None:
    vm = desk.go(Route.START, place=OTHER_PLACE)
    vm.choose_class("M1")
    vm.card_shown = True


def recused(desk: Desk) -> None:
    desk.store.kept.recused_from = [PARTY]
    desk.go(Route.START, place=PLACE)


def recused_party(desk: Desk) -> None:
    desk.store.kept.recused_from = [PARTY]
    desk.store.drafts.keep(a_visit(), NOON)
    desk.go(Route.PARTY, inspection=a_visit().inspections[0].id)


def visit(desk: Desk) -> None:
    absent = replace(
        an_inspection(disposition=Disposition.NOT_INSPECTED, signature=None), checks=(), stall=None, party=None
    )
    absent = replace(absent, id=desk.clock.new_id())
    desk.store.drafts.keep(a_visit(an_inspection(signature=None), absent), NOON)
    desk.go(Route.VISIT)


def new_visit(desk: Desk) -> None:
    desk.store.drafts.keep(replace(a_visit(), inspections=()), NOON)
    desk.go(Route.VISIT)


def party(desk: Desk) -> None:
    inspection = an_inspection(party=None, party_name="", signature=None, disposition=None)
    desk.store.drafts.keep(a_visit(inspection), NOON)
    desk.go(Route.PARTY, inspection=inspection.id)
    desk.vm.add_template("stopped")


def invitation(desk: Desk) -> None:
    party(desk)
    desk.go(Route.INVITATION, party=PARTY, name="李记鲜蔬")


def absent_party(desk: Desk) -> None:
    inspection = replace(an_inspection(signature=None, disposition=Disposition.NOT_INSPECTED), checks=())
    desk.store.drafts.keep(a_visit(inspection), NOON)
    desk.go(Route.PARTY, inspection=inspection.id)


def nameplate(desk: Desk) -> None:
    desk.store.drafts.keep(replace(a_visit(), inspections=()), NOON)
    vm = desk.go(Route.NAMEPLATE, instrument=WORN, seen=LabelSeen())
    for name, key in (("accuracy_class", "III"), ("max_mg", "500000000"), ("e_mg", "1000")):
        vm.choose(name, key)


def check(desk: Desk, *points: tuple[int, int]) -> None:
    running = a_field_check(*points)
    inspection = an_inspection(running, disposition=None, signature=None)
    desk.store.drafts.keep(a_visit(inspection, open_check=running.id), NOON)
    desk.go(Route.CHECK, check=running.id)


def typing(desk: Desk) -> None:
    check(desk, (10_000, 10_025), (5_000, 5_000))
    desk.parts.facts.set_offset(Offset(4000, 1, NOON))
    desk.vm.another()
    desk.vm.done("10")
    desk.vm.done("10.0253")


def correcting(desk: Desk) -> None:
    check(desk)
    desk.vm.edit("0")


def within(desk: Desk) -> None:
    check(desk, (1_000, 1_000), (5_000, 5_000), (10_000, 10_000))


def signature(desk: Desk) -> None:
    inspection = an_inspection()
    desk.store.drafts.keep(a_visit(inspection), NOON)
    desk.go(Route.SIGNATURE, inspection=inspection.id)
    desk.vm.full()


def outbox(desk: Desk) -> None:
    for number, state in enumerate(OpState, start=1):
        op = save(desk.store, number=number)[0]
        with desk.store.database.write() as connection:
            desk.store.outbox.move(connection, op.op_id, state, answer={"problem": {"detail": "缺少场所"}})
    desk.store.alarms.ring(AlarmCode.BAD_RECEIPT, NOON, op_id="x")
    desk.go(Route.OUTBOX)
    desk.parts.status.take(Outcome(Result.OFFLINE), desk.store)


def empty_outbox(desk: Desk) -> None:
    desk.go(Route.OUTBOX)


def receipt(desk: Desk) -> None:
    op = save(desk.store)[0]
    push_all(desk.store, session_with(desk.store, PretendServer()))
    desk.adapter = PretendServer()
    desk.go(Route.RECORD, op_id=op.op_id)
    desk.vm.proof = desk.t("record.proof_proven", number=1, size=1)


def refused(desk: Desk) -> None:
    op = save(desk.store)[0]
    with desk.store.database.write() as connection:
        problem = {"problem": {"detail": "缺少场所，请在名单中选择一个辖区内的场所"}}
        desk.store.outbox.move(connection, op.op_id, OpState.QUARANTINED, answer=problem)
    desk.go(Route.RECORD, op_id=op.op_id)


def conflict(desk: Desk) -> None:
    """A record in conflict, with what the server has."""
    op = save(desk.store)[0]
    theirs = json.loads(op.body)
    theirs["inspections"][0] |= {"disposition": "order_to_correct", "remark": "已当场告知当事人"}
    theirs["inspections"][0]["checks"][0]["readings"][2]["shown_mg"] = 10_000_000
    answer = {"problem": {"type": "/problems/same-record-other-body"}, "theirs": {"body": json.dumps(theirs)}}
    with desk.store.database.write() as connection:
        desk.store.outbox.move(connection, op.op_id, OpState.CONFLICT, answer=answer)
    desk.go(Route.RECORD, op_id=op.op_id)


def photos_held(desk: Desk) -> None:
    """Photos that wait for Wi-Fi, one that is on its way and one that was refused; the outbox says so."""
    shots = [bytes(3 << 20) + bytes([number]) for number in range(3)]
    photos = [Evidence(desk.store.photos.keep(shot), len(shot), "photo", None) for shot in shots]
    visit = a_visit()
    save(desk.store, visit.with_inspection(replace(visit.inspections[0], evidence=tuple(photos))))
    push_all(desk.store, session_with(desk.store, PretendServer()))
    first, second, _ = desk.store.uploads.ready()
    desk.store.uploads.refused(first, {"detail": "这是 HEIC 照片，请在相机设置里改为“兼容性最佳”。"})
    desk.store.uploads.came(second, 1 << 20)
    desk.parts.status.is_metered = True
    desk.go(Route.OUTBOX)


def photos_of_a_record(desk: Desk) -> None:
    photos_held(desk)
    desk.vm.choose(desk.vm.rows[0]["key"])


def lost_record(desk: Desk) -> None:
    """The server gave a receipt and has the record no longer; another was said anew."""
    server = PretendServer()
    ops = [save(desk.store, number=number)[0] for number in (1, 2, 3)]
    push_all(desk.store, session_with(desk.store, server))
    server.ops = server.ops[1:]
    ask_balance(desk.store, session_with(desk.store, server))
    with desk.store.database.write() as connection:
        desk.store.outbox.revise(connection, {ops[1].op_id: ops[2].op_id})
    desk.go(Route.OUTBOX)


def preferences(desk: Desk) -> None:
    desk.go(Route.PREFERENCES)


def suspended(desk: Desk) -> None:
    save(desk.store)
    desk.store.drafts.keep(a_visit(id=desk.clock.new_id()), NOON)
    wipe(desk.store, suspended_at=NOON)
    desk.parts.status.take(Outcome(Result.OFFLINE), desk.store)
    desk.go(Route.SUSPENDED)


def agreeing(desk: Desk) -> None:
    desk.go(Route.PREFERENCES).hand_over()
    desk.vm._wait(20)


def handing_over(desk: Desk) -> None:
    desk.parts.facts.set(Fact.IS_HANDED_OVER, True)
    desk.go(Route.ENROL)
    desk.vm.see(a_frame(a_photograph("x")))
    desk.vm.on_text("x")


def not_handed_over(desk: Desk) -> None:
    desk.store.drafts.keep(a_visit(id=desk.clock.new_id()), NOON)
    desk.go(Route.PREFERENCES).hand_over()


def of_another(desk: Desk) -> None:
    save(desk.store)
    desk.store.kept.person = COLLEAGUE
    desk.go(Route.OUTBOX)


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        *(
            enrol,
            pin,
            sign_in,
            joining,
            downloading,
            today,
            quiet_today,
            scanning,
            several_labels,
            labels_anywhere,
            forged,
            unregistered,
            short_code,
            reading_picture,
            damaged_picture,
        ),
        *(
            card,
            card_unfolded,
            void_card,
            nozzle_card,
            start,
            visit,
            new_visit,
            party,
            invitation,
            absent_party,
            nameplate,
            check,
            typing,
        ),
        *(correcting, within, signature, outbox, empty_outbox, receipt, refused, preferences),
        *(conflict, photos_held, photos_of_a_record, lost_record),
        *(recused, recused_party, suspended, agreeing, handing_over, not_handed_over, of_another),
        *LABELLING_SCENES,
        *SEAL_SCENES,
        *RESCUE_SCENES,
    )
}
