"""How the body of rules is named and found, written out: another program can compute the same name."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from shared import rules
from shared.errors import NoRule
from shared.rules import name_of, rows_of, rules_on
from shared.rules.rows import Confidence, InService, Regulation

ROW = InService(
    document="文件",
    edition="2016",
    clause="3.5.2",
    valid_from=date(2017, 5, 25),
    confidence=Confidence.SOURCED,
    source="https://example.test",
    note="not in the name",
    multiplier=2,
)
WRITTEN = (
    '["InService",{"clause":"3.5.2","confidence":"sourced","document":"文件","edition":"2016","multiplier":2,'
    '"region":"","valid_from":"2017-05-25","valid_to":null}]'
)
TODAY = rules_on(date(2026, 11, 21))


def test_the_name_is_a_hash_of_the_rows_one_a_line_in_order() -> None:
    assert name_of([ROW]) == f"cn-1-{hashlib.sha256(WRITTEN.encode()).hexdigest()[:12]}"
    lines = "\n".join([WRITTEN, WRITTEN.replace('"multiplier":2', '"multiplier":3')])
    two = f"cn-1-{hashlib.sha256(lines.encode()).hexdigest()[:12]}"
    assert name_of([replace(ROW, multiplier=3), ROW]) == name_of([ROW, replace(ROW, multiplier=3)]) == two


def test_rows_are_read_file_by_file_in_the_order_of_their_names() -> None:
    folder = Path(rules.__file__).parent / "cn"
    assert list(rules.FILES) == sorted(path.stem for path in folder.iterdir()), "a new file is named in FILES"
    tables = list(dict.fromkeys(type(row).__name__ for row in TODAY.rows))
    in_order = ["Catalogued", "Cheat", "CreditTerm", "FuelMpe", "RetailLimit", "ScaleMpe", "Violation", "WeightMpe"]
    assert [table for table in tables if table in in_order] == in_order


def test_a_row_without_an_origin_stands_for_itself() -> None:
    assert list(rows_of({"rows": {"mpe": [{"e": 5}]}})) == [("mpe", {"e": 5})]
    both = {"from": {"a": {"x": 1, "y": 1}}, "rows": {"mpe": [{"from": "a", "y": 2}, {"z": 3}]}}
    assert list(rows_of(both)) == [("mpe", {"x": 1, "y": 2}), ("mpe", {"z": 3})]
    assert both["from"] == {"a": {"x": 1, "y": 1}}


def test_lists_are_read_as_tuples_and_nothing_else_is_changed() -> None:
    regulation = TODAY.regulation("scale")
    assert regulation.price_computing == (False,)
    assert type(regulation.price_computing) is tuple
    assert type(regulation.valid_from) is date


def test_the_rows_are_what_the_files_say() -> None:
    """Read anew, past what is kept from the first time."""
    read = tuple(rules._row(table, values) for table, values in rules._tables())
    assert name_of(read) == TODAY.ruleset
    assert [row for row in read if row.holds(TODAY.day, "")] == list(TODAY.rows)
    assert {type(row.price_computing) for row in read if isinstance(row, Regulation)} == {tuple}
    assert {type(row.confidence) for row in read} == {Confidence}
    for row in read:
        hash(row)


def test_a_regulation_is_found_by_kind_and_by_whether_prices_are_computed() -> None:
    day = rules_on(date(2027, 1, 8))
    assert day.regulation("scale") == day.regulation("scale", price_computing=False)
    assert day.regulation("scale").id == "jjg-539"
    assert day.regulation("scale", price_computing=True).id == "jjg-1204-price"
    with pytest.raises(NoRule) as told:
        day.regulation("teapot")
    assert told.value.values == {"what": "teapot", "day": "2027-01-08"}
    with pytest.raises(NoRule) as told:
        rules_on(date(1990, 1, 1)).one_of(InService)
    assert told.value.values == {"what": "InService", "day": "1990-01-01"}


def test_of_two_rows_about_one_thing_the_regional_one_is_the_last() -> None:
    national = TODAY.regulation("scale")
    own = replace(national, region="41", id="henan")
    found = replace(TODAY, rows=(own, national))
    assert [row.id for row in found.all_of(Regulation)] == [national.id, "henan"]
    assert found.regulation("scale").id == "henan"
    assert found.one_of(Regulation).id == "henan"
    assert found.all_of(InService) == []
