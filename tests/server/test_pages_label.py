"""The page of a label, as a program without script and without a session reads it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import event

from server import transaction
from server.clock import now
from server.database import begin_write, db
from server.look import shape_svg, tone_of
from server.pledges import service as pledges
from server.public import service as public
from server.public.models import PublicRecord
from server.public.state import PageState
from server.registry.models import Party
from shared.texts import load
from tests.label_states import make_states, verified, wrong_host
from tests.server.pages import get, visitor, words
from tests.server.world import BEYOND, World

SAID = {
    PageState.IN_DATE: "这台秤在检定有效期内。请看编号，是不是您面前这台？",
    PageState.DUE_SOON: "检定有效期至 2026-12-05，即将到期。",
    PageState.OVERDUE: "检定有效期已过 36 天。",
    PageState.SUSPECTED: "现场检查发现疑似超差，待检定确认。",
    PageState.FAILED: "检定结果为不合格（检定结果通知书编号 N-7-3），不得用于交易。",
    PageState.SERVICING: "正在修理，检定合格前不得用于交易。",
    PageState.VOID: "这枚标识已作废。",
    PageState.FORGED: "这不是本系统签发的标识。请勿相信其内容，可向现场管理人员反映。",
    PageState.STOCK: "这枚标识尚未启用。",
    PageState.COMPARE: "这枚标识近期在不同地点被扫描，请核对照片和编号。",
    PageState.REPLACED: "这枚标识已更换。请扫描器具上的新标识。",
}


SHAPES = {
    "within": {PageState.IN_DATE, PageState.DUE_SOON},
    "beyond": {PageState.FAILED, PageState.FORGED, PageState.KEY_NOT_VALID},
    "indeterminate": {PageState.COMPARE, PageState.SUSPECTED, PageState.OVERDUE, PageState.NEVER_VERIFIED},
    "unknown": {PageState.NOT_A_SEAL, PageState.UNKNOWN_ALGORITHM, PageState.UNKNOWN_KEY, PageState.STOCK},
}
CALM = {
    PageState.VOID,
    PageState.REPLACED,
    PageState.LOST,
    PageState.SERVICING,
    PageState.STOPPED,
    PageState.REVOKED,
    PageState.EXPIRED,
}


def page_of(world: World) -> str:
    """Return the page of the label on the first merchant's scale."""
    return "/V/" + world.links[0].rpartition("/")[2]


def test_every_state_has_its_word_its_sentence_and_its_status(world: World) -> None:
    for state, path in make_states(world).items():
        answer = get(world, path)
        shown = PageState.UNKNOWN if state is PageState.KEY_COMPROMISED else state
        assert answer.status_code == (404 if state is PageState.NOT_A_SEAL else 200), state
        assert load("zh-CN", "server")(f"page_word.{shown}") in words(answer), state
        assert "本码不是检定合格标志" in words(answer)
        if state in SAID:
            assert SAID[state] in words(answer), words(answer)


def test_the_shape_says_what_the_word_says(sqlite_world: World) -> None:
    paths = make_states(sqlite_world)
    for tone, states in (SHAPES | {"unknown": SHAPES["unknown"] | CALM | {PageState.UNKNOWN}}).items():
        for state in states:
            assert f'data-tone="{tone}"' in get(sqlite_world, paths[state]).text, state
    for state in CALM:
        assert tone_of("void") == "unknown"
        assert f"{shape_svg('void', 48)}" in get(sqlite_world, paths[state]).text, state


def test_every_state_speaks_english(sqlite_world: World) -> None:
    for state, path in make_states(sqlite_world).items():
        answer = get(sqlite_world, f"{path}?lang=en")
        shown = PageState.UNKNOWN if state is PageState.KEY_COMPROMISED else state
        assert load("en", "server")(f"page_word.{shown}") in words(answer), state
        assert "Not a verification mark" in words(answer)


def test_a_compromised_key_sends_the_reader_to_the_register(sqlite_world: World) -> None:
    answer = get(sqlite_world, make_states(sqlite_world)[PageState.KEY_COMPROMISED])
    assert "请以登记信息为准" in words(answer)


def test_a_host_that_no_key_set_names_is_said(sqlite_world: World) -> None:
    path = make_states(sqlite_world)[PageState.IN_DATE]
    with wrong_host(sqlite_world.app):
        assert "不属于本系统" in words(get(sqlite_world, path))


def test_the_lower_case_path_shows_the_same_page(sqlite_world: World) -> None:
    paths = make_states(sqlite_world)
    upper = get(sqlite_world, paths[PageState.IN_DATE])
    lower = get(sqlite_world, paths[PageState.IN_DATE].replace("/V/", "/v/"))
    assert lower.status_code == 200
    assert words(lower) == words(upper)


def test_any_other_text_is_no_label(sqlite_world: World) -> None:
    for text in ("ABC", "a" * 133, "A" * 132, "A" * 134, "<script>", "9" * 133, "A" * 132 + "B"):
        answer = get(sqlite_world, f"/V/{text}")
        assert answer.status_code == 404, text
        assert "不是计量标识" in words(answer), text
        assert "<script>" not in answer.text


def test_a_label_that_must_not_be_relied_on_shows_nothing_of_the_register(sqlite_world: World) -> None:
    paths = make_states(sqlite_world)
    for state in (PageState.FORGED, PageState.VOID, PageState.EXPIRED, PageState.REVOKED, PageState.KEY_NOT_VALID):
        assert "ACS-" not in get(sqlite_world, paths[state]).text, state


def test_the_page_shows_what_to_compare_and_who_answers_for_it(sqlite_world: World) -> None:
    verified(sqlite_world, 0, 10)
    said = words(get(sqlite_world, "/V/" + sqlite_world.links[0].rpartition("/")[2]))
    for fact in (
        "编号 ACS-0001",
        "ACS-15",
        "market 411602",
        "A01 号摊位",
        "merchant 1",
        "2027-11-10",
        "N-0-10",
        "AAAA6QSB9",
    ):
        assert fact in said, fact


@pytest.mark.parametrize("kind", ["identity_card", "self_grower", "street_vendor"])
def test_a_natural_person_is_never_named(sqlite_world: World, kind: str) -> None:
    begin_write()
    party = db.session().get_one(Party, sqlite_world.parties[0])
    party.name, party.identity_kind = "某某某", kind
    _sign(sqlite_world)
    public.changed(db.session(), *sqlite_world.instruments)
    transaction.commit(db.session(), now())
    number = db.session.query(pledges.Pledge).one().number
    for page in (page_of(sqlite_world), f"/P/{number}"):
        said = words(get(sqlite_world, page))
        assert "某某某" not in said
        assert "签署人甲" not in said
        assert "A01 号摊位" in said


def _sign(world: World) -> None:
    from server.accounts.models import Person

    pledges.sign(
        db.session(),
        party=db.session().get_one(Party, world.parties[0]),
        person=db.session().get_one(Person, world.inspector),
        chosen=pledges.wording("scales-1"),
        signer_name="签署人甲",
        strokes=[[1, 2, 3, 4]],
        now=now(),
    )


def test_the_signed_pledge_is_shown_with_its_six_lines_and_its_public_page(world: World) -> None:
    begin_write()
    _sign(world)
    transaction.commit(db.session(), now())
    said = words(get(world, page_of(world)))
    for line in pledges.wording("scales-1").lines:
        assert line in said
    assert "编号 CN4116022026-000001，签署于 2026-11-21。" in said
    page = words(get(world, "/P/CN4116022026-000001"))
    assert pledges.wording("scales-1").sha256 in page
    assert "merchant 1" in page


def test_the_provisional_credit_stays_off_the_page(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    phone.answers(phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(BEYOND))))
    said = words(get(sqlite_world, page_of(sqlite_world)))
    for word in ("暂记", "信用", "分", "优", "良"):
        assert word not in said.replace("部分", "").replace("分度值", ""), word


def test_the_page_reads_one_finished_record_and_nothing_else(sqlite_world: World) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda c, k, statement, *rest: asked.append(statement))
    assert get(sqlite_world, page_of(sqlite_world)).status_code == 200
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1
    assert "public_record" in asked[-1]


def test_the_page_sets_no_cookie_unless_a_language_was_asked_for(sqlite_world: World) -> None:
    plain = get(sqlite_world, page_of(sqlite_world))
    assert "Set-Cookie" not in plain.headers
    assert plain.headers["Cache-Control"] == "no-cache"
    chosen = get(sqlite_world, f"{page_of(sqlite_world)}?lang=en")
    assert [cookie.split("=")[0] for cookie in chosen.headers.getlist("Set-Cookie")] == ["language"]


def test_a_language_asked_for_once_is_remembered(sqlite_world: World) -> None:
    person, path = visitor(sqlite_world), page_of(sqlite_world)
    assert "Never verified" in words(person.get(f"{path}?lang=en"))
    assert "Never verified" in words(person.get(path))
    assert "无检定记录" in words(person.get(f"{path}?lang=zh-CN"))
    assert "无检定记录" in words(person.get(path))


def test_only_pictures_of_label_pages_are_public(sqlite_world: World) -> None:
    from server.evidence.folder import FolderStore

    folder = sqlite_world.app.extensions["dingpan"].settings.evidence_dir
    shown, hidden = FolderStore(folder).put(b"shown"), FolderStore(folder).put(b"hidden")
    begin_write()
    record = db.session.query(PublicRecord).filter_by(instrument_id=sqlite_world.instruments[0]).one()
    record.photo_sha256 = shown
    record.body = json.dumps(json.loads(record.body) | {"instrument": {}})
    db.session.commit()
    with get(sqlite_world, f"/pictures/{shown}") as answer:
        assert answer.data == b"shown"
    for name in (hidden, "0" * 64, "../keys/private.json", shown.upper()):
        assert get(sqlite_world, f"/pictures/{name}").status_code == 404
