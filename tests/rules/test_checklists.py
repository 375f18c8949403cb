"""Checklists by kind and day, and the cheat library that sync extends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cheats import LONGEST_TEXT, MOST_ROWS, Pattern, cheat_rows
from shared.checklists import checklist, words_of
from shared.errors import BadCheatRow, NoRule
from shared.facts import Fact
from shared.rules import rules_on
from shared.rules.rows import Cheat, ChecklistItem, Confidence
from tests.builders import TODAY, todays_rules
from tests.rules.tables import rows

ITEMS = rows("checklist_items")
KINDS = sorted({kind for item in todays_rules().all_of(ChecklistItem) for kind in item.kinds})
KNOWN = {"yes": True, "no": False, "": None}


def a_row(**other: Any) -> dict[str, Any]:
    """Return a sound received row of a trick of one maker's model, with what a test wants otherwise."""
    sound = {
        "id": "jia-15-double-zero",
        "kinds": ["scale"],
        "step": 72,
        "zh": "连按两次置零键，看砝码示值变不变。",
        "en": "Press zero twice: does the indication of the weight change?",
        "suggests": "cheating_seen",
        "pattern": "password_mode",
        "maker": "甲衡器厂",
        "model": "ACS-15",
        "document": "专项通报",
        "edition": "2026",
        "clause": "",
        "valid_from": "2026-03-01",
        "valid_to": "2026-12-31",
        "region": "4116",
        "confidence": "sourced",
        "source": "https://example.cn/1",
        "note": "",
    }
    return sound | other


def received(*given: dict[str, Any]) -> tuple[Cheat, ...]:
    return cheat_rows(json.dumps(list(given)))


def ids(kind: str, day: date = TODAY, region: str = "", **given: Any) -> list[str]:
    return [item.id for item in checklist(kind, rules_on(day, region), **given)]


@pytest.mark.parametrize("row", ITEMS, ids=[" ".join(list(row.values())[:4]) for row in ITEMS])
def test_an_item_stands_on_the_list_from_its_first_to_its_last_day(row: dict[str, str]) -> None:
    there = row["item"] in ids(
        row["kind"], date.fromisoformat(row["day"]), price_computing=KNOWN[row["price_computing"]]
    )
    assert there is KNOWN[row["is_there"]]


def test_each_list_is_in_order_without_doubles_in_both_languages() -> None:
    for kind in KINDS:
        found = checklist(kind, todays_rules())
        assert [(item.step, item.id) for item in found] == sorted({(item.step, item.id) for item in found})
        assert (
            len({words_of(item, "zh-CN") for item in found})
            == len({words_of(item, "en") for item in found})
            == len(found)
        )
        assert all(item.suggests == "" or Fact(item.suggests) for item in found)


def test_codes_come_before_marks_marks_before_seals_seals_before_loads_and_tricks_before_the_end() -> None:
    order = ["label", "plate", "seal_present", "one_weight_three_times", "password_mode", "fair_scale", "hold_and_send"]
    assert [name for name in ids("scale") if name in order] == order
    order = [
        "nozzle_plate",
        "seal_adjuster",
        "serials",
        "station_writes",
        "three_runs",
        "test_clears_nothing",
        "unload",
    ]
    assert [name for name in ids("fuel_nozzle") if name in order] == order


@pytest.mark.parametrize("kind", ["teapot", "", "Scale", "water_meter_large"])
def test_a_kind_without_a_list_has_no_empty_list(kind: str) -> None:
    with pytest.raises(NoRule):
        checklist(kind, todays_rules(), extra=received(a_row(kinds=["teapot"], maker="", model="")))


def test_there_is_no_list_before_the_first_row() -> None:
    assert ids("scale", date(2017, 5, 25))
    with pytest.raises(NoRule):
        ids("scale", date(2017, 5, 24))


def test_no_own_row_names_a_maker_and_no_chinese_word_is_a_verification_bodys() -> None:
    for item in (*todays_rules().all_of(Cheat), *todays_rules().all_of(ChecklistItem)):
        assert "合格" not in item.zh
        assert not isinstance(item, Cheat) or (item.maker, item.model) == ("", "")


def test_what_stands_on_one_weight_alone_suggests_nothing() -> None:
    found = {item.id: item.suggests for item in checklist("scale", todays_rules())}
    assert (found["one_weight_three_times"], found["several_loads"]) == ("", "field_beyond")


@pytest.mark.parametrize(
    ("maker", "model", "day", "region", "is_there"),
    [
        ("甲衡器厂", "ACS-15", TODAY, "411602", True),
        (" 甲 衡器厂 ", "acs－１５", TODAY, "411602", True),
        ("甲衡器厂", "ACS-30", TODAY, "411602", False),
        ("乙衡器厂", "ACS-15", TODAY, "411602", False),
        ("", "", TODAY, "411602", False),
        ("甲衡器厂", "", TODAY, "411602", False),
        ("甲衡器厂", "ACS-15", TODAY, "370100", False),
        ("甲衡器厂", "ACS-15", TODAY, "", False),
        ("甲衡器厂", "ACS-15", date(2026, 2, 28), "411602", False),
        ("甲衡器厂", "ACS-15", date(2026, 3, 1), "411602", True),
        ("甲衡器厂", "ACS-15", date(2026, 12, 31), "411602", True),
        ("甲衡器厂", "ACS-15", date(2027, 1, 1), "411602", False),
    ],
)
def test_a_trick_of_a_model_comes_for_that_model_in_its_days_and_region(
    maker: str, model: str, day: date, region: str, is_there: bool
) -> None:
    extra = received(a_row())
    assert ("jia-15-double-zero" in ids("scale", day, region, maker=maker, model=model, extra=extra)) is is_there
    assert "jia-15-double-zero" not in ids("fuel_nozzle", day, region, maker=maker, model=model, extra=extra)


def test_a_trick_of_our_own_that_names_a_model_comes_for_that_model_alone() -> None:
    trick = replace(todays_rules().all_of(Cheat)[0], id="of_a_model", kinds=("scale",), maker="大秤", model="ACS-30")
    found = replace(todays_rules(), rows=(*todays_rules().rows, trick))
    for maker, model, comes in [
        ("大秤", "ACS-30", True),
        ("大秤", "ACS-15", False),
        ("小秤", "ACS-30", False),
        ("大秤", "", False),
        ("", "ACS-30", False),
    ]:
        assert ("of_a_model" in {item.id for item in checklist("scale", found, maker=maker, model=model)}) is comes
    unnamed = replace(found, rows=(*todays_rules().rows, replace(trick, maker="XXXX", model="XXXX")))
    assert "of_a_model" not in {item.id for item in checklist("scale", unnamed)}


def test_a_received_row_never_changes_an_item_of_the_program() -> None:
    for name in ("seal_intact", "memory_keys"):
        extra = received(a_row(id=name, zh="不用看。", maker="", model="", region=""))
        assert checklist("scale", todays_rules(), extra=extra) == checklist("scale", todays_rules())


def test_of_two_received_rows_with_one_id_the_later_one_holds_whatever_their_order() -> None:
    old = a_row(maker="", model="", region="", valid_to=None)
    new = old | {"valid_from": "2026-06-01", "zh": "新办法。"}
    both = received(old, new)
    for extra in (both, both[::-1], both * 2):
        found = checklist("scale", todays_rules(), extra=extra)
        assert [item.zh for item in found if item.id == old["id"]] == ["新办法。"]


@given(st.permutations(range(6)))
def test_the_order_of_what_came_never_matters(order: list[int]) -> None:
    extra = received(*(a_row(id=f"x-{number}", maker="", model="", region="") for number in range(6)))
    assert ids("scale", extra=[extra[number] for number in order]) == ids("scale", extra=extra)


def test_a_received_row_is_a_row_like_our_own() -> None:
    (row,) = received(a_row())
    assert (row.kinds, row.valid_from, row.valid_to) == (("scale",), date(2026, 3, 1), date(2026, 12, 31))
    assert row.confidence is Confidence.SOURCED
    assert received() == ()
    least = {
        name: value for name, value in a_row().items() if name not in ("maker", "model", "valid_to", "region", "note")
    }
    assert received(least)[0] == replace(row, maker="", model="", valid_to=None, region="")
    for own in todays_rules().all_of(Cheat):
        sent = {name: value for name, value in vars(own).items() if name != "valid_to"}
        sent |= {"valid_from": own.valid_from.isoformat(), "kinds": list(own.kinds)}
        assert received(sent) == (own,)


BAD: list[tuple[str, Any]] = [
    *[("id", value) for value in ("", "Remote", "a b", "9", "a" * 65, 5, None)],
    *[("kinds", value) for value in ([], "scale", ["scale", "scale"], ["Scale"], [5], None, {"scale": 1})],
    *[("step", value) for value in (69, 79, -1, 70.5, True, "70", None)],
    *[("zh", value) for value in ("", " ", 5, None, "a\nb", "甲" * (LONGEST_TEXT + 1))],
    *[("en", value) for value in ("", None, "a\u202eb")],
    *[("suggests", value) for value in ("guilty", None, 1, " ")],
    *[("pattern", value) for value in ("", "magic", None, ["remote"])],
    *[("maker", value) for value in (None, 5)],
    ("document", ""),
    ("edition", " "),
    ("clause", None),
    ("region", "河南"),
    ("region", 4116),
    *[("confidence", value) for value in ("sure", "", None, "Sourced")],
    *[("source", value) for value in ("a friend", "", None)],
    *[
        ("valid_from", value)
        for value in ("2026-02-30", "2026-3-1", "20260301", "", None, "2026-03-01T00:00:00Z", 2026)
    ],
    *[("valid_to", value) for value in ("2026-02-28", "soon", 5)],
    ("note", None),
    ("fine", "5000"),
]


@pytest.mark.parametrize(("field", "value"), BAD, ids=[f"{field} {str(value)[:20]}" for field, value in BAD])
def test_a_bad_row_is_refused_by_the_name_of_its_field(field: str, value: Any) -> None:
    with pytest.raises(BadCheatRow) as refused:
        received(a_row(), a_row(id="second") | {field: value})
    assert (refused.value.values["number"], refused.value.values["field"]) == (2, field)


REQUIRED = ["id", "kinds", "step", "zh", "en", "suggests", "pattern"]
REQUIRED += ["document", "edition", "clause", "valid_from", "confidence", "source"]


@pytest.mark.parametrize("field", REQUIRED)
def test_a_missing_field_is_refused_by_its_name(field: str) -> None:
    with pytest.raises(BadCheatRow) as refused:
        received({name: value for name, value in a_row().items() if name != field})
    assert refused.value.values["field"] == field


def test_the_longest_text_the_longest_list_and_a_single_day_are_taken() -> None:
    (row,) = received(a_row(zh="甲" * LONGEST_TEXT, valid_to="2026-03-01"))
    assert len(row.zh) == LONGEST_TEXT
    assert len(received(*(a_row(id=f"x-{number}") for number in range(MOST_ROWS)))) == MOST_ROWS


def test_a_list_that_is_too_long_is_refused_whole() -> None:
    with pytest.raises(BadCheatRow) as refused:
        received(*(a_row(id=f"x-{number}") for number in range(MOST_ROWS + 1)))
    assert refused.value.values["number"] == 0


def test_an_item_is_said_in_the_language_of_the_screen() -> None:
    item = checklist("scale", todays_rules())[0]
    assert (words_of(item, "zh-CN"), words_of(item, "en")) == (item.zh, item.en)


def test_a_model_without_its_maker_is_refused() -> None:
    with pytest.raises(BadCheatRow) as refused:
        received(a_row(maker=""))
    assert refused.value.values["field"] == "model"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[",
        "[1]",
        "[null]",
        '["x"]',
        "[NaN]",
        "[1e999]",
        b"\xff",
        '[{"id": 1, "id": 2}]',
        "[" * 100_000,
    ],
)
def test_what_is_no_list_of_rows_is_refused_whole(text: str | bytes) -> None:
    with pytest.raises(BadCheatRow):
        cheat_rows(text)


def test_the_same_row_twice_is_refused() -> None:
    with pytest.raises(BadCheatRow) as refused:
        received(a_row(), a_row())
    assert (refused.value.values["number"], refused.value.values["field"]) == (2, "id")


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(a_row())), values, max_size=4))
def test_no_row_raises_anything_but_its_own_error(changed: dict[str, Any]) -> None:
    try:
        (row,) = received(a_row(**changed))
    except BadCheatRow as error:
        assert error.values["field"] in a_row()  # noqa: PT017 - either outcome is right
    else:
        assert Pattern(row.pattern)
