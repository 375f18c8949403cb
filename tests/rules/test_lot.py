"""Lots: the sampling table, each of the three tests at its edge, and calculators known to be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Harmed
from shared.lot import Lot, LotGround, LotStep, is_above_root, judge_lot, plan_for, sample_size, spread_of, whole_root
from shared.prepackages import Package, allowed_shortage, quantity
from shared.rules import rules_on
from shared.rules.rows import PrepackageSampling
from shared.sentences import ground_sentence, step_sentence
from shared.tare import net_by_mean
from shared.texts import LANGUAGES, load
from tests.builders import todays_rules
from tests.rules.tables import rows

RULES = todays_rules()
BEFORE = rules_on(date(2023, 5, 31))
LOTS = [3, 40, 60, 200]
NO_DOUBT = st.just(0)


def a_lot(contents: tuple[int, ...] = (500_000,) * 10, *, size: int = 40, **fields: Any) -> Lot:
    sound: dict[str, Any] = {"package": Package(Amount(500_000, Unit.MASS)), "doubt": 0}
    return Lot(**sound | {"size": size, "contents": contents} | fields)


def contents_of(text: str) -> tuple[int, ...]:
    """Read ``500000x9 484999x1``."""
    pairs = [part.split("x") for part in text.split()]
    return tuple(int(value) for value, times in pairs for _ in range(int(times)))


def a_lot_of(row: dict[str, str]) -> Lot:
    package = Package(Amount(int(row["marked"]), Unit(row.get("kind", "mass"))))
    doubt = int(row.get("doubt", "0"))
    return a_lot(contents_of(row["contents"]), size=int(row["lot"]), package=package, doubt=doubt)


def outcomes(conclusion: Conclusion) -> dict[str, str]:
    found = {"mean": "none"}
    for ground in conclusion.grounds:
        test = next(
            (name for name in ("mean", "over_t", "over_2t") if f"lot_{name}_" in f"{ground.code}_"), ground.code
        )
        found[test] = ground.outcome.value
    return found


@pytest.mark.parametrize("row", rows("prepackage_sampling"), ids=lambda row: row["lot"])
def test_the_sampling_table_at_every_bound(row: dict[str, str]) -> None:
    if row["sample"] == "refused":
        with pytest.raises(errors.BadLotSize):
            plan_for(int(row["lot"]), RULES)
        return
    plan = plan_for(int(row["lot"]), RULES)
    assert sample_size(int(row["lot"]), RULES) == int(row["sample"])
    wanted = int(row["lambda"]), int(row["over_t"]), int(row["over_2t"])
    assert (plan.lambda_thousandths, plan.over_t, plan.over_2t) == wanted
    old = plan_for(int(row["lot"]), BEFORE)
    assert (old.source, old.clause) == (row["source"], row["clause"])
    assert old.confidence.is_confirmed


@pytest.mark.parametrize("row", rows("prepackage_lots"), ids=lambda row: row["case"])
def test_the_worked_lots(row: dict[str, str]) -> None:
    for rules in (RULES, BEFORE):
        conclusion = judge_lot(a_lot_of(row), rules)
        assert conclusion.code.value == row["verdict"]
        assert outcomes(conclusion) == {name: row[name] for name in ("mean", "over_t", "over_2t")}


def root(value: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return (Decimal(value.numerator) / value.denominator).sqrt()


def mean_reaches(lot: Lot, factor: str, variance: Fraction) -> bool:
    short = lot.package.marked.exact - spread_of(lot.contents).mean
    return short <= Fraction(Decimal(factor) * root(variance))


def t_over_root_n(lot: Lot) -> bool:
    t = allowed_shortage(lot.package, RULES).most
    return mean_reaches(lot, "1", Fraction(t * t, len(lot.contents)))


def t_capped(lot: Lot) -> bool:
    return all(lot.package.marked.exact - content <= 150_000 for content in lot.contents)


def s_by_n(lot: Lot) -> bool:
    spread = spread_of(lot.contents)
    return mean_reaches(lot, "1.028", Fraction(spread.variance * (spread.count - 1), spread.count))


def s_precedence(lot: Lot) -> bool:
    spread = spread_of(lot.contents)
    return mean_reaches(lot, "0.848", Fraction(spread.variance * (spread.count - 1), spread.count) - 1)


def lambda_recomputed(lot: Lot) -> bool:
    return mean_reaches(lot, "0.8472", spread_of(lot.contents).variance)


def plain_mean(lot: Lot) -> bool:
    return mean_reaches(lot, "0", Fraction(1))


SLIPS: dict[str, Callable[[Lot], bool]] = {
    "t_over_root_n": t_over_root_n,
    "t_capped": t_capped,
    "s_by_n": s_by_n,
    "s_precedence": s_precedence,
    "lambda_recomputed": lambda_recomputed,
    "plain_mean": plain_mean,
}


@pytest.mark.parametrize("row", rows("prepackage_wrong"), ids=lambda row: row["case"])
def test_what_public_calculators_say_wrong_is_not_what_we_say(row: dict[str, str]) -> None:
    lot = a_lot_of(row)
    assert ("within" if SLIPS[row["slip"]](lot) else "beyond") == row["they_say"] != row["we_say"]
    assert judge_lot(lot, RULES).code.value == row["we_say"]


@st.composite
def lots(draw: st.DrawFn, *, doubts: st.SearchStrategy[int] = NO_DOUBT) -> Lot:
    """A lot whose contents crowd around the mark, T and 2 T; T is the same however it is rounded."""
    size = draw(st.sampled_from(LOTS))
    near = st.sampled_from([500_000, 485_000, 470_000]).flatmap(lambda at: st.integers(at - 3, at + 3))
    common = draw(st.integers(495_000, 502_000))
    values = near | st.integers(common - 2_000, common + 2_000)
    count = sample_size(size, RULES)
    few = draw(st.lists(values, max_size=min(count, 8)))
    rest = [common + (-1) ** place * draw(st.integers(0, 900)) for place in range(count - len(few))]
    return a_lot((*few, *rest), size=size, doubt=draw(doubts))


def expected(lot: Lot) -> Code:
    """Conclude from the table with whole numbers alone: no mean, no deviation, everything times n and n - 1."""
    n, factor, over_t, over_2t = {3: (3, 0, 0, 0), 40: (10, 1028, 0, 0), 60: (13, 848, 1, 0), 200: (50, 379, 3, 0)}[
        lot.size
    ]
    contents = [int(content) for content in lot.contents]
    short = n * 500_000 - sum(contents)
    squares = n * sum(content**2 for content in contents) - sum(contents) ** 2
    if factor and short > 0 and short**2 * (n - 1) * 1_000_000 > factor**2 * n * squares:
        return Code.BEYOND
    if sum(470_000 <= content < 485_000 for content in contents) > over_t:
        return Code.BEYOND
    return Code.BEYOND if sum(content < 470_000 for content in contents) > over_2t else Code.WITHIN


@given(lots())
def test_a_lot_is_within_or_beyond_as_the_table_says(lot: Lot) -> None:
    assert judge_lot(lot, RULES).code is expected(lot)


@given(lots(doubts=st.integers(0, 3_000)))
def test_a_doubt_only_ever_takes_a_suspicion_back(lot: Lot) -> None:
    sharp, doubted = judge_lot(replace(lot, doubt=0), RULES).code, judge_lot(lot, RULES).code
    assert doubted in {sharp, Code.INDETERMINATE}
    if sharp is Code.WITHIN:
        assert doubted is Code.WITHIN


@given(lots(), st.randoms(use_true_random=False))
def test_the_order_of_contents_never_matters(lot: Lot, random: Any) -> None:
    shuffled = tuple(random.sample(lot.contents, len(lot.contents)))
    assert judge_lot(replace(lot, contents=shuffled), RULES) == judge_lot(lot, RULES)


@given(lots(), st.integers(1, 5_000))
def test_a_lot_that_is_fuller_throughout_is_never_judged_harder(lot: Lot, more: int) -> None:
    fuller = replace(lot, contents=tuple(content + more for content in lot.contents))
    if judge_lot(lot, RULES).code is Code.WITHIN:
        assert judge_lot(fuller, RULES).code is Code.WITHIN


@given(lots(doubts=st.integers(0, 500)))
def test_a_margin_never_contradicts_its_verdict(lot: Lot) -> None:
    for ground in judge_lot(lot, RULES).grounds:
        assert ground.margin is not None
        if ground.outcome is Code.WITHIN:
            assert ground.margin.exact >= 0
        if ground.outcome is Code.BEYOND:
            assert ground.margin.exact < 0


@given(lots())
def test_whoever_loses_is_named(lot: Lot) -> None:
    conclusion = judge_lot(lot, RULES)
    assert conclusion.harmed is (Harmed.BUYER if conclusion.code is Code.BEYOND else Harmed.NOBODY)


def test_a_mean_above_the_mark_costs_the_seller() -> None:
    assert judge_lot(a_lot((501_000,) * 10), RULES).grounds[0].harmed is Harmed.SELLER
    assert judge_lot(a_lot(), RULES).grounds[0].harmed is Harmed.NOBODY
    assert judge_lot(a_lot((499_999,) * 10), RULES).grounds[0].harmed is Harmed.BUYER


@given(st.integers(0, 10**60))
def test_a_whole_root_is_the_largest_whose_square_fits(number: int) -> None:
    found = whole_root(number)
    assert found**2 <= number < (found + 1) ** 2


@given(st.fractions(-100, 100), st.fractions(0, 10_000))
def test_a_value_is_compared_with_a_root_exactly(value: Fraction, square: Fraction) -> None:
    assert is_above_root(value, value * value) is False
    assert is_above_root(value, square) == (Decimal(0) < Decimal(value.numerator) and value**2 > square)


def test_the_standard_deviation_is_divided_by_one_less_than_the_count() -> None:
    spread = spread_of([2, 4, 4, 4, 5, 5, 7, 9])
    assert (spread.mean, spread.variance) == (5, Fraction(32, 7))
    assert spread_of([7]).variance == 0
    assert spread_of([Fraction(1, 3), Fraction(2, 3)]).variance == Fraction(1, 18)


def test_too_few_contents_conclude_nothing_whatever_they_are() -> None:
    for contents in [(), (0,), (0,) * 9, (500_000,) * 9]:
        conclusion = judge_lot(a_lot(contents), RULES)
        assert conclusion.code is Code.INDETERMINATE
        assert [ground.code for ground in conclusion.grounds] == [LotGround.TOO_FEW]
        assert conclusion.grounds[0].facts == {"count": len(contents), "wanted": 10, "size": 40}


def test_a_lot_of_one_package_is_never_concluded_from_its_one_content() -> None:
    for content in (0, 485_000, 500_000):
        conclusion = judge_lot(a_lot((content,), size=1), RULES)
        assert conclusion.code is Code.INDETERMINATE
        assert [ground.code for ground in conclusion.grounds] == [LotGround.TOO_SMALL]


def test_more_contents_than_the_plan_takes_are_refused() -> None:
    with pytest.raises(errors.SampleTooLarge) as caught:
        judge_lot(a_lot((500_000,) * 11), RULES)
    assert caught.value.values == {"count": 11, "wanted": 10}
    with pytest.raises(errors.SampleTooLarge):
        judge_lot(a_lot((500_000,) * 4, size=3), RULES)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"size": 0}, errors.BadLotSize),
        ({"size": -5}, errors.BadLotSize),
        ({"contents": (-1,) * 10}, errors.NegativeContent),
        ({"doubt": -1}, errors.NegativeContent),
        ({"package": Package(Amount(0, Unit.MASS))}, errors.NoMarkedQuantity),
        ({"package": Package(Amount(50_000_001, Unit.MASS))}, errors.MarkedAboveTable),
        ({"package": Package(Amount(500_000, Unit.MASS), is_drained=True)}, errors.DrainedWeight),
    ],
)
def test_what_cannot_be_judged_is_refused(fields: dict[str, Any], error: type[errors.RuleError]) -> None:
    with pytest.raises(error):
        judge_lot(replace(a_lot(), **fields), RULES)


def test_before_the_first_table_no_lot_is_judged() -> None:
    with pytest.raises(errors.NoRule):
        judge_lot(a_lot(), rules_on(date(2005, 12, 31)))
    assert judge_lot(a_lot(), rules_on(date(2006, 1, 1))).code is Code.WITHIN


def test_since_order_70_no_lot_is_ever_confirmed() -> None:
    assert judge_lot(a_lot(), BEFORE).grounds[0].is_confirmed
    for day in (date(2023, 6, 1), date(2024, 10, 12), date(2026, 11, 21)):
        conclusion = judge_lot(a_lot(), rules_on(day))
        assert not conclusion.is_confirmed
        assert not any(ground.is_confirmed for ground in conclusion.grounds)


def test_the_table_says_that_it_is_the_one_of_2005() -> None:
    for rules in (BEFORE, RULES):
        for row in rules.all_of(PrepackageSampling):
            assert row.edition == "2005"
            assert "2005" in row.document
            assert "2005" in row.note


def test_a_mean_tare_leaves_its_ground_in_the_conclusion() -> None:
    package = Package(quantity("500", "g"))
    net = net_by_mean(package, [510_000] * 10, [10_000] * 10, BEFORE)
    conclusion = judge_lot(a_lot(package=package, contents=net.contents, tare=net.ground), BEFORE)
    assert conclusion.code is Code.WITHIN
    assert conclusion.grounds[-1] is net.ground
    assert not conclusion.is_confirmed


def test_the_arithmetic_of_a_lot_is_shown() -> None:
    conclusion = judge_lot(a_lot(contents_of("497944x6 500944x2 494944x2")), RULES)
    assert [step_sentence(load("zh-CN"), step) for step in conclusion.steps] == [
        "标注 500 克：允许短缺量 T = 15 克",
        "10 件共 4.97944 公斤，平均 497.944 克",
        "10 件的标准偏差 s = 2 克（除以 n − 1）",
        "500 克 − 1.028 × 2 克 = 497.944 克；平均 497.944 克 不应小于它",
    ]
    small = judge_lot(a_lot((500_000,) * 3, size=3), RULES)
    assert LotStep.DEVIATION not in [step.code for step in small.steps]


def test_an_uneven_root_is_shown_and_judged_apart() -> None:
    lot = a_lot(contents_of("499000x9 501000x1"))
    ground = judge_lot(lot, RULES).grounds[0]
    assert ground.limit is not None
    assert (
        root(Fraction(1028**2 * 400_000, 10**6)) - Decimal("0.000001")
        < Decimal(ground.limit.exact.numerator) / (ground.limit.exact.denominator)
        < root(Fraction(1028**2 * 400_000, 10**6)) + Decimal("0.000001")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ground_of_a_lot_is_told(language: str) -> None:
    texts = load(language)
    judged = [judge_lot(a_lot_of(row), RULES) for row in rows("prepackage_lots")]
    judged += [judge_lot(a_lot(()), RULES), judge_lot(a_lot((1,), size=1), RULES)]
    told = {ground.code: ground_sentence(texts, ground) for one in judged for ground in one.grounds}
    told |= {step.code: step_sentence(texts, step) for one in judged for step in one.steps}
    assert set(told) >= set(LotGround) | set(LotStep)
    assert all(sentence and "{" not in sentence for sentence in told.values())
