"""Ledgers at the desk: tried and taken in, again without effect, undone whole or in part, exported and back."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from server.accounts.models import Person, Unit
from server.administration.models import Act
from server.administration.service import ActKind
from server.audit.models import Leaf
from server.certificates.models import Verification
from server.clock import new_id, now
from server.credit.models import CreditEvent
from server.database import begin_write, db
from server.findings.models import Finding
from server.register_import.models import RegisterImport
from server.registry.models import Custody, Instrument, Party, Place, Stall
from server.sync.models import Change
from shared.words import VerificationResult
from tests.server.ledgers import (
    BODY,
    HEAD,
    PLACES,
    a_region,
    as_csv,
    as_xlsx,
    credit_code,
    figures,
    guessed,
    map_it,
    settle,
    take_in,
    upload,
)
from tests.server.pages import Visitor, visitor, words
from tests.server.test_import_big import plan_of, register, told
from tests.server.world import BEYOND, World

Row = dict[str, Any]


def row(**cells: str) -> Row:
    """Return a row of a scale in the first place; ``cells`` by our own names of columns."""
    order = ("place", "stall", "merchant", "code", "kind", "serial", "own_no", "maker", "model", "max")
    names = {name: place for place, name in enumerate(order)} | {"note": 18}
    about = {"place": PLACES[0], "kind": "秤", "serial": "A-1"} | cells
    whole = dict.fromkeys(HEAD, "")
    whole |= {HEAD[names[name]]: value for name, value in about.items() if name in names}
    return whole | {name: value for name, value in about.items() if name in HEAD}


def csv_of(*rows: Row) -> bytes:
    return as_csv([list(HEAD), *(list(one.values()) for one in rows)])


def taken_in(desk: Visitor, *rows: Row) -> str:
    path = map_it(desk, csv_of(*rows))
    answer = take_in(desk, path)
    assert answer.status_code == 303, words(answer)
    return path


def codes(path: str, world: World) -> list[tuple[str, str]]:
    return [(fault.column.value, fault.code.value) for one in plan_of(path, world).bad for fault in one.faults]


@pytest.fixture
def desk(sqlite_world: World) -> Visitor:
    a_region(sqlite_world)
    return visitor(sqlite_world, "supervisor")


def test_a_new_instrument_comes_with_stall_merchant_custody_and_certificate_and_phones_hear_of_it(
    desk: Visitor, sqlite_world: World
) -> None:
    certificate = dict(zip(HEAD[14:18], ("2026-01-31", "2027-01-30", "检字1", BODY), strict=True))
    taken_in(desk, row(stall="A01", merchant="张记", code=credit_code(1), max="15", **certificate))
    item = db.session.scalars(select(Instrument).filter_by(serial="A-1")).one()
    custody = db.session.scalars(select(Custody).filter_by(instrument_id=item.id)).one()
    party, stall = db.session.get_one(Party, custody.user_id), db.session.get_one(Stall, custody.stall_id)
    assert (item.max_mg, item.status, item.use, party.name, stall.number) == (15_000_000, "in_use", None, "张记", "A01")
    assert (party.identity_kind, party.public_code, custody.first_day) == ("uscc", credit_code(1), sqlite_world.day)
    entered = db.session.scalars(select(Verification).filter_by(instrument_id=item.id)).one()
    assert (entered.document_no, entered.result, entered.entered_by) == ("检字1", "passed", sqlite_world.supervisor)
    seen = {
        change.kind for change in db.session.scalars(select(Change).where(Change.id.in_((item.id, party.id, stall.id))))
    }
    assert seen == {"instrument", "party", "stall"}


def test_an_import_is_an_act_and_a_leaf_and_its_verifications_need_none_of_their_own(
    desk: Visitor, sqlite_world: World
) -> None:
    from server.audit.decisions import Decisions

    certificate = dict(zip(HEAD[14:18], ("2026-01-31", "2027-01-30", "检字1", BODY), strict=True))
    path = taken_in(desk, row(**certificate))
    desk.post(f"{path}/undo")
    acts = list(db.session.scalars(select(Act).where(Act.about_id == path.rpartition("/")[2]).order_by(Act.id)))
    assert {act.kind for act in acts} == {ActKind.REGISTER_IMPORTED, ActKind.REGISTER_IMPORT_UNDONE}
    assert {act.id for act in acts} <= set(db.session.scalars(select(Leaf.ref_id)))
    reader = Decisions(db.session())
    reader.logged = set(db.session.scalars(select(Leaf.ref_id)))
    reader.finish(0)
    assert reader.faults == []


def test_a_verification_of_a_ledger_settles_no_suspicion(desk: Visitor, sqlite_world: World) -> None:
    world = sqlite_world
    phone = world.phone()
    phone.answers(phone.op("visit.record/1", world.visit(world.check(BEYOND))))
    events = db.session.query(CreditEvent).count()
    item = db.session.get_one(Instrument, world.instruments[0])
    certificate = dict(zip(HEAD[14:18], (str(world.day), "2027-01-30", "检字1", BODY), strict=True))
    taken_in(desk, row(place="market 411602", serial=item.serial.lower(), **certificate))
    db.session.expire_all()
    assert [finding.state for finding in db.session.query(Finding)] == ["suspected"]
    assert db.session.query(CreditEvent).count() == events


def test_what_a_row_does_not_say_stays_and_what_it_says_otherwise_is_changed_and_comes_back(
    desk: Visitor, sqlite_world: World
) -> None:
    before = register()
    path = taken_in(
        desk, row(place="market 411602", serial="acs-0001", maker="新厂", merchant="李记", code=credit_code(2))
    )
    assert figures(desk.get(path)) == [0, 1, 0, 0]
    item = db.session.get_one(Instrument, sqlite_world.instruments[0])
    old, new = db.session.scalars(select(Custody).filter_by(instrument_id=item.id).order_by(Custody.first_day))
    assert (item.serial, item.maker, item.model, item.max_mg) == ("ACS-0001", "新厂", "ACS-15", 15_000_000)
    assert (old.last_day, new.stall_id) == (sqlite_world.day - timedelta(days=1), old.stall_id)
    assert desk.post(f"{path}/undo").status_code == 303
    after = register()
    rev = [column.name for column in Instrument.__table__.columns].index("rev")
    assert [one[:rev] + one[rev + 1 :] for one in after.pop("instrument")] == [
        one[:rev] + one[rev + 1 :] for one in before.pop("instrument")
    ]
    assert after == before
    gone = db.session.scalars(select(Change).where(Change.kind == "party", Change.deleted))
    assert [change.body for change in gone] == [None]


def test_a_merchant_without_a_code_is_found_by_name_at_the_place_and_otherwise_kept_unnamed_in_public(
    desk: Visitor, sqlite_world: World
) -> None:
    place = db.session.scalars(select(Place).filter_by(name=PLACES[0])).one().id
    known = settle(sqlite_world, place, "王某", "B01")
    taken_in(desk, row(merchant="王某"), row(serial="A-2", merchant="赵某"), row(serial="A-3", merchant="赵某"))
    new = select(Custody.user_id).join(Instrument, Instrument.id == Custody.instrument_id)
    new = new.where(Instrument.serial.startswith("A-")).order_by(Instrument.serial)
    users = [db.session.get_one(Party, id_) for id_ in db.session.scalars(new)]
    assert [user.name for user in users] == ["王某", "赵某", "赵某"]
    assert users[0].id == known.id
    assert users[1].id == users[2].id
    assert users[1].identity_kind == "identity_card"


def test_a_new_place_wants_its_kind_and_region_and_a_foreign_one_is_refused(desk: Visitor, sqlite_world: World) -> None:
    new = {"场所类别": "加油站", "行政区划": "R411602"}
    path = map_it(desk, csv_of(row(place="新站", **new), row(place="远方市场", **new | {"行政区划": "411681"})))
    assert codes(path, sqlite_world) == [("region", "region_not_yours")]
    assert take_in(desk, path).status_code == 303
    added = db.session.scalars(select(Place).filter_by(name="新站")).one()
    assert (added.kind, added.region, added.phone_zone) == ("filling_station", "411602", "forbidden")


def test_two_instruments_of_one_serial_are_two_by_their_own_numbers_and_one_row_is_one(
    desk: Visitor, sqlite_world: World
) -> None:
    path = map_it(desk, csv_of(row(own_no="1"), row(own_no="2"), row(own_no="1"), row(serial=" ａ-1 ", own_no="2")))
    assert figures(desk.get(path)) == [2, 0, 0, 2]
    assert codes(path, sqlite_world) == [("serial", "duplicate")] * 2
    take_in(desk, path)
    path = map_it(desk, csv_of(row()))
    assert codes(path, sqlite_world) == [("serial", "several_instruments")]


def test_a_certificate_is_never_rewritten_nor_used_twice(desk: Visitor, sqlite_world: World) -> None:
    def _with(number: str, until: str, serial: str = "A-1") -> Row:
        return row(serial=serial, **dict(zip(HEAD[14:18], ("2026-01-31", until, number, BODY), strict=True)))

    taken_in(desk, _with("检字1", "2027-01-30"))
    path = map_it(desk, csv_of(_with("检字1", "2028-01-30"), _with("检字1", "2027-01-30", "A-2")))
    assert codes(path, sqlite_world) == [("document_no", "document_differs"), ("document_no", "document_taken")]


def test_what_was_used_since_stays_and_the_rest_goes_when_asked_for(desk: Visitor, sqlite_world: World) -> None:
    world = sqlite_world
    place = db.session.scalars(select(Place).filter_by(name=PLACES[0])).one().id
    rows = [row(serial=f"A-{n}", stall=f"A{n % 2}", merchant=f"户{n}", code=credit_code(n)) for n in (1, 2, 3)]
    before = register()
    path = taken_in(desk, *rows)
    used, noted = (db.session.scalars(select(Instrument).filter_by(serial=s)).one() for s in ("A-1", "A-2"))
    check = world.check(BEYOND) | {"instrument": used.id, "custody": None}
    visit = world.visit(check, place=place)
    phone = world.phone()
    assert phone.answers(phone.op("visit.record/1", visit))[0]["status"] == "applied"
    noted.note = "换了秤盘"
    db.session.commit()

    page = desk.get(path)
    assert "不能整批撤销" in words(page)
    assert "2 器具 现场检查用到了" in words(page)
    assert "3 器具 导入后改动过" in words(page)
    assert "经营者 保留的器具用到了" in words(page)
    held = register()
    assert desk.post(f"{path}/undo").status_code == 409
    assert register() == held
    assert desk.post(f"{path}/undo", rest="1").status_code == 303
    left = {item.serial for item in db.session.query(Instrument)} - {one[2] for one in before["instrument"]}
    assert left == {"A-1", "A-2"}
    assert {party.name for party in db.session.query(Party)} >= {"户1", "户2"}
    assert db.session.query(Party).filter_by(name="户3").count() == 0
    assert words(desk.get(path)).count("导入已部分撤销") >= 1
    assert desk.post(f"{path}/undo", rest="1").status_code == 409


def test_what_the_page_said_is_done_or_nothing(desk: Visitor, sqlite_world: World) -> None:
    path, other = map_it(desk, csv_of(row())), map_it(desk, csv_of(row(maker="先到")))
    page = desk.get(path).text
    mark = page.split('name="mark" value="')[1][:64]
    assert take_in(desk, other).status_code == 303
    held = register()
    answer = desk.post(f"{path}/take-in", mark=mark)
    assert (answer.status_code, register()) == (409, held)
    assert "重新试算" in words(answer)
    assert desk.post(f"{other}/take-in", mark=mark).status_code == 409
    assert desk.post(f"{path}/take-in", mark="x").status_code == 422


def test_the_bad_rows_come_as_a_file_whose_cells_nothing_runs(desk: Visitor, sqlite_world: World) -> None:
    path = map_it(desk, csv_of(row(kind="=cmd|'/C calc'!A0", note="=1+1", maker="+1+1")))
    text = desk.get(f"{path}/bad.csv").text
    assert ",'=1+1," in text
    assert ",'+1+1," in text
    assert "=cmd" in text
    assert ",=cmd" not in text
    assert "不认识" in told(text)[2]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_taken_in_again_changes_nothing(desk: Visitor, sqlite_world: World, ending: str) -> None:
    world = sqlite_world
    begin_write()
    for number, party in enumerate(world.parties):
        db.session.get_one(Party, party).public_code = credit_code(90 + number) if number else "号码不合规"
    item = db.session.get_one(Instrument, world.instruments[1])
    item.note, item.own_no, item.min_mg, item.use = "=1+1\n第二行", "-A1", 100_500, None
    about = {"kind": "scale", "status": "in_use", "region": "411602"}
    db.session.add(Instrument(id=new_id(now()), serial="", own_no=None, place_id=None, **about))
    db.session.add(Instrument(id=new_id(now()), serial=item.serial, own_no=None, place_id=world.place, **about))
    db.session.commit()
    world.verify(VerificationResult.PASSED, "周检字 1")
    world.verify(VerificationResult.FAILED, "周检字 2", instrument=1)
    content = desk.get(f"/console/register.{ending}").data
    path = map_it(desk, content, f"register.{ending}")
    assert codes(path, world) == []
    assert figures(desk.get(path)) == [0, 0, 4, 0]


def test_an_export_holds_figures_as_figures_and_texts_as_texts(desk: Visitor, sqlite_world: World) -> None:
    item = db.session.get_one(Instrument, sqlite_world.instruments[0])
    item.note, item.maker = "=1+1", "-12.5"
    db.session.commit()
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/console/register.xlsx").data))
    head, first = [[cell.value for cell in line] for line in list(book.active.rows)[:2]]
    about = dict(zip(head, first, strict=True))
    assert (about["最大秤量 (kg)"], about["检定分度值 e (g)"], about["备注"]) == (15, 5, "'=1+1")
    assert about["制造单位"] == "-12.5"
    assert "FAR" not in desk.get("/console/register.csv").text


def test_only_the_own_unit_sees_an_import_and_only_supervisors_take_in(desk: Visitor, sqlite_world: World) -> None:
    path = map_it(desk, csv_of(row()))
    other = db.session.scalars(select(Unit).filter_by(kind="office")).one()
    about = {"role": "supervisor", "unit_id": other.id, "approved_at": now(), "password_hash": "x"}
    db.session.add(Person(id=new_id(now()), name="far", sign_in_name="far", **about))
    db.session.commit()
    assert visitor(sqlite_world, "far").get(path).status_code == 404
    assert visitor(sqlite_world, "inspector").get(path).status_code == 403
    assert "台账.csv" in words(desk.get("/console/imports"))
    assert desk.post(f"{path}/drop").status_code == 303
    assert db.session.query(RegisterImport).count() == 0


def test_a_file_has_a_limit_of_its_own_and_its_form_a_token(desk: Visitor, sqlite_world: World) -> None:
    most = sqlite_world.app.extensions["dingpan"].settings.import_bytes
    assert "超过 8 MB" in words(upload(desk, b"a,b\n" * (most // 4 + 1)))
    assert upload(desk, b"a,b\n" * (most // 2)).status_code == 413
    desk.get("/console/imports")
    desk.token = "x"
    answer = desk.client.post("/console/imports", data={"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")})
    assert answer.status_code == 400
    assert upload(desk, b"<html>").status_code == 422


def test_columns_can_be_chosen_by_hand_and_a_wrong_choice_is_told(desk: Visitor, sqlite_world: World) -> None:
    content = as_xlsx([["台账"], ["甲", "乙", "丙", "丁"], [PLACES[0], "秤", "A-9", "30"]])
    columns = upload(desk, content, "x.xlsx").headers["Location"]
    empty = guessed(desk, f"{columns}?header=2")
    wrong = desk.post(columns, **empty | {"column_place": "0", "column_stall": "0", "column_maker": "9"})
    assert wrong.status_code == 422
    assert {"每列只能选一次", "没有这一列", "请选择器具类别所在的列"} <= {
        found for found in ("每列只能选一次", "没有这一列", "请选择器具类别所在的列") if found in words(wrong)
    }
    chosen = {"column_place": "0", "column_kind": "1", "column_serial": "2", "column_max_mg": "3"}
    path = desk.post(columns, **empty | chosen).headers["Location"]
    assert codes(path, sqlite_world) == [("max_mg", "unit_missing")]
    desk.post(columns, **empty | chosen | {"unit_max_mg": "kg"})
    assert figures(desk.get(path)) == [1, 0, 0, 0]
