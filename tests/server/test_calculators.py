"""The calculators answer over HTTP what the pure rules say, for every golden case; bad input is told at its field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.limits import CALCULATIONS, limiter
from server.policy import POLICY
from shared.amounts import Amount, Unit, decimal_text
from shared.conclusion import Conclusion
from shared.dispensers import judge_nozzle
from shared.fuel_check import Flow, FlowTest, NozzleCheck
from shared.lot import judge_lot
from shared.phone_weight import try_phone
from shared.quantities import mass_text
from shared.recheck import SameScale
from shared.reweigh import reweigh
from shared.scales import Scale
from shared.sentences import ground_sentence, reason_sentence, step_sentence
from shared.texts import load
from shared.verdict import judge
from tests.builders import a_check, a_scale, todays_rules
from tests.rules.fuel_builders import a_measure, a_nozzle_check, a_run
from tests.rules.retail_scales import SCALES
from tests.rules.tables import rows
from tests.rules.test_lot import a_lot_of
from tests.rules.test_phone_weight import a_phone
from tests.rules.test_reweigh import a_recheck, a_sale, g
from tests.server.world import World

RULES = todays_rules()
TEXTS = load("zh-CN", "server")
Body = dict[str, Any]
CELSIUS_20 = {"value": "20", "unit": "°C"}


@pytest.fixture
def client(sqlite_world: World) -> Iterator[FlaskClient]:
    limiter.reset()
    yield sqlite_world.app.test_client()
    limiter.reset()


def ask(client: FlaskClient, name: str, body: Body) -> Body:
    """Return the answer of one calculator."""
    limiter.reset()
    answer = client.post(f"/api/v1/rules/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def grams(mg: int) -> Body:
    return {"value": mass_text(mg, unit="g"), "unit": "g"}


def litres(ul: int | Fraction) -> Body:
    return {"value": decimal_text(Fraction(ul, 1_000_000)), "unit": "L"}


def plate(scale: Scale) -> Body:
    told: Body = {name: grams(getattr(scale, f"{name}_mg")) for name in ("max", "e", "d")}
    told |= {"min": grams(scale.min_mg)} if scale.min_mg else {}
    told |= {"accuracy_class": scale.accuracy_class, "price_computing": scale.price_computing}
    parts = [{"max": grams(part.max_mg), "e": grams(part.e_mg), "d": grams(part.d_mg)} for part in scale.lower]
    return told | {"lower": parts}


def same(answer: Body, wanted: Conclusion) -> None:
    """Compare an answer with what the pure function concluded, word for word."""
    assert answer["code"] == wanted.code.value
    assert answer["harmed"] == wanted.harmed.value
    assert answer["is_confirmed"] == wanted.is_confirmed
    assert answer["ruleset"] == wanted.ruleset
    assert [ground["code"] for ground in answer["grounds"]] == [str(ground.code) for ground in wanted.grounds]
    for told, ground in zip(answer["grounds"], wanted.grounds, strict=True):
        assert told["sentence"] == ground_sentence(TEXTS, ground)
        assert told["documents"] == ground.documents
        assert (told["outcome"], told["harmed"]) == (ground.outcome.value, ground.harmed.value)
        assert told["is_confirmed"] == ground.is_confirmed
        for name in ("value", "limit", "margin"):
            same_amount(told[name], getattr(ground, name))
    assert answer["steps"] == [step_sentence(TEXTS, step) for step in wanted.steps]
    unconfirmed = TEXTS("tool.caution_unconfirmed")
    assert (answer["caution"] == unconfirmed) == (not wanted.is_confirmed)


def same_amount(told: Body | None, amount: Amount | None) -> None:
    assert (told is None) == (amount is None)
    if told is not None and amount is not None:
        by = {Unit.MASS: 1_000_000, Unit.VOLUME: 1_000_000, Unit.LENGTH: 1_000, Unit.AREA: 100, Unit.MONEY: 100}
        assert abs(Fraction(told["value"]) * by.get(amount.unit, 1) - amount.exact) <= Fraction(
            by.get(amount.unit, 1), 10**9
        )


def test_every_field_case_is_answered_as_the_rules_judge_it(client: FlaskClient) -> None:
    for row in rows("field_cases"):
        scale = a_scale(e_g=int(row["e_g"]), max_kg=int(row["max_kg"]), accuracy_class=row["class"])
        points = [tuple(int(gram) for gram in point.split("=")) for point in row["points_g"].split()]
        verdict = judge(a_check(*[(laid, shown) for laid, shown in points], scale=scale), RULES)
        readings = [{"load": grams(laid * 1000), "shown": grams(shown * 1000)} for laid, shown in points]
        answer = ask(client, "scale-check", {"scale": plate(scale), "readings": readings})
        assert answer["code"] == verdict.code.value == row["verdict"], row["case"]
        assert (answer["harmed"], answer["is_confirmed"]) == (verdict.harmed.value, verdict.is_confirmed)
        sentences = [reason_sentence(TEXTS, reason, scale.d_mg) for reason in verdict.reasons]
        assert [ground["sentence"] for ground in answer["grounds"]] == sentences
        assert all(ground["documents"] for ground in answer["grounds"] if ground["limit"])
        assert len(answer["steps"]) == len(points)
        assert answer["day"] == "2026-11-21"


def test_every_reweighed_sale_is_answered_as_the_rules_judge_it(client: FlaskClient) -> None:
    for row in rows("retail_reweigh"):
        sale, recheck = a_sale(row), a_recheck(row)
        body: Body = {"method": recheck.method, "goods": row["goods"], "settled": grams(sale.settled_mg)}
        body |= {"scale": plate(recheck.scale), "shown": grams(recheck.shown_mg), "tier": sale.tier}
        body["packaging"] = grams(recheck.packaging_mg)
        if sale.price_fen is not None:
            body["price"] = {"value": decimal_text(Fraction(sale.price_fen, 100)), "unit": "元/公斤"}
        if isinstance(recheck, SameScale):
            body |= {"weights": grams(recheck.weights_mg), "weights_shown": grams(recheck.weights_shown_mg)}
        same(ask(client, "reweigh", body), reweigh(sale, recheck, RULES))


def test_every_phone_is_answered_as_the_rules_judge_it(client: FlaskClient) -> None:
    for row in rows("phone_weights"):
        phone, scale, shown_mg = a_phone(row), SCALES[row["scale"]], g(row["shown_g"])
        told: Body = {"mass": grams(phone.mass_mg)}
        told |= {"tolerance": grams(phone.tolerance_mg)} if phone.tolerance_mg is not None else {}
        answer = ask(client, "phone-weight", {"phone": told, "scale": plate(scale), "shown": grams(shown_mg)})
        same(answer, try_phone(phone, scale, shown_mg, RULES))
        assert answer["word"] == TEXTS(f"tool_word.phone_{row['ground']}")


IN = {
    "mass": ("kg", 1_000_000),
    "volume": ("L", 1_000_000),
    "length": ("mm", 1_000),
    "area": ("mm2", 1),
    "count": ("count", 1),
}


def in_unit(kind: str, value: int) -> Body:
    unit, by = IN[kind]
    return {"value": decimal_text(Fraction(value, by)), "unit": unit}


def test_every_lot_is_answered_as_the_rules_judge_it(client: FlaskClient) -> None:
    for row in rows("prepackage_lots"):
        lot, kind = a_lot_of(row), row["kind"]
        body = {
            "marked": in_unit(kind, int(row["marked"])),
            "size": lot.size,
            "contents": [in_unit(kind, int(content)) for content in lot.contents],
            "doubt": in_unit(kind, int(lot.doubt)),
        }
        same(ask(client, "prepackage-lot", body), judge_lot(lot, RULES))


def nozzle_body(check: NozzleCheck) -> Body:
    runs = [
        {
            "flow": test.flow.value,
            "shown": litres(run.shown_ul),
            "held": litres(run.held_ul),
            "dispenser": CELSIUS_20,
            "measure": CELSIUS_20,
        }
        for test in check.tests
        for run in test.runs
    ]
    doubt_ul = check.measure.doubt_ul or 0
    measure = {"material": check.measure.material.value, "doubt": litres(doubt_ul)}
    measure |= {"thermometer": {"value": "0", "unit": "°C"}}
    body: Body = {"fuel": check.fuel.value, "measure": measure, "runs": runs, "step": litres(check.step_ul)}
    body |= {"ambient": [CELSIUS_20, CELSIUS_20]}
    return body | ({"least": litres(check.least_ul)} if check.least_ul is not None else {})


def test_every_mean_at_its_edge_is_answered_as_the_rules_judge_it(client: FlaskClient) -> None:
    for row in rows("fuel_mean_edges"):
        run = a_run(int(row["shown_ul"]), int(row["held_ul"]))
        measure = a_measure(doubt_ul=int(row["doubt_ul"]))
        check = a_nozzle_check(run, run, run, measure=measure, step_ul=int(row["step_ul"]), least_ul=1)
        same(ask(client, "dispenser-check", nozzle_body(check)), judge_nozzle(check, RULES))


def test_the_published_key_comes_out_of_the_heights_of_its_neck(client: FlaskClient) -> None:
    published = [row for row in rows("fuel_published") if row["case"].startswith("key")]
    first = published[0]
    neck = {
        "reference": {"value": first["at_mark_l"], "unit": "L"},
        "mark": {"value": first["mark_mm"], "unit": "mm"},
        "factor": {"value": first["factor_ml"], "unit": "mL"},
    }
    runs = [
        {
            "flow": flow.value,
            "shown": {"value": row["shown_l"], "unit": "L"},
            "height": {"value": row["height_mm"], "unit": "mm"},
            "dispenser": CELSIUS_20,
            "measure": CELSIUS_20,
        }
        for flow in Flow
        for row in published
    ]
    measure = {"material": "stainless_steel", "neck": neck, "doubt": {"value": "5", "unit": "mL"}}
    body: Body = {"fuel": "gasoline", "measure": measure, "runs": runs, "step": {"value": "0.01", "unit": "L"}}
    answer = ask(client, "dispenser-check", body | {"ambient": [CELSIUS_20, CELSIUS_20]})
    assert [ground["value"]["text"] for ground in answer["grounds"][:2]] == ["0.459 %", "0.130 %"]
    assert answer["code"] == "beyond"
    held = ["19.68511", "19.74853", "19.88419"]
    assert [text in step for text, step in zip(held, answer["steps"], strict=False)] == [True] * 3


def test_every_payment_is_answered_as_the_rules_judge_it(client: FlaskClient) -> None:
    for row in rows("fuel_payments"):
        payment = {
            "shown": {"value": row["shown_yuan"], "unit": "yuan"},
            "volume": {"value": row["volume_l"], "unit": "L"},
            "price": {"value": row["price"], "unit": "yuan/L"},
        }
        step = {"value": decimal_text(Fraction(int(row["pay_step_fen"]), 100)), "unit": "yuan"}
        body = nozzle_body(a_nozzle_check()) | {"payments": [payment] * 3, "pay_step": step}
        paid = [
            ground
            for ground in ask(client, "dispenser-check", body)["grounds"]
            if ground["code"].startswith("fuel_paid")
        ]
        assert {ground["code"] for ground in paid} == {f"fuel_paid_{row['outcome']}"}
        assert {ground["harmed"] for ground in paid} == {row["harmed"]}


def kilograms(text: str, unit: str = "公斤") -> Body:
    return {"value": text, "unit": unit}


SCALE: Body = {"max": kilograms("15"), "e": kilograms("5", "克"), "accuracy_class": "III"}
READINGS = [
    {"load": kilograms(laid), "shown": kilograms(shown)}
    for laid, shown in (("1", "1"), ("5", "5.01"), ("10", "10.025"))
]
SOUND: dict[str, Body] = {
    "scale-check": {"scale": SCALE, "readings": READINGS},
    "reweigh": {
        "method": "equal_scale",
        "scale": SCALE,
        "goods": "vegetable",
        "settled": kilograms("2", "斤"),
        "price": {"value": "2", "unit": "元/斤"},
        "shown": kilograms("0.95"),
    },
    "phone-weight": {"phone": {"mass": kilograms("206", "克")}, "scale": SCALE, "shown": kilograms("0.21")},
    "prepackage-lot": {
        "marked": kilograms("500", "克"),
        "size": 40,
        "contents": [kilograms("10", "两")] * 10,
        "doubt": kilograms("0.1", "克"),
    },
    "dispenser-check": nozzle_body(a_nozzle_check()),
}


@pytest.mark.parametrize("name", SOUND)
def test_anyone_may_ask_and_nothing_needs_a_sign_in(client: FlaskClient, name: str) -> None:
    answer = ask(client, name, SOUND[name])
    assert answer["grounds"]
    assert POLICY[f"calculators_api.{name.replace('-', '_')}"].roles is None


def test_what_was_typed_in_jin_is_echoed_in_kilograms(client: FlaskClient) -> None:
    inputs = {row["pointer"]: row for row in ask(client, "reweigh", SOUND["reweigh"])["inputs"]}
    assert (inputs["/settled"]["value"], inputs["/settled"]["unit"], inputs["/settled"]["text"]) == (
        "1",
        "kg",
        "1 公斤",
    )
    assert (inputs["/price"]["value"], inputs["/price"]["unit"]) == ("4", "yuan/kg")
    lot = ask(client, "prepackage-lot", SOUND["prepackage-lot"])["inputs"]
    assert ("/contents/9", "0.5", "kg") in {(row["pointer"], row["value"], row["unit"]) for row in lot}


def test_full_width_digits_are_read(client: FlaskClient) -> None:
    wide = SOUND["scale-check"] | {"scale": SCALE | {"max": kilograms("１５．０")}}
    assert ask(client, "scale-check", wide)["inputs"][0]["value"] == "15"


def test_the_day_asked_is_the_day_of_the_rules(client: FlaskClient) -> None:
    price = SOUND["scale-check"] | {"scale": SCALE | {"price_computing": True}}
    before, after = (ask(client, "scale-check", price | {"day": day}) for day in ("2027-01-07", "2027-01-08"))
    assert (before["is_confirmed"], after["is_confirmed"]) == (True, False)
    assert after["day"] == "2027-01-08"
    assert after["code"] == "beyond"


def test_a_nameplate_that_cannot_be_right_leaves_the_check_in_doubt(client: FlaskClient) -> None:
    odd = SOUND["scale-check"] | {"scale": SCALE | {"max": kilograms("100")}}
    answer = ask(client, "scale-check", odd)
    assert answer["code"] == "indeterminate"
    assert "intervals" in {ground["code"] for ground in answer["grounds"]}


def test_goods_that_no_tier_names_want_a_price(client: FlaskClient) -> None:
    body = SOUND["reweigh"] | {"goods": "other_food"}
    del body["price"]
    answer = client.post("/api/v1/rules/reweigh", json=body)
    assert [error["pointer"] for error in answer.json["errors"]] == ["/price"]


def replaced(body: Body, pointer: str, value: Any) -> Body:
    """Return a body with another value at a pointer; None takes it out."""
    step, _, rest = pointer.strip("/").partition("/")
    copy: Any = list(body) if isinstance(body, list) else dict(body)
    at: Any = int(step) if isinstance(copy, list) else step
    if rest:
        copy[at] = replaced(copy[at], rest, value)
    elif value is None:
        del copy[at]
    else:
        copy[at] = value
    return copy  # type: ignore[no-any-return]


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
    ("scale-check", "/day", "1999-01-01", "/day", "没有适用的规则"),
    ("scale-check", "/day", "2026-02-30", "/day", "日期"),
    ("scale-check", "/region", "99", "/region", "行政区划代码"),
    ("scale-check", "/region", "4", "/region", "行政区划代码"),
    ("scale-check", "/who", "me", "/who", "没有这个字段"),
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
    ("reweigh", "/day", "2000-01-01", "/day", "没有适用的规则"),
    ("phone-weight", "/phone/mass", kilograms("0"), "/phone/mass", "大于零"),
    ("phone-weight", "/phone/mass", kilograms("16"), "/phone/mass", "超过最大秤量"),
    ("phone-weight", "/phone/tolerance", kilograms("-1"), "/phone/tolerance/value", "不能小于零"),
    ("phone-weight", "/shown", kilograms("0.206"), "/shown", "更细"),
    ("phone-weight", "/day", "2000-01-01", "/day", "没有适用的规则"),
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
    ("prepackage-lot", "/day", "2000-01-01", "/day", "没有适用的规则"),
    ("dispenser-check", "/runs/0/dispenser", None, "/runs/0/dispenser", "必须填写"),
    ("dispenser-check", "/runs/0/held", None, "/runs/0/held", "必须填写"),
    ("dispenser-check", "/runs/0/held", {"value": "0", "unit": "L"}, "/runs/0/held", "大于零"),
    ("dispenser-check", "/runs/0/shown", {"value": "20.001", "unit": "L"}, "/runs/0/shown", "更细"),
    ("dispenser-check", "/runs/0/shown", {"value": "-20", "unit": "L"}, "/runs/0/shown", "大于零"),
    ("dispenser-check", "/runs/0/measure", {"value": "245", "unit": "°C"}, "/runs/0/measure", "温度"),
    ("dispenser-check", "/step", {"value": "0", "unit": "L"}, "/step/value", "大于零"),
    ("dispenser-check", "/day", "2000-01-01", "/day", "没有适用的规则"),
]


@pytest.mark.parametrize(("name", "at", "value", "pointer", "told"), BAD, ids=lambda value: str(value)[:30])
def test_what_cannot_be_is_told_at_its_field(
    client: FlaskClient, name: str, at: str, value: Any, pointer: str, told: str
) -> None:
    answer = client.post(f"/api/v1/rules/{name}", json=replaced(SOUND[name], at, value))
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    errors = {error["pointer"]: error["detail"] for error in answer.json["errors"]}
    assert told in errors[pointer], errors
    assert all("{" not in detail for detail in errors.values())


def test_every_mistake_is_told_at_once(client: FlaskClient) -> None:
    body: Body = {"day": "x", "region": "99", "scale": SCALE | {"max": kilograms("NaN"), "e": kilograms("0")}}
    body["readings"] = [{"load": kilograms("1e3"), "shown": {"value": "1"}}]
    answer = client.post("/api/v1/rules/scale-check", json=body)
    assert {error["pointer"] for error in answer.json["errors"]} == {
        "/day",
        "/region",
        "/scale/max/value",
        "/scale/e/value",
        "/readings/0/load/value",
        "/readings/0/shown/unit",
    }
    body = {"scale": SCALE, "readings": [{"load": kilograms("16"), "shown": kilograms("1.001")}] * 2}
    answer = client.post("/api/v1/rules/scale-check", json=body)
    assert len(answer.json["errors"]) == 4


def test_mistakes_are_told_in_english_too(client: FlaskClient) -> None:
    body = replaced(SOUND["scale-check"], "/readings/0/shown", kilograms("NaN"))
    answer = client.post("/api/v1/rules/scale-check?lang=en", json=body)
    assert not re.search("[\u4e00-\u9fff]", answer.json["errors"][0]["detail"])


def test_nobody_calculates_without_end(client: FlaskClient) -> None:
    most = int(CALCULATIONS.split()[0])
    answers = [
        client.post("/api/v1/rules/phone-weight", json=SOUND["phone-weight"]).status_code for _ in range(most + 1)
    ]
    assert answers == [200] * most + [429]


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


def test_a_finished_test_has_both_flows(client: FlaskClient) -> None:
    one = a_nozzle_check(tests=(FlowTest(Flow.LARGEST, (a_run(),) * 3),))
    answer = ask(client, "dispenser-check", nozzle_body(one))
    assert answer["code"] == "indeterminate"
    assert "fuel_too_few_flows" in {ground["code"] for ground in answer["grounds"]}
