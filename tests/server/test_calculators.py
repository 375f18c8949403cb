"""The calculators answer over HTTP what the pure rules say, for every golden case."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from flask.testing import FlaskClient

from server.limits import CALCULATIONS, limiter
from server.policy import POLICY
from shared.amounts import Amount, Unit, decimal_text
from shared.conclusion import Conclusion
from shared.dispensers import judge_nozzle
from shared.fuel_check import Flow, FlowTest
from shared.lot import judge_lot
from shared.phone_weight import try_phone
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
from tests.server.calculating import CELSIUS_20, SCALE, SOUND, Body, ask, grams, kilograms, nozzle_body
from tests.server.world import World

RULES = todays_rules()
TEXTS = load("zh-CN", "server")


@pytest.fixture
def client(sqlite_world: World) -> Iterator[FlaskClient]:
    limiter.reset()
    yield sqlite_world.app.test_client()
    limiter.reset()


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


@pytest.mark.parametrize("name", SOUND)
def test_anyone_may_ask_and_nothing_needs_a_sign_in(client: FlaskClient, name: str) -> None:
    answer = ask(client, name, SOUND[name])
    assert answer["grounds"]
    assert POLICY[f"calculators_api.{name.replace('-', '_')}", "POST"].roles is None


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


def test_the_day_asked_is_the_day_of_the_rules(client: FlaskClient) -> None:
    price = SOUND["scale-check"] | {"scale": SCALE | {"price_computing": True}}
    before, after = (ask(client, "scale-check", price | {"day": day}) for day in ("2027-01-07", "2027-01-08"))
    assert (before["is_confirmed"], after["is_confirmed"]) == (True, False)
    assert after["day"] == "2027-01-08"
    assert after["code"] == "beyond"


def with_others(**others: tuple[str, list[str]]) -> Body:
    """Return a scale that is right at three loads, with one load weighed more than once."""
    readings = [{"load": kilograms(mass), "shown": kilograms(mass)} for mass in ("1", "5", "10")]
    told = {
        name: {"load": kilograms(laid), "shown": [kilograms(one) for one in shown]}
        for name, (laid, shown) in others.items()
    }
    return {"scale": SCALE, "readings": readings} | told


@pytest.mark.parametrize(
    ("others", "code", "ground"),
    [
        ({"corners": ("5", ["5", "5.01", "5", "5.005"])}, "within", "corner"),
        ({"corners": ("5", ["5", "5", "5", "5.025"])}, "beyond", "corner"),
        ({"corners": ("5", ["5", "5.025"])}, "indeterminate", "too_few_corners"),
        ({"corners": ("1", ["1", "1", "1", "1"])}, "indeterminate", "corner_load"),
        ({"repeats": ("10", ["10", "10.005", "10"])}, "within", "spread"),
        ({"repeats": ("10", ["10", "10.025", "10"])}, "beyond", "spread"),
        ({"repeats": ("10", ["10", "10"])}, "indeterminate", "too_few_weighings"),
    ],
)
def test_corners_and_repeated_weighings_count_where_they_were_tried(
    client: FlaskClient, others: dict[str, tuple[str, list[str]]], code: str, ground: str
) -> None:
    answer = ask(client, "scale-check", with_others(**others))
    assert answer["code"] == code
    assert ground in [told["code"] for told in answer["grounds"]]


def test_a_beyond_corner_decides_nothing_while_the_weights_are_out_of_date(client: FlaskClient) -> None:
    body = with_others(corners=("5", ["5", "5", "5", "5.025"]))
    body["standards"] = [{"weight_class": "M1", "valid_until": "2020-01-01"}]
    answer = ask(client, "scale-check", body)
    assert (answer["code"], answer["harmed"]) == ("indeterminate", "nobody")


def test_a_nameplate_that_cannot_be_right_leaves_the_check_in_doubt(client: FlaskClient) -> None:
    odd = SOUND["scale-check"] | {"scale": SCALE | {"max": kilograms("100")}}
    answer = ask(client, "scale-check", odd)
    assert answer["code"] == "indeterminate"
    assert "intervals" in {ground["code"] for ground in answer["grounds"]}


def test_nobody_calculates_without_end(client: FlaskClient) -> None:
    most = CALCULATIONS.address.amount
    answers = [
        client.post("/api/v1/rules/phone-weight", json=SOUND["phone-weight"]).status_code for _ in range(most + 1)
    ]
    assert answers == [200] * most + [429]


def test_a_finished_test_has_both_flows(client: FlaskClient) -> None:
    one = a_nozzle_check(tests=(FlowTest(Flow.LARGEST, (a_run(),) * 3),))
    answer = ask(client, "dispenser-check", nozzle_body(one))
    assert answer["code"] == "indeterminate"
    assert "fuel_too_few_flows" in {ground["code"] for ground in answer["grounds"]}
