"""The calculators as pages: the answer above the form, by address alone, without script, cookie or sign-in."""

from __future__ import annotations

import gzip
import html
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from server.calculators.inputs import every
from server.calculators.tools import TOOLS
from server.limits import limiter
from shared.texts import load
from tests.server.calculator_pages import ASKED, page_of
from tests.server.pages import get, words
from tests.server.world import World

MOST_BYTES = 60_000
SAYS = {
    "scale-check": [
        "看来超过了",
        "放 10 公斤，显示 10.025 公斤，多显示 25 克",
        "误差 25 克",
        "对买家不利",
        "OIML R 76-1",
    ],
    "reweigh": ["看来超过了", "少 50 克，最多允许少 40 克", "20 克 × 2 = 40 克", "值 0.20 元", "第六条"],
    "phone-weight": ["看起来没问题", "手机重 206 克", "所用限值未经核实"],
    "prepackage-lot": ["看来超过了", "允许短缺量 T = 15 克", "附表4", "所用限值未经核实"],
    "dispenser-check": ["看来超过了", "平均误差 0.503 %", "JJG 443"],
}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    limiter.reset()


@pytest.mark.parametrize("name", TOOLS)
def test_the_answer_stands_above_the_form_with_its_arithmetic(sqlite_world: World, name: str) -> None:
    answer = get(sqlite_world, page_of(name, ASKED[name]))
    said = words(answer)
    assert answer.status_code == 200
    for text in SAYS[name]:
        assert text in said, text
    assert answer.text.index('class="verdict-word') < answer.text.index("<form")
    assert "margin-bar" in answer.text or name == "prepackage-lot"
    assert "cn-1-" in said
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert len(answer.data) <= MOST_BYTES
    assert len(gzip.compress(answer.data)) < MOST_BYTES // 4


@pytest.mark.parametrize("name", TOOLS)
def test_a_page_without_figures_is_a_form_alone(sqlite_world: World, name: str) -> None:
    answer = get(sqlite_world, f"/tools/{name}")
    assert 'class="verdict-word' not in answer.text
    assert "请看标红" not in words(answer)
    assert 'method="get"' in answer.text
    assert len(answer.data) <= MOST_BYTES
    english = words(get(sqlite_world, f"/tools/{name}?lang=en"))
    assert "Calculate" in english
    assert not re.search("[\u4e00-\u9fff]", re.sub("中文|简体|定盘星|斤|两|元/|公斤|克", "", english)), english


def test_the_home_page_leads_to_every_calculator(sqlite_world: World) -> None:
    assert 'href="/tools"' in get(sqlite_world, "/").text
    listed = get(sqlite_world, "/tools").text
    assert all(f'href="/tools/{name}"' in listed for name in TOOLS)
    assert get(sqlite_world, "/tools/nothing").status_code == 404


def test_a_mistake_stands_beside_its_field_and_nothing_typed_is_lost(sqlite_world: World) -> None:
    asked = ASKED["scale-check"] | {"readings.2.shown": "5.012", "scale.e": ""}
    answer = get(sqlite_world, page_of("scale-check", asked))
    assert 'class="verdict-word' not in answer.text
    assert 'id="scale-e-wrong"' in answer.text
    assert 'value="5.012"' in answer.text
    finer = get(sqlite_world, page_of("scale-check", ASKED["scale-check"] | {"readings.2.shown": "5.012"}))
    assert re.search(r'id="readings-2-shown-wrong">[^<]*更细', finer.text)


def test_a_mistake_among_many_figures_says_which(sqlite_world: World) -> None:
    asked = ASKED["prepackage-lot"] | {"contents": "500 50o 500"}
    assert "第 2 个：" in words(get(sqlite_world, page_of("prepackage-lot", asked)))


def test_a_row_that_lacks_a_figure_is_told_where_it_lacks(sqlite_world: World) -> None:
    asked = ASKED["dispenser-check"] | {"runs.3.measure": ""}
    answer = get(sqlite_world, page_of("dispenser-check", asked))
    assert 'id="runs-3-measure-wrong"' in answer.text


def test_what_is_not_confirmed_says_so_first(sqlite_world: World) -> None:
    answer = get(sqlite_world, page_of("phone-weight", ASKED["phone-weight"]))
    told = load("zh-CN", "server")("tool.caution_unconfirmed")
    assert f'<p class="not-a-mark">{html.escape(told)}' in answer.text
    sure = get(sqlite_world, page_of("scale-check", ASKED["scale-check"]))
    assert told not in words(sure)


def test_a_link_made_in_one_language_opens_in_the_other(sqlite_world: World) -> None:
    answer = get(sqlite_world, page_of("scale-check", ASKED["scale-check"] | {"lang": "en"}))
    assert "Looks beyond the limit" in words(answer)
    assert "25 g" in words(answer).replace("\u2009", " ")


def bar_of(answer: TestResponse) -> str:
    """Return the picture of the margin; "" where there is none."""
    found = re.search(r'<svg class="margin-bar".*?</svg>', answer.text, re.DOTALL)
    return found[0] if found else ""


def limits_in(bar: str) -> int:
    found = re.search(r'class="bar-limit" d="([^"]+)"', bar)
    return found[1].count("M") if found else 0


def test_a_shortage_has_one_limit_in_its_picture_and_an_error_has_two(sqlite_world: World) -> None:
    error = bar_of(get(sqlite_world, page_of("scale-check", ASKED["scale-check"])))
    assert limits_in(error) == 2
    assert re.findall(r"[−+]10.克", error) == ["−10 克", "+10 克"]
    shortage = bar_of(get(sqlite_world, page_of("reweigh", ASKED["reweigh"])))
    assert limits_in(shortage) == 1
    assert "−" not in shortage
    assert re.search(r">40.克<", shortage)


def test_a_limit_of_nothing_and_a_count_have_no_picture(sqlite_world: World) -> None:
    exact = ASKED["prepackage-lot"] | {"contents": "500 " * 10}
    answer = get(sqlite_world, page_of("prepackage-lot", exact))
    assert "最多允许少 0 克" in words(answer)
    assert bar_of(answer) == ""
    counted = get(sqlite_world, page_of("prepackage-lot", ASKED["prepackage-lot"]))
    assert "最多允许 0 件" in words(counted)
    assert bar_of(counted) == ""


def test_runs_that_are_missing_are_counted_and_have_no_margin(sqlite_world: World) -> None:
    five = {name: text for name, text in ASKED["dispenser-check"].items() if not name.startswith("runs.5.")}
    answer = get(sqlite_world, page_of("dispenser-check", five | {f"runs.{row}.held": "20.01" for row in range(5)}))
    said = words(answer)
    assert "流量 Q2 只测了 2 次，需要 3 次" in said
    assert "2 件" not in said
    assert bar_of(answer) == ""


def test_a_doubtful_answer_leads_with_what_leaves_it_in_doubt(sqlite_world: World) -> None:
    two = {name: text for name, text in ASKED["scale-check"].items() if not name.startswith("readings.2.")}
    answer = get(sqlite_world, page_of("scale-check", two))
    assert re.search(r'class="verdict-line">只测了 2 个不同载荷', answer.text)
    assert bar_of(answer) == ""


def test_corners_are_typed_in_one_field(sqlite_world: World) -> None:
    right = ASKED["scale-check"] | {"readings.2.shown": "5", "readings.4.shown": "10"}
    corners = {"corners.load": "10", "corners.load.unit": "斤", "corners.shown": "10 10、10，10.05"}
    answer = get(sqlite_world, page_of("scale-check", right | corners))
    assert "四角之一：放 5 公斤，显示 5.025 公斤，误差 25 克，允许 ±10 克" in words(answer)
    assert limits_in(bar_of(answer)) == 2
    odd = get(sqlite_world, page_of("scale-check", right | corners | {"corners.shown": "10 10.001"}))
    assert re.search(r'id="corners-shown-wrong">第 2 个：[^<]*更细', odd.text)


def test_a_margin_is_said_once(sqlite_world: World) -> None:
    said = words(get(sqlite_world, page_of("scale-check", ASKED["scale-check"])))
    assert said.count("余量 5 克") == 1
    assert said.count("超出 15 克") == 1


def test_a_page_tells_the_mistakes_of_reading_and_of_the_rules_together(sqlite_world: World) -> None:
    asked = ASKED["reweigh"] | {"settled": "1.5e3", "shown": "16", "packaging": "17", "packaging.unit": "公斤"}
    answer = get(sqlite_world, page_of("reweigh", asked | {"day": "1990-01-01"}))
    wrong = re.findall(r'id="([a-z-]+)-wrong"', answer.text)
    assert wrong == ["settled", "shown", "packaging", "day"]
    assert "计量科" not in words(answer)
    assert "<details open" in answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(list(TOOLS)))
def test_nothing_typed_is_ever_a_fault_of_the_server(sqlite_world: World, data: st.DataObject, name: str) -> None:
    limiter.reset()
    with sqlite_world.app.test_request_context():
        inputs = list(every(TOOLS[name]()))
    names = [name for one in inputs for name in (one.name, one.unit_name)]
    odd = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
    typed = data.draw(
        st.dictionaries(st.sampled_from(names), odd | st.sampled_from(["1", "-0", "９", "kg"]), max_size=8)
    )
    answer = get(sqlite_world, page_of(name, ASKED[name] | typed))
    assert answer.status_code in (200, 400), answer.text
