"""The arithmetic of goods weighed again, line by line: tier and why, net weight, shortage, what it cost the buyer."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from shared.amounts import Amount, Unit
from shared.conclusion import Step
from shared.errors import OutsideRetailTable
from shared.recheck import Case, SameScale
from shared.retail import FitReason, shortage_fen, shortage_limit, tiers_for
from shared.rules import Rules

MONEY_PLACES = 2
Facts = dict[str, Amount | int | str]


class ReweighStep(StrEnum):
    """The lines of the arithmetic."""

    TIER_KIND = "retail_tier_kind"
    TIER_PRICE = "retail_tier_price"
    TIER_KIND_AND_PRICE = "retail_tier_kind_and_price"
    OTHER_TIER = "retail_other_tier"
    NET = "retail_net"
    SHORTAGE = "retail_shortage"
    DOUBLED = "retail_doubled"
    SCALE_ERROR = "retail_scale_error"
    MONEY = "retail_money"


_BY_REASON = {
    FitReason.KIND: ReweighStep.TIER_KIND,
    FitReason.PRICE: ReweighStep.TIER_PRICE,
    FitReason.KIND_AND_PRICE: ReweighStep.TIER_KIND_AND_PRICE,
}


def steps_of(case: Case, rules: Rules) -> Iterator[Step]:
    """Yield the lines of a case in the order they are read."""
    yield _tier(case)
    yield from _other_tiers(case, rules)
    recheck = case.recheck
    if recheck.packaging_mg:
        gross, packaging = _mass(recheck.shown_mg), _mass(recheck.packaging_mg)
        yield Step(code=ReweighStep.NET, facts={"gross": gross, "packaging": packaging, "net": _mass(case.net_mg)})
    settled, net, shortage = _mass(case.sale.settled_mg), _mass(case.net_mg), _mass(case.shortage_mg)
    yield Step(code=ReweighStep.SHORTAGE, facts={"settled": settled, "net": net, "shortage": shortage})
    if isinstance(recheck, SameScale):
        laid, shown, error = _mass(recheck.weights_mg), _mass(recheck.weights_shown_mg), _mass(recheck.scale_error_mg)
        yield Step(code=ReweighStep.SCALE_ERROR, facts={"laid": laid, "shown": shown, "error": error})
    if case.method.multiplier > 1:
        limit, allowed = _mass(case.band.limit_mg), _mass(case.limit_mg)
        yield Step(
            code=ReweighStep.DOUBLED, facts={"limit": limit, "times": case.method.multiplier, "allowed": allowed}
        )
    if case.sale.price_fen is not None and case.shortage_mg > 0:
        yield _money(case.shortage_mg, case.sale.price_fen)


def _tier(case: Case) -> Step:
    facts: Facts = {
        "table": case.fit.row.table,
        "number": case.fit.row.number,
        "settled": _mass(case.sale.settled_mg),
        "limit": _mass(case.band.limit_mg),
    }
    if case.sale.price_fen is not None:
        facts["price"] = Amount(case.sale.price_fen, Unit.PRICE)
    return Step(code=_BY_REASON[case.fit.reason], facts=facts)


def _other_tiers(case: Case, rules: Rules) -> Iterator[Step]:
    """Yield what the tiers that were not chosen would allow; one whose table ends below the weight allows nothing."""
    for fit in tiers_for(case.sale.goods, case.sale.price_fen, rules):
        if fit.tier == case.fit.tier:
            continue
        try:
            limit_mg = shortage_limit(fit.tier, case.sale.settled_mg, rules).limit_mg
        except OutsideRetailTable:
            continue
        facts: Facts = {"table": fit.row.table, "number": fit.row.number, "limit": _mass(limit_mg)}
        yield Step(code=ReweighStep.OTHER_TIER, facts=facts)


def _money(shortage_mg: int, price_fen: int) -> Step:
    money = Amount(shortage_fen(shortage_mg, price_fen), Unit.MONEY, MONEY_PLACES)
    facts = {"shortage": _mass(shortage_mg), "price": Amount(price_fen, Unit.PRICE), "money": money}
    return Step(code=ReweighStep.MONEY, facts=facts)


def _mass(mg: int) -> Amount:
    return Amount(mg, Unit.MASS)
