"""Goods weighed again: three methods, packaging, doubt, who is harmed; an unfit standard blames and clears nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Harmed
from shared.errors import (
    AboveMax,
    BadPackaging,
    FinerThanDisplay,
    LoadOutOfRange,
    NegativeReading,
    NoRule,
    NothingReweighed,
    OutsideRetailTable,
    RuleError,
)
from shared.quantities import mass_mg
from shared.recheck import EqualScale, FinerScale, Recheck, SameScale
from shared.retail import Goods, Sale, shortage_limit
from shared.retail_scale import scale_suits, scale_suits_bands
from shared.reweigh import ReweighGround, reweigh
from shared.reweigh_steps import ReweighStep
from shared.rules import rules_on
from shared.rules.rows import (
    InService,
    Regulation,
    RetailGoods,
    RetailLimit,
    RetailMethod,
    RetailReference,
    RetailScale,
    RetailTier,
    Row,
    ScaleMpe,
)
from shared.sentences import ground_sentence, step_sentence
from shared.texts import LANGUAGES, load
from tests.builders import a_scale, todays_rules
from tests.rules.retail_scales import SCALES
from tests.rules.tables import rows

RULES = todays_rules()
A = SCALES["A"]
VEGETABLE = Sale(goods=Goods.VEGETABLE, settled_mg=1_000_000, price_fen=400)


def a_sale(row: dict[str, str]) -> Sale:
    price_fen = int(row["price_fen"]) if row["price_fen"] else None
    return Sale(goods=Goods(row["goods"]), settled_mg=g(row["settled_g"]), price_fen=price_fen, tier=row["tier"])


def g(text: str) -> int:
    return mass_mg(text, "g")


def a_recheck(row: dict[str, str]) -> Recheck:
    scale, shown_mg, packaging_mg = SCALES[row["scale"]], g(row["shown_g"]), g(row["packaging_g"])
    if row["method"] == "same":
        weights_mg, weights_shown_mg = g(row["weights_g"]), g(row["weights_shown_g"])
        return SameScale(scale, shown_mg, weights_mg, weights_shown_mg, packaging_mg=packaging_mg)
    if row["method"] == "equal":
        return EqualScale(scale, shown_mg, packaging_mg)
    return FinerScale(scale, shown_mg, packaging_mg)


def harmed_by_any(told: Conclusion) -> Harmed:
    found = {ground.harmed for ground in told.grounds}
    return next((who for who in (Harmed.BUYER, Harmed.SELLER) if who in found), Harmed.NOBODY)


def amount_of(facts: Mapping[str, Amount | int | str], name: str) -> Amount:
    fact = facts[name]
    assert isinstance(fact, Amount)
    return fact


def codes(told: Conclusion) -> str:
    return " ".join(ground.code.removeprefix("retail_") for ground in told.grounds)


def equal(shown_mg: int, packaging_mg: int = 0) -> Conclusion:
    return reweigh(VEGETABLE, EqualScale(A, shown_mg, packaging_mg), RULES)


@pytest.mark.parametrize(
    "row", rows("retail_reweigh"), ids=lambda row: f"{row['method']} {row['scale']} {row['goods']} {row['source']}"
)
def test_a_sale_weighed_again(row: dict[str, str]) -> None:
    told = reweigh(a_sale(row), a_recheck(row), RULES)
    assert (told.code.value, codes(told)) == (row["outcome"], row["grounds"])
    assert harmed_by_any(told).value == row["harmed"]
    assert told.is_confirmed == (row["confirmed"] == "yes")
    money = [amount_of(step.facts, "money").decimal for step in told.steps if step.code == ReweighStep.MONEY]
    assert money == ([row["money"]] if row["money"] else [])
    assert any(row["clause"] in text for ground in told.grounds for text in ground.documents)


@pytest.mark.parametrize("row", rows("retail_scales"), ids=lambda row: f"{row['scale']} {row['tier']} {row['load_g']}")
def test_whether_a_scale_suits_the_goods(row: dict[str, str]) -> None:
    told = scale_suits(SCALES[row["scale"]], row["tier"], g(row["load_g"]), RULES)
    ground = told.grounds[0]
    assert told.code.value == row["outcome"]
    assert ground.value == Amount(g(row["at_verification_g"]), Unit.MASS)
    assert amount_of(ground.facts, "in_service") == Amount(g(row["in_service_g"]), Unit.MASS)
    assert ground.limit == Amount(Fraction(g(row["limit_g"])), Unit.MASS)
    assert row["clause"] in ground.documents[0]
    assert ground.harmed is Harmed.NOBODY


def test_a_scale_is_looked_at_in_every_band_it_reaches() -> None:
    told = [scale_suits_bands(A, tier, RULES) for tier in ("food_1", "food_2", "food_3", "food_4")]
    assert [[ground.outcome.value for ground in grounds] for grounds in told] == [
        ["within"] * 4,
        ["within"] * 3,
        ["beyond", "beyond", "indeterminate"],
        ["beyond"] * 3,
    ]
    small = scale_suits_bands(SCALES["B"], "food_1", RULES)
    assert [amount_of(ground.facts, "load").value for ground in small] == [1_000_000, 2_000_000, 3_000_000]
    assert len(scale_suits_bands(a_scale(max_kg=4), "food_1", RULES)) == 3, "nothing above Max can be weighed"


def test_the_arithmetic_names_the_tier_the_reason_and_what_the_other_tier_would_allow() -> None:
    dear = Sale(goods=Goods.FRUIT, settled_mg=1_000_000, price_fen=3_200, tier="food_3")
    told = reweigh(dear, EqualScale(SCALES["B"], 995_000, 2_000), RULES)
    assert [step.code for step in told.steps] == [
        ReweighStep.TIER_PRICE,
        ReweighStep.OTHER_TIER,
        ReweighStep.NET,
        ReweighStep.SHORTAGE,
        ReweighStep.DOUBLED,
        ReweighStep.MONEY,
    ]
    assert (
        step_sentence(load("zh-CN"), told.steps[0])
        == "按单价 32 元/公斤 归入附表 1 第 3 档：结算 1 公斤，最多允许少 2 克"
    )
    assert step_sentence(load("zh-CN"), told.steps[1]) == "也可归入附表 1 第 1 档，那一档最多允许少 20 克"
    assert step_sentence(load("zh-CN"), told.steps[-1]) == "少的 7 克 按 32 元/公斤 算，值 0.22 元"


def test_the_arithmetic_of_the_same_scale_is_told_with_its_figures() -> None:
    told = reweigh(VEGETABLE, SameScale(A, 985_000, 985_000, 990_000, packaging_mg=5_000), RULES)
    assert [step_sentence(load("zh-CN"), step) for step in told.steps] == [
        "按品种和单价 4 元/公斤 都归入附表 1 第 1 档：结算 1 公斤，最多允许少 20 克",
        "连包装 985 克 − 包装和捆扎物 5 克 = 净重 980 克",
        "结算 1 公斤 − 复称 980 克 = 差 20 克",
        "原秤显示 990 克 − 砝码 985 克 = 误差 5 克",
        "少的 20 克 按 4 元/公斤 算，值 0.08 元",
    ]
    doubled = reweigh(VEGETABLE, EqualScale(A, 1_000_000), RULES).steps[-1]
    assert step_sentence(load("zh-CN"), doubled) == "等准确度的秤：20 克 × 2 = 40 克"
    assert ReweighStep.DOUBLED not in [step.code for step in reweigh(VEGETABLE, FinerScale(A, 980_000), RULES).steps]


def test_weights_that_err_by_a_third_of_the_limit_are_good_enough() -> None:
    dear = Sale(goods=Goods.OTHER_FOOD, settled_mg=2_000_500, price_fen=20_000)
    b = SCALES["B"]
    assert codes(reweigh(dear, SameScale(b, 2_000_000, 2_000_000, 2_000_000, weight_class="M3"), RULES)) == (
        "short_within weights_exact"
    )
    lighter = SameScale(b, 2_000_500, 2_000_500, 2_000_500, weight_class="M3")
    assert codes(reweigh(dear, lighter, RULES)) == "weights_coarse"


def test_another_tier_whose_table_ends_lower_is_not_named() -> None:
    dear = Sale(goods=Goods.FRUIT, settled_mg=6_000_001, price_fen=3_200, tier="food_1")
    told = reweigh(dear, EqualScale(A, 6_000_000), RULES)
    assert ReweighStep.OTHER_TIER not in [step.code for step in told.steps]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", rows("retail_reweigh"), ids=lambda row: row["source"])
def test_every_ground_and_step_can_be_said(row: dict[str, str], language: str) -> None:
    texts, told = load(language), reweigh(a_sale(row), a_recheck(row), RULES)
    said = [ground_sentence(texts, ground) for ground in told.grounds]
    said += [step_sentence(texts, step) for step in told.steps]
    assert all(sentence and "{" not in sentence for sentence in said)
    assert not any(word in sentence for sentence in said for word in ("合格", "Fraction"))


def test_every_ground_is_met_by_the_table() -> None:
    met = {f"retail_{code}" for row in rows("retail_reweigh") for code in row["grounds"].split()}
    assert met == set(ReweighGround)


MISTAKES: list[tuple[type[RuleError], Sale, Recheck]] = [
    (NegativeReading, VEGETABLE, EqualScale(A, -5_000)),
    (NothingReweighed, VEGETABLE, EqualScale(A, 0)),
    (NothingReweighed, VEGETABLE, SameScale(A, 995_000, 995_000, 0)),
    (NegativeReading, VEGETABLE, SameScale(A, 995_000, 995_000, -5_000)),
    (FinerThanDisplay, VEGETABLE, EqualScale(A, 996_000)),
    (FinerThanDisplay, VEGETABLE, SameScale(A, 995_000, 995_000, 996_000)),
    (AboveMax, VEGETABLE, EqualScale(A, 15_050_000)),
    (LoadOutOfRange, VEGETABLE, EqualScale(A, 15_005_000)),
    (BadPackaging, VEGETABLE, EqualScale(A, 1_000_000, 1_000_000)),
    (BadPackaging, VEGETABLE, EqualScale(A, 1_000_000, 1_000_001)),
    (BadPackaging, VEGETABLE, EqualScale(A, 1_000_000, -1)),
    (OutsideRetailTable, replace(VEGETABLE, settled_mg=25_000_001), EqualScale(A, 1_000_000)),
    (NoRule, VEGETABLE, SameScale(A, 995_000, 995_000, 995_000, weight_class="Q9")),
    (NoRule, VEGETABLE, EqualScale(a_scale(accuracy_class="V"), 995_000)),
]


@pytest.mark.parametrize(("error", "sale", "recheck"), MISTAKES, ids=range(len(MISTAKES)))
def test_what_cannot_have_been_read_is_refused(error: type[RuleError], sale: Sale, recheck: Recheck) -> None:
    with pytest.raises(error):
        reweigh(sale, recheck, RULES)


def test_a_day_before_the_rule_judges_nobody() -> None:
    with pytest.raises(NoRule):
        reweigh(VEGETABLE, EqualScale(A, 500_000), rules_on(date(2020, 10, 22)))


@pytest.mark.parametrize("kind", [RetailMethod, RetailReference])
def test_a_missing_row_is_no_rule_and_no_guess(kind: type[Row]) -> None:
    gap = replace(RULES, rows=tuple(row for row in RULES.rows if not isinstance(row, kind)))
    with pytest.raises(NoRule):
        reweigh(VEGETABLE, EqualScale(A, 1_000_000), gap)


def test_an_edition_that_asks_more_of_a_scale_needs_new_rows_alone() -> None:
    stricter = [replace(row, part=5) if isinstance(row, RetailScale) else row for row in RULES.rows]
    assert scale_suits(A, "food_1", 1_000_000, RULES).code is Code.WITHIN
    told = scale_suits(A, "food_1", 1_000_000, replace(RULES, rows=tuple(stricter)))
    assert told.code is Code.INDETERMINATE
    assert told.grounds[0].limit == Amount(Fraction(4_000), Unit.MASS)


def test_a_ground_names_every_row_it_rests_on() -> None:
    [ground] = reweigh(VEGETABLE, EqualScale(A, 960_000), RULES).grounds
    kinds = [RetailLimit, RetailGoods, RetailTier, RetailMethod, RetailReference, ScaleMpe, Regulation, InService]
    assert [type(row) for row in ground.rows] == kinds
    [ground] = scale_suits(A, "food_1", 1_000_000, RULES).grounds
    assert [type(row) for row in ground.rows] == [RetailScale, RetailLimit, ScaleMpe, Regulation, InService]


def test_left_out_goods_are_left_out_at_any_weight() -> None:
    fish = Sale(goods=Goods.LIVE_FISH, settled_mg=40_000_000, price_fen=2_000)
    assert reweigh(fish, EqualScale(A, 1_000_000), RULES).code is Code.INDETERMINATE


shown_by_a = st.integers(20, 3_000).map(lambda digits: digits * 5_000)
sales = st.builds(Sale, goods=st.just(Goods.VEGETABLE), settled_mg=st.integers(1, 25_000_000), price_fen=st.just(400))
RANK = {Code.WITHIN: 0, Code.INDETERMINATE: 1, Code.BEYOND: 2}


@given(sales, shown_by_a, shown_by_a)
def test_less_in_the_bag_is_never_judged_more_kindly(sale: Sale, one: int, other: int) -> None:
    less, more = (RANK[reweigh(sale, EqualScale(A, mg), RULES).code] for mg in sorted((one, other)))
    fit = [reweigh(sale, EqualScale(A, mg), RULES).grounds[0].code for mg in (one, other)]
    assume(not any("reference" in code for code in fit))
    assert less >= more


@given(sales, shown_by_a, st.integers(0, 200_000))
def test_more_packaging_is_never_judged_more_kindly_but_for_its_own_half_digit(
    sale: Sale, shown_mg: int, packaging_mg: int
) -> None:
    assume(packaging_mg < shown_mg)
    bare = reweigh(sale, EqualScale(A, shown_mg), RULES)
    packed = reweigh(sale, EqualScale(A, shown_mg, packaging_mg), RULES)
    if bare.code is Code.BEYOND and packaging_mg > 2_500:
        assert packed.code is Code.BEYOND
    if packed.code is Code.WITHIN:
        assert bare.code is Code.WITHIN


@given(sales, shown_by_a)
def test_the_seller_is_never_in_the_wrong_for_giving_too_much(sale: Sale, shown_mg: int) -> None:
    assume(shown_mg >= sale.settled_mg)
    told = reweigh(sale, EqualScale(A, shown_mg), RULES)
    assert told.code is not Code.BEYOND
    assert told.harmed is Harmed.NOBODY


@given(sales, shown_by_a, st.integers(-20, 20))
def test_on_the_same_scale_beyond_means_short_by_the_weights_too(sale: Sale, shown_mg: int, digits: int) -> None:
    weights_shown_mg = shown_mg + digits * 5_000
    assume(0 < weights_shown_mg <= 15_000_000)
    told = reweigh(sale, SameScale(A, shown_mg, shown_mg, weights_shown_mg), RULES)
    actual_mg = shown_mg - (weights_shown_mg - shown_mg)
    if told.code is Code.BEYOND:
        assert sale.settled_mg - actual_mg > shortage_limit("food_1", sale.settled_mg, RULES).limit_mg
        assert told.harmed is Harmed.BUYER


@given(sales, shown_by_a)
def test_the_finer_scale_is_never_stricter_than_the_law(sale: Sale, shown_mg: int) -> None:
    told = reweigh(sale, FinerScale(A, shown_mg), RULES)
    ground = told.grounds[0]
    if told.code is Code.BEYOND:
        assert ground.value is not None
        assert ground.limit is not None
        assert ground.value.exact > ground.limit.exact
        assert not told.is_confirmed
