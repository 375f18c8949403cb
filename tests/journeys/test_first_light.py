"""First light: one honest scan, end to end, on real input. The tests tell one story, in order.

An inspector enrols a phone, scans a printed label with the network cut, finds a scale beyond its limits and records it;
the phone dies, comes back and syncs; the public page says suspected; a verification confirms it; the merchant signs
the pledge. Nothing is lost and nothing doubles.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from shared import keys, signing
from shared.credit import Grade, State
from shared.rules import rules_on
from shared.rules.rows import CreditTerm
from shared.tree import TreeHead
from tests.journeys.conftest import DINGPAN, City
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow, Seen
from tests.journeys.network import Network
from tests.journeys.photograph import photograph, rasterise

PIN = "246813"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
WAVE = [(30 + 9 * step, 70 + (24 if step % 2 else -18)) for step in range(26)]


@dataclass
class Story:
    """What the tests of this story share."""

    city: City
    cable: Network
    display: Display
    browser: Browser
    folder: Path
    window: FieldWindow | None = None

    @property
    def app(self) -> FieldWindow:
        assert self.window is not None, "an earlier part of the story failed"
        return self.window

    @property
    def frames(self) -> Path:
        return self.folder / "frames"

    def start_app(self, *more: str) -> FieldWindow:
        """Start the app on the phone's own data."""
        arguments = ["--data", str(self.folder / "phone"), "--frames", str(self.frames), *more]
        self.window = FieldWindow(self.display, arguments)
        return self.window

    def press_button(self, text: str) -> None:
        """Tap the big button that says this: titles often say the same."""

        def found() -> Seen | None:
            buttons = (one for one in self.app.look().widgets if one.kind == "BigButton" and one.is_enabled)
            return next((one for one in buttons if one.says(text)), None)

        self.app.tap_at(*self.app.until(found, f"the button {text!r}").middle)

    def measure(self, load: str, shown: str) -> None:
        """Enter one point: what lies on the pan, and what the scale shows."""
        self.app.press(load)
        self.press_button("下一步")
        self.app.press(shown)
        self.press_button("记下读数")

    def open_outbox(self) -> None:
        """Tap the way to the outbox, which counts what waits until the server has it."""

        def found() -> Seen | None:
            texts = ("待上传", "记录")
            return next((one for text in texts for one in self.app.look().that_say(text) if one.is_enabled), None)

        self.app.tap_at(*self.app.until(found, "the way to the outbox").middle)
        self.app.wait_for_screen("outbox")

    def desk(self, role: str) -> Page:
        """Sign somebody in at the desk."""
        page = self.browser.new_context(viewport=DESK, locale="zh-CN").new_page()
        self.city.enter(page, role)
        return page

    def public_page(self) -> Page:
        """Open the page behind the journey's label, as a consumer does."""
        page = self.browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
        answer = page.goto(self.city.label("journey")["url"])
        assert answer is not None
        assert answer.status == 200
        return page

    @property
    def party(self) -> str:
        return str(self.city.way_in["journey"]["party_id"]).replace("-", "")

    def score(self) -> tuple[int, str]:
        """Return points and grade of the journey's merchant as the server stores them."""
        ((points, grade),) = self.city.rows("SELECT points, grade FROM party_score WHERE party_id = ?", self.party)
        return points, grade

    def counts(self) -> dict[str, int]:
        """Count the rows that must never double."""
        tables = ("op", "visit", "inspection", "check", "reading", "finding", "credit_event", "leaf", "task")
        return {table: self.city.rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}  # noqa: S608


@pytest.fixture(scope="module")
def story(
    city: City, cable: Network, display: Display, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    story = Story(city, cable, display, browser, tmp_path_factory.mktemp("phone"))
    story.frames.mkdir()
    yield story
    if story.window is not None:
        story.window.stop()


def photos_on_phone(story: Story) -> int:
    return sum(path.is_file() for path in (story.folder / "phone" / "photos").rglob("*"))


def test_the_phone_is_enrolled_and_downloads_the_register(story: Story) -> None:
    enrolment = json.loads(story.city.way_in["enrolments"][0]["text"])
    enrolment["url"] = f"http://127.0.0.1:{story.cable.port}"
    app = story.start_app("--enrol", json.dumps(enrolment))
    app.press(PIN)
    app.wait_for("再输入一次")
    app.press(PIN)
    app.wait_for_screen("today")
    place = story.city.rows(
        "SELECT p.name FROM place p JOIN instrument i ON i.place_id = p.id JOIN seal s ON s.instrument_id = i.id "
        "WHERE s.serial = ?",
        str(story.city.label("journey")["serial"]),
    )[0][0]
    app.wait_for(place)
    inspector = story.city.sign_in("inspector")["person"].replace("-", "")
    pictures = story.city.rows(
        "SELECT count(*) FROM instrument i JOIN unit_region r ON i.region LIKE r.region || '%' "
        "JOIN person p ON p.unit_id = r.unit_id WHERE p.id = ? AND i.photo_sha256 IS NOT NULL",
        inspector,
    )[0][0]
    assert pictures > 0
    app.until(lambda: photos_on_phone(story) == pictures, "every picture to come")


def test_a_printed_label_is_read_from_a_photograph_without_a_network(story: Story) -> None:
    story.cable.cut()
    pdf, serial = story.folder / "label.pdf", str(story.city.label("journey")["serial"])
    subprocess.run(
        [str(DINGPAN), "label", serial, "--data", str(story.city.folder), "--out", str(pdf)], check=True, timeout=60
    )
    photograph(rasterise(pdf, story.folder), seed=7).save(story.frames / "counter.jpg", quality=90)
    story.app.tap("扫码")
    story.app.wait_for_screen("card")
    assert story.app.says("标识为真，请核对实物")
    assert story.app.says("本码不是检定合格标志")
    story.app.wait_for("检定有效期至")
    story.app.tap("是这台")


def test_the_verdict_is_given_on_the_spot(story: Story) -> None:
    app = story.app
    app.tap("开始测试")
    app.wait_for_screen("start")
    assert app.says("还缺：第二名执法人员、出示执法证件、告知申请回避的权利")
    app.tap(story.city.sign_in("colleague")["name"])
    app.tap("已出示执法证件")
    app.tap("已告知申请回避的权利")
    story.press_button("开始检查")
    app.wait_for_screen("check")
    story.measure("10", "10.025")
    app.wait_for("再测 2 点才有结论")
    story.measure("1", "1.000")
    story.measure("5", "5.010")
    app.wait_for("现场测试超差（疑似），需检定确认")
    assert app.says("放 10 公斤，显示 10.025 公斤，多显示 25 克；最多允许差 10 克。")
    assert app.says("误差 +25 克，允许 ±10 克")
    story.press_button("完成测试")


def test_the_merchant_signs_and_the_record_is_saved(story: Story) -> None:
    app = story.app
    app.wait_for_screen("party")
    app.tap("送检")
    app.scroll_to("请当事人签名")
    app.tap("请当事人签名")
    app.wait_for_screen("signature")
    app.draw([(60, 640), (120, 560), (180, 650), (240, 560), (300, 640)])
    story.press_button("确认签名")
    app.wait_for_screen("party")
    story.press_button("完成本户")
    app.wait_for_screen("visit")
    story.press_button("保存检查")
    app.wait_for_screen("today")
    app.wait_for("还有 1 条未得到服务器确认，都保存在本机，不会丢失。")
    assert story.city.rows("SELECT count(*) FROM finding WHERE state = 'suspected' AND party_id = ?", story.party) == [
        (0,)
    ]


def test_the_record_survives_a_dead_phone(story: Story) -> None:
    story.app.kill()
    app = story.start_app()
    app.press(PIN)
    app.wait_for_screen("today")
    app.wait_for("还有 1 条未得到服务器确认，都保存在本机，不会丢失。")


def test_the_network_returns_and_every_proof_verifies(story: Story) -> None:
    before = story.score()
    story.cable.restore()
    app = story.app
    story.open_outbox()
    app.tap("立即同步")
    app.wait_for("今日 1 条，服务器已收到 1 条，一致。", patience_s=40)
    app.tap("已收到  第 1 条")
    app.wait_for_screen("record")
    app.scroll_to("签名、日期、内容摘要均相符")
    app.scroll_to("核对是否入册")
    app.tap("核对是否入册")
    app.wait_for("证明成立")
    assert story.score() == before


def test_the_signed_head_of_the_log_verifies_with_the_published_keys(story: Story) -> None:
    head, document = _get(story, "/api/v1/log/head"), _get(story, "/api/v1/keys")
    private = json.loads((story.city.folder / "keys" / "private.json").read_text())
    key_set = keys.open_key_set(document, signing.decode_base64(private["root_public"]))
    key = key_set.key(keys.Purpose.TREE, head["key_id"])
    assert key is not None
    root, signature = signing.decode_base64(head["root"]), signing.decode_base64(head["signature"])
    tree_head = TreeHead(head["log_id"], head["size"], root, head["signed_at"], head["key_id"], signature)
    assert tree_head.is_signed_by(key.public)
    assert head["size"] == story.counts()["leaf"]


def _get(story: Story, path: str) -> Any:
    answer = requests.get(story.city.url + path, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def test_one_provisional_term_appears_and_the_grade_stands(story: Story) -> None:
    events = story.city.rows(
        "SELECT state, code FROM credit_event WHERE party_id = ? AND code = 'beyond_limits'", story.party
    )
    assert events == [(State.PROVISIONAL, "beyond_limits")]
    points, grade = story.score()
    assert grade == Grade.EXCELLENT
    page = story.browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    page.goto(story.city.way_in["invitations"][0]["url"])
    page.click("main button")
    page.wait_for_url("**/m/")
    term = page.locator(".term.provisional")
    expect(term).to_have_count(1)
    expect(term).to_contain_text("暂记")
    expect(term.locator(".points")).to_have_text(f"−{-_points_of_beyond() // 1000}")
    expect(page.locator("main")).to_contain_text(f"{points // 1000}")
    expect(page.locator("main")).to_contain_text("优")
    page.context.storage_state(path=story.folder / "merchant.json")


def _points_of_beyond() -> int:
    from server.clock import system_clock
    from shared.dates import civil_day

    rows = rules_on(civil_day(system_clock())).all_of(CreditTerm)
    return next(row.points for row in rows if row.code == "beyond_limits")


def test_the_public_page_says_suspected(story: Story) -> None:
    page = story.public_page()
    expect(page.locator(".verdict")).to_contain_text("现场检查发现疑似超差，待检定确认。")
    assert "暂记" not in page.content()


def test_a_failed_verification_confirms_it_and_the_grade_moves(story: Story) -> None:
    before = story.score()
    page = story.desk("verifier")
    page.goto(f"{story.city.url}/console/verification?instrument={story.city.way_in['journey']['instrument_id']}")
    page.check("input[name=result][value=failed]")
    page.fill("[name=document_no]", "周检字第2026-J0001号")
    page.click("main form[method=post] button[type=submit]")
    expect(page.locator("main")).to_contain_text("不合格")
    points, grade = story.score()
    assert points == before[0] + _points_of_beyond()
    assert grade != before[1]
    public = story.public_page()
    expect(public.locator(".verdict")).to_contain_text("检定结果为不合格")
    expect(public.locator(".verdict")).to_contain_text("周检字第2026-J0001号")


def test_syncing_twice_more_doubles_nothing(story: Story) -> None:
    before = story.counts()
    app = story.app
    for _ in range(2):
        app.tap("返回") if app.says("返回") else app.tap_at(24, 30)
        app.wait_for_screen("outbox")
        app.tap("立即同步")
        app.wait_until_gone("正在同步")
        app.tap("已收到  第 1 条")
        app.wait_for_screen("record")
    assert story.counts() == before


def test_the_merchant_signs_the_pledge_and_the_label_shows_it(story: Story) -> None:
    merchant = story.browser.new_context(viewport=PHONE, locale="zh-CN", storage_state=story.folder / "merchant.json")
    page = merchant.new_page()
    page.goto(f"{story.city.url}/m/pledge")
    page.fill("#signer", "周某")
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + WAVE[0][0], box["y"] + WAVE[0][1])
    page.mouse.down()
    for x, y in WAVE[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.up()
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("已签署")
    ((number, sha256),) = story.city.rows("SELECT number, text_sha256 FROM pledge WHERE party_id = ?", story.party)
    expect(page.locator("main")).to_contain_text(number)
    expect(page.locator("main")).to_contain_text(sha256)
    public = story.public_page()
    public.click("text=经营者已签署诚信计量自我承诺")
    expect(public.locator("details[open]")).to_contain_text("少了就补。")
    expect(public.locator("details[open]")).to_contain_text(number)
    assert "周某" not in public.content()
