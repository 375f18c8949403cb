"""Goods sold by weight: which tier of the law's tables a sale belongs to, and how much may be missing.

Source: 零售商品称重计量监督管理办法 (order 66 of 2004, amended by order 31 on 2020-10-23), article 5 with tables 1
(food) and 2 (gold and silver). Each tier of table 1 is a list of kinds *or* a range of prices, so that dear fruit or
cheap meat fits two: who judges chooses, and the conclusion keeps the reason. Live poultry, live fish and water-soaked
goods are left out. Above its last band a table says nothing, and so do we. Masses are whole milligrams, prices fen a
kilogram; a shortage is what was settled less what is there: positive harms the buyer, negative harms the seller.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> [(fit.tier, fit.reason.value) for fit in tiers_for(Goods.FRUIT, 3_200, rules)]
[('food_1', 'kind'), ('food_3', 'price')]
>>> shortage_limit("food_2", 1_500_000, rules).limit_mg
5000
>>> shortage_limit("food_2", 15_000_001, rules)
Traceback (most recent call last):
shared.errors.OutsideRetailTable: ('outside_retail_table', {'settled': '15.000001', 'most': '15'})
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.errors import (
    NoPrice,
    NoRule,
    NothingSettled,
    OutsideRetailTable,
    PriceNeeded,
    TierDoesNotFit,
    TierNotChosen,
)
from shared.quantities import MG_PER, mass_text, money_text
from shared.rules import Rules
from shared.rules.rows import RetailGoods, RetailLimit, RetailTier, Row


class Goods(StrEnum):
    """What was sold. ``OTHER_FOOD`` is food that no tier names: its price alone says where it belongs."""

    GRAIN = "grain"
    VEGETABLE = "vegetable"
    FRUIT = "fruit"
    MEAT = "meat"
    EGG = "egg"
    POULTRY = "poultry"
    SEAFOOD = "seafood"
    PASTRY = "pastry"
    SWEETS = "sweets"
    SEASONING = "seasoning"
    DRIED_VEGETABLE = "dried_vegetable"
    DELICACY = "delicacy"
    OTHER_FOOD = "other_food"
    GOLD = "gold"
    SILVER = "silver"
    LIVE_POULTRY = "live_poultry"
    LIVE_FISH = "live_fish"
    WATER_SOAKED = "water_soaked"


class FitReason(StrEnum):
    """Why goods belong to a tier."""

    KIND = "kind"
    PRICE = "price"
    KIND_AND_PRICE = "kind_and_price"


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What was settled: the weight on the receipt and the price of a kilogram (None: not known).

    ``tier`` is the one chosen, "" where only one fits. Jewellery is weighed by the piece.
    """

    goods: Goods
    settled_mg: int
    price_fen: int | None = None
    tier: str = ""


@dataclass(frozen=True)
class Fit:
    """A tier that a sale belongs to, why, and the rows that say so."""

    row: RetailTier
    reason: FitReason
    goods: RetailGoods

    @property
    def tier(self) -> str:
        """The name of the tier."""
        return self.row.tier

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the fit rests on."""
        return (self.goods, self.row)


def goods_row(goods: Goods, rules: Rules) -> RetailGoods:
    """Return what the rule says of a kind of goods; raises NoRule on a day without the rule."""
    for row in reversed(rules.all_of(RetailGoods)):
        if row.goods == goods:
            return row
    raise NoRule(what=goods.value, day=rules.day.isoformat())


def tiers_for(goods: Goods, price_fen: int | None, rules: Rules) -> tuple[Fit, ...]:
    """Return every tier that fits by kind, by price, or by both, in the order of the tables.

    Empty for goods the rule leaves out, and for other food whose price is not known (None). Raises NoPrice at or below
    nothing, and NoRule.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> rules = rules_on(date(2026, 11, 21))
    >>> [(fit.tier, fit.reason.value) for fit in tiers_for(Goods.MEAT, 3_000, rules)]
    [('food_2', 'kind_and_price')]
    >>> tiers_for(Goods.LIVE_FISH, 3_000, rules)
    ()
    """
    if price_fen is not None and price_fen <= 0:
        raise NoPrice(text=money_text(price_fen))
    row = goods_row(goods, rules)
    tiers = {tier.tier: tier for tier in rules.all_of(RetailTier)}
    fits = [Fit(tier, reason, row) for tier in tiers.values() if (reason := _reason(row, tier, price_fen))]
    return tuple(sorted(fits, key=lambda fit: (fit.row.table, fit.row.number)))


def _reason(goods: RetailGoods, tier: RetailTier, price_fen: int | None) -> FitReason | None:
    by_kind = goods.tier == tier.tier
    by_price = goods.by_price and tier.by_price and price_fen is not None and _holds(tier, price_fen)
    if by_kind and by_price:
        return FitReason.KIND_AND_PRICE
    if by_kind:
        return FitReason.KIND
    return FitReason.PRICE if by_price else None


def _holds(tier: RetailTier, price_fen: int) -> bool:
    return tier.above_fen < price_fen and (price_fen <= tier.up_to_fen or not tier.up_to_fen)


def chosen_tier(sale: Sale, rules: Rules) -> Fit:
    """Return the tier of a sale: the only one that fits, or the one chosen among several.

    Raises PriceNeeded where none fits, TierNotChosen where several do and none was chosen, and TierDoesNotFit for
    another one.
    """
    fits = tiers_for(sale.goods, sale.price_fen, rules)
    if not fits:
        raise PriceNeeded()
    if not sale.tier:
        if len(fits) > 1:
            raise TierNotChosen(count=len(fits))
        return fits[0]
    for fit in fits:
        if fit.tier == sale.tier:
            return fit
    raise TierDoesNotFit()


def shortage_limit(tier: str, settled_mg: int, rules: Rules) -> RetailLimit:
    """Return the band of a tier that a settled weight falls in; its ``limit_mg`` is what may be missing at most.

    Raises NothingSettled at or below nothing, OutsideRetailTable above the last band, NoRule for a tier without bands.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> shortage_limit("gold", 100_000, rules_on(date(2026, 11, 21))).limit_mg
    10
    """
    if settled_mg <= 0:
        raise NothingSettled(text=mass_text(settled_mg))
    bands = limit_bands(tier, rules)
    for band in reversed(bands):
        if band.above_mg < settled_mg <= band.up_to_mg:
            return band
    raise OutsideRetailTable(settled=mass_text(settled_mg), most=mass_text(bands[-1].up_to_mg))


def limit_bands(tier: str, rules: Rules) -> list[RetailLimit]:
    """Return the bands of a tier, lightest first, a regional one after the national one; raises NoRule without any."""
    bands = [band for band in rules.all_of(RetailLimit) if band.tier == tier]
    if not bands:
        raise NoRule(what=tier, day=rules.day.isoformat())
    return sorted(bands, key=lambda band: band.above_mg)


def shortage_fen(shortage_mg: int, price_fen: int) -> Fraction:
    """Return what a shortage cost the buyer, exactly, in fen; negative where too much was given.

    >>> shortage_fen(25_000, 3_333)
    Fraction(3333, 40)
    """
    return Fraction(shortage_mg * price_fen, MG_PER["kg"])
