"""Sound bodies of the wire with every field filled, and ways to walk through and damage them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.builders import a_label, an_id, an_op

Path = tuple[str | int, ...]

READING = {"load_mg": 1_000_000, "shown_mg": 1_005_000}
NAMEPLATE = {
    "max_mg": 15_000_000,
    "min_mg": 100_000,
    "e_mg": 5_000,
    "d_mg": 5_000,
    "accuracy_class": "III",
    "price_computing": True,
}
CHECK = {
    "id": an_id(1),
    "instrument": an_id(2),
    "custody": an_id(3),
    "label": a_label().rpartition("/")[2],
    "label_verdict": "genuine",
    "photo_matches": True,
    "tested_by": an_id(4),
    "measured_at": "2026-11-21T08:00:00Z",
    "nameplate": NAMEPLATE,
    "readings": [READING],
    "verdict": "beyond",
    "ruleset": "cn-1-0123456789ab",
}
INSPECTION = {
    "id": an_id(5),
    "party": an_id(6),
    "party_name": "张三蔬菜",
    "stall": an_id(7),
    "disposition": "none",
    "not_inspected": "closed",
    "remark": "",
    "party_remark": "无异议",
    "signature": {"name": "张三", "refused": False, "strokes": [[0, 0, 10, 12], [5, 5]]},
    "checks": [CHECK],
}
VISIT: dict[str, Any] = {
    "id": an_id(8),
    "task": an_id(9),
    "place": an_id(10),
    "cause": "routine",
    "approval_no": "",
    "started_at": "2026-11-21T07:30:00Z",
    "made_at": "2026-11-21T08:10:00Z",
    "clock_offset_s": -3,
    "clock_doubt_s": 2,
    "card_shown": True,
    "recusal_told": True,
    "participants": [{"person": an_id(11), "capacity": "officer", "card_no": "豫-001"}],
    "standards": [{"weight_class": "M1", "certificate_no": "ZK-2026-11", "valid_until": "2027-03-31"}],
    "inspections": [INSPECTION],
}
INSTRUMENT: dict[str, Any] = {
    "id": an_id(12),
    "kind": "scale",
    "serial": "ACS-30 2024 0311",
    "own_no": "K-7",
    "production_code": "https://sc.example.cn/c?id=26040116",
    "repair_code": "W-2026-07",
    "verification_code": "J 2604 0116",
    "maker": "某衡器厂",
    "model": "ACS-30",
    "use": "trade",
    "place": an_id(13),
    "stall": an_id(14),
    "note": "",
    "max_mg": 15_000_000,
    "min_mg": 100_000,
    "e_mg": 5_000,
    "d_mg": 5_000,
    "accuracy_class": "III",
    "price_computing": True,
}
BIND: dict[str, Any] = {"instrument": an_id(15), "serial": 1_000_001}
CORRECTION: dict[str, Any] = {"corrects": an_id(16), "note": "重量记错"}
PUSH: dict[str, Any] = {"ops": [an_op(1, depends_on=(an_id(17),)).to_wire()]}

# Fields that may be null: what an inspector does not know, or what did not happen.
NULLABLE = {"task", "clock_offset_s", "clock_doubt_s"} | {"party", "stall", "not_inspected", "signature"}
NULLABLE |= {"custody", "label", "label_verdict", "photo_matches"}


def leaves(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the path and value of every text, number and flag; a drawn signature is one value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*at, name))
    elif isinstance(value, list) and at[-1] != "strokes":
        for place, inner in enumerate(value):
            yield from leaves(inner, (*at, place))
    else:
        yield at, value


def objects(value: Any, at: Path = ()) -> Iterator[Path]:
    """Yield the path of every JSON object."""
    if isinstance(value, dict):
        yield at
        for name, inner in value.items():
            yield from objects(inner, (*at, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from objects(inner, (*at, place))


def inside(value: Any, at: Path) -> Any:
    for step in at:
        value = value[step]
    return value


def with_value(body: dict[str, Any], at: Path, value: Any) -> dict[str, Any]:
    """Return the body with another value at a path."""
    changed = deepcopy(body)
    inside(changed, at[:-1])[at[-1]] = value
    return changed


def without(body: dict[str, Any], at: Path) -> dict[str, Any]:
    changed = deepcopy(body)
    del inside(changed, at[:-1])[at[-1]]
    return changed
