"""The bureau's desk: what its people see, what they enter, and what stays out of their sight."""

from __future__ import annotations

import csv
import io
import json

import pytest

from server import transaction
from server.administration.models import Act
from server.campaigns.models import Task
from server.certificates.models import Verification
from server.clock import now
from server.csv_text import csv_text
from server.database import begin_write, db
from server.devices.models import EnrolmentCode
from server.findings.models import Finding
from server.inspections.models import Visit
from server.memberships.models import Invitation
from server.registry.models import Place
from tests.server.conftest import TestClock
from tests.server.pages import visitor, words
from tests.server.world import BEYOND, GOOD, World

DAY = "2026-11-21"


def a_visit(world: World, readings: list[tuple[int, int]], *, scale: int = 0, **fields: object) -> str:
    """Let the inspector's phone send a visit; returns its id."""
    phone = world.phone()
    body = world.visit(world.check(readings, instrument=scale), party=scale)
    body["inspections"][0] |= fields
    (answer,) = phone.answers(phone.op("visit.record/1", body))
    assert answer["status"] == "applied", answer
    return str(body["id"])


def entry(world: World, *, scale: int = 0, **fields: str) -> dict[str, str]:
    """Return a filled verification form."""
    form = {"kind": "periodic", "result": "failed", "document_no": "T-1", "done_on": DAY}
    return {"instrument": world.instruments[scale]} | form | fields


def test_today_shows_visits_arrivals_and_tasks_in_words(sqlite_world: World) -> None:
    visit = a_visit(sqlite_world, BEYOND, disposition="order_to_correct")
    said = words(visitor(sqlite_world, "supervisor").get("/console/"))
    for fact in ("market 411602", "inspector、colleague", "疑似超差 1", "疑似 1", "已接收", "检定确认", "秤 ACS-0001"):
        assert fact in said, fact
    assert f"/console/visit/{visit}" in visitor(sqlite_world, "supervisor").get("/console/").text


def test_what_makes_a_record_weak_is_said_in_words(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    body = sqlite_world.visit(sqlite_world.check(GOOD), card_shown=False, recusal_told=False, clock_offset_s=None)
    body["participants"] = body["participants"][:1]
    phone.answers(phone.op("visit.record/1", body))
    person = visitor(sqlite_world, "supervisor")
    for page in ("/console/", f"/console/visit/{body['id']}"):
        said = words(person.get(page))
        for fact in ("执法人员不足两人", "未出示执法证件", "未告知回避权利", "手机时间存疑"):
            assert fact in said, (page, fact)


def test_an_empty_day_says_so_and_offers_a_way_on(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "supervisor")
    said = words(person.get("/console/"))
    for sentence in ("今天还没有收到现场检查记录。", "近七天没有收到记录。", "没有待办任务。"):
        assert sentence in said


def test_a_visit_is_shown_as_it_is_kept(sqlite_world: World) -> None:
    strokes = [[10, 20, 30, 40], [50, 60]]
    signature = {"name": "经营者甲", "refused": False, "strokes": strokes}
    visit = a_visit(sqlite_world, BEYOND, signature=signature, remark="秤盘有油污", party_remark="秤是新的")
    person = visitor(sqlite_world, "supervisor")
    answer = person.get(f"/console/visit/{visit}")
    said = words(answer)
    facts = ("豫P0001", "豫P0002", "merchant 1", "A01 号摊位", "10.025 公斤", "+25 克", "±10 克", "超出", "秤盘有油污")
    for fact in (*facts, "秤是新的", "经营者甲 签名", "现场测试超差（疑似），需检定确认", "多显示 25 克", "连续"):
        assert fact in said, fact
    assert "M10 20L30 40M50 60h0" in answer.text
    assert db.session.query(Visit).one().op_id in answer.text


def test_a_clean_stall_is_one_line_and_a_finding_lies_open(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "supervisor")
    clean = person.get(f"/console/visit/{a_visit(sqlite_world, GOOD)}").text
    assert '<details class="card inspection">' in clean
    found = person.get(f"/console/visit/{a_visit(sqlite_world, BEYOND, scale=1)}").text
    assert '<details class="card inspection" open>' in found
    told = person.get(f"/console/visit/{a_visit(sqlite_world, GOOD, remark='x')}").text
    assert '<details class="card inspection" open>' in told


def test_a_disputed_check_shows_both_verdicts(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    body = sqlite_world.visit(sqlite_world.check(BEYOND, verdict="within"))
    phone.answers(phone.op("visit.record/1", body))
    said = words(visitor(sqlite_world, "supervisor").get(f"/console/visit/{body['id']}"))
    assert "手机：未见异常" in said
    assert "服务器：现场测试超差（疑似）" in said


def test_a_correction_stands_above_the_visit_it_corrects(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    op = phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    phone.answers(op)
    phone.answers(phone.op("correction/1", {"corrects": op.op_id, "note": "摊位号应为 A03"}))
    visit = db.session.query(Visit).one().id
    assert "更正： 摊位号应为 A03" in words(visitor(sqlite_world, "supervisor").get(f"/console/visit/{visit}"))


def test_a_visit_of_another_region_is_not_found(world: World) -> None:
    visit = a_visit(world, GOOD)
    stranger = visitor(world, "stranger")
    answer = stranger.get(f"/console/visit/{visit}")
    assert answer.status_code == 404
    assert "没有找到您要的内容" in words(answer)
    assert "market 411602" not in words(stranger.get("/console/"))
    assert "market 411602" not in words(stranger.get("/console/bulletin"))
    for broken in ("x", "0" * 36, visit.upper()):
        assert stranger.get(f"/console/visit/{broken}").status_code == 404


@pytest.mark.parametrize("page", ["/console/verification", "/console/invitation"])
def test_a_page_for_another_role_is_refused(sqlite_world: World, page: str) -> None:
    name = "inspector" if page.endswith("verification") else "verifier"
    person = visitor(sqlite_world, name)
    assert person.get(page).status_code == 403
    assert page not in person.get("/console/").text


def test_a_failed_verification_confirms_and_says_what_it_settled(world: World) -> None:
    a_visit(world, BEYOND)
    person = visitor(world, "verifier")
    assert "秤 ACS-0001" in words(person.get("/console/verification"))
    form = person.get(f"/console/verification?instrument={world.instruments[0]}")
    assert f'value="{DAY}"' in form.text
    assert "2026-11-21 现场检查疑似超差" in words(form)
    answer = person.post("/console/verification", **entry(world))
    assert answer.status_code == 303
    said = words(person.get(answer.location))
    assert "不合格 文书编号 T-1。" in said
    assert "2026-11-21 的疑似超差已确认" in said
    assert db.session.query(Finding).one().state == "confirmed"
    assert "没有等待检定确认的器具。" in words(person.get("/console/verification"))


def test_a_passed_verification_withdraws(sqlite_world: World) -> None:
    a_visit(sqlite_world, BEYOND)
    person = visitor(sqlite_world, "verifier")
    person.get(f"/console/verification?instrument={sqlite_world.instruments[0]}")
    answer = person.post("/console/verification", **entry(sqlite_world, result="passed"))
    said = words(person.get(answer.location))
    assert "有效期至 2027-11-20" in said
    assert "的疑似超差已撤销" in said


def test_a_verification_from_before_the_check_settles_nothing(sqlite_world: World) -> None:
    a_visit(sqlite_world, BEYOND)
    person = visitor(sqlite_world, "verifier")
    person.get(f"/console/verification?instrument={sqlite_world.instruments[0]}")
    answer = person.post("/console/verification", **entry(sqlite_world, done_on="2026-11-20"))
    said = words(person.get(answer.location))
    assert "没有因此了结的疑似问题" in said
    assert "仍待确认" in said


def test_a_used_document_number_is_said_beside_its_field_and_nothing_is_stored(world: World) -> None:
    person = visitor(world, "verifier")
    person.get(f"/console/verification?instrument={world.instruments[0]}")
    assert person.post("/console/verification", **entry(world)).status_code == 303
    person.get(f"/console/verification?instrument={world.instruments[1]}")
    answer = person.post("/console/verification", **entry(world, scale=1))
    assert answer.status_code == 409
    assert "“T-1”已经登记过，请核对编号。" in words(answer)
    assert 'value="T-1"' in answer.text
    assert db.session.query(Verification).count() == 1


def test_every_wrong_field_is_named_at_once_and_what_was_typed_stays(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "verifier")
    person.get(f"/console/verification?instrument={sqlite_world.instruments[0]}")
    wrong = {"kind": "magic", "result": "", "document_no": "N" * 61, "done_on": "2026-02-30"}
    answer = person.post("/console/verification", **entry(sqlite_world, **wrong))
    assert answer.status_code == 422
    for name in wrong:
        assert f'id="{name}-wrong"' in answer.text, name
    assert "N" * 61 in answer.text
    assert db.session.query(Verification).count() == 0


@pytest.mark.parametrize(("day", "said"), [("2026-11-22", "日期不能在今天之后"), ("2015-12-31", "日期早于 10 年前")])
def test_an_impossible_day_is_refused(sqlite_world: World, day: str, said: str) -> None:
    person = visitor(sqlite_world, "verifier")
    person.get(f"/console/verification?instrument={sqlite_world.instruments[0]}")
    answer = person.post("/console/verification", **entry(sqlite_world, done_on=day))
    assert answer.status_code == 422
    assert said in words(answer)
    assert db.session.query(Verification).count() == 0


def test_an_instrument_is_found_by_serial_and_by_label_code(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "verifier")
    for asked in ("acs-0002", "ACS-0002", "aaaa-6qsc 7"):
        said = words(person.get(f"/console/verification?q={asked}"))
        assert "秤 ACS-0002" in said, asked
        assert "ACS-0001" not in said, asked
    assert "检定码以“%_”开头的器具" in words(person.get("/console/verification?q=%25_"))


def test_an_instrument_of_another_region_cannot_be_verified(sqlite_world: World) -> None:
    begin_write()
    from server.registry.models import Instrument

    db.session().get_one(Instrument, sqlite_world.instruments[0]).region = "411681"
    transaction.commit(db.session(), now())
    person = visitor(sqlite_world, "verifier")
    assert person.get(f"/console/verification?instrument={sqlite_world.instruments[0]}").status_code == 404
    person.get("/console/verification")
    assert person.post("/console/verification", **entry(sqlite_world)).status_code == 404
    assert "ACS-0001" not in words(person.get("/console/verification?q=ACS"))


def test_the_bulletin_counts_people_places_parties_instruments_and_orders(world: World, clock: TestClock) -> None:
    a_visit(world, GOOD)
    a_visit(world, BEYOND, scale=1, disposition="order_to_correct")
    a_visit(world, GOOD)
    person = visitor(world, "supervisor")
    said = words(person.get("/console/bulletin"))
    sentence = (
        "【计量检查快报】2026-11-21，branch：出动 2 人，检查场所 1 处、经营者 2 户；"
        "现场测试计量器具 2 台（件），其中加油枪 0 把，未见异常 1/2 (50.0 %)；责令改正 1 起。"
    )
    assert sentence in said
    clock.move(days=1)
    person = visitor(world, "supervisor")
    quiet = person.get("/console/bulletin?day=2026-11-22")
    assert "未做现场测试" in words(quiet)
    assert f"/console/bulletin?day={DAY}" in quiet.text
    assert sentence in words(person.get(f"/console/bulletin?day={DAY}"))


def test_the_bulletin_leaves_out_who_was_not_inspected_and_counts_doubt_as_no_clean_one(sqlite_world: World) -> None:
    doubtful = [(1_000_000, 1_000_000), (5_000_000, 5_000_000)]
    a_visit(sqlite_world, doubtful)
    a_visit(sqlite_world, GOOD, scale=1, disposition="not_inspected", not_inspected="closed", checks=[])
    said = words(visitor(sqlite_world, "supervisor").get("/console/bulletin"))
    assert "经营者 1 户；现场测试计量器具 1 台（件），其中加油枪 0 把，未见异常 0/1 (0.0 %)" in said


def test_a_witness_was_not_sent_out(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    body = sqlite_world.visit(sqlite_world.check(GOOD))
    body["participants"][1]["capacity"] = "witness"
    phone.answers(phone.op("visit.record/1", body))
    assert "出动 1 人" in words(visitor(sqlite_world, "supervisor").get("/console/bulletin"))


def test_a_bulletin_of_a_day_that_does_not_exist_is_a_bad_request(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "supervisor")
    for day in ("2026-02-30", "x", "20261121x"):
        assert person.get(f"/console/bulletin?day={day}").status_code == 400


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(sqlite_world: World) -> None:
    begin_write()
    db.session().get_one(Place, sqlite_world.place).name = "=HYPERLINK(1)"
    transaction.commit(db.session(), now())
    a_visit(sqlite_world, GOOD)
    answer = visitor(sqlite_world, "supervisor").get("/console/bulletin.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="bulletin-{DAY}.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["日期", "行政区划", "场所"]
    assert rows[1][:3] == [DAY, "R411602", "'=HYPERLINK(1)"]
    assert rows[2][2] == "合计（1 处场所）"
    assert rows[1][3:] == rows[2][3:] == ["2", "1", "1", "0", "1", "1/1 (100.0 %)", "0"]


@pytest.mark.parametrize(
    "cell", ["=1", "+1+1", "-1+1", "@x", "\tx", "\rx", "\n=1", "\0=1", "＝1", "＋1x", "－1", "＠x", " =1"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_led_by_an_apostrophe(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_text([[cell]]).removeprefix("\ufeff"), newline=""))
    assert row[0].startswith("'")
    assert "\0" not in row[0]


@pytest.mark.parametrize("cell", ["-3", "-3.5", "+4", "12 %", "A-1", "37/40 (92.5 %)", "", "市场"])
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert csv_text([[cell, -7]]) == f"\ufeff{cell or ''},-7\r\n"


def test_a_supervisor_sends_somebody_on_a_visit(world: World) -> None:
    person = visitor(world, "supervisor")
    person.get("/console/tasks")
    fields = {"place": world.place, "person": world.inspector, "due_on": DAY, "note": "查公平秤"}
    answer = person.post("/console/tasks", **fields)
    assert answer.status_code == 303
    said = words(person.get(answer.location))
    assert "任务已派出" in said
    assert "查公平秤" in said
    task = db.session.query(Task).one()
    assert (task.kind, task.region, task.assigned_to, str(task.due_on)) == ("visit", "411602", world.inspector, DAY)


def test_a_task_with_wrong_fields_names_each_of_them(sqlite_world: World) -> None:
    world, person = sqlite_world, visitor(sqlite_world, "supervisor")
    person.get("/console/tasks")
    late = {"place": world.far_place, "person": world.stranger, "due_on": "2026-11-20", "note": "查公平秤"}
    answer = person.post("/console/tasks", **late)
    assert answer.status_code == 422
    for sentence in ("不在您的管辖范围", "不负责该处", "日期已经过去"):
        assert sentence in words(answer)
    assert 'value="查公平秤"' in answer.text
    assert words(person.post("/console/tasks")).count("必须填写。") == 3
    assert db.session.query(Task).count() == 0


def test_an_inspector_sees_tasks_but_assigns_none(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "inspector")
    assert "派出检查任务" not in words(person.get("/console/tasks"))
    assert person.post("/console/tasks", place=sqlite_world.place).status_code == 403


def test_an_enrolment_code_is_shown_once_and_pins_the_root(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "inspector")
    assert "还没有登记过手机。" in words(person.get("/console/enrolment"))
    answer = person.post("/console/enrolment")
    text = json.loads(words(answer).partition("把这段文字粘贴到应用里 ")[2].partition("} ")[0] + "}")
    assert set(text) == {"url", "root_sha256", "code"}
    assert "代码在 10:30 前有效" in words(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert db.session.query(EnrolmentCode).one().person_id == sqlite_world.inspector
    assert text["code"] not in person.get("/console/enrolment").text


def test_a_merchant_is_found_and_invited_once(world: World) -> None:
    person = visitor(world, "inspector")
    found = words(person.get("/console/invitation?q=merchant"))
    assert "merchant 1" in found
    assert "A02 号摊位" in found
    answer = person.post("/console/invitation", party=world.parties[0])
    assert "邀请 merchant 1" in words(answer)
    assert "http://127.0.0.1:8000/m/i/" in answer.text
    assert db.session.query(Invitation).one().party_id == world.parties[0]
    for wrong in ("x", world.place, ""):
        assert person.post("/console/invitation", party=wrong).status_code == 404


def test_a_merchant_of_another_region_cannot_be_invited(sqlite_world: World) -> None:
    stranger = visitor(sqlite_world, "stranger")
    assert "没有名称含“merchant”的经营者" in words(stranger.get("/console/invitation?q=merchant"))
    assert stranger.post("/console/invitation", party=sqlite_world.parties[0]).status_code == 404
    assert db.session.query(Invitation).count() == 0


def test_a_record_that_was_refused_is_listed_with_its_reason(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    body = sqlite_world.visit(sqlite_world.check(GOOD), place=sqlite_world.far_place)
    (answer,) = phone.answers(phone.op("visit.record/1", body))
    assert answer["status"] == "rejected"
    person = visitor(sqlite_world, "supervisor")
    page = person.get("/console/incoming")
    assert "未接收 原因" in words(page)
    assert 'href="/problems/out-of-scope"' in page.text
    assert "不在管辖范围" in words(person.get("/problems/out-of-scope"))


def test_htmx_gets_the_rows_alone(sqlite_world: World) -> None:
    a_visit(sqlite_world, GOOD)
    person = visitor(sqlite_world, "supervisor")
    part = person.get("/console/incoming", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "已接收" in words(part)


def test_a_picture_is_shown_within_its_region_alone(sqlite_world: World) -> None:
    from server.evidence.folder import FolderStore
    from server.registry.models import Instrument

    folder = sqlite_world.app.extensions["dingpan"].settings.evidence_dir
    name = FolderStore(folder).put(b"picture")
    db.session().get_one(Instrument, sqlite_world.instruments[0]).photo_sha256 = name
    db.session.commit()
    with visitor(sqlite_world, "inspector").get(f"/console/pictures/{name}") as answer:
        assert answer.data == b"picture"
        assert answer.headers["Cache-Control"] == "no-store"
    assert visitor(sqlite_world, "stranger").get(f"/console/pictures/{name}").status_code == 404
    (act,) = db.session.query(Act).filter_by(kind="data_read")
    assert (act.by_person, act.about_id) == (sqlite_world.inspector, "console.picture")
    assert json.loads(act.details) == {"method": "GET", "ids": name}, "who looks at an original is known afterwards"
