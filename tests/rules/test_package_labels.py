"""The mark on a package: every bound of both annexes, and what cannot be judged."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.amounts import Amount, Unit
from shared.conclusion import Code, Harmed
from shared.package_labels import Mark, MarkGround, height_ground, judge_mark, unit_ground
from shared.prepackages import Package
from shared.rules import rules_on
from shared.sentences import ground_sentence
from shared.texts import LANGUAGES, load
from tests.builders import todays_rules
from tests.rules.tables import rows

RULES = todays_rules()


def a_mark(marked: int = 500_000, kind: str = "mass", unit: str = "g", **heights: int) -> Mark:
    return Mark(Package(Amount(marked, Unit(kind))), unit, **heights)


@pytest.mark.parametrize("row", rows("prepackage_units"), ids=lambda row: f"{row['marked']} {row['unit']}")
def test_the_unit_of_the_mark_at_every_bound(row: dict[str, str]) -> None:
    ground = unit_ground(a_mark(int(row["marked"]), row["kind"], row["unit"]), RULES)
    assert ground.outcome.value == row["verdict"]
    assert ground.is_confirmed
    assert {one.clause for one in ground.rows} == {row["clause"]}


@pytest.mark.parametrize("row", rows("prepackage_heights"), ids=lambda row: f"{row['marked']} {row['height_um']}")
def test_the_height_of_the_characters_at_every_bound(row: dict[str, str]) -> None:
    mark = a_mark(int(row["marked"]), row["kind"], height_um=int(row["height_um"]))
    ground = height_ground(mark, RULES)
    assert ground.outcome.value == row["verdict"]
    assert ground.is_confirmed
    assert ground.margin is not None
    assert (ground.margin.exact >= 0) == (row["verdict"] == "within")


@given(st.integers(1, 10**8), st.integers(1, 10**8), st.sampled_from(["mass", "volume", "length", "area", "count"]))
def test_a_larger_mark_never_needs_smaller_characters(one: int, other: int, kind: str) -> None:
    least = [
        height_ground(a_mark(marked, kind), RULES).facts["least"].exact  # type: ignore[union-attr]
        for marked in sorted((one, other))
    ]
    assert least == sorted(least)


@given(st.integers(1, 10**8), st.sampled_from(["mass", "volume", "length", "area"]))
def test_every_mark_has_a_legal_unit(marked: int, kind: str) -> None:
    unit = {"mass": "g", "volume": "L", "length": "mm", "area": "m2"}[kind]
    legal = str(unit_ground(a_mark(marked, kind, unit), RULES).facts["legal"]).split(" / ")
    for right in legal:
        assert unit_ground(a_mark(marked, kind, right), RULES).outcome is Code.WITHIN


def test_a_height_within_the_doubt_of_the_ruler_is_in_doubt() -> None:
    for height_um, doubt_um, code in [
        (4_000, 0, MarkGround.HIGH_ENOUGH),
        (3_900, 100, MarkGround.HEIGHT_IN_DOUBT),
        (3_899, 100, MarkGround.TOO_SMALL),
        (4_000, 500, MarkGround.HIGH_ENOUGH),
    ]:
        assert height_ground(a_mark(height_um=height_um, doubt_um=doubt_um), RULES).code == code


def test_a_mark_is_in_order_only_when_unit_and_height_are() -> None:
    assert judge_mark(a_mark(height_um=4_000), RULES).code is Code.WITHIN
    assert judge_mark(a_mark(height_um=3_999), RULES).code is Code.BEYOND
    assert judge_mark(a_mark(unit="kg", height_um=4_000), RULES).code is Code.BEYOND
    assert judge_mark(a_mark(), RULES).code is Code.INDETERMINATE, "nobody measured the height"
    assert judge_mark(a_mark(unit="kg"), RULES).code is Code.BEYOND
    assert judge_mark(a_mark(unit="kg"), RULES).harmed is Harmed.NOBODY


def test_the_unit_of_a_count_is_not_judged() -> None:
    conclusion = judge_mark(a_mark(50, "count", "count", height_um=2_000), RULES)
    assert [ground.code for ground in conclusion.grounds] == [MarkGround.HIGH_ENOUGH]


@pytest.mark.parametrize(
    ("mark", "error"),
    [
        (a_mark(unit="lb"), errors.UnknownPackageUnit),
        (a_mark(unit="mL"), errors.UnknownPackageUnit),
        (a_mark(unit=""), errors.UnknownPackageUnit),
        (a_mark(0), errors.NoMarkedQuantity),
        (Mark(Package(Amount(1, Unit.MASS), is_drained=True), "g"), errors.DrainedWeight),
        (a_mark(height_um=-1), errors.NegativeHeight),
        (a_mark(height_um=1, doubt_um=-1), errors.NegativeHeight),
        (a_mark(1, "money"), errors.NoRule),
    ],
)
def test_what_cannot_be_judged_is_refused(mark: Mark, error: type[errors.RuleError]) -> None:
    with pytest.raises(error):
        judge_mark(mark, RULES)


def test_before_the_first_order_no_mark_is_judged() -> None:
    for ground_of in (unit_ground, height_ground):
        with pytest.raises(errors.NoRule):
            ground_of(a_mark(height_um=4_000), rules_on(date(2005, 12, 31)))
    assert judge_mark(a_mark(height_um=4_000), rules_on(date(2006, 1, 1))).code is Code.WITHIN
    assert not judge_mark(a_mark(height_um=4_000), rules_on(date(2023, 5, 31))).is_confirmed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ground_of_a_mark_is_told(language: str) -> None:
    marks = [a_mark(height_um=h, doubt_um=9) for h in (4_000, 3_995, 1_000)] + [a_mark(unit="斤"), a_mark()]
    told = {
        ground.code: ground_sentence(load(language), ground)
        for mark in marks
        for ground in judge_mark(mark, RULES).grounds
    }
    assert set(told) == set(MarkGround)
    assert all("{" not in sentence for sentence in told.values())
