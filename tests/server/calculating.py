"""What a calculator is asked in tests: sound bodies, made from the values of the rules, and how to change one place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flask.testing import FlaskClient

from server.limits import limiter
from shared.amounts import decimal_text
from shared.fuel_check import NozzleCheck
from shared.quantities import mass_text
from tests.rules.fuel_builders import a_nozzle_check

Body = dict[str, Any]
CELSIUS_20 = {"value": "20", "unit": "°C"}


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
