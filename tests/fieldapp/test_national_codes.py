"""National codes on the phone: folded on the card, scanned or typed to find a scale, written down when one is filed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldapp.labelling.model import Day, Filing, Step
from fieldapp.routes import Route
from fieldapp.store.forms import REGISTER
from fieldapp.store.register import Change
from fieldapp.store.steps import STEPS
from shared.national_codes import CODES, LONGEST
from shared.seal import short_code
from shared.wire.register import InstrumentSchema
from tests.builders import a_label, an_id
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    LABEL_SERIAL,
    SCALE,
    WORN,
    a_scale_row,
    a_store,
    a_worn_scale_row,
    fill,
    market_rows,
    open_store,
)
from tests.fieldapp.labelling_builders import (
    VERIFIER,
    HeldCamera,
    a_filing,
    a_labelling_desk,
    bodies,
    stand_at,
    with_photos,
)

LINK = "https://sc.example.cn/c?id=26040116"
BORNE = {"production_code": LINK, "repair_code": "", "verification_code": "J26040116"}


@pytest.fixture
def desk(folder: Path) -> Desk:
    desk = Desk(folder)
    fill(desk.store, [("instrument", a_scale_row(**BORNE))])
    return desk


@pytest.fixture
def camera(desk: Desk) -> HeldCamera:
    return a_labelling_desk(desk)


# --- the register ---------------------------------------------------------------------------------------------------


def test_an_instrument_is_found_by_each_code_however_it_is_written(desk: Desk):
    register = desk.store.register
    for text in (LINK, LINK.upper(), "j26 04 0116", "ｊ26040116\u3000"):
        assert [one.id for one in register.instruments_of_code(text)] == [SCALE], text
    for text in ("", " ", "26040116", "J2604011", "ACS-30 2024 0311", "%"):
        assert register.instruments_of_code(text) == [], text


def test_a_code_that_is_gone_or_whose_instrument_is_gone_finds_nothing(desk: Desk):
    fill(desk.store, [("instrument", a_scale_row(verification_code=None, production_code="P2"))])
    assert desk.store.register.instruments_of_code("J26040116") == []
    assert len(desk.store.register.instruments_of_code("p2")) == 1
    with desk.store.database.write() as connection:
        desk.store.register.apply(connection, desk.store.register.sealed([Change("instrument", SCALE, 9, None)], 1))
    assert desk.store.register.instruments_of_code("p2") == []


def test_a_server_that_knows_of_no_codes_leaves_them_empty(folder: Path):
    found = a_store(folder).register.instrument(SCALE)
    assert found is not None
    assert [getattr(found, name) for name in CODES] == ["", "", ""]


def test_a_phone_of_before_the_codes_keeps_its_register_and_finds_what_comes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    first = next(number for number, step in enumerate(STEPS) if "production_code" in step[0])
    with monkeypatch.context() as before:
        before.setattr("fieldapp.store.database.STEPS", STEPS[:first])
        old = open_store(folder)
        sealed = old.register.sealed([Change("place", "p", 1, market_rows()[1][1])], 1)
        with old.database.write() as connection:
            kept = "INSERT INTO register (kind, id, rev, round, body) VALUES (?, ?, ?, ?, ?)"
            connection.execute(kept, (*sealed[0][:4], sealed[0][-1]))
        old.database.close()
    store = open_store(folder)
    assert store.register.place("p") is not None
    fill(store, [("instrument", a_scale_row(**BORNE))])
    assert [one.id for one in store.register.instruments_of_code(LINK)] == [SCALE]
    assert store.database.pragma("user_version") == len(STEPS)


# --- scanned and typed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [[LINK], ["wxp://f2f0x", LINK], ["J26040116", LINK], [LINK, LINK]])
def test_a_national_code_in_the_picture_leads_to_the_card_without_a_label_verdict(desk: Desk, texts: list[str]):
    desk.go(Route.TODAY)
    desk.go(Route.SCAN).on_codes(texts)
    assert (desk.route, desk.vm.title.split()[-1], desk.vm.verdict) == ("card", "ACS-15", "")
    assert desk.vm.label_state == "未扫描标识"
    desk.vm.back()
    assert desk.route == "today"


def test_a_label_in_the_picture_goes_before_a_code(desk: Desk):
    fill(desk.store, [("instrument", a_worn_scale_row() | {"production_code": "P-WORN"})])
    desk.go(Route.SCAN).on_codes(["P-WORN", a_label()])
    assert (desk.route, desk.vm.verdict) == ("card", "genuine")
    assert desk.vm.second.startswith("编号 ACS-30 2024 0311")


def test_codes_of_two_instruments_and_unknown_ones_are_nobodys_choice(desk: Desk):
    fill(desk.store, [("instrument", a_worn_scale_row() | {"production_code": "P-WORN"})])
    vm = desk.go(Route.SCAN)
    vm.on_codes(["P-WORN", LINK])
    assert (vm.state, desk.route) == ("several", "scan")
    vm.on_codes(["https://sc.example.cn/c?id=1"])
    assert (vm.state, vm.word) == ("told", "不是计量二维码标识")


def test_a_code_that_no_camera_reads_is_typed_where_the_short_code_is(desk: Desk):
    vm = desk.go(Route.SCAN)
    vm.type_short_code()
    vm.on_short_code("J2604 0117")
    assert (desk.route, vm.sentence) == ("scan", desk.t("error.bad_short_code", text="J2604 0117"))
    vm.on_short_code("j2604 0116")
    assert (desk.route, desk.vm.label_state) == ("card", "未扫描标识")


def test_a_short_code_is_a_short_code_though_an_instrument_bears_the_same_text(desk: Desk):
    fill(desk.store, [("instrument", a_worn_scale_row() | {"repair_code": short_code(LABEL_SERIAL)})])
    vm = desk.go(Route.SCAN)
    vm.on_short_code(short_code(LABEL_SERIAL))
    assert desk.vm.second.startswith("编号 ACS-30 2024 0311")


def test_a_storage_that_fails_is_told_and_stays_told(desk: Desk):
    with desk.store.database.write() as connection:
        connection.execute("UPDATE register SET body = x'00' WHERE production_code IS NOT NULL")
    vm = desk.go(Route.SCAN)
    vm.on_codes([LINK])
    assert "有损坏" in vm.trouble


# --- the card -------------------------------------------------------------------------------------------------------


def test_the_card_folds_away_the_codes_it_has(desk: Desk):
    vm = desk.go(Route.CARD, instrument=SCALE)
    assert [list(pair) for pair in vm.codes] == [["生产码", LINK], ["检定码", "J26040116"]]
    assert not vm.shows_codes
    vm.fold_codes()
    assert vm.shows_codes
    vm.fold_codes()
    assert not vm.shows_codes
    assert not desk.go(Route.CARD, instrument=WORN).codes


# --- when one is filed ----------------------------------------------------------------------------------------------


def reviewed(desk: Desk, **fields: str) -> Filing:
    filing = with_photos(desk, a_filing(Step.REVIEW, serial="M1", **fields))
    stand_at(desk, filing, Route.LABELLING_REVIEW)
    return filing


def filed(desk: Desk) -> dict[str, object]:
    desk.vm.save()
    kind, body = bodies(desk.store)[0]
    assert kind == REGISTER
    assert InstrumentSchema().load(body)
    return dict(body)


def test_a_production_code_may_be_written_down_and_survives_a_break(desk: Desk, camera: HeldCamera):
    reviewed(desk)
    assert desk.vm.asks_code
    desk.vm.write_code(" 2604 0116\u3000AB")
    assert Day.from_wire(desk.store.labelling.of(VERIFIER.id).to_wire()).filing.production_code == "26040116AB"
    desk.go(Route.LABELLING_REVIEW)
    assert (desk.vm.code, desk.vm.problem, desk.vm.can_save) == ("26040116AB", "", True)
    assert filed(desk)["production_code"] == "26040116AB"
    assert desk.store.labelling.of(VERIFIER.id).filing.production_code == "", "the next scale has its own"


def test_without_a_code_the_record_is_what_it_was_before_there_were_any(desk: Desk, camera: HeldCamera):
    reviewed(desk)
    desk.vm.write_code("x")
    desk.vm.write_code("")
    assert not set(CODES) & set(filed(desk))


def test_a_code_with_signs_that_nobody_sees_is_told_and_not_filed(desk: Desk, camera: HeldCamera):
    reviewed(desk)
    for code in ("26\u200b04", "2" * (LONGEST + 1)):
        desk.vm.write_code(code)
        assert (desk.vm.problem, desk.vm.can_save) == (desk.t("labelling.bad_code"), False)
    desk.vm.save()
    assert bodies(desk.store) == []
    desk.vm.write_code("2604")
    assert (desk.vm.problem, desk.vm.can_save) == ("", True)


def test_a_code_that_the_register_has_already_is_told_and_may_be_filed_all_the_same(desk: Desk, camera: HeldCamera):
    reviewed(desk)
    desk.vm.write_code(LINK.upper())
    assert desk.vm.problem.startswith("登记里已有这个生产码")
    assert "ACS-30 2024 0311" in desk.vm.problem
    assert filed(desk)["id"] == an_id(0x501)


def test_nothing_is_asked_of_an_instrument_that_is_registered(desk: Desk, camera: HeldCamera):
    reviewed(desk, existing=SCALE)
    assert (desk.vm.asks_code, desk.vm.problem) == (False, "")


def test_a_filing_of_an_older_app_is_read(desk: Desk, camera: HeldCamera):
    wire = a_filing(serial="M1").to_wire()
    del wire["production_code"]
    assert Filing.from_wire(wire) == a_filing(serial="M1")
    assert desk.store.labelling.of(VERIFIER.id).filing is None
