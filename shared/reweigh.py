"""Weighing goods again after a sale: how much is missing, and whether that is more than the law lets pass.

Source: 零售商品称重计量监督管理办法 (order 66 of 2004, amended by order 31 on 2020-10-23), articles 5 and 6. Three
ways: on the same scale, which is then tried with weights of the same mass; on a scale that errs by a third of the limit
at most; on one that errs by the limit at most, where the difference may be twice the limit.

A shortage is the settled weight less what is there. Positive harms the buyer; negative harms the seller and is no
violation. It counts as beyond only when it passes the limit by more than the doubt: half a digit of the display for
each reading, and on a finer scale the error it may have. A scale that shows too little makes full goods look short, so
its own error is taken off before the goods are blamed. Without a fit standard nothing is concluded. Live poultry, live
fish and water-soaked goods are left out. Masses are whole milligrams.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> fair = Scale(max_mg=3_000_000, min_mg=10_000, e_mg=500, d_mg=500, accuracy_class="III")
>>> crab = Sale(goods=Goods.SEAFOOD, settled_mg=355_000, price_fen=36_000, tier="food_4")
>>> told = reweigh(crab, EqualScale(fair, shown_mg=355_000, packaging_mg=10_000), rules)
>>> told.code.value, told.harmed.value, told.grounds[0].value.decimal, told.grounds[0].limit.decimal
('beyond', 'buyer', '10', '2')
>>> reweigh(crab, EqualScale(fair, shown_mg=355_000, packaging_mg=1_000), rules).code.value
'within'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, Harmed, conclude
from shared.recheck import Case, EqualScale, FinerScale, Recheck, SameScale, open_case, refuse_bad_readings
from shared.retail import Goods, Sale, goods_row
from shared.retail_scale import mpe_at
from shared.reweigh_steps import steps_of
from shared.rules import Rules
from shared.rules.rows import Row
from shared.scales import Scale, fewest_weights, weights_doubt_mg

__all__ = ["EqualScale", "FinerScale", "Goods", "Recheck", "ReweighGround", "Sale", "SameScale", "Scale", "reweigh"]


class ReweighGround(StrEnum):
    """What weighing again can say."""

    FULL_WEIGHT = "retail_full_weight"
    OVERWEIGHT = "retail_overweight"
    SHORT_WITHIN = "retail_short_within"
    SHORT_IN_DOUBT = "retail_short_in_doubt"
    SHORT_BEYOND = "retail_short_beyond"
    SHORT_BY_SCALE = "retail_short_by_scale"
    WEIGHTS_EXACT = "retail_weights_exact"
    WEIGHTS_LESS = "retail_weights_less"
    WEIGHTS_WITHIN = "retail_weights_within"
    WEIGHTS_IN_DOUBT = "retail_weights_in_doubt"
    WEIGHTS_BEYOND = "retail_weights_beyond"
    NOT_APPLICABLE = "retail_not_applicable"
    BELOW_MIN = "retail_below_min"
    WEIGHTS_UNEQUAL = "retail_weights_unequal"
    WEIGHTS_COARSE = "retail_weights_coarse"
    REFERENCE_COARSE = "retail_reference_coarse"
    REFERENCE_UNCLEAR = "retail_reference_unclear"


def reweigh(sale: Sale, recheck: Recheck, rules: Rules) -> Conclusion:
    """Judge one sale that was weighed again; what the rule leaves out is indeterminate, with that ground alone.

    Raises NothingSettled, OutsideRetailTable, PriceNeeded, TierNotChosen, TierDoesNotFit and NoPrice about the sale;
    NegativeReading, FinerThanDisplay, AboveMax, NothingReweighed and BadPackaging about the readings; NoRule and
    LoadOutOfRange about the scale and the day.
    """
    refuse_bad_readings(recheck)
    goods = goods_row(sale.goods, rules)
    if goods.is_excluded:
        left_out = Ground(code=ReweighGround.NOT_APPLICABLE, outcome=Code.INDETERMINATE, rows=(goods,))
        return conclude([left_out], rules.ruleset)
    case = open_case(sale, recheck, rules)
    grounds = _too_light(case) or list(_grounds(case, recheck, rules))
    return conclude(grounds, rules.ruleset, steps_of(case, rules))


def _too_light(case: Case) -> list[Ground]:
    scale, shown_mg = case.recheck.scale, case.recheck.shown_mg
    if shown_mg >= scale.min_mg:
        return []
    facts = {"shown": _mass(shown_mg), "least": _mass(scale.min_mg)}
    return [Ground(code=ReweighGround.BELOW_MIN, outcome=Code.INDETERMINATE, rows=case.rows, facts=facts)]


def _grounds(case: Case, recheck: Recheck, rules: Rules) -> Iterator[Ground]:
    if isinstance(recheck, SameScale):
        yield from _on_same_scale(case, recheck, rules)
    else:
        yield from _on_other_scale(case, recheck, rules)


def _on_same_scale(case: Case, recheck: SameScale, rules: Rules) -> list[Ground]:
    weights = tuple(row for row, _ in fewest_weights(recheck.weights_mg, rules, recheck.weight_class))
    error_mg = weights_doubt_mg(recheck.weights_mg, rules, recheck.weight_class)
    unfit = list(_unfit_weights(case, recheck, error_mg, weights))
    if unfit:
        return unfit
    # What may be wrong with both comparisons together: the goods, the weights, and one more reading.
    doubt = case.doubt_mg + case.half_digit_mg + error_mg
    is_short = case.shortage_mg + recheck.scale_error_mg - case.limit_mg > doubt
    goods = _goods_ground(case, case.doubt_mg)
    if case.shortage_mg > case.limit_mg and recheck.scale_error_mg < 0 and not is_short:
        facts = {"error": _mass(-recheck.scale_error_mg)}
        goods = _short(case, ReweighGround.SHORT_BY_SCALE, Code.INDETERMINATE, facts)
    return [goods, _weights_ground(case, recheck, case.half_digit_mg + error_mg, is_short, weights)]


def _unfit_weights(case: Case, recheck: SameScale, error_mg: int, weights: tuple[Row, ...]) -> Iterator[Ground]:
    rows = (*case.rows, *weights)
    if recheck.weights_mg != recheck.shown_mg:
        facts = {"asked": _mass(recheck.shown_mg), "laid": _mass(recheck.weights_mg)}
        yield Ground(code=ReweighGround.WEIGHTS_UNEQUAL, outcome=Code.INDETERMINATE, rows=rows, facts=facts)
    if error_mg > case.reference_limit_mg:
        yield Ground(
            code=ReweighGround.WEIGHTS_COARSE,
            outcome=Code.INDETERMINATE,
            value=_mass(error_mg),
            limit=_mass(case.reference_limit_mg),
            rows=rows,
        )


def _weights_ground(
    case: Case, recheck: SameScale, doubt: Fraction, is_short: bool, weights: tuple[Row, ...]
) -> Ground:
    """Weights on the scale that sold: it may not show them heavier by more than the limit."""
    rows, laid, error_mg = (*case.rows, *weights), _mass(recheck.weights_mg), recheck.scale_error_mg
    if error_mg == 0:
        return Ground(code=ReweighGround.WEIGHTS_EXACT, outcome=Code.WITHIN, rows=rows, facts={"laid": laid})
    if error_mg < 0:
        return Ground(
            code=ReweighGround.WEIGHTS_LESS,
            outcome=Code.WITHIN,
            value=_mass(-error_mg),
            harmed=Harmed.SELLER,
            rows=rows,
            facts={"laid": laid},
        )
    if error_mg <= case.limit_mg:
        code, outcome = ReweighGround.WEIGHTS_WITHIN, Code.WITHIN
    elif error_mg - case.limit_mg <= doubt or not is_short:
        code, outcome = ReweighGround.WEIGHTS_IN_DOUBT, Code.INDETERMINATE
    else:
        code, outcome = ReweighGround.WEIGHTS_BEYOND, Code.BEYOND
    return Ground(
        code=code,
        outcome=outcome,
        value=_mass(error_mg),
        limit=_mass(case.limit_mg),
        harmed=Harmed.BUYER,
        rows=rows,
        facts={"laid": laid},
    )


def _on_other_scale(case: Case, recheck: FinerScale | EqualScale, rules: Rules) -> Iterator[Ground]:
    mpe = mpe_at(recheck.scale, recheck.shown_mg, rules)
    fitness = mpe.against(case.reference_limit_mg)
    if fitness is Code.WITHIN:
        own_error_mg = mpe.in_service.limit_mg if isinstance(recheck, FinerScale) else 0
        yield _goods_ground(case, case.doubt_mg + own_error_mg, mpe.rows)
        return
    is_coarse = fitness is Code.BEYOND
    yield Ground(
        code=ReweighGround.REFERENCE_COARSE if is_coarse else ReweighGround.REFERENCE_UNCLEAR,
        outcome=Code.INDETERMINATE,
        value=_mass(mpe.at_verification.limit_mg),
        limit=_mass(case.reference_limit_mg),
        rows=(*case.rows, *mpe.rows),
        facts={"in_service": _mass(mpe.in_service.limit_mg)},
    )


def _goods_ground(case: Case, doubt: Fraction, rows: tuple[Row, ...] = ()) -> Ground:
    """Compare the shortage with the limit of the method; too much given has no limit."""
    if case.shortage_mg == 0:
        return Ground(code=ReweighGround.FULL_WEIGHT, outcome=Code.WITHIN, rows=(*case.rows, *rows))
    if case.shortage_mg < 0:
        return Ground(
            code=ReweighGround.OVERWEIGHT,
            outcome=Code.WITHIN,
            value=_mass(-case.shortage_mg),
            harmed=Harmed.SELLER,
            rows=(*case.rows, *rows),
        )
    facts = {"doubt": _mass(doubt)}
    if case.shortage_mg <= case.limit_mg:
        return _short(case, ReweighGround.SHORT_WITHIN, Code.WITHIN, facts, rows)
    if case.shortage_mg - case.limit_mg <= doubt:
        return _short(case, ReweighGround.SHORT_IN_DOUBT, Code.INDETERMINATE, facts, rows)
    return _short(case, ReweighGround.SHORT_BEYOND, Code.BEYOND, facts, rows)


def _short(
    case: Case, code: ReweighGround, outcome: Code, facts: Mapping[str, Amount], rows: tuple[Row, ...] = ()
) -> Ground:
    return Ground(
        code=code,
        outcome=outcome,
        value=_mass(case.shortage_mg),
        limit=_mass(case.limit_mg),
        harmed=Harmed.BUYER,
        rows=(*case.rows, *rows),
        facts=facts,
    )


def _mass(mg: int | Fraction) -> Amount:
    return Amount(mg, Unit.MASS)
