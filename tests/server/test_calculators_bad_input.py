"""What nobody can have measured is answered at its field, in trade words, in both languages, all of it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.limits import limiter
from shared.ops import MAX_PUSH_BYTES
from tests.server.calculating import READINGS, SCALE, SOUND, Body, ask, kilograms, replaced
from tests.server.world import World


@pytest.fixture
def client(sqlite_world: World) -> Iterator[FlaskClient]:
    limiter.reset()
    yield sqlite_world.app.test_client()
    limiter.reset()


def test_goods_that_no_tier_names_want_a_price(client: FlaskClient) -> None:
    body = SOUND["reweigh"] | {"goods": "other_food"}
    del body["price"]
    answer = client.post("/api/v1/rules/reweigh", json=body)
    assert [error["pointer"] for error in answer.json["errors"]] == ["/price"]


BAD: list[tuple[str, str, Any, str, str]] = [
    ("scale-check", "/readings/0/shown", kilograms("-1"), "/readings/0/shown", "小于零"),
    ("scale-check", "/readings/0/load", kilograms("-1"), "/readings/0/load", "不大于零"),
    ("scale-check", "/readings/0/load", kilograms("15.001"), "/readings/0/load", "超过最大秤量"),
    ("scale-check", "/readings/0/shown", kilograms("16"), "/readings/0/shown", "超过最大秤量"),
    ("scale-check", "/readings/0/shown", kilograms("1.002"), "/readings/0/shown", "更细"),
    ("scale-check", "/readings/0/shown", kilograms("1.5e3"), "/readings/0/shown/value", "不是数字"),
    ("scale-check", "/readings/0/shown", kilograms("NaN"), "/readings/0/shown/value", "不是数字"),
    ("scale-check", "/readings/0/shown", kilograms("Infinity"), "/readings/0/shown/value", "不是数字"),
    ("scale-check", "/readings/0/shown", kilograms("1.0000001"), "/readings/0/shown/value", "小数位太多"),
    ("scale-check", "/readings/0/shown", kilograms("1", "磅"), "/readings/0/shown/unit", "不认识的单位"),
    ("scale-check", "/readings/0/shown", 1.5, "/readings/0/shown", "应当是对象"),
    ("scale-check", "/readings/0/shown", {"value": 1.5, "unit": "kg"}, "/readings/0/shown/value", "应当是文字"),
    ("scale-check", "/readings", [], "/readings", "应有"),
    ("scale-check", "/scale/e", kilograms("0"), "/scale/e/value", "大于零"),
    ("scale-check", "/scale/max", None, "/scale/max", "必须填写"),
    ("scale-check", "/scale/accuracy_class", "V", "/scale/accuracy_class", "只能是"),
    (
        "scale-check",
        "/scale/lower",
        [{"max": kilograms("15"), "e": kilograms("2", "克")}],
        "/scale/lower/0/max",
        "最大秤量",
    ),
    ("scale-check", "/day", "1990-01-01", "/day", "没有适用的规则"),
    ("scale-check", "/day", "2026-02-30", "/day", "日期"),
    ("scale-check", "/region", "99", "/region", "行政区划代码"),
    ("scale-check", "/region", "4", "/region", "行政区划代码"),
    ("scale-check", "/who", "me", "/who", "没有这个字段"),
    (
        "scale-check",
        "/corners",
        {"load": kilograms("16"), "shown": [kilograms("5"), kilograms("5.002")]},
        "/corners/load",
        "超过最大秤量",
    ),
    ("scale-check", "/repeats", {"load": kilograms("5"), "shown": [kilograms("5.002")]}, "/repeats/shown/0", "更细"),
    ("scale-check", "/repeats", {"load": kilograms("0"), "shown": []}, "/repeats/load/value", "大于零"),
    ("reweigh", "/settled", kilograms("0"), "/settled", "不大于零"),
    ("reweigh", "/settled", kilograms("-1"), "/settled", "不大于零"),
    ("reweigh", "/settled", kilograms("1000"), "/settled", "没有规定限值"),
    ("reweigh", "/price", {"value": "0", "unit": "元/斤"}, "/price", "不大于零"),
    ("reweigh", "/price", {"value": "16", "unit": "元/斤"}, "/tier", "可归入 2 档"),
    ("reweigh", "/tier", "gold", "/tier", "都不符"),
    ("reweigh", "/packaging", kilograms("1"), "/packaging", "包装重量"),
    ("reweigh", "/packaging", kilograms("-1"), "/packaging/value", "不能小于零"),
    ("reweigh", "/shown", kilograms("0"), "/shown", "零"),
    ("reweigh", "/shown", kilograms("0.951"), "/shown", "更细"),
    ("reweigh", "/method", "same_scale", "/weights", "必须填写"),
    ("reweigh", "/weights", kilograms("1"), "/weights", "原来的秤"),
    ("reweigh", "/day", "1990-01-01", "/day", "没有适用的规则"),
    ("phone-weight", "/phone/mass", kilograms("0"), "/phone/mass", "大于零"),
    ("phone-weight", "/phone/mass", kilograms("16"), "/phone/mass", "超过最大秤量"),
    ("phone-weight", "/phone/tolerance", kilograms("-1"), "/phone/tolerance/value", "不能小于零"),
    ("phone-weight", "/shown", kilograms("0.206"), "/shown", "更细"),
    ("phone-weight", "/day", "1990-01-01", "/day", "没有适用的规则"),
    ("prepackage-lot", "/size", 0, "/size", "批量"),
    ("prepackage-lot", "/size", -3, "/size", "批量"),
    ("prepackage-lot", "/size", 40.0, "/size", "整数"),
    ("prepackage-lot", "/size", 3, "/contents", "只抽 3 件"),
    ("prepackage-lot", "/marked", kilograms("0"), "/marked", "不大于零"),
    ("prepackage-lot", "/marked", kilograms("51"), "/marked", "超出允许短缺量表"),
    ("prepackage-lot", "/is_drained", True, "/is_drained", "沥干物"),
    ("prepackage-lot", "/contents/3", kilograms("-1"), "/contents/3/value", "小于零"),
    ("prepackage-lot", "/contents/3", {"value": "500", "unit": "mL"}, "/contents/3/unit", "同类"),
    ("prepackage-lot", "/doubt", {"value": "1", "unit": "mL"}, "/doubt/unit", "同类"),
    ("prepackage-lot", "/tare", {"method": "each", "tares": [kilograms("5")] * 10}, "/tare/tares/0", "皮重"),
    ("prepackage-lot", "/tare", {"method": "mean", "tares": [kilograms("5")]}, "/tare/tares", "皮重"),
    ("prepackage-lot", "/tare", {"method": "each", "tares": [kilograms("0.1")]}, "/tare/tares", "皮重"),
    ("prepackage-lot", "/day", "1990-01-01", "/day", "没有适用的规则"),
    ("dispenser-check", "/runs/0/dispenser", None, "/runs/0/dispenser", "必须填写"),
    ("dispenser-check", "/runs/0/held", None, "/runs/0/held", "必须填写"),
    ("dispenser-check", "/runs/0/held", {"value": "0", "unit": "L"}, "/runs/0/held", "大于零"),
    ("dispenser-check", "/runs/0/shown", {"value": "20.001", "unit": "L"}, "/runs/0/shown", "更细"),
    ("dispenser-check", "/runs/0/shown", {"value": "-20", "unit": "L"}, "/runs/0/shown", "大于零"),
    ("dispenser-check", "/runs/0/measure", {"value": "245", "unit": "°C"}, "/runs/0/measure", "温度"),
    ("dispenser-check", "/step", {"value": "0", "unit": "L"}, "/step/value", "大于零"),
    ("dispenser-check", "/day", "1990-01-01", "/day", "没有适用的规则"),
    ("scale-check", "/scale/max", kilograms("-15"), "/scale/max/value", "大于零"),
    ("scale-check", "/scale/d", kilograms("0"), "/scale/d/value", "大于零"),
    ("scale-check", "/readings/0/shown", kilograms("１．５ｅ３"), "/readings/0/shown/value", "不是数字"),
    ("scale-check", "/scale/e", kilograms("1", "mg"), "/scale/e", "限值表"),
    ("reweigh", "/settled", kilograms("1.5e3"), "/settled/value", "不是数字"),
    ("reweigh", "/settled", kilograms("NaN"), "/settled/value", "不是数字"),
    ("reweigh", "/shown", kilograms("-0.95"), "/shown", "小于零"),
    ("reweigh", "/shown", kilograms("16"), "/shown", "超过最大秤量"),
    ("reweigh", "/packaging", kilograms("16"), "/packaging", "包装重量"),
    ("reweigh", "/price", {"value": "-2", "unit": "元/斤"}, "/price", "不大于零"),
    ("reweigh", "/scale/e", kilograms("1", "mg"), "/scale/e", "没有这样的 e"),
    ("reweigh", "/region", "99", "/region", "行政区划代码"),
    ("phone-weight", "/phone/mass", kilograms("-1"), "/phone/mass", "大于零"),
    ("phone-weight", "/phone/mass", kilograms("1.5e3"), "/phone/mass/value", "不是数字"),
    ("phone-weight", "/shown", kilograms("-0.2"), "/shown", "小于零"),
    ("phone-weight", "/shown", kilograms("16"), "/shown", "超过最大秤量"),
    ("phone-weight", "/shown", kilograms("NaN"), "/shown/value", "不是数字"),
    ("phone-weight", "/scale/e", kilograms("1", "mg"), "/scale/e", "没有这样的 e"),
    ("phone-weight", "/region", "99", "/region", "行政区划代码"),
    ("prepackage-lot", "/contents/3", kilograms("1.5e3"), "/contents/3/value", "不是数字"),
    ("prepackage-lot", "/contents/3", kilograms("NaN"), "/contents/3/value", "不是数字"),
    ("prepackage-lot", "/contents/3", kilograms("0.0000001"), "/contents/3/value", "小数位太多"),
    ("prepackage-lot", "/doubt", kilograms("-1"), "/doubt/value", "小于零"),
    ("prepackage-lot", "/size", 10**10, "/size", "应在"),
    ("prepackage-lot", "/region", "99", "/region", "行政区划代码"),
    ("dispenser-check", "/runs/0/measure", None, "/runs/0/measure", "必须填写"),
    ("dispenser-check", "/runs/0/shown", {"value": "0", "unit": "L"}, "/runs/0/shown", "大于零"),
    ("dispenser-check", "/runs/0/shown", {"value": "1.5e3", "unit": "L"}, "/runs/0/shown/value", "不是数字"),
    ("dispenser-check", "/runs/0/dispenser", {"value": "NaN", "unit": "°C"}, "/runs/0/dispenser/value", "不是数字"),
    ("dispenser-check", "/ambient/1", {"value": "245", "unit": "°C"}, "/ambient/1", "温度"),
    ("dispenser-check", "/runs", [SOUND["dispenser-check"]["runs"][0]] * 51, "/runs", "应有"),
    ("dispenser-check", "/region", "99", "/region", "行政区划代码"),
]


def errors_of(client: FlaskClient, name: str, body: Body, language: str = "zh-CN") -> dict[str, str]:
    """Return the errors of a refused body, by their pointers."""
    limiter.reset()
    g.pop("texts", None)  # requests of a test share its app context
    answer = client.post(f"/api/v1/rules/{name}?lang={language}", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return {error["pointer"]: error["detail"] for error in answer.json["errors"]}


@pytest.mark.parametrize(("name", "at", "value", "pointer", "told"), BAD, ids=lambda value: str(value)[:30])
def test_what_cannot_be_is_told_at_its_field_in_both_languages(
    client: FlaskClient, name: str, at: str, value: Any, pointer: str, told: str
) -> None:
    body = replaced(SOUND[name], at, value)
    errors = errors_of(client, name, body)
    assert told in errors[pointer], errors
    english = errors_of(client, name, body, "en")
    assert english.keys() == errors.keys()
    assert all("{" not in detail for detail in (*errors.values(), *english.values()))
    assert not re.search("[\u4e00-\u9fff]", re.sub("斤|两|磅", "", english[pointer])), english


def test_a_day_without_rules_speaks_to_anyone(client: FlaskClient) -> None:
    for name, body in SOUND.items():
        told = errors_of(client, name, body | {"day": "1990-01-01"})
        assert told == {"/day": "这一天没有适用的规则，没法计算。请把日期改近一些；不填日期就按今天的规则。"}


AT_ONCE: list[tuple[str, dict[str, Any], set[str]]] = [
    (
        "scale-check",
        {"/scale/max": kilograms("NaN"), "/readings/0/load": kilograms("-1"), "/day": "1990-01-01", "/region": "99"},
        {"/scale/max/value", "/readings/0/load", "/region"},
    ),
    (
        "scale-check",
        {"/scale/accuracy_class": "V", "/readings/0/shown": kilograms("1.002"), "/day": "1990-01-01"},
        {"/scale/accuracy_class", "/readings/0/shown", "/day"},
    ),
    (
        "reweigh",
        {"/settled": kilograms("1.5e3"), "/shown": kilograms("16"), "/price": {"value": "16", "unit": "元/斤"}}
        | {"/packaging": kilograms("17")},
        {"/settled/value", "/shown", "/tier", "/packaging"},
    ),
    (
        "reweigh",
        {"/settled": kilograms("0"), "/shown": kilograms("0"), "/tier": "gold"},
        {"/settled", "/shown", "/tier"},
    ),
    (
        "phone-weight",
        {"/phone/mass": kilograms("16"), "/shown": kilograms("0.2061"), "/scale/accuracy_class": None},
        {"/phone/mass", "/shown", "/scale/accuracy_class"},
    ),
    (
        "prepackage-lot",
        {"/contents/3": kilograms("x"), "/contents/5": {"value": "1", "unit": "mL"}, "/size": 0}
        | {"/marked": kilograms("51")},
        {"/contents/3/value", "/contents/5/unit", "/size", "/marked"},
    ),
    (
        "prepackage-lot",
        {"/size": 3, "/contents/5": {"value": "1", "unit": "mL"}},
        {"/contents", "/contents/5/unit"},
    ),
    (
        "dispenser-check",
        {"/step": {"value": "x", "unit": "L"}, "/runs/0/dispenser": {"value": "245", "unit": "°C"}}
        | {"/runs/1/measure": None, "/runs/2/held": {"value": "-1", "unit": "L"}},
        {"/step/value", "/runs/0/dispenser", "/runs/1/measure", "/runs/2/held"},
    ),
]


@pytest.mark.parametrize(("name", "changes", "pointers"), AT_ONCE)
def test_what_cannot_be_parsed_hides_no_other_mistake(
    client: FlaskClient, name: str, changes: dict[str, Any], pointers: set[str]
) -> None:
    body = SOUND[name]
    for at, value in changes.items():
        body = replaced(body, at, value)
    assert errors_of(client, name, body).keys() == pointers


def test_what_could_not_be_read_makes_no_mistake_up(client: FlaskClient) -> None:
    finer = replaced(SOUND["scale-check"], "/readings/0/shown", kilograms("1.002"))
    assert errors_of(client, "scale-check", replaced(finer, "/scale/d", kilograms("x"))).keys() == {"/scale/d/value"}
    weights = SOUND["reweigh"] | {"method": "same_scale", "weights": kilograms("x"), "weights_shown": kilograms("1")}
    assert errors_of(client, "reweigh", weights).keys() == {"/weights/value"}
    old = SOUND["reweigh"] | {"day": "1990-02-30", "settled": kilograms("1000")}
    assert errors_of(client, "reweigh", old).keys() == {"/day"}


def test_every_mistake_is_told_at_once(client: FlaskClient) -> None:
    body: Body = {"day": "x", "region": "99", "scale": SCALE | {"max": kilograms("NaN"), "e": kilograms("0")}}
    body["readings"] = [{"load": kilograms("1e3"), "shown": {"value": "1"}}]
    assert errors_of(client, "scale-check", body).keys() == {
        "/day",
        "/region",
        "/scale/max/value",
        "/scale/e/value",
        "/readings/0/load/value",
        "/readings/0/shown/unit",
    }
    body = {"scale": SCALE, "readings": [{"load": kilograms("16"), "shown": kilograms("1.001")}] * 2}
    assert len(errors_of(client, "scale-check", body)) == 4


WIDE = {
    "scale-check": ("/readings/1/shown", kilograms("５．０１")),
    "reweigh": ("/settled", kilograms("２", "斤")),
    "phone-weight": ("/phone/mass", kilograms("２０６", "克")),
    "prepackage-lot": ("/contents/0", kilograms("１０", "两")),
    "dispenser-check": ("/runs/0/measure", {"value": "２０", "unit": "°C"}),
}


@pytest.mark.parametrize("name", SOUND)
def test_full_width_digits_are_the_digits_they_look_like(client: FlaskClient, name: str) -> None:
    at, value = WIDE[name]
    assert ask(client, name, replaced(SOUND[name], at, value)) == ask(client, name, SOUND[name])


MANY = {
    "scale-check": ("/readings", READINGS),
    "prepackage-lot": ("/contents", [kilograms("10", "两")]),
    "dispenser-check": ("/payments", [{}]),
}


@pytest.mark.parametrize("name", MANY)
def test_ten_thousand_figures_are_refused_by_their_number(client: FlaskClient, name: str) -> None:
    at, some = MANY[name]
    assert errors_of(client, name, replaced(SOUND[name], at, some * (10_000 // len(some))))[at].startswith("应有")


@pytest.mark.parametrize("name", SOUND)
def test_a_body_without_end_is_not_read(client: FlaskClient, name: str) -> None:
    answer = client.post(f"/api/v1/rules/{name}", data=b"[" * (MAX_PUSH_BYTES + 1), content_type="application/json")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


QUANTITIES = st.fixed_dictionaries(
    {
        "value": st.text(max_size=8) | st.from_regex(r"-?[0-9]{1,13}(\.[0-9]{1,13})?", fullmatch=True),
        "unit": st.sampled_from(["kg", "g", "mg", "斤", "t"]),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(e=QUANTITIES, most=QUANTITIES, shown=QUANTITIES, laid=QUANTITIES, day=st.dates(date(1, 1, 1)))
def test_no_figures_are_ever_a_fault_of_the_server(
    client: FlaskClient, e: Body, most: Body, shown: Body, laid: Body, day: date
) -> None:
    limiter.reset()
    scale = {"max": most, "e": e, "accuracy_class": "II"}
    base = {"day": day.isoformat(), "scale": scale}
    for name, body in (
        ("scale-check", {"readings": [{"load": laid, "shown": shown, "added": e}] * 3}),
        ("phone-weight", {"phone": {"mass": laid}, "shown": shown}),
        ("reweigh", {"method": "finer_scale", "goods": "fruit", "settled": laid, "shown": shown}),
    ):
        assert client.post(f"/api/v1/rules/{name}", json=base | body).status_code in (200, 422)
