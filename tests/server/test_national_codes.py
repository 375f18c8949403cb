"""The national codes of an instrument: from a phone or a ledger into the register, onto its page, found at the desk."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.database import begin_write, db
from server.public import service as public
from server.public.models import PublicRecord
from server.register_import.writes import digest as digest_of_row
from server.registry import service as registry
from server.registry.models import Instrument, Party
from shared.national_codes import CODES, LONGEST
from shared.ops import Status
from tests.server.labelling import BIND, REGISTER, a_binding, an_instrument, page_of, stock
from tests.server.ledgers import HEAD, PLACES, a_region, as_csv, as_xlsx, credit_code, figures, map_it, take_in
from tests.server.pages import Visitor, get, visitor, words
from tests.server.protocol import statuses
from tests.server.test_import import codes as faults
from tests.server.test_import import csv_of, row, taken_in
from tests.server.test_import_big import register
from tests.server.test_labelling_day import pointers
from tests.server.world import World, scope_of_branch

LINK = "https://sc.example.cn/c?id=26040116"
ALL = {"production_code": LINK, "repair_code": "W-2026 07", "verification_code": "J26040116"}
NAMES = dict(zip(CODES, ("生产码", "维修码", "检定码"), strict=True))


def bear(item: Instrument, **codes: str) -> None:
    """Let an instrument of the register bear codes."""
    begin_write()
    for name, code in codes.items():
        setattr(item, name, code)
    public.changed(db.session(), item.id)
    registry.touch(db.session(), item)
    db.session.commit()


def kept(item_id: str) -> list[str | None]:
    db.session.expire_all()
    item = db.session.get_one(Instrument, item_id)
    return [getattr(item, name) for name in CODES]


def feed_row(world: World, item_id: str) -> dict[str, Any]:
    """Return an instrument as a phone hears of it."""
    phone = world.phone()
    changes = phone.client.get("/api/v1/sync/changes", headers=phone.headers).json["changes"]
    (body,) = [one["body"] for one in changes if one["kind"] == "instrument" and one["id"] == item_id]
    return dict(body)


# --- from a phone ---------------------------------------------------------------------------------------------------


def test_codes_that_a_phone_read_are_kept_without_spaces_and_phones_hear_of_them(world: World) -> None:
    phone, body = world.phone(), an_instrument(world, **ALL | {"verification_code": " "})
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.APPLIED]
    assert kept(body["id"]) == [LINK, "W-202607", None]
    assert {name: feed_row(world, body["id"])[name] for name in CODES} == {
        "production_code": LINK,
        "repair_code": "W-202607",
        "verification_code": None,
    }


def test_a_phone_that_knows_of_no_codes_goes_on_as_before(world: World) -> None:
    phone, body = world.phone(), an_instrument(world)
    assert not set(CODES) & set(body)
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.APPLIED]
    assert kept(body["id"]) == [None] * 3


@pytest.mark.parametrize("name", CODES)
def test_a_code_that_is_too_long_or_holds_control_characters_is_told(sqlite_world: World, name: str) -> None:
    phone = sqlite_world.phone()
    for code, sentence in (("1" * (LONGEST + 1), "长度"), ("26\x1d04", "不能保存的字符"), ("26\u200b04", "不能保存")):
        told = pointers(sqlite_world, phone, phone.op(REGISTER, an_instrument(sqlite_world) | {name: code}))
        assert list(told) == [f"/{name}"]
        assert sentence in told[f"/{name}"], told
    assert db.session.query(Instrument).count() == len(sqlite_world.instruments)


# --- the page of a label --------------------------------------------------------------------------------------------


def test_the_page_folds_in_the_codes_that_exist_and_no_empty_row(world: World) -> None:
    phone, (serial,) = world.phone(world.verifier), stock(world, 1)
    body = an_instrument(world, production_code="<b>2604</b>", repair_code="W-7")
    register_it = phone.op(REGISTER, body)
    bind = phone.op(BIND, a_binding(body["id"], serial), depends_on=(register_it.op_id,))
    assert statuses(world.app, phone, register_it, bind) == [Status.APPLIED] * 2
    page = get(world, page_of(serial))
    assert re.findall(r"<dt>(生产码|维修码|检定码)</dt><dd[^>]*>(.*?)</dd>", page.text) == [
        ("生产码", "&lt;b&gt;2604&lt;/b&gt;"),
        ("维修码", "W-7"),
    ]
    assert "检定码" not in words(get(world, "/V/" + world.links[0].rpartition("/")[2]))


def test_a_record_holds_no_names_of_codes_that_are_not_there(world: World) -> None:
    texts = [row.body for row in db.session.query(PublicRecord)]
    assert len(texts) >= 2
    assert not [name for name in CODES for text in texts if name in text]


# --- at the desk ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [LINK, LINK.upper(), "https://sc.example", "26040116", "W-202607", "w-2026 07", "j2604", "J2604 0116", "ACS-0001"],
)
def test_an_instrument_is_found_by_its_serial_and_by_any_of_its_codes(sqlite_world: World, text: str) -> None:
    item = db.session.get_one(Instrument, sqlite_world.instruments[0])
    bear(item, **ALL | {"repair_code": "W-202607"})
    for page in ("verification", "physical-seals"):
        desk = visitor(sqlite_world, "verifier" if page == "verification" else "supervisor")
        found = desk.client.get(f"/console/{page}", query_string={"q": text})
        assert re.findall(r"instrument=([0-9a-f-]{36})", found.text) == [item.id], (page, text)


@pytest.mark.parametrize("text", ["40116", "%", "_", "X26040116", "26040116X", "W-202608"])
def test_what_only_looks_like_a_code_finds_nothing(sqlite_world: World, text: str) -> None:
    """A short end of a code is in many of them; a sign that databases take for any other is itself."""
    bear(db.session.get_one(Instrument, sqlite_world.instruments[0]), **ALL | {"repair_code": "W-202607"})
    scope = scope_of_branch()
    assert registry.instruments_by_number(db.session(), scope, text) == []
    assert len(registry.instruments_by_number(db.session(), scope, "ACS-0001")) == 1


def test_a_code_is_found_only_within_ones_scope(far: World) -> None:
    bear(db.session.get_one(Instrument, far.instruments[2]), production_code="FAR-26040116")
    found = visitor(far, "verifier").client.get("/console/verification", query_string={"q": "FAR-26040116"})
    assert found.status_code == 200
    assert "instrument=" not in found.text


def test_the_desk_shows_the_codes_with_the_nameplate_and_nothing_where_there_are_none(sqlite_world: World) -> None:
    item, other = (db.session.get_one(Instrument, id_) for id_ in sqlite_world.instruments[:2])
    bear(item, **ALL | {"repair_code": "<i>7"})
    for name, path in (("verifier", "verification"), ("supervisor", "physical-seals")):
        desk = visitor(sqlite_world, name)
        page = words(desk.get(f"/console/{path}?instrument={item.id}"))
        for code, shown in (ALL | {"repair_code": "<i>7"}).items():
            assert f"{NAMES[code]} {shown}" in page, path
        assert not any(one in words(desk.get(f"/console/{path}?instrument={other.id}")) for one in NAMES.values())


# --- ledgers --------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(sqlite_world: World) -> Visitor:
    a_region(sqlite_world)
    return visitor(sqlite_world, "supervisor")


def with_codes(**cells: str) -> dict[str, Any]:
    return row() | cells


def test_the_usual_headings_are_guessed_and_a_wrong_code_is_told(desk: Visitor, sqlite_world: World) -> None:
    path = map_it(desk, csv_of(with_codes(生产码="26 04\n0116", 检定码=LINK)))
    assert figures(desk.get(path)) == [1, 0, 0, 0]
    assert take_in(desk, path).status_code == 303
    item = db.session.query(Instrument).filter_by(serial="A-1").one()
    assert kept(item.id) == ["26040116", None, LINK]
    bad = [with_codes(生产码="2" * 301), with_codes(维修码="\x07"), with_codes(检定码="2\u202e6")]
    path = map_it(desk, csv_of(*bad))
    assert faults(path, sqlite_world) == [
        ("production_code", "too_long"),
        ("repair_code", "control_characters"),
        ("verification_code", "invisible_characters"),
    ]
    assert "超过 300 个字，" in desk.get(f"{path}/bad.csv").text


@pytest.mark.parametrize("heads", [("生产码", "维修码", "检定码"), ("production_code", "Repair code", "检定码/编号")])
def test_codes_are_added_to_what_is_there_once_and_come_back(
    desk: Visitor, sqlite_world: World, heads: tuple[str, ...]
) -> None:
    table = [["市场", "器具名称", "出厂编号", *heads], ["market 411602", "秤", "ACS-0001", LINK, "W 7", "J-1"]]
    before = register()
    path = map_it(desk, as_xlsx(table), "三码.xlsx")
    assert figures(desk.get(path)) == [0, 1, 0, 0]
    assert take_in(desk, path).status_code == 303
    assert kept(sqlite_world.instruments[0]) == [LINK, "W7", "J-1"]
    assert feed_row(sqlite_world, sqlite_world.instruments[0])["production_code"] == LINK
    page = get(sqlite_world, "/V/" + sqlite_world.links[0].rpartition("/")[2])
    assert "维修码 W7" in words(page)
    again = map_it(desk, as_xlsx(table), "三码.xlsx")
    assert figures(desk.get(again)) == [0, 0, 1, 0]
    assert desk.post(f"{path}/undo").status_code == 303
    assert kept(sqlite_world.instruments[0]) == [None] * 3
    rev = [column.name for column in Instrument.__table__.columns].index("rev")
    after = register()
    assert [one[:rev] + one[rev + 1 :] for one in after["instrument"]] == [
        one[:rev] + one[rev + 1 :] for one in before["instrument"]
    ]
    assert "维修码" not in words(get(sqlite_world, "/V/" + sqlite_world.links[0].rpartition("/")[2]))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_with_codes_of_every_kind_taken_in_again_changes_nothing(
    desk: Visitor, sqlite_world: World, ending: str
) -> None:
    first, second = (db.session.get_one(Instrument, id_) for id_ in sqlite_world.instruments[:2])
    bear(first, production_code="=1+1", repair_code="00012345678901234567890", verification_code="'7")
    bear(second, production_code="L" * LONGEST, verification_code="1e5")
    for number, party in enumerate(sqlite_world.parties):
        db.session.get_one(Party, party).public_code = credit_code(90 + number)
    db.session.commit()
    content = desk.get(f"/console/register.{ending}").data
    path = map_it(desk, content, f"register.{ending}")
    assert faults(path, sqlite_world) == []
    assert figures(desk.get(path)) == [0, 0, 2, 0]


def test_a_ledger_taken_in_before_there_were_codes_can_still_be_undone() -> None:
    before = {"id": "i", "serial": "1", "rev": 1}
    assert digest_of_row(before | dict.fromkeys(CODES)) == digest_of_row(before)
    for name in CODES:
        assert digest_of_row(before | {name: "1"}) != digest_of_row(before)


def test_codes_that_somebody_gave_since_keep_an_import_from_being_undone(desk: Visitor, sqlite_world: World) -> None:
    path = taken_in(desk, row(place=PLACES[1]))
    bear(db.session.query(Instrument).filter_by(serial="A-1").one(), repair_code="W-1")
    assert desk.post(f"{path}/undo").status_code == 409
    assert kept(db.session.query(Instrument).filter_by(serial="A-1").one().id) == [None, "W-1", None]


def test_the_ledgers_of_these_tests_hold_the_three_columns() -> None:
    assert [name for name in HEAD if name in NAMES.values()] == list(NAMES.values())
    assert as_csv([list(HEAD)]).decode("utf-8-sig").count("码") == 4
