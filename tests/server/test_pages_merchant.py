"""The merchant's own pages: the invitation, the score with every point, the pledge and its poster."""

from __future__ import annotations

import json

import pytest

from server import transaction
from server.accounts.models import Person
from server.audit.models import Leaf
from server.clock import now
from server.credit.models import CreditEvent
from server.database import begin_write, db
from server.memberships import service as memberships
from server.pledges.models import Pledge
from server.pledges.service import wording
from server.registry.models import Place
from shared.words import VerificationResult
from tests.server.conftest import TestClock
from tests.server.pages import Visitor, visitor, words
from tests.server.world import BEYOND, GOOD, World

SCALES = wording("scales-1")
STROKES = "[[10,20,30,40],[50,60]]"


def invitation(world: World, party: int = 0) -> str:
    """Return the path of a fresh invitation."""
    begin_write()
    secret = memberships.issue_invitation(db.session(), world.parties[party], now())
    transaction.commit(db.session(), now())
    return f"/m/i/{secret}"


def merchant(world: World, party: int = 0) -> Visitor:
    """Return the browser of a merchant who accepted an invitation."""
    person, path = visitor(world), invitation(world, party)
    person.get(path)
    assert person.post(path).location == "/m/"
    person.get("/m/")
    return person


def signing(**fields: str) -> dict[str, str]:
    return {"text_id": SCALES.id, "sha256": SCALES.sha256, "signer_name": "周某", "strokes": STROKES} | fields


def test_looking_at_an_invitation_does_not_use_it_up(world: World) -> None:
    path = invitation(world)
    for _ in range(3):
        assert "merchant 1" in words(visitor(world).get(path))
    person = visitor(world)
    person.get(path)
    answer = person.post(path)
    assert (answer.status_code, answer.location) == (303, "/m/")
    assert "Max-Age=2592000" in str(answer.headers.getlist("Set-Cookie"))
    assert "merchant 1" in words(person.get("/m/"))


def test_an_invitation_is_accepted_once(world: World) -> None:
    path = invitation(world)
    first, second = visitor(world), visitor(world)
    first.get(path)
    second.get(path)
    assert first.post(path).status_code == 303
    answer = second.post(path)
    assert answer.status_code == 410
    assert "请向发给您的人再要一个。" in words(answer)
    assert second.get(path).status_code == 410
    assert first.get(path).location == "/m/"
    assert second.get("/m/").status_code == 302
    assert db.session.query(Person).filter_by(role="merchant").count() == 1


def test_an_invitation_ends_after_a_week(sqlite_world: World, clock: TestClock) -> None:
    path = invitation(sqlite_world)
    clock.move(days=7)
    assert visitor(sqlite_world).get(path).status_code == 410
    assert visitor(sqlite_world).get("/m/i/nonsense").status_code == 410


def test_the_desk_and_the_merchants_pages_keep_apart(sqlite_world: World) -> None:
    assert merchant(sqlite_world).get("/console/").status_code == 403
    assert visitor(sqlite_world, "inspector").get("/m/").status_code == 403


def test_a_merchant_sees_own_instruments_with_state_and_due_date(sqlite_world: World) -> None:
    sqlite_world.verify(VerificationResult.PASSED, "C-1")
    said = words(merchant(sqlite_world).get("/m/"))
    assert "秤 ACS-0001" in said
    assert "检定有效期至 2027-11-20" in said
    assert "标识短码 AAAA6QSB9" in said
    assert "在检定有效期内" in said
    assert "ACS-0002" not in said


def test_the_score_is_explained_point_by_point(world: World) -> None:
    phone = world.phone()
    phone.answers(phone.op("visit.record/1", world.visit(world.check(GOOD))))
    phone.answers(phone.op("visit.record/1", world.visit(world.check(BEYOND))))
    person = merchant(world)
    said = words(person.get("/m/"))
    assert "84 分 等级：未评级 近 2 年检查不足 2 次，暂不评级。" in said
    assert "起始分 80" in said
    assert "现场检查未见异常 +4" in said
    assert "暂记 计量器具超差 −18" in said
    assert "暂记，不影响信用分和等级；可在 2026-12-06 前（含当日）提出异议。" in said
    assert "演示稿，未发布" in said
    assert "疑似超差，待检定确认" in said
    world.verify(VerificationResult.FAILED, "N-1")
    said = words(person.get("/m/"))
    assert "66 分" in said
    assert "计量器具超差（文书编号 N-1） −18" in said
    assert "检定不合格，不得用于交易" in said


def test_a_withdrawn_term_stays_visible_and_counts_nothing(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    phone.answers(phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(BEYOND))))
    sqlite_world.verify(VerificationResult.PASSED, "C-1")
    said = words(merchant(sqlite_world).get("/m/"))
    assert "80 分" in said
    assert "已撤销 计量器具超差（文书编号 C-1） 0" in said


def test_a_term_over_the_most_of_its_kind_says_so(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    for _ in range(4):
        phone.answers(phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD))))
    said = words(merchant(sqlite_world).get("/m/"))
    assert "92 分" in said
    assert said.count("同类加分已到上限") == 1


def test_signing_the_pledge_numbers_logs_and_publishes_it(world: World) -> None:
    person = merchant(world)
    page = words(person.get("/m/pledge"))
    for line in SCALES.lines:
        assert line in page
    leaves = db.session.query(Leaf).count()
    answer = person.post("/m/pledge", **signing())
    assert (answer.status_code, answer.location) == (303, "/m/pledge?signed=1")
    pledge = db.session.query(Pledge).one()
    assert (pledge.text, pledge.text_sha256, pledge.signer_name) == (SCALES.text, SCALES.sha256, "周某")
    assert json.loads(pledge.strokes) == json.loads(STROKES)
    said = words(person.get(answer.location))
    assert "已签署 您的承诺已签署并公示。" in said
    assert f"编号 {pledge.number}" in said
    assert f"文本 SHA-256 {SCALES.sha256} 日志位置 {leaves}" in said
    assert "+3" in words(person.get("/m/"))
    assert pledge.number in words(visitor(world).get("/V/" + world.links[0].rpartition("/")[2]))


def test_a_second_signing_within_the_year_says_it_is_signed(world: World, clock: TestClock) -> None:
    person = merchant(world)
    person.get("/m/pledge")
    person.post("/m/pledge", **signing())
    answer = person.post("/m/pledge", **signing())
    assert "承诺已经签署，2027-11-21 起可以续签。" in words(person.get(answer.location))
    assert db.session.query(Pledge).count() == db.session.query(CreditEvent).count() == 1
    clock.move(days=364)
    person = merchant(world)
    assert "已签署" in words(person.get("/m/pledge"))
    clock.move(days=1)
    person = merchant(world)
    assert "签署承诺" in words(person.get("/m/pledge"))
    person.post("/m/pledge", **signing())
    assert sorted(pledge.number for pledge in db.session.query(Pledge)) == [
        "CN4116022026-000001",
        "CN4116022027-000001",
    ]


WRONG = {
    "nothing drawn": ({"strokes": ""}, "请手写签名。"),
    "an empty list": ({"strokes": "[]"}, "请手写签名。"),
    "no JSON": ({"strokes": "ink"}, "签名笔画格式不对"),
    "no whole numbers": ({"strokes": "[[1.5,2]]"}, "签名笔画格式不对"),
    "no pairs": ({"strokes": "[[1,2,3]]"}, "签名笔画格式不对"),
    "too much ink": ({"strokes": json.dumps([[1, 2] * 1200])}, "签名太复杂"),
    "deep nonsense": ({"strokes": "[" * 5000}, "签名笔画格式不对"),
    "no name": ({"signer_name": "  "}, "必须填写。"),
    "a long name": ({"signer_name": "周" * 61}, "长度应在 1 到 60 个字符之间。"),
    "another text": ({"sha256": "0" * 64}, "承诺文本已更新"),
}


def test_a_pledge_that_cannot_be_kept_is_refused_beside_its_field(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    person.get("/m/pledge")
    for case, (fields, said) in WRONG.items():
        answer = person.post("/m/pledge", **signing(**fields))
        assert answer.status_code == 422, case
        assert said in words(answer), case
    assert db.session.query(Pledge).count() == 0


def test_what_was_typed_and_drawn_stays_when_another_field_is_wrong(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    person.get("/m/pledge")
    answer = person.post("/m/pledge", **signing(signer_name=""))
    assert f'name="strokes" value="{STROKES}"' in answer.text
    assert 'value="周某"' in person.post("/m/pledge", **signing(strokes="")).text


@pytest.mark.parametrize(
    ("kind", "line"),
    [("filling_station", "加多少、算多少；"), ("optician", "验光准、配镜准；"), ("supermarket", "足斤足两；")],
)
def test_the_six_lines_fit_the_kind_of_place(sqlite_world: World, kind: str, line: str) -> None:
    db.session().get_one(Place, sqlite_world.place).kind = kind
    db.session.commit()
    assert line in words(merchant(sqlite_world).get("/m/pledge"))


def test_the_poster_is_there_once_the_pledge_is_signed(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    assert person.get("/m/poster").status_code == 404
    person.get("/m/pledge")
    person.post("/m/pledge", **signing())
    said = words(person.get("/m/poster"))
    for fact in ("merchant 1", *SCALES.lines, "CN4116022026-000001", "投诉举报 12315"):
        assert fact in said
