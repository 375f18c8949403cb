"""The calculators as a consumer meets them at a stall: on a phone, in large print, without script, by voice."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.calculators.tools import TOOLS
from tests.server.calculator_pages import ASKED, page_of
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import bottom_of, is_cut_off, nameless, set_print, top_of

WRONG = {
    "scale-check": {"scale.max": "abc", "readings.0.load": "-1", "region": "99"},
    "reweigh": {"settled": "1.5e3", "shown": "16", "packaging": "17", "packaging.unit": "公斤"},
    "phone-weight": {"phone.mass": "16", "phone.mass.unit": "公斤", "shown": "0.2061", "day": "1990-01-01"},
    "prepackage-lot": {"size": "0", "contents": "500 5oo -1", "doubt": ""},
    "dispenser-check": {"step": "0", "runs.0.dispenser": "245", "runs.1.measure": ""},
}


def addresses(name: str, language: str) -> list[str]:
    """Return the empty form, an answer, and a form with mistakes."""
    asked = ({}, ASKED[name], ASKED[name] | WRONG[name])
    return [page_of(name, one | {"lang": language}) for one in asked]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", TOOLS)
def test_nothing_is_cut_off_on_a_phone_or_in_large_print(site: Site, phone: Page, name: str, language: str) -> None:
    for path in addresses(name, language):
        phone.goto(path)
        for scale in ("100", "130", "160"):
            set_print(phone, scale)
            assert is_cut_off(phone) == [], (path, scale)
            assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], (path, scale)


@pytest.mark.parametrize("name", TOOLS)
def test_every_field_says_its_name_and_its_mistake(site: Site, phone: Page, name: str) -> None:
    for path in addresses(name, "zh-CN"):
        phone.goto(path)
        assert nameless(phone) == [], path
    wrong = phone.locator("[aria-invalid=true]")
    assert wrong.count() >= 3
    for number in range(wrong.count()):
        told = phone.locator("#" + str(wrong.nth(number).get_attribute("aria-describedby")))
        expect(told).to_be_visible()
        assert told.inner_text()


@pytest.mark.parametrize("name", TOOLS)
def test_the_verdict_is_one_line_in_large_print(site: Site, phone: Page, name: str) -> None:
    phone.goto(addresses(name, "zh-CN")[1])
    set_print(phone, "160")
    lines = phone.locator(".verdict-word.short").evaluate_all(
        "all => all.map((word) => word.getBoundingClientRect().height / parseFloat(getComputedStyle(word).fontSize))"
    )
    assert all(height < 2 for height in lines)


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_desk_and_the_dark_fit_too(site: Site, open_page: Any, is_dark: bool) -> None:
    page = open_page(DESK, color_scheme="dark" if is_dark else "light")
    for path in ("/tools", *addresses("scale-check", "zh-CN")):
        page.goto(path)
        assert is_cut_off(page) == []


def test_the_fields_of_a_row_stand_level_beside_a_mistake(site: Site, phone: Page) -> None:
    phone.goto(addresses("scale-check", "en")[2])
    assert phone.locator("#readings-0-load-wrong").is_visible()
    assert top_of(phone.locator("#readings-0-load")) == top_of(phone.locator("#readings-0-shown"))


def test_a_buyer_types_two_jin_and_reads_that_too_much_is_missing(site: Site, open_page: Any) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/tools")
    page.click("text=复称够不够秤")
    page.get_by_label("商品").select_option(label="蔬菜")
    page.get_by_label("结算重量", exact=True).fill("2")
    page.get_by_label("结算重量的单位").select_option("斤")
    page.get_by_label("复称显示（连包装）", exact=True).fill("1.9")
    page.get_by_label("复称显示（连包装）的单位").select_option("斤")
    page.get_by_label("最大秤量 Max", exact=True).fill("15")
    page.get_by_label("检定分度值 e", exact=True).fill("5")
    page.get_by_role("button", name="计算").click()
    expect(page.locator(".verdict-word")).to_have_text("看来超过了")
    expect(page.locator(".verdict-line")).to_have_text("少 50 克，最多允许少 40 克，超出 10 克")
    assert page.locator(".verdict .margin-bar").is_visible()
    assert bottom_of(page.locator(".verdict")) < PHONE["height"] / 2
    page.click("summary:has-text('您填的数字')")
    expect(page.locator("details[open] dl")).to_contain_text("0.95 公斤")
    assert page.get_by_label("结算重量", exact=True).input_value() == "2"
    assert page.context.cookies() == []
