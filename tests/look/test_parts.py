"""The parts of a page, as a reader meets them."""

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template_string

from server.look import due_arc_svg, margin_bar_svg, register


@pytest.fixture(scope="module")
def app():
    app = Flask("gallery", template_folder=str(Path(__file__).resolve().parents[2] / "server" / "templates"))
    register(app)
    return app


@pytest.fixture
def draw(app):
    def draw(call: str, **values: object) -> str:
        with app.app_context():
            return render_template_string('{% import "parts/look.html" as look %}{{ look.' + call + " }}", **values)

    return draw


def read(html: str) -> ElementTree.Element:
    """Parse a part as XML; an unclosed or wrongly nested tag fails here."""
    closed = html.replace('alt="">', 'alt=""/>').replace('alt="照片">', 'alt="照片"/>')
    return ElementTree.fromstring(f"<div>{closed}</div>")  # noqa: S314 - our own page


def words(html: str) -> str:
    return " ".join("".join(read(html).itertext()).split())


def test_the_verdict_strip_says_word_and_sentence_and_names_its_tone(draw):
    html = draw('verdict_strip("forged", word, "请勿相信其内容。")', word="不是本系统签发的标识")
    strip = read(html).find("section")
    assert (strip.get("data-tone"), strip.get("data-code")) == ("beyond", "forged")
    assert words(html) == "不是本系统签发的标识 请勿相信其内容。"


def test_a_short_word_is_drawn_largest(draw):
    assert "short" in draw('verdict_strip("within", "未见异常", "")')
    assert "short" not in draw('verdict_strip("beyond", "现场测试超差（疑似）", "")')


def test_the_verdict_strip_carries_its_margin_bar(draw):
    html = draw('verdict_strip("beyond", "超差", "", bar)', bar=margin_bar_svg(25, 10, tone="beyond"))
    assert read(html).find("section/svg[@class='margin-bar']") is not None


def test_text_is_escaped_and_a_date_stays_on_one_line(draw):
    html = draw('verdict_strip("within", "<b>", sentence)', sentence="至 2027-03-01 & <i>")
    assert "&lt;b&gt;" in html
    assert "至 <time>2027-03-01</time> &amp; &lt;i&gt;" in html


def test_an_unknown_code_fails_loudly(draw):
    with pytest.raises(KeyError):
        draw('verdict_strip("splendid", "好", "")')


def test_the_instrument_card_shows_photo_place_due_date_label_state_and_custody(draw):
    html = draw(
        'instrument_card("/p.jpg", "ACS-30", ["12 号摊"], arc, "市场所有", "至 2027-03-01", label, "照片")',
        label=("genuine", "标识为真"),
        arc=due_arc_svg(Fraction(1, 2)),
    )
    card = read(html).find("article")
    assert card.find(".//img").get("alt") == "照片"
    assert card.find(".//svg[@class='due-arc']") is not None
    assert card.find(".//p[@class='label-state']").get("data-tone") == "within"
    assert words(html) == "ACS-30 12 号摊 至 2027-03-01 标识为真 市场所有"


def test_a_card_without_a_photo_shows_the_mark_and_no_broken_picture(draw):
    html = draw('instrument_card(None, "ACS-30", [])')
    assert "<img" not in html
    assert read(html).find(".//svg[@class='shape']") is not None


def test_a_provisional_term_is_marked_and_a_confirmed_one_is_not(draw):
    provisional = draw('term_row("−3", "疑似超差", "2026-11-21", None, "暂记")')
    confirmed = draw('term_row("+2", "在有效期内", "2026-06-01", "2027-06-01 淡出", None, 0.5)')
    assert read(provisional).find("li").get("class") == "term provisional"
    assert "暂记" in words(provisional)
    assert read(confirmed).find("li").get("class") == "term"
    assert read(confirmed).find(".//svg[@class='fade-line']") is not None
    assert words(confirmed) == "在有效期内 +2 2026-06-01 · 2027-06-01 淡出"


@pytest.mark.parametrize("kind", ["empty", "loading", "error", "offline", "stale"])
def test_each_state_has_a_drawing_a_sentence_and_at_most_one_action(draw, kind):
    html = draw(f'state_box("{kind}", "一句话。", "/again", "再试")')
    box = read(html).find("section")
    assert box.find("svg") is not None
    assert [link.get("href") for link in box.iter("a")] == ["/again"]
    assert read(draw(f'state_box("{kind}", "一句话。")')).find(".//a") is None


def test_an_error_is_announced_and_other_states_only_told(draw):
    assert read(draw('state_box("error", "没能读取。")')).find("section").get("role") == "alert"
    assert read(draw('state_box("stale", "截至昨天。")')).find("section").get("role") == "status"
