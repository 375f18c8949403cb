"""The label's page as a consumer meets it: one screen, one sentence, no script, few bytes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.public.label import shape_of
from server.public.state import PageState
from shared.texts import load
from tests.label_states import make_states, verified, wrong_host
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import bottom_of, is_cut_off, set_print, top_of

MOST_BYTES = 50_000


def test_every_state_is_one_word_one_shape_and_one_sentence_on_a_phone(site: Site, phone: Page) -> None:
    texts = load("zh-CN", "server")
    with site.inside() as world:
        paths = make_states(world)
    for state, path in paths.items():
        phone.goto(path)
        shown = PageState.UNKNOWN if state is PageState.KEY_COMPROMISED else state
        expect(phone.locator(".verdict-word")).to_have_text(texts(f"page_word.{shown}"))
        assert phone.locator(".verdict").get_attribute("data-code") == shape_of(shown), state
        assert phone.locator(".verdict .shape").is_visible()
        assert phone.locator(".verdict-line").inner_text()
        assert is_cut_off(phone) == [], state
        assert bottom_of(phone.locator(".verdict")) < PHONE["height"] / 2, state
    with wrong_host(site.app):
        phone.goto(paths[PageState.IN_DATE])
        expect(phone.locator(".verdict-word")).to_have_text(texts("page_word.wrong_host"))


def test_the_longest_sentences_fit_in_english_too(site: Site, phone: Page) -> None:
    with site.inside() as world:
        paths = make_states(world)
    phone.goto("/?lang=en")
    for state in (PageState.FORGED, PageState.UNKNOWN, PageState.FAILED, PageState.KEY_COMPROMISED, PageState.IN_DATE):
        phone.goto(paths[state])
        assert is_cut_off(phone) == [], state
        assert bottom_of(phone.locator(".verdict")) < PHONE["height"] / 2, state


def test_what_counts_stands_on_the_first_screen(site: Site, phone: Page) -> None:
    with site.inside() as world:
        verified(world, 0, 10)
    phone.goto(site.label())
    expect(phone.locator(".verdict-line")).to_have_text("这台秤在检定有效期内。请看照片，是不是您面前这台？")
    thumb = top_of(phone.locator(".thumb"))
    for part in (".verdict", ".instrument-photo img", ".instrument-title", ".due", "main .small", ".not-a-mark"):
        assert bottom_of(phone.locator(part).first) < thumb, part
    assert phone.locator(".instrument-title").inner_text() == "编号 ACS-0001"
    picture = phone.locator(".instrument-photo img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 480
    assert phone.locator("details[open]").count() == 0
    phone.click("summary >> nth=0")
    assert "N-0-10" in phone.locator("details[open]").inner_text()


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "dark"), (DESK, "light"), ({"width": 320, "height": 568}, "light")]
)
def test_the_page_fits_dark_screens_desks_and_the_smallest_phones(
    site: Site, open_page: Any, size: dict[str, int], scheme: str
) -> None:
    page = open_page(size, color_scheme=scheme)
    page.goto(site.label())
    assert is_cut_off(page) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(16, 23, 20)") == (scheme == "dark")


def test_the_page_is_read_without_script_and_costs_little(site: Site, open_page: Any) -> None:
    page = open_page(java_script_enabled=False)
    sent: dict[str, float] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}))
    answer = page.goto(site.label())
    assert answer.request.redirected_from is None
    assert answer.headers["content-encoding"] in ("br", "gzip", "zstd")
    assert page.locator(".verdict-word").inner_text() == "无检定记录"
    assert page.locator(".thumb a").get_attribute("href") == "tel:12315"
    page.click("summary >> nth=0")
    assert page.locator("details[open]").is_visible()
    weighed = {kind: sum(sent[key] for key in sent if kinds.get(key) == kind) for kind in set(kinds.values())}
    assert 0 < sum(size for kind, size in weighed.items() if kind != "Image") <= MOST_BYTES, weighed
    assert page.context.cookies() == []


def test_the_language_is_switched_by_a_link_and_stays(site: Site, phone: Page) -> None:
    phone.goto(site.label())
    phone.click("text=English")
    assert phone.locator(".verdict-word").inner_text() == "Never verified"
    assert phone.locator("html").get_attribute("lang") == "en"
    phone.goto(site.label())
    assert phone.locator(".verdict-word").inner_text() == "Never verified"
    assert [cookie["name"] for cookie in phone.context.cookies()] == ["language"]
    phone.click("text=中文")
    assert phone.locator(".verdict-word").inner_text() == "无检定记录"


def test_large_print_cuts_nothing_off(site: Site, phone: Page) -> None:
    phone.goto(site.label())
    for scale in ("130", "160"):
        set_print(phone, scale)
        assert is_cut_off(phone) == []
