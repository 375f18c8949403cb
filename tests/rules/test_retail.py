"""Goods sold by weight: tiers, limits, prices and what a shortage cost; the table's edges on both sides."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import quantities
from shared.amounts import Amount, Unit
from shared.errors import (
    NoPrice,
    NoRule,
    NothingSettled,
    OutsideRetailTable,
    PriceNeeded,
    RuleError,
    TierDoesNotFit,
    TierNotChosen,
)
from shared.retail import Goods, Sale, chosen_tier, limit_bands, shortage_fen, shortage_limit, tiers_for
from shared.rules import rules_on
from shared.rules.rows import RetailTier
from tests.builders import todays_rules
from tests.rules.tables import rows

RULES = todays_rules()
TIERS = [row.tier for row in RULES.all_of(RetailTier)]
prices_fen = st.integers(1, 10**9)


def limit_told(tier: str, settled_mg: int) -> str:
    try:
        return str(shortage_limit(tier, settled_mg, RULES).limit_mg)
    except OutsideRetailTable:
        return "outside"


@pytest.mark.parametrize("row", rows("retail_limits"), ids=lambda row: f"{row['tier']} {row['settled_mg']}")
def test_what_may_be_missing_at_every_edge(row: dict[str, str]) -> None:
    assert limit_told(row["tier"], int(row["settled_mg"])) == row["limit_mg"]


@pytest.mark.parametrize("row", rows("retail_wrong_limits"), ids=lambda row: f"{row['tier']} {row['settled_mg']}")
def test_a_figure_that_public_pages_print_wrongly_is_not_said(row: dict[str, str]) -> None:
    told = limit_told(row["tier"], int(row["settled_mg"]))
    assert told == row["says_mg"]
    assert told != row["printed_mg"]


@pytest.mark.parametrize("row", rows("retail_tiers"), ids=lambda row: f"{row['goods']} {row['price_fen']}")
def test_every_tier_that_fits_is_named_with_its_reason(row: dict[str, str]) -> None:
    price_fen = int(row["price_fen"]) if row["price_fen"] else None
    fits = tiers_for(Goods(row["goods"]), price_fen, RULES)
    assert "; ".join(f"{fit.tier} {fit.reason}" for fit in fits) == row["fits"]


@pytest.mark.parametrize("row", rows("prices"), ids=lambda row: f"{row['text']} {row['unit']}")
def test_a_price_is_read_exactly_or_refused(row: dict[str, str]) -> None:
    try:
        told = str(quantities.price_fen(row["text"], row["unit"]))
    except RuleError as error:
        told = error.code
    assert told == row["fen"]


@pytest.mark.parametrize(
    ("text", "unit"), [("3", "斤"), ("30", "两"), ("1.5", "公斤"), ("1.5", "千克"), ("1500", "克")]
)
def test_weights_as_people_say_them_are_the_same_kilograms(text: str, unit: str) -> None:
    assert quantities.mass_mg(text, unit) == 1_500_000
    assert Amount(quantities.mass_mg(text, unit), Unit.MASS).written_in == "kg"


@pytest.mark.parametrize("settled_mg", [0, -1])
def test_what_weighs_nothing_was_not_sold(settled_mg: int) -> None:
    with pytest.raises(NothingSettled) as told:
        shortage_limit("food_1", settled_mg, RULES)
    assert told.value.values == {"text": quantities.mass_text(settled_mg)}


@pytest.mark.parametrize("price_fen", [0, -1])
def test_a_price_of_nothing_is_refused(price_fen: int) -> None:
    with pytest.raises(NoPrice):
        tiers_for(Goods.MEAT, price_fen, RULES)


def test_a_tier_the_rule_does_not_have_has_no_limit() -> None:
    with pytest.raises(NoRule):
        shortage_limit("food_9", 1, RULES)


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2020, 10, 22)])
def test_a_day_before_the_rule_has_no_rule(day: date) -> None:
    with pytest.raises(NoRule):
        tiers_for(Goods.MEAT, 2_500, rules_on(day))
    with pytest.raises(NoRule):
        shortage_limit("food_2", 1, rules_on(day))


def test_the_rule_holds_from_its_first_day() -> None:
    assert shortage_limit("food_2", 1, rules_on(date(2020, 10, 23))).limit_mg == 5_000


def test_among_several_tiers_somebody_chooses() -> None:
    with pytest.raises(TierNotChosen) as told:
        chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200), RULES)
    assert told.value.values == {"count": 2}
    with pytest.raises(TierDoesNotFit):
        chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200, tier="food_2"), RULES)
    with pytest.raises(PriceNeeded):
        chosen_tier(Sale(goods=Goods.OTHER_FOOD, settled_mg=1), RULES)
    for tier in ("food_1", "food_3"):
        chosen = chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200, tier=tier), RULES)
        assert chosen.tier == tier
    assert chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1), RULES).tier == "food_1"


def test_what_is_known_from_memory_alone_is_unconfirmed() -> None:
    excluded = {Goods.LIVE_POULTRY, Goods.LIVE_FISH, Goods.WATER_SOAKED}
    for goods in set(Goods) - excluded:
        for fit in tiers_for(goods, 2_000, RULES):
            assert all(row.confidence.is_confirmed for row in fit.rows)


@given(st.sampled_from(TIERS), st.data())
def test_heavier_goods_may_never_miss_less(tier: str, data: st.DataObject) -> None:
    top_mg = limit_bands(tier, RULES)[-1].up_to_mg
    light, heavy = sorted(data.draw(st.tuples(st.integers(1, top_mg), st.integers(1, top_mg))))
    assert shortage_limit(tier, light, RULES).limit_mg <= shortage_limit(tier, heavy, RULES).limit_mg


@given(st.sampled_from(TIERS), st.integers(1, 10**9))
def test_every_weight_is_in_one_band_or_outside_the_table(tier: str, settled_mg: int) -> None:
    holding = [band for band in limit_bands(tier, RULES) if band.above_mg < settled_mg <= band.up_to_mg]
    assert limit_told(tier, settled_mg) == (str(holding[0].limit_mg) if holding else "outside")
    assert len(holding) <= 1


@given(prices_fen)
def test_every_price_of_food_is_in_exactly_one_tier(price_fen: int) -> None:
    assert len(tiers_for(Goods.OTHER_FOOD, price_fen, RULES)) == 1


@given(st.sampled_from(sorted(Goods)), prices_fen)
def test_goods_fit_one_tier_by_kind_and_one_by_price_or_both_in_one(goods: Goods, price_fen: int) -> None:
    fits = tiers_for(goods, price_fen, RULES)
    assert len(fits) <= 2
    assert len({fit.tier for fit in fits}) == len(fits)
    assert len({fit.reason for fit in fits}) == len(fits)


@given(st.integers(1, 25_000_000), prices_fen)
def test_a_dearer_price_never_allows_more_to_be_missing(settled_mg: int, price_fen: int) -> None:
    def allowed(fen: int) -> int | None:
        told = limit_told(tiers_for(Goods.OTHER_FOOD, fen, RULES)[0].tier, settled_mg)
        return None if told == "outside" else int(told)

    cheap, dear = allowed(price_fen), allowed(price_fen * 2)
    assert dear is None or (cheap is not None and dear <= cheap)


@given(st.integers(-(10**9), 10**9), prices_fen)
def test_a_shortage_costs_its_share_of_the_price_exactly(shortage_mg: int, price_fen: int) -> None:
    assert shortage_fen(shortage_mg, price_fen) * 1_000_000 == shortage_mg * price_fen
    assert isinstance(shortage_fen(shortage_mg, price_fen), Fraction)


@given(st.integers(1, 10**8))
def test_a_price_for_500_grams_is_half_that_for_a_kilogram(fen: int) -> None:
    text = f"{fen // 100}.{fen % 100:02d}"
    per_jin, per_500 = quantities.price_fen(text, "斤"), quantities.price_fen(text, "500g")
    assert per_jin == per_500 == 2 * quantities.price_fen(text)
