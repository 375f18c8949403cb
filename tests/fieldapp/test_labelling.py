"""A labelling day by its viewmodels over the real store: what is filed, and what survives."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from marshmallow import ValidationError
from PIL import Image, ImageColor

from fieldapp.labelling.model import Step, Verified
from fieldapp.routes import Route
from fieldapp.store.chain import Entry
from fieldapp.store.forms import BIND, REGISTER, SWAP, VERIFICATION
from fieldapp.store.uploads import UploadState
from fieldapp.store.wipe import wipe
from fieldapp.sync.push import push_all
from shared.ops import Status
from tests.builders import a_label, an_id
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    LABEL_SERIAL,
    ME,
    NOON,
    PARTY,
    PLACE,
    SCALE,
    STALL,
    WORN,
    open_store,
)
from tests.fieldapp.labelling_builders import (
    FRESH,
    OPERATOR,
    SECOND_PARTY,
    SECOND_STALL,
    VERIFIER,
    HeldCamera,
    a_day,
    a_filing,
    a_fresh_label,
    a_labelling_desk,
    bodies,
    file_one,
    signed,
    stand_at,
    with_photos,
)
from tests.fieldapp.pretend_server import PretendServer, session_with


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder, adapter=PretendServer())


@pytest.fixture
def camera(desk: Desk) -> HeldCamera:
    return a_labelling_desk(desk)


# --- what is filed --------------------------------------------------------------------------------------------------


def test_a_verified_scale_is_three_records_each_after_the_one_it_depends_on(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    desk.vm.on_codes([a_fresh_label()])
    desk.vm.shoot()
    camera.look_at("maroon")
    for key in "312":
        desk.vm.press(key)
    desk.vm.choose_stall(SECOND_STALL)
    desk.vm.passes()
    desk.vm.shoot()
    assert desk.route == "labelling.review"
    assert bodies(desk.store) == [], "nothing is filed before the last touch"
    desk.vm.save()
    (register, instrument), (bind, bound), (verification, verified) = bodies(desk.store)
    assert (register, bind, verification) == (REGISTER, BIND, VERIFICATION)
    plate_photo, place_photo = instrument.pop("evidence"), bound.pop("evidence")
    assert instrument == {
        "id": an_id(0x501),
        "kind": "scale",
        "serial": "ACS-30 2024 0312",
        "maker": "衡正衡器",
        "model": "ACS-30",
        "use": "trade",
        "place": PLACE,
        "stall": SECOND_STALL,
        "custody": {"kind": "own", "owner": SECOND_PARTY, "user": SECOND_PARTY},
        "price_computing": True,
        "max_mg": 30_000_000,
        "min_mg": 200_000,
        "e_mg": 10_000,
        "d_mg": 10_000,
        "accuracy_class": "III",
    }
    assert bound == {"instrument": an_id(0x501), "serial": FRESH}
    assert verified.pop("id")
    assert verified == {
        "instrument": an_id(0x501),
        "kind": "periodic",
        "result": "passed",
        "document_no": "周检2026-0118",
        "mark_no": "H26-00421",
        "done_on": "2026-11-21",
        "valid_until": "2027-11-20",
    }
    first, second, third = signed(desk.store)
    assert (first.depends_on, second.depends_on, third.depends_on) == ((), (first.op_id,), (second.op_id,))
    assert [(one["kind"], one["check"]) for one in plate_photo + place_photo] == [
        ("nameplate", None),
        ("label_in_place", None),
    ]
    for photo, colour in ((plate_photo[0], "teal"), (place_photo[0], "maroon")):
        content = desk.store.photos.get(photo["sha256"])
        assert len(content) == photo["bytes"]
        assert Image.open(io.BytesIO(content)).getpixel((5, 5)) == pytest.approx(ImageColor.getrgb(colour), abs=6)
    assert desk.store.uploads.counts() == {UploadState.WAITING: 2}


def test_photos_follow_the_record_that_names_them(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    ops = signed(desk.store)
    named = desk.store.database.rows("SELECT record, op_id, kind FROM upload ORDER BY rowid")
    assert named == [(an_id(0x501), ops[0].op_id, "nameplate"), (ops[1].op_id, ops[1].op_id, "label_in_place")]


def test_an_inspector_files_without_a_verification(desk: Desk):
    a_labelling_desk(desk, ME)
    desk.store.labelling.keep(a_day(a_filing(Step.LABEL)), NOON)
    desk.parts.path.begin(Route.TODAY)
    desk.go(Route.LABELLING)
    desk.go(Route.LABELLING_AIM)
    file_one(desk, 1)
    assert [kind for kind, _ in bodies(desk.store)] == [REGISTER, BIND]


def test_a_failed_one_has_the_number_of_its_notice_and_no_last_day(desk: Desk, camera: HeldCamera):
    vm = stand_at(desk, a_filing(Step.RESULT, serial="X1"), Route.LABELLING_RESULT)
    vm.fails()
    assert (vm.is_failing, desk.route) == (True, "labelling.result")
    vm.fails()
    filing = desk.store.labelling.of(VERIFIER.id).filing
    assert filing.verified == Verified(kind="periodic", result="failed", document_no="周通2026-004", mark_no="")
    desk.vm.shoot()
    desk.vm.save()
    body = bodies(desk.store)[-1][1]
    assert (body["result"], body["valid_until"]) == ("failed", None)
    day = desk.store.labelling.of(VERIFIER.id)
    assert (day.failed_no, day.passed_no) == ("周通2026-004", "周检2026-0117")


def test_a_number_that_was_used_today_is_told(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    vm = stand_at(desk, a_filing(Step.RESULT, serial="X2"), Route.LABELLING_RESULT)
    vm.passes()
    assert vm.problem == "编号 周检2026-0118 今天已经用过，请核对。"
    vm.passed_no = ""
    vm.passes()
    assert (desk.route, vm.problem) == ("labelling.result", desk.t("labelling.needs_document"))


def test_a_scale_that_a_market_lends_belongs_to_whoever_runs_it(desk: Desk, camera: HeldCamera):
    filing = a_filing(Step.REVIEW, serial="M1", stall=STALL, user=PARTY, custody="market_provided")
    stand_at(desk, filing, Route.LABELLING_REVIEW).save()
    custody = bodies(desk.store)[0][1]["custody"]
    assert custody == {"kind": "market_provided", "owner": OPERATOR, "user": PARTY}


# --- filed already --------------------------------------------------------------------------------------------------


def test_a_serial_of_the_register_is_only_labelled(desk: Desk, camera: HeldCamera):
    filing = with_photos(desk, a_filing())
    vm = stand_at(desk, filing, Route.LABELLING_NUMBER, serial="")
    vm.write("acs-30  20240311")
    vm.choose_stall(SECOND_STALL)
    assert (desk.route, vm.state) == ("labelling.number", "same")
    assert "编号 ACS-30 2024 0311\nA12 号摊位" in vm.same
    assert vm.same_note == desk.t("labelling.replaces_label")
    vm.take_same()
    desk.vm.passes()
    desk.vm.shoot()
    desk.vm.save()
    (bind, bound), (_, verified) = bodies(desk.store)
    assert (bind, bound["instrument"], verified["instrument"]) == (BIND, SCALE, SCALE)
    assert [one["kind"] for one in bound["evidence"]] == ["nameplate", "label_in_place"]
    assert signed(desk.store)[0].depends_on == ()


def test_another_maker_may_use_the_same_serial(desk: Desk, camera: HeldCamera):
    other = replace(a_filing().plate, maker="永正衡器")
    vm = stand_at(desk, a_filing(plate=other), Route.LABELLING_NUMBER, serial="")
    vm.write("ACS-30 2024 0311")
    vm.choose_stall(STALL)
    assert desk.route == "labelling.result"


def test_the_same_serial_of_the_same_maker_may_be_another_one_all_the_same(desk: Desk, camera: HeldCamera):
    vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER, serial="")
    vm.write("W-2")
    vm.choose_stall(STALL)
    assert vm.state == "same"
    vm.is_another()
    assert desk.store.labelling.of(VERIFIER.id).filing.existing is None


def test_what_was_filed_here_is_known_again_and_its_registration_goes_first(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    again = a_filing(id=an_id(0x502), label=a_fresh_label(FRESH + 9), label_serial=FRESH + 9)
    vm = stand_at(desk, again, Route.LABELLING_NUMBER)
    for key in "001":
        vm.press(key)
    vm.choose_stall(STALL)
    vm.take_same()
    desk.vm.later()
    desk.vm.shoot()
    desk.vm.save()
    ops = signed(desk.store)
    assert (ops[-1].kind, ops[-1].depends_on) == (BIND, (ops[0].op_id,))
    assert json.loads(ops[-1].body)["instrument"] == an_id(0x501)


# --- two that changed places ----------------------------------------------------------------------------------------


def test_two_labels_say_that_two_scales_changed_places(desk: Desk, camera: HeldCamera):
    vm = stand_at(desk, None, Route.LABELLING_SWAP)
    vm.on_codes([a_label(serial=LABEL_SERIAL)])
    vm.on_codes([a_label(serial=LABEL_SERIAL)])
    assert (vm.is_ready, "ACS-30 2024 0311" in vm.first, vm.second) == (False, True, "")
    vm.on_codes([a_fresh_label()])
    assert "没有对应的登记器具" in vm.problem
    vm.on_codes([a_label(serial=1_000_005)])
    assert (vm.is_ready, camera.is_on) == (True, False)
    vm.save()
    ((kind, body),) = bodies(desk.store)
    assert body.pop("id")
    assert (kind, body) == (SWAP, {"first": SCALE, "second": WORN, "on": "2026-11-21"})
    assert desk.route == "labelling"


def test_one_that_was_registered_here_goes_before_the_swap(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    vm = stand_at(desk, None, Route.LABELLING_SWAP)
    vm.on_codes([a_label(serial=LABEL_SERIAL)])
    vm.on_codes([a_fresh_label(FRESH + 1)])
    vm.save()
    ops = signed(desk.store)
    assert ops[-1].depends_on == (ops[0].op_id,)


# --- what survives --------------------------------------------------------------------------------------------------


def test_the_day_and_the_instrument_in_hand_survive_a_dead_battery(desk: Desk, camera: HeldCamera, folder: Path):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    desk.vm.on_codes([a_fresh_label(FRESH + 2)])
    desk.vm.shoot()
    kept = desk.store.labelling.of(VERIFIER.id)
    desk.store.database.close()
    again = open_store(folder).labelling.of(VERIFIER.id)
    assert again == kept
    assert (again.filing.step, again.filing.label_serial, again.serial) == (Step.NUMBER, FRESH + 2, "ACS-30 2024 0001")
    assert again.filing.plate_photo is not None


def test_somebody_elses_day_is_not_gone_on_with(desk: Desk, camera: HeldCamera):
    stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
    assert desk.store.labelling.of(COLLEAGUE.id).place == ""


def test_storage_that_refuses_files_nothing_and_keeps_the_instrument(desk: Desk, camera: HeldCamera):
    vm = stand_at(desk, with_photos(desk, a_filing(Step.REVIEW, serial="X9")), Route.LABELLING_REVIEW)
    before = desk.store.labelling.of(VERIFIER.id)
    desk.store.database.rows("PRAGMA query_only = ON")
    vm.save()
    desk.store.database.rows("PRAGMA query_only = OFF")
    assert (vm.trouble, desk.route) == (desk.t("storage.read_only"), "labelling.review")
    assert (bodies(desk.store), desk.store.labelling.of(VERIFIER.id)) == ([], before)
    vm.save()
    assert (vm.trouble, len(bodies(desk.store))) == ("", 2)


def test_photos_in_hand_outlive_a_suspension_and_those_given_up_do_not(desk: Desk, camera: HeldCamera):
    filing = with_photos(desk, a_filing(Step.REVIEW, serial="X9"))
    vm = stand_at(desk, filing, Route.LABELLING)
    wipe(desk.store, suspended_at=NOON)
    assert all(desk.store.photos.get(sha256) for sha256 in filing.photos)
    vm.give_up()
    assert [desk.store.photos.get(sha256) for sha256 in filing.photos] == [None] * len(filing.photos)


def test_a_record_that_is_not_of_the_wires_form_is_never_signed():
    with pytest.raises(ValidationError):
        Entry(kind=SWAP, body={"id": an_id(1), "first": SCALE, "second": SCALE, "on": "2026-11-21"}, name="", place="")


def test_the_server_refuses_and_the_day_shows_which(desk: Desk, camera: HeldCamera):
    server = PretendServer()
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    verification = signed(desk.store)[-1]
    server.statuses[verification.op_id] = Status.REJECTED
    verifier = desk.store.kept.person
    push_all(desk.store, session_with(desk.store, server))
    desk.store.kept.person = verifier  # that server names somebody else
    vm = stand_at(desk, None, Route.LABELLING)
    (row,) = vm.rows
    assert (row["key"], row["code"]) == (verification.op_id, "beyond")
    vm.choose(row["key"])
    assert desk.vm.title.startswith("检定 ")
    assert (desk.vm.can_revise, "可修改后重发" in desk.vm.sentence) == (True, True)
