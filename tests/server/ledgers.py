"""Ledgers for tests: thousands of sound rows drawn by a seed, bad ones of every sort, as CSV and as workbooks."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from stdnum.cn import uscc
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from server.accounts.models import Unit, UnitRegion
from server.clock import new_id, now
from server.database import begin_write, db
from server.registry.models import Party, Place, Stall, Tenancy
from tests.server.pages import Visitor
from tests.server.world import World

SEED = 20_261_128
HEAD = (
    *("经营场所", "摊位号", "经营者名称", "统一社会信用代码", "器具类别", "出厂编号", "自编号", "制造单位", "型号规格"),
    *("最大秤量(kg)", "最小秤量(g)", "检定分度值e(g)", "实际分度值d", "准确度等级", "检定日期", "有效期至"),
    *("证书编号", "检定机构", "备注", "场所类别", "行政区划", "系统编号", "生产码", "维修码", "检定码"),
)
PLACES = [f"第{number}集贸市场" for number in range(1, 21)]
BODY = "周口市计量测试中心"
Row = dict[str, Any]


def credit_code(number: int) -> str:
    """Return a sound code of eighteen signs."""
    body = f"92411602MA{number:07d}"
    return body + uscc.calc_check_digit(body)


def sound_row(dice: random.Random, number: int) -> Row:
    """Return a row with nothing wrong: days and figures in every way of writing that is understood."""
    merchant = dice.randrange(1500)
    place = merchant % len(PLACES)
    e = dice.choice((1, 2, 5, 10))
    day = dice.randrange(1, 29)
    written = dice.choice(("2026-{:02d}-{:02d}", "2026/{}/{}", "2026年{}月{}日", "2026{:02d}{:02d}"))
    until = written.replace("2026", "2027")
    month = dice.randrange(1, 11)
    values = (
        *(
            PLACES[place],
            f"A{merchant:04d}",
            f"经营户{merchant}",
            credit_code(merchant),
            dice.choice(("电子秤", "秤", "台秤")),
        ),
        *(
            f"SN{number:06d}",
            f"Z-{number}",
            "某衡器厂",
            f"ACS-{3 * e}",
            str(3 * e),
            str(20 * e),
            str(e),
            f"{e} g",
            "III",
        ),
        *(written.format(month, day), until.format(month, day - 1 or 1), f"检字{number:06d}", BODY, "", "", "", ""),
        *national_codes(number),
    )
    return dict(zip(HEAD, values, strict=True))


def national_codes(number: int) -> tuple[str, str, str]:
    """Return the codes of a scale: none on an older one, on a newer one in figures, in groups or as a link."""
    production = ("", f"2604{number:08d}", f"2604 {number:04d} AB", f"https://sc.example.cn/c?id={number}")[number % 4]
    return production, f"W-{number}" if number % 12 == 1 else "", f"J{number:08d}" if production else ""


@dataclass(frozen=True)
class Mistake:
    """One sort of mistake: how a row is spoiled, and the column and code that must be told of it."""

    spoil: Callable[[Row], Any]
    column: str
    code: str


def put(name: str, value: Any, column: str, code: str) -> Mistake:
    return Mistake(lambda row: row.__setitem__(name, value), column, code)


MISTAKES = [
    put("经营场所", "", "place", "missing"),
    put("器具类别", "", "kind", "missing"),
    put("器具类别", "水表", "kind", "unknown_kind"),
    Mistake(lambda row: row.update({"出厂编号": "", "自编号": ""}), "serial", "no_number"),
    put("出厂编号", "S" * 61, "serial", "too_long"),
    put("出厂编号", "SN\u200b1", "serial", "invisible_characters"),
    put("型号规格", "A\u202eB", "model", "invisible_characters"),
    put("生产码", "2" * 301, "production_code", "too_long"),
    put("维修码", "W\x071", "repair_code", "control_characters"),
    put("检定码", "J\u200b1", "verification_code", "invisible_characters"),
    put("备注", "a\x07b", "note", "control_characters"),
    put("最大秤量(kg)", "十五", "max_mg", "not_a_number"),
    put("最大秤量(kg)", "1e400", "max_mg", "not_a_number"),
    put("最大秤量(kg)", "NaN", "max_mg", "not_a_number"),
    put("最大秤量(kg)", "1,500", "max_mg", "not_a_number"),
    put("最大秤量(kg)", "4294967296", "max_mg", "out_of_range"),
    put("最大秤量(kg)", "-15", "max_mg", "negative"),
    put("最大秤量(kg)", "0", "max_mg", "zero"),
    put("最大秤量(kg)", "30斤", "max_mg", "unit_unclear"),
    put("实际分度值d", "1", "d_mg", "unit_missing"),
    put("检定分度值e(g)", "0.0005", "e_mg", "too_fine"),
    put("检定分度值e(g)", "90 kg", "e_mg", "e_not_below_max"),
    put("最小秤量(g)", "90 kg", "min_mg", "min_not_below_max"),
    put("实际分度值d", "20 g", "d_mg", "d_above_e"),
    put("准确度等级", "V", "accuracy_class", "unknown_class"),
    put("检定日期", "03/04/2026", "verified_on", "date_unclear"),
    put("检定日期", "去年", "verified_on", "not_a_date"),
    put("检定日期", "2026-02-30", "verified_on", "no_such_day"),
    put("检定日期", "1899-12-31", "verified_on", "day_implausible"),
    put("检定日期", "2026-12-01", "verified_on", "future_day"),
    put("有效期至", "2020-01-01", "valid_until", "valid_before_verified"),
    put("证书编号", "", "document_no", "verification_incomplete"),
    put("检定机构", "无名检定所", "body", "unknown_body"),
    put("统一社会信用代码", "92411602MA0000000X", "code", "bad_code"),
    put("统一社会信用代码", "11010519491231002X", "code", "identity_card"),
    put("经营者名称", "", "merchant", "code_without_name"),
    put("经营者名称", "别的名称", "merchant", "name_differs"),
    put("经营场所", "不存在的市场", "place", "unknown_place"),
    put("经营场所", "远方市场", "place", "unknown_place"),
    put("经营场所", "同名市场", "place", "several_places"),
    put("行政区划", "411681", "region", "region_not_yours"),
    put("系统编号", "019aa111-0000-7000-8000-00000000dead", "id", "unknown_id"),
    put("证书编号", "检字000001", "document_no", "document_taken"),
    put("出厂编号", "SN000001", "serial", "duplicate"),
    put("自编号", "Z-1", "own_no", "own_no_taken"),
]
SAME_PLACE = {"duplicate", "own_no_taken", "name_differs"}


@dataclass(frozen=True)
class Ledger:
    """A table with its headers, and for each bad row its number in the file, the column and what is wrong."""

    rows: list[Row]
    wrong: dict[int, tuple[str, str]]

    def table(self) -> list[list[Any]]:
        return [list(HEAD), *([row[name] for name in HEAD] for row in self.rows)]


def big_ledger(sound: int, bad: int) -> Ledger:
    """Return a ledger whose bad rows stand anywhere but first, each with one mistake, every sort in turn."""
    dice = random.Random(SEED)
    rows = [sound_row(dice, number) for number in range(1, sound + bad + 1)]
    first = dict(rows[0])
    wrong = {}
    for count, place in enumerate(sorted(dice.sample(range(1, len(rows)), bad))):
        mistake, row = MISTAKES[count % len(MISTAKES)], rows[place]
        if mistake.code in SAME_PLACE:
            row |= {name: first[name] for name in ("经营场所", "经营者名称", "统一社会信用代码", "器具类别", "摊位号")}
            row["自编号"] = first["自编号"] if mistake.code == "duplicate" else row["自编号"]
        mistake.spoil(row)
        wrong[place + 2] = (mistake.column, mistake.code)
    return Ledger(rows, wrong)


def as_csv(table: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode(encoding)


def as_xlsx(table: Sequence[Sequence[Any]], change: Callable[[Workbook], Any] = lambda _: None) -> bytes:
    """Return a workbook; ``change`` does something else to it."""
    book = Workbook()
    for row in table:
        book.active.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_region(world: World) -> None:
    """Add what the ledgers name: twenty places, two of one name, one beyond the border, and a verification body."""
    session = db.session()
    begin_write()
    names = [*((name, "411602") for name in PLACES), *[("同名市场", "411602")] * 2, ("远方市场", "411681")]
    about = {"kind": "market", "address": "", "phone_zone": "allowed"}
    session.add_all(Place(id=new_id(now()), name=name, region=region, **about) for name, region in names)
    body = Unit(id=new_id(now()), kind="verification_body", name=BODY)
    session.add(body)
    session.flush()
    session.add(UnitRegion(unit_id=body.id, region="411602"))
    session.commit()


def settle(world: World, place: str, name: str, number: str) -> Party:
    """Add a merchant without a code who has a stall."""
    session = db.session()
    begin_write()
    party = Party(id=new_id(now()), name=name, identity_kind="self_grower", region="411602")
    stall = Stall(id=new_id(now()), place_id=place, number=number)
    session.add_all((party, stall))
    session.flush()
    session.add(Tenancy(id=new_id(now()), stall_id=stall.id, party_id=party.id, first_day=world.day))
    session.commit()
    return party


def upload(desk: Visitor, content: bytes, name: str = "台账.csv") -> Any:
    """Send a file as a browser does; return the answer."""
    desk.get("/console/imports")
    fields = {"csrf_token": desk.token, "file": FileStorage(io.BytesIO(content), name)}
    boundary, body = encode_multipart(fields)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return desk.client.post("/console/imports", data=body, content_type=kind)


def guessed(desk: Visitor, path: str) -> dict[str, str]:
    """Return what the page of columns has filled in, as its form would send it."""
    text = desk.get(path).text
    fields = {"header": re.search(r'type="hidden" name="header" value="(\d+)"', text)[1]}  # type: ignore[index]
    for name, options in re.findall(r'<select[^>]*name="((?:column|unit)_\w+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def map_it(desk: Visitor, content: bytes, name: str = "台账.csv", **changed: str) -> str:
    """Upload a file and choose what its headers say; return the path of the result."""
    answer = upload(desk, content, name)
    assert answer.status_code == 303, answer.text
    columns = answer.headers["Location"]
    answer = desk.post(columns, **(guessed(desk, columns) | changed))
    assert answer.status_code == 303, answer.text
    path: str = answer.headers["Location"]
    return path


def take_in(desk: Visitor, path: str) -> Any:
    """Press the button of the result; return the answer."""
    mark = re.search(r'name="mark" value="([0-9a-f]{64})"', desk.get(path).text)
    assert mark is not None
    return desk.post(f"{path}/take-in", mark=mark[1])


def figures(answer: Any) -> list[int]:
    """Return the four figures of a page: new, changed, unchanged, bad."""
    return [int(found) for found in re.findall(r'<p class="figure">(\d+)</p>', answer.text)]
