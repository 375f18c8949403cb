"""Prepackages: T at every bound of the annex, one package weighed again, and what must hold for any quantity."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.amounts import Amount, Unit
from shared.conclusion import Code, Harmed
from shared.prepackages import Package, PackageGround, PackageStep, allowed_shortage, judge_package, quantity
from shared.rules import rules_on
from shared.rules.rows import PrepackageRounding, PrepackageStep
from shared.sentences import ground_sentence, step_sentence
from shared.texts import LANGUAGES, Texts, load
from tests.builders import todays_rules
from tests.rules.tables import rows

RULES = todays_rules()
ORDER_70 = date(2023, 6, 1)
BOTH = pytest.mark.parametrize("texts", [load(language) for language in LANGUAGES], ids=LANGUAGES)
LARGEST = {Unit.MASS: 50_000_000, Unit.VOLUME: 50_000_000, Unit.LENGTH: 10**9, Unit.AREA: 10**9, Unit.COUNT: 10**6}


def a_package(marked: int = 500_000, kind: Unit = Unit.MASS) -> Package:
    return Package(Amount(marked, kind))


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """A package whose mark crowds around the bounds of the table."""
    kind = draw(st.sampled_from(list(LARGEST)))
    bounds = [row for row in rows("prepackage_shortage") if row["kind"] == kind and row["least"] != "refused"]
    near = st.sampled_from([int(row["marked"]) for row in bounds])
    return a_package(draw(near | st.integers(1, LARGEST[kind])), kind)


@pytest.mark.parametrize("row", rows("prepackage_shortage"), ids=lambda row: f"{row['kind']} {row['marked']}")
def test_the_allowed_shortage_at_every_bound(row: dict[str, str]) -> None:
    package = a_package(int(row["marked"]), Unit(row["kind"]))
    if row["least"] == "refused":
        with pytest.raises(errors.MarkedAboveTable):
            allowed_shortage(package, RULES)
        return
    allowed = allowed_shortage(package, RULES)
    assert (allowed.least, allowed.most) == (Fraction(row["least"]), Fraction(row["most"]))
    assert allowed.rows[0].clause == row["clause"]
    assert allowed.rows[0].source == row["source"]


@pytest.mark.parametrize("row", rows("prepackage_shortage"), ids=lambda row: f"{row['kind']} {row['marked']}")
def test_a_shortage_is_unconfirmed_exactly_where_the_ways_to_round_differ(row: dict[str, str]) -> None:
    if row["least"] == "refused":
        return
    allowed = allowed_shortage(a_package(int(row["marked"]), Unit(row["kind"])), RULES)
    assert all(one.confidence.is_confirmed for one in allowed.rows) == (row["least"] == row["most"])


@pytest.mark.parametrize("row", rows("prepackage_items"), ids=lambda row: row["case"])
def test_the_worked_packages(row: dict[str, str]) -> None:
    package = a_package(int(row["marked"]), Unit(row["kind"]))
    contents = [int(content) for content in row["contents"].split()]
    conclusion = judge_package(package, contents, RULES, doubt=int(row["doubt"]))
    assert conclusion.code.value == row["verdict"]
    assert conclusion.grounds[0].code == row["ground"]
    assert judge_package(package, contents[::-1], RULES, doubt=int(row["doubt"])) == conclusion


@given(packages(), packages())
def test_a_larger_mark_never_allows_a_smaller_shortage(one: Package, other: Package) -> None:
    other = a_package(min(other.marked.exact.numerator, LARGEST[one.kind]), one.kind)
    small, large = sorted((one, other), key=lambda package: package.marked.exact)
    smaller, larger = allowed_shortage(small, RULES), allowed_shortage(large, RULES)
    assert smaller.least <= larger.least
    assert smaller.most <= larger.most
    assert 0 <= smaller.least <= smaller.most


@given(packages())
def test_the_next_mark_allows_at_most_one_step_more(package: Package) -> None:
    after = a_package(min(package.marked.exact.numerator + 1, LARGEST[package.kind]), package.kind)
    if package.kind in (Unit.MASS, Unit.VOLUME, Unit.COUNT):
        step = 1 if package.kind is Unit.COUNT else 1_000
        assert allowed_shortage(after, RULES).most - allowed_shortage(package, RULES).most <= step


@given(packages())
def test_the_ways_to_round_are_less_than_a_step_apart(package: Package) -> None:
    allowed = allowed_shortage(package, RULES)
    assert allowed.most - allowed.least in (0, 100, 1_000)


@given(packages(), st.data())
def test_a_fuller_package_is_never_judged_harder(package: Package, data: st.DataObject) -> None:
    rank = {Code.WITHIN: 0, Code.INDETERMINATE: 1, Code.BEYOND: 2}
    allowed = int(allowed_shortage(package, RULES).most)
    marked = package.marked.exact.numerator
    contents = st.integers(0, marked + 10) | st.integers(max(marked - 3 * allowed - 3, 0), marked)
    less, more = sorted(data.draw(st.tuples(contents, contents)))
    doubt = data.draw(st.integers(0, 5))
    codes = [judge_package(package, [content] * 2, RULES, doubt=doubt).code for content in (less, more)]
    assert rank[codes[0]] >= rank[codes[1]]


@given(packages(), st.lists(st.integers(0, 10**6), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_weighings_never_matters(package: Package, contents: list[int], random: Any) -> None:
    shuffled = random.sample(contents, len(contents))
    assert judge_package(package, shuffled, RULES, doubt=0) == judge_package(package, contents, RULES, doubt=0)


@given(packages(), st.integers(0, 10**6), st.integers(0, 100))
def test_a_margin_never_contradicts_its_verdict(package: Package, content: int, doubt: int) -> None:
    ground = judge_package(package, [content] * 2, RULES, doubt=doubt).grounds[0]
    assert ground.margin is not None
    if ground.outcome is Code.WITHIN:
        assert ground.margin.exact >= 0
    if ground.outcome is Code.BEYOND:
        assert ground.margin.exact < 0


@given(packages(), st.integers(0, 10**6))
def test_one_weighing_concludes_nothing(package: Package, content: int) -> None:
    conclusion = judge_package(package, [content], RULES, doubt=0)
    assert conclusion.code is Code.INDETERMINATE
    assert conclusion.harmed in (Harmed.NOBODY, Harmed.BUYER)
    assert conclusion.grounds[-1].code == PackageGround.TOO_FEW_WEIGHINGS


def test_the_buyer_loses_by_a_short_package_and_the_seller_by_a_full_one() -> None:
    for content, harmed in [(480_000, Harmed.BUYER), (499_999, Harmed.BUYER), (500_000, Harmed.NOBODY)]:
        assert judge_package(a_package(), [content] * 2, RULES, doubt=0).grounds[0].harmed is harmed
    full = judge_package(a_package(), [500_001] * 2, RULES, doubt=0)
    assert full.grounds[0].harmed is Harmed.SELLER
    assert full.harmed is Harmed.NOBODY
    assert judge_package(a_package(), [480_000] * 2, RULES, doubt=0).harmed is Harmed.BUYER


def test_of_several_weighings_the_one_on_the_packages_side_is_told_when_beyond() -> None:
    beyond = judge_package(a_package(), [480_000, 484_000], RULES, doubt=0).grounds[0]
    within = judge_package(a_package(), [490_000, 495_000], RULES, doubt=0).grounds[0]
    assert (beyond.value, beyond.facts["content"]) == (Amount(16_000, Unit.MASS), Amount(484_000, Unit.MASS))
    assert (within.value, within.facts["content"]) == (Amount(10_000, Unit.MASS), Amount(490_000, Unit.MASS))


def test_the_arithmetic_is_shown() -> None:
    steps = judge_package(a_package(), [490_000, 480_000], RULES, doubt=0).steps
    assert [step.code for step in steps] == [PackageStep.ALLOWED, PackageStep.SHORTAGE, PackageStep.SHORTAGE]
    assert [step_sentence(load("zh-CN"), step) for step in steps[:2]] == [
        "标注 500 克：允许短缺量 T = 15 克",
        "500 克 − 480 克 = 20 克",
    ]


@BOTH
@pytest.mark.parametrize("row", rows("prepackage_items"), ids=lambda row: row["case"])
def test_every_ground_and_step_is_told_with_its_figures(row: dict[str, str], texts: Texts) -> None:
    package = a_package(int(row["marked"]), Unit(row["kind"]))
    contents = [int(content) for content in row["contents"].split()]
    conclusion = judge_package(package, contents, RULES, doubt=int(row["doubt"]))
    told = [ground_sentence(texts, ground) for ground in conclusion.grounds]
    told += [step_sentence(texts, step) for step in conclusion.steps]
    assert all(sentence and "{" not in sentence for sentence in told)


def test_a_short_package_is_told_in_plain_words() -> None:
    ground = judge_package(a_package(), [480_000] * 2, RULES, doubt=0).grounds[0]
    assert ground_sentence(load("zh-CN"), ground) == "标注 500 克，实际 480 克：少 20 克；最多允许少 15 克，超出 5 克"


@pytest.mark.parametrize("row", rows("prepackage_days"), ids=lambda row: f"{row['day']} {row['about']}")
def test_each_day_has_its_document(row: dict[str, str]) -> None:
    rules = rules_on(date.fromisoformat(row["day"]))
    if row["document"] == "none":
        with pytest.raises(errors.NoRule):
            allowed_shortage(a_package(), rules)
        return
    found = allowed_shortage(a_package(), rules).rows[0]
    assert row["document"] in found.document
    assert found.confidence.is_confirmed == (row["is_confirmed"] == "yes")


def test_both_orders_allow_the_same() -> None:
    for row in rows("prepackage_shortage"):
        package = a_package(int(row["marked"]), Unit(row["kind"]))
        if row["least"] != "refused":
            old = allowed_shortage(package, rules_on(date(2023, 5, 31)))
            new = allowed_shortage(package, rules_on(ORDER_70))
            assert (old.least, old.most) == (new.least, new.most)
            assert not all(one.confidence.is_confirmed for one in old.rows)


def test_a_direction_that_is_read_some_day_needs_no_code() -> None:
    one_way = replace(
        RULES,
        rows=tuple(row for row in RULES.rows if not isinstance(row, PrepackageRounding) or row.direction == "up"),
    )
    allowed = allowed_shortage(a_package(25_000), one_way)
    assert allowed.least == allowed.most == 2_300
    assert PrepackageRounding in {type(row) for row in allowed.rows}
    exact = replace(RULES, rows=tuple(row for row in RULES.rows if not isinstance(row, PrepackageStep)))
    assert allowed_shortage(a_package(25_000), exact).most == 2_250


TYPED = [
    ("500", "g", Unit.MASS, 500_000),
    ("0.001", "g", Unit.MASS, 1),
    ("２．５", "kg", Unit.MASS, 2_500_000),
    ("1", "斤", Unit.MASS, 500_000),
    ("2", "两", Unit.MASS, 100_000),
    ("500", "mL", Unit.VOLUME, 500_000),
    ("500", "ml", Unit.VOLUME, 500_000),
    ("1.5", "L", Unit.VOLUME, 1_500_000),
    ("1.5", "l", Unit.VOLUME, 1_500_000),
    ("3", "mm", Unit.LENGTH, 3_000),
    ("3", "cm", Unit.LENGTH, 30_000),
    ("3", "m", Unit.LENGTH, 3_000_000),
    ("3", "mm2", Unit.AREA, 3),
    ("3", "cm2", Unit.AREA, 300),
    ("3", "dm2", Unit.AREA, 30_000),
    ("3", "m2", Unit.AREA, 3_000_000),
    ("100", "count", Unit.COUNT, 100),
    ("0", "g", Unit.MASS, 0),
]


@pytest.mark.parametrize(("text", "unit", "kind", "value"), TYPED)
def test_a_quantity_is_read_in_the_units_of_the_trade(text: str, unit: str, kind: Unit, value: int) -> None:
    assert quantity(text, unit) == Amount(value, kind)


MISTYPED = [
    ("-1", "g", errors.NegativeContent),
    ("-0.001", "m2", errors.NegativeContent),
    ("1.5", "count", errors.TooFine),
    ("0.0001", "g", errors.TooFine),
    ("0.5", "mm2", errors.TooFine),
    ("1e3", "g", errors.NotANumber),
    ("NaN", "g", errors.NotANumber),
    ("Infinity", "g", errors.NotANumber),
    ("", "g", errors.NotANumber),
    ("5 00", "g", errors.NotANumber),
    ("500", "lb", errors.UnknownPackageUnit),
    ("500", "mg", errors.UnknownPackageUnit),
    ("500", "t", errors.UnknownPackageUnit),
    ("500", "", errors.UnknownPackageUnit),
    ("500", "G", errors.UnknownPackageUnit),
    ("500", "kWh", errors.UnknownPackageUnit),
]


@pytest.mark.parametrize(("text", "unit", "error"), MISTYPED)
def test_what_is_mistyped_is_refused(text: str, unit: str, error: type[errors.RuleError]) -> None:
    with pytest.raises(error):
        quantity(text, unit)


def test_the_smallest_of_a_unit_is_named_when_a_text_is_too_fine() -> None:
    with pytest.raises(errors.TooFine) as caught:
        quantity("0.0000001", "kg")
    assert caught.value.values == {"text": "0.0000001", "smallest": "0.001 g"}


REFUSED: list[tuple[Package, type[errors.RuleError]]] = [
    (a_package(0), errors.NoMarkedQuantity),
    (a_package(-1), errors.NoMarkedQuantity),
    (Package(Amount(Fraction(1, 2), Unit.COUNT)), errors.NoMarkedQuantity),
    (replace(a_package(), is_drained=True), errors.DrainedWeight),
    (a_package(50_000_001), errors.MarkedAboveTable),
    (a_package(50_000_001, Unit.VOLUME), errors.MarkedAboveTable),
    (a_package(500, Unit.MONEY), errors.NoRule),
]


@pytest.mark.parametrize(("package", "error"), REFUSED)
def test_what_the_table_does_not_cover_is_refused(package: Package, error: type[errors.RuleError]) -> None:
    with pytest.raises(error):
        judge_package(package, [500_000] * 2, RULES, doubt=0)


def test_length_area_and_count_have_no_upper_end() -> None:
    for kind, share in [(Unit.LENGTH, 50), (Unit.COUNT, 100)]:
        assert allowed_shortage(a_package(10**12, kind), RULES).most == 10**12 // share
    assert allowed_shortage(a_package(10**12, Unit.AREA), RULES).most == 3 * 10**10


@pytest.mark.parametrize(("contents", "doubt"), [([-1, 500_000], 0), ([500_000, 500_000], -1)])
def test_nothing_is_less_than_nothing(contents: list[int], doubt: int) -> None:
    with pytest.raises(errors.NegativeContent):
        judge_package(a_package(), contents, RULES, doubt=doubt)
