"""What people type into the pages of the calculators in tests, and the address that asks it."""

from __future__ import annotations

from urllib.parse import urlencode

SCALE = {
    "scale.max": "15",
    "scale.max.unit": "公斤",
    "scale.e": "5",
    "scale.e.unit": "克",
    "scale.accuracy_class": "III",
}
READINGS = {"readings.unit": "公斤"} | {
    f"readings.{row}.{name}": text
    for row, name, text in (
        (0, "load", "1"),
        (0, "shown", "1"),
        (2, "load", "5"),
        (2, "shown", "5.01"),
        (4, "load", "10"),
        (4, "shown", "10.025"),
    )
}
RUNS = {
    f"runs.{row}.{name}": text
    for row in range(6)
    for name, text in (("shown", "20"), ("held", "19.9"), ("dispenser", "20"), ("measure", "20"))
}
ASKED: dict[str, dict[str, str]] = {
    "scale-check": SCALE | READINGS,
    "reweigh": SCALE
    | {"goods": "vegetable", "method": "equal_scale", "settled": "2", "settled.unit": "斤", "shown": "0.95"}
    | {"shown.unit": "公斤", "price": "2", "price.unit": "元/斤", "tier": ""},
    "phone-weight": SCALE | {"phone.mass": "206", "phone.mass.unit": "克", "shown": "0.21", "shown.unit": "公斤"},
    "prepackage-lot": {
        "marked": "500",
        "marked.unit": "克",
        "size": "40",
        "contents": "499 500，500 500 500\n500 500 500 500 469",
        "contents.unit": "克",
        "doubt": "0.1",
        "doubt.unit": "克",
    },
    "dispenser-check": {"fuel": "gasoline", "measure.material": "stainless_steel", "step": "0.01", "step.unit": "L"}
    | {"runs.unit": "L", "ambient.0": "20", "ambient.1": "21"}
    | RUNS,
}


def page_of(name: str, asked: dict[str, str]) -> str:
    """Return the address of a calculator with its fields filled in."""
    return f"/tools/{name}?{urlencode(asked)}"
