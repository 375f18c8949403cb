"""Finished records of every form that the office makes, with words that nobody would choose, for property tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from shared.national_codes import CODES

NASTY = st.one_of(
    st.sampled_from(
        ["<b>&amp;\"'", "2026-01-02", "12026-01-023", "a\0b", "\u2028", "{x}", "%s", "  ", "秤", "😀", "]]>"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2027, 12, 31))
MAYBE = st.none() | st.just("") | NASTY


@st.composite
def records(draw: Any) -> dict[str, Any]:
    """Records of every form that the office finishes, with words that nobody would choose."""
    spans = st.builds(lambda a, b: (min(a, b).isoformat(), max(a, b).isoformat()), DAYS, DAYS)
    row = st.builds(
        lambda span, no, body: {"from": span[0], "to": span[1]} | {"document_no": no, "body": body}, spans, NASTY, NASTY
    )
    held = st.builds(
        lambda span, stall, who: {"from": span[0], "to": None, "stall": stall, "merchant": who}, spans, MAYBE, MAYBE
    )
    pledge = st.builds(
        lambda no, day: {"number": no, "signed_on": day.isoformat(), "text_id": "scales-1"},
        st.just("CN1-1") | NASTY,
        DAYS,
    )
    item = {
        "kind": draw(st.sampled_from(["scale", "fuel_nozzle"])),
        "use": draw(st.sampled_from([None, "trade"])),
        "max_mg": draw(st.none() | st.integers(1, 10**9)),
        "e_mg": draw(st.none() | st.integers(1, 10**6)),
        "photo": draw(st.none() | st.just("a" * 64)),
        "nozzle": draw(st.none() | st.fixed_dictionaries(dict.fromkeys(("dispenser", "number", "product"), NASTY))),
        **{name: draw(MAYBE) for name in ("serial", "own_no", "maker", "model", "accuracy_class")},
        **draw(st.dictionaries(st.sampled_from(CODES), MAYBE)),  # a record of before the codes lacks them
    }
    return {
        "label": {"serial": 1, "state": draw(st.sampled_from(["applied", "applied", "void", "lost"])), "kind": 1},
        "instrument": item,
        "place": {"name": draw(MAYBE), "kind": "market", "stall": draw(MAYBE)},
        "merchant": draw(MAYBE),
        "verified": draw(st.lists(row, max_size=4)),
        "failed": draw(st.lists(row, max_size=1)),
        "suspected": [],
        "statuses": [{"from": "2024-01-01", "status": draw(st.sampled_from(["in_use", "servicing", "stopped"]))}],
        "checks": [day.isoformat() for day in draw(st.lists(DAYS, max_size=4))],
        "custody": draw(st.lists(held, max_size=2)),
        "pledge": draw(st.none() | pledge),
        "compare": draw(st.booleans()),
    }
