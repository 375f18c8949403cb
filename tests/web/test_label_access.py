"""The label's page for everyone: axe-core finds nothing, the keyboard reaches all, paper keeps what counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.label_states import make_states, verified
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import is_cut_off

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def complaints(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it stands now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate("rules => axe.run(rules).then(done => done.violations)", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(site: Site, open_page: Any, scheme: str) -> None:
    page = open_page(PHONE, color_scheme=scheme)
    with site.inside() as world:
        paths = make_states(world)
    for state, path in paths.items():
        page.goto(f"{path}?print=large" if scheme == "dark" else path)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert complaints(page) == [], state
        assert is_cut_off(page) == [], state


def test_axe_finds_a_planted_fault(site: Site, phone: Page) -> None:
    phone.goto(site.label())
    phone.evaluate("document.querySelector('.instrument-photo').innerHTML = '<img src=\"/icon.svg\">'")
    assert any(line.startswith("image-alt") for line in complaints(phone))


def test_the_keyboard_opens_a_day_of_the_past_and_writes(site: Site, phone: Page) -> None:
    with site.inside() as world:
        verified(world, 0, 10)
    phone.goto(site.label())
    phone.locator("#history summary").focus()
    phone.keyboard.press("Enter")
    phone.fill("#on", "2026-11-15")
    phone.keyboard.press("Tab")
    phone.locator("#history button").focus()
    phone.keyboard.press("Enter")
    expect(phone.locator("#history .note")).to_contain_text("2026-11-15 当天")
    phone.locator("#feedback summary").focus()
    phone.keyboard.press("Enter")
    phone.fill("#words", "秤放得太高，看不见读数。")
    phone.locator("#feedback form[action*=feedback] button").focus()
    phone.keyboard.press("Enter")
    expect(phone.locator("main > .note")).to_contain_text("已收到")


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_what_is_open_fits(site: Site, open_page: Any, size: dict[str, int]) -> None:
    page = open_page(size)
    with site.inside() as world:
        verified(world, 0, 400)
        verified(world, 0, 10)
    page.goto(f"{site.label()}?on=2026-11-15&print=large")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert is_cut_off(page) == []


def test_paper_keeps_the_answer_and_leaves_the_buttons(site: Site, phone: Page) -> None:
    phone.goto(site.label())
    phone.emulate_media(media="print")
    expect(phone.locator(".verdict")).to_be_visible()
    expect(phone.locator(".thumb")).to_be_hidden()
    expect(phone.locator("#feedback")).to_be_hidden()


def test_a_place_is_given_by_a_button_and_only_its_square_leaves_the_phone(site: Site, open_page: Any) -> None:
    here = {"latitude": 33.623456, "longitude": 114.651234, "accuracy": 30}
    page = open_page(PHONE, geolocation=here, permissions=["geolocation"])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    page.goto(site.label())
    page.click("#feedback summary")
    page.click("[data-place] button")
    page.wait_for_url("**/place")
    assert sent == ["latitude=33.62&longitude=114.65"]
    assert "33.62" in page.locator("main").inner_text()
    assert complaints(page) == []


def test_a_phone_that_gives_no_place_says_what_to_do(site: Site, open_page: Any) -> None:
    page = open_page(PHONE, permissions=[])
    page.goto(site.label())
    page.click("#feedback summary")
    page.click("[data-place] button")
    expect(page.locator("[data-refused]")).to_be_visible()
    expect(page.locator("[data-place] button")).to_be_enabled()
