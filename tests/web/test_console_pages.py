"""The desk in a real browser: from sign-in to tonight's bulletin."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.server.world import BEYOND, GOOD, World
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import focus_is_visible, is_cut_off, sign_in


def send(world: World, readings: list[tuple[int, int]], scale: int = 0, **fields: object) -> str:
    """Let the inspector's phone send a visit; returns its id."""
    phone = world.phone()
    body = world.visit(world.check(readings, instrument=scale), party=scale)
    body["inspections"][0] |= fields
    (answer,) = phone.answers(phone.op("visit.record/1", body))
    assert answer["status"] == "applied", answer
    return str(body["id"])


def test_from_sign_in_over_a_verification_to_the_bulletin_and_its_csv(site: Site, desk: Page, tmp_path: Path) -> None:
    with site.inside() as world:
        send(world, BEYOND, disposition="order_to_correct")
    sign_in(desk, "verifier")
    desk.click("text=登记检定 >> nth=0")
    desk.click("text=登记检定结果")
    assert desk.locator("#done_on").input_value() == "2026-11-21"
    desk.check("input[value=failed]")
    desk.fill("#document_no", "周检字 2026-001")
    desk.click("main button[type=submit]")
    assert "2026-11-21 的疑似超差已确认" in desk.locator("main").inner_text()
    desk.click("text=今晚快报")
    sentence = desk.locator("#sentence").input_value()
    assert sentence.endswith("现场测试计量器具 1 台（件），其中加油枪 0 把，未见异常 0/1 (0.0 %)；责令改正 1 起。")
    with desk.expect_download() as waiting:
        desk.click("text=下载 CSV")
    waiting.value.save_as(tmp_path / "bulletin.csv")
    text = (tmp_path / "bulletin.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))) == 3
    desk.goto(site.label())
    assert "周检字 2026-001" in desk.locator(".verdict-line").inner_text()


@pytest.mark.parametrize(("size", "language"), [(DESK, "en"), (PHONE, "zh-CN")], ids=["desk", "phone"])
def test_no_page_of_the_desk_is_cut_off(site: Site, open_page: Any, size: dict[str, int], language: str) -> None:
    with site.inside() as world:
        visits = [send(world, BEYOND, remark="秤盘有油污" * 40), send(world, GOOD, 1)]
    page = open_page(size)
    sign_in(page, "supervisor")
    paths = ["", "incoming", "tasks", "bulletin", "bulletin?day=2026-11-20", "enrolment", "invitation?q=merchant"]
    paths += ["labels", "labels?q=1000001", "physical-seals?q=ACS"]
    paths += [f"physical-seals?instrument={site.world.instruments[0]}"]
    page.goto(f"/console/?lang={language}")
    for path in [*paths, *(f"visit/{visit}" for visit in visits)]:
        page.goto(f"/console/{path}")
        assert is_cut_off(page) == [], path
        assert page.locator("h1").is_visible()


def test_what_comes_in_appears_by_itself(site: Site, desk: Page) -> None:
    desk.clock.install()
    sign_in(desk, "supervisor")
    expect(desk.locator("text=近七天没有收到记录。")).to_be_visible()
    with site.inside() as world:
        send(world, GOOD)
    desk.clock.run_for(31_000)
    expect(desk.locator("#arrivals td >> text=已接收")).to_be_visible()


def test_a_task_is_assigned_by_hand(site: Site, desk: Page) -> None:
    sign_in(desk, "supervisor")
    desk.click("nav >> text=任务")
    desk.select_option("#place", label="market 411602")
    desk.select_option("#person", label="inspector · branch")
    desk.fill("#due_on", "2026-11-23")
    desk.fill("#note", "查公平秤")
    desk.click("main button[type=submit]")
    expect(desk.locator("[role=status]")).to_contain_text("任务已派出")
    expect(desk.locator("td >> text=查公平秤")).to_be_visible()


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(site: Site, phone: Page) -> None:
    phone.goto("/sign-in")
    phone.fill("#name", "inspector")
    phone.fill("#password", "not this")
    phone.keyboard.press("Enter")
    expect(phone.locator("[role=alert]")).to_contain_text("请核对后重试。")
    assert phone.locator("#name").input_value() == "inspector"
    assert phone.locator("#password").input_value() == ""


def test_the_keyboard_reaches_everything_and_shows_where_it_is(site: Site, open_page: Any) -> None:
    page = open_page(DESK, reduced_motion="reduce")
    sign_in(page, "verifier")
    for path in (
        "/console/",
        f"/console/verification?instrument={site.world.instruments[0]}",
        site.label(),
        "/sign-in",
    ):
        page.goto(path)
        wanted = page.locator("a:visible, button:visible, input:visible, select:visible, summary:visible").count()
        reached = set()
        for _ in range(wanted + 3):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
            if page.evaluate("document.activeElement !== document.body"):
                assert focus_is_visible(page), (path, page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        assert len(reached) >= wanted * 0.8, path


def test_the_desk_speaks_english_once_asked(site: Site, desk: Page) -> None:
    sign_in(desk, "supervisor")
    desk.click("text=English")
    expect(desk.locator("h1")).to_have_text("Today")
    desk.click("text=Tonight's bulletin")
    expect(desk.locator("h1")).to_have_text("Tonight's bulletin")
    assert "[Metrology bulletin]" in desk.locator("#sentence").input_value()


def test_the_api_can_be_browsed(site: Site, desk: Page) -> None:
    desk.goto("/api/v1/docs")
    expect(desk.get_by_role("heading", name="Dingpan")).to_be_visible()
    expect(desk.get_by_text("/api/v1/sync/push").first).to_be_visible()
