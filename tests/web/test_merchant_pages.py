"""A merchant on a phone: from the invitation to the pledge on the wall."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from server.database import db
from server.pledges.models import Pledge
from tests.web.conftest import Site
from tests.web.looking import is_cut_off, read_code, set_print

WAVE = [(40 + 8 * step, 60 + (30 if step % 2 else -10)) for step in range(30)]


def accept(site: Site, page: Page) -> None:
    """Open an invitation and accept it."""
    page.goto(site.invitation())
    page.click("main button")
    page.wait_for_url("**/m/")


def draw(page: Page, points: list[tuple[int, int]]) -> None:
    """Draw one stroke on the pad by hand."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.up()


def drawn(page: Page) -> list[list[int]]:
    text = page.locator("[name=strokes]").input_value()
    strokes: list[list[int]] = json.loads(text) if text else []
    return strokes


def ink(page: Page) -> int:
    """Count the inked pixels of the pad."""
    address = page.locator("canvas").evaluate("canvas => canvas.toDataURL('image/png')")
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    return sum(picture.getchannel("A").histogram()[1:])


INKED = """() => {
  const pad = document.querySelector("canvas"), blank = document.createElement("canvas");
  [blank.width, blank.height] = [pad.width, pad.height];
  return pad.width > 0 && pad.toDataURL() !== blank.toDataURL();
}"""
# Nothing has a size for a moment after the scripts ran.
LATE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("body { display: none }");
document.adoptedStyleSheets = [sheet];
setTimeout(() => { document.adoptedStyleSheets = []; }, 300);
"""
SCRIBBLE = [[n for step in range(120) for n in (20 + 8 * step, 20 + 40 * row + step * step % 13)] for row in range(12)]


def test_the_pledge_is_signed_by_hand_and_appears_on_the_label(site: Site, phone: Page) -> None:
    phone.goto(site.invitation())
    assert "merchant 1" in phone.locator("main").inner_text()
    phone.click("main button")
    assert is_cut_off(phone) == []
    phone.click("text=阅读并签署")
    phone.fill("#signer", "周某")
    draw(phone, WAVE)
    assert ink(phone) > 200
    phone.click("main button[type=submit]")
    expect(phone.locator(".verdict-word")).to_have_text("已签署")
    assert is_cut_off(phone) == []
    with site.inside():
        pledge = db.session.query(Pledge).one()
        number, strokes = pledge.number, json.loads(pledge.strokes)
    assert all(isinstance(value, int) and 0 <= value <= 1000 for stroke in strokes for value in stroke)
    phone.goto(site.label())
    phone.click("text=经营者已签署诚信计量自我承诺")
    assert "少了就补。" in phone.locator("details[open]").inner_text()
    phone.click("text=查看公示的承诺")
    assert number in phone.locator("main").inner_text()
    assert "周某" not in phone.content()


def test_the_poster_is_one_sheet_whose_code_leads_to_the_public_page(site: Site, phone: Page) -> None:
    accept(site, phone)
    phone.goto("/m/pledge")
    phone.fill("#signer", "周某")
    draw(phone, WAVE)
    phone.click("main button[type=submit]")
    phone.click("text=打印承诺书")
    assert is_cut_off(phone) == []
    link = read_code(phone.locator(".code"))
    assert link == "http://127.0.0.1:8000/P/CN4116022026-000001"
    sheet = phone.pdf(prefer_css_page_size=True)
    assert sheet.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 594.95996 841.91998]" in sheet


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_code_is_read_from_light_and_dark_screens(site: Site, open_page: Any, scheme: str) -> None:
    from tests.web.looking import sign_in

    page = open_page(color_scheme=scheme)
    sign_in(page, "inspector")
    page.goto("/console/enrolment")
    page.click("main form button")
    assert set(json.loads(read_code(page.locator(".code")))) == {"url", "root_sha256", "code"}


def test_turning_the_phone_keeps_what_was_drawn(site: Site, phone: Page) -> None:
    accept(site, phone)
    phone.goto("/m/pledge")
    draw(phone, WAVE)
    before = drawn(phone)
    phone.evaluate(
        """() => {
            document.body.hidden = true;
            window.dispatchEvent(new Event('resize'));
            document.body.hidden = false;
        }"""
    )
    assert ink(phone) > 200
    for width, height in ((844, 390), (390, 844)):
        phone.set_viewport_size({"width": width, "height": height})
        phone.wait_for_function("width => document.querySelector('canvas').offsetWidth < width", arg=width)
        assert drawn(phone) == before
        assert ink(phone) > 200
    draw(phone, [(60, 40), (90, 90)])
    assert [drawn(phone)[0], len(drawn(phone))] == [before[0], 2]
    phone.click("text=清除重签")
    assert drawn(phone) == []


def test_much_ink_is_thinned_to_what_a_record_can_keep(site: Site, phone: Page) -> None:
    accept(site, phone)
    phone.goto("/m/pledge")
    phone.fill("#signer", "周某")
    phone.evaluate("text => document.querySelector('[name=strokes]').value = text", json.dumps(SCRIBBLE))
    phone.click("main button[type=submit]")
    expect(phone.locator("[role=alert]")).to_contain_text("签名太复杂")
    phone.wait_for_function(INKED)
    assert ink(phone) > 1000
    draw(phone, WAVE)
    assert len(drawn(phone)) == len(SCRIBBLE) + 1
    assert len(phone.locator("[name=strokes]").input_value()) <= 4096
    phone.click("main button[type=submit]")
    expect(phone.locator(".verdict-word")).to_have_text("已签署")


def test_an_unsigned_pledge_comes_back_with_what_was_written(site: Site, phone: Page) -> None:
    accept(site, phone)
    phone.goto("/m/pledge")
    phone.fill("#signer", "周某")
    phone.click("main button[type=submit]")
    expect(phone.locator("[role=alert]")).to_have_text("请手写签名。")
    assert phone.locator("#signer").input_value() == "周某"
    draw(phone, WAVE)
    before = drawn(phone)
    phone.evaluate("document.querySelector('#signer').required = false")
    phone.fill("#signer", "")
    phone.click("main button[type=submit]")
    expect(phone.locator("[role=alert]")).to_have_text("必须填写。")
    assert drawn(phone) == before
    phone.wait_for_function(INKED)
    assert ink(phone) > 200


def test_what_was_drawn_is_shown_again_though_the_style_sheets_are_late(site: Site, phone: Page) -> None:
    accept(site, phone)
    phone.goto("/m/pledge")
    draw(phone, WAVE)
    before = drawn(phone)
    phone.add_init_script(LATE)
    phone.evaluate("document.querySelector('#signer').required = false")
    phone.fill("#signer", "")
    phone.click("main button[type=submit]")
    expect(phone.locator("[role=alert]")).to_have_text("必须填写。")
    assert drawn(phone) == before
    phone.wait_for_function(INKED)
    assert ink(phone) > 200


def test_without_script_the_pledge_says_what_it_needs(site: Site, open_page: Any) -> None:
    page = open_page(java_script_enabled=False)
    accept(site, page)
    assert "分" in page.locator(".score").inner_text()
    page.goto("/m/pledge")
    assert "手写签名需要打开浏览器的脚本" in page.locator("noscript").inner_text()
    assert not page.locator("canvas").is_visible()
    page.fill("#signer", "周某")
    page.click("main button[type=submit]")
    assert "请手写签名。" in page.locator("main").inner_text()


def test_large_print_and_english_cut_nothing_off(site: Site, phone: Page) -> None:
    accept(site, phone)
    for path in ("/m/?lang=en", "/m/pledge"):
        phone.goto(path)
        for scale in ("100", "130", "160"):
            set_print(phone, scale)
            assert is_cut_off(phone) == [], (path, scale)
