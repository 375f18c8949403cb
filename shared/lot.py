"""A lot of prepackages: how many are tested, and whether their mean and the packages that are short are in order.

Source of the sampling table: annex (附表) 4 of AQSIQ Order 75 (2005), the same as in JJF 1070-2005. Order 70 has no
such table since 2023-06-01 and that of JJF 1070-2023 was not found: from that day on the rows are unknown, and every
answer says so. A lot is in order when all three tests are: the mean, q >= Qn - lambda s with s = sqrt(sum((qi - q)^2) /
(n - 1)); the packages short by more than T up to 2 T; those short by more than 2 T. Lots of up to 10 are tested whole,
each package for itself, without the mean. Squares are compared as fractions: no root decides anything.

>>> from datetime import date
>>> from shared.prepackages import quantity
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2023, 1, 1))
>>> salt = Package(quantity("500", "g"))
>>> good = Lot(package=salt, size=40, contents=(500_000,) * 9 + (497_000,), doubt=0)
>>> [ground.code.value for ground in judge_lot(good, rules).grounds]
['lot_mean_within', 'lot_over_t_within', 'lot_over_2t_within']
>>> bad = Lot(package=salt, size=40, contents=(500_000,) * 9 + (484_999,), doubt=0)
>>> judge_lot(bad, rules).code.value
'beyond'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit, decimal_text
from shared.conclusion import Code, Conclusion, Ground, Harmed, Step, conclude
from shared.errors import BadLotSize, NoRule, SampleTooLarge
from shared.outcomes import harmed_by
from shared.prepackages import (
    PER_THOUSAND,
    TWICE,
    AllowedShortage,
    Content,
    Package,
    allowed_shortage,
    allowed_step,
    refuse_negative,
    weighings_wanted,
)
from shared.rules import Rules
from shared.rules.rows import PrepackageSampling

ROOT_PARTS = 1_000_000  # Roots are shown to a millionth of the smallest unit.
LAMBDA_PLACES = 3


class LotGround(StrEnum):
    """What can be said of a lot."""

    MEAN_WITHIN = "lot_mean_within"
    MEAN_IN_DOUBT = "lot_mean_in_doubt"
    MEAN_BEYOND = "lot_mean_beyond"
    OVER_T_WITHIN = "lot_over_t_within"
    OVER_T_IN_DOUBT = "lot_over_t_in_doubt"
    OVER_T_BEYOND = "lot_over_t_beyond"
    OVER_2T_WITHIN = "lot_over_2t_within"
    OVER_2T_IN_DOUBT = "lot_over_2t_in_doubt"
    OVER_2T_BEYOND = "lot_over_2t_beyond"
    TOO_FEW = "lot_too_few"
    TOO_SMALL = "lot_too_small"


class LotStep(StrEnum):
    """The arithmetic of a lot."""

    MEAN = "lot_mean"
    DEVIATION = "lot_deviation"
    BOUND = "lot_bound"


_MEAN = {
    Code.WITHIN: LotGround.MEAN_WITHIN,
    Code.INDETERMINATE: LotGround.MEAN_IN_DOUBT,
    Code.BEYOND: LotGround.MEAN_BEYOND,
}
_OVER_T = {
    Code.WITHIN: LotGround.OVER_T_WITHIN,
    Code.INDETERMINATE: LotGround.OVER_T_IN_DOUBT,
    Code.BEYOND: LotGround.OVER_T_BEYOND,
}
_OVER_2T = {
    Code.WITHIN: LotGround.OVER_2T_WITHIN,
    Code.INDETERMINATE: LotGround.OVER_2T_IN_DOUBT,
    Code.BEYOND: LotGround.OVER_2T_BEYOND,
}


@dataclass(frozen=True, kw_only=True)
class Lot:
    """The lot and the contents measured, in the smallest unit of the package's kind.

    ``doubt`` is how far a content may be from the truth. ``tare`` is the ground of a mean tare (``shared.tare``) where
    one was taken off; None where each content was found by itself.
    """

    package: Package
    size: int
    contents: tuple[Content, ...]
    doubt: Content
    tare: Ground | None = None


@dataclass(frozen=True)
class Spread:
    """Mean, squared standard deviation (n - 1) and count of contents; no variance of a single one."""

    count: int
    total: Fraction
    mean: Fraction
    variance: Fraction


def spread_of(contents: Sequence[Content]) -> Spread:
    """Return mean and variance exactly; at least one content.

    >>> spread_of([498, 500, 502]).variance
    Fraction(4, 1)
    """
    count, total = len(contents), sum(map(Fraction, contents), Fraction(0))
    mean = Fraction(total, count)
    squares = sum(((content - mean) ** 2 for content in contents), Fraction(0))
    return Spread(count, total, mean, Fraction(squares, max(count - 1, 1)))


def plan_for(size: int, rules: Rules) -> PrepackageSampling:
    """Return how a lot of this size is tested. Raises BadLotSize, NoRule before the first table.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> plan_for(99, rules_on(date(2023, 1, 1))).lambda_thousandths
    848
    >>> plan_for(0, rules_on(date(2023, 1, 1)))
    Traceback (most recent call last):
    shared.errors.BadLotSize: ('bad_lot_size', {'text': '0'})
    """
    if size < 1:
        raise BadLotSize(text=str(size))
    plans = [plan for plan in rules.all_of(PrepackageSampling) if plan.lot_from <= size <= (plan.lot_to or size)]
    if not plans:
        raise NoRule(what=PrepackageSampling.__name__, day=rules.day.isoformat())
    return plans[-1]


def sample_size(size: int, rules: Rules) -> int:
    """Return how many packages of a lot are tested: all of a small one. Raises as ``plan_for``."""
    return plan_for(size, rules).sample or size


def judge_lot(lot: Lot, rules: Rules) -> Conclusion:
    """Judge a lot by the three tests; the order of contents never matters.

    Fewer contents than the plan asks for conclude nothing, nor does a lot of one package, which is weighed again by
    itself (``judge_package``). Raises SampleTooLarge for more contents than the plan asks for, NegativeContent,
    BadLotSize, NoRule, and as ``allowed_shortage``.
    """
    plan, wanted = plan_for(lot.size, rules), sample_size(lot.size, rules)
    allowed = allowed_shortage(lot.package, rules)
    refuse_negative(lot.package, (*lot.contents, lot.doubt))
    if len(lot.contents) > wanted:
        raise SampleTooLarge(count=len(lot.contents), wanted=wanted)
    if len(lot.contents) < wanted:
        return conclude([_too_few(lot, plan, wanted)], rules.ruleset)
    if lot.size < weighings_wanted(rules).min_points:
        return conclude([_too_small(rules)], rules.ruleset)
    spread = spread_of(lot.contents)
    tests = [_mean_ground(lot, plan, spread)] if plan.lambda_thousandths else []
    tests += [_over_ground(lot, plan, allowed, times) for times in (1, TWICE)]
    tare = [lot.tare] if lot.tare else []
    return conclude([*tests, *tare], rules.ruleset, _steps(lot, plan, spread, allowed), [weighings_wanted(rules)])


def _too_few(lot: Lot, plan: PrepackageSampling, wanted: int) -> Ground:
    facts = {"count": len(lot.contents), "wanted": wanted, "size": lot.size}
    return Ground(code=LotGround.TOO_FEW, outcome=Code.INDETERMINATE, rows=(plan,), facts=facts)


def _too_small(rules: Rules) -> Ground:
    row = weighings_wanted(rules)
    facts = {"wanted": row.min_points}
    return Ground(code=LotGround.TOO_SMALL, outcome=Code.INDETERMINATE, rows=(row,), facts=facts)


def _mean_ground(lot: Lot, plan: PrepackageSampling, spread: Spread) -> Ground:
    short = lot.package.marked.exact - spread.mean
    bound = _lambda(plan) ** 2 * spread.variance
    if not is_above_root(short, bound):
        outcome = Code.WITHIN
    elif is_above_root(short - lot.doubt, bound):
        outcome = Code.BEYOND
    else:
        outcome = Code.INDETERMINATE
    return Ground(
        code=_MEAN[outcome],
        outcome=outcome,
        value=lot.package.amount(max(short, Fraction(0))),
        limit=lot.package.amount(_root(bound, is_up=outcome is Code.WITHIN)),
        harmed=harmed_by(short),
        rows=(plan,),
        facts={
            "marked": lot.package.marked,
            "mean": lot.package.amount(spread.mean),
            "doubt": lot.package.amount(lot.doubt),
        },
    )


def _lambda(plan: PrepackageSampling) -> Fraction:
    return Fraction(plan.lambda_thousandths, PER_THOUSAND)


def is_above_root(value: Fraction, square: Fraction) -> bool:
    """Say whether a value is greater than the root of a square, exactly.

    >>> is_above_root(Fraction(2), Fraction(4)), is_above_root(Fraction(2), Fraction(399, 100))
    (False, True)
    """
    return value > 0 and value * value > square


def _root(square: Fraction, *, is_up: bool) -> Fraction:
    """Return a root to show, rounded to the side of the verdict so that a margin never contradicts it."""
    scaled = square * ROOT_PARTS**2
    whole = whole_root(scaled.numerator // scaled.denominator)
    if is_up and whole * whole != scaled:
        whole += 1
    return Fraction(whole, ROOT_PARTS)


def whole_root(number: int) -> int:
    """Return the largest whole number whose square is not above ``number``.

    >>> [whole_root(number) for number in (0, 1, 3, 4, 24, 25, 10**40 - 1)]
    [0, 1, 1, 2, 4, 5, 99999999999999999999]
    """
    root = 1 << ((number.bit_length() + 1) // 2)
    while root * root > number:
        root = (root + number // root) // 2
    return root


def _over_ground(lot: Lot, plan: PrepackageSampling, allowed: AllowedShortage, times: int) -> Ground:
    """Count the packages short by more than T up to 2 T, or by more than 2 T: at the best and the worst reading."""
    best = _count_over(lot, allowed.most, lot.doubt, times)
    worst = _count_over(lot, allowed.least, 0, times)
    permitted, codes = (plan.over_t, _OVER_T) if times == 1 else (plan.over_2t, _OVER_2T)
    if best > permitted:
        outcome, count = Code.BEYOND, best
    else:
        outcome, count = (Code.INDETERMINATE if worst > permitted else Code.WITHIN), worst
    return Ground(
        code=codes[outcome],
        outcome=outcome,
        value=Amount(count, Unit.COUNT),
        limit=Amount(permitted, Unit.COUNT),
        harmed=Harmed.BUYER if count else Harmed.NOBODY,
        rows=(plan, *allowed.rows),
        facts={"allowed": lot.package.amount(allowed.most), "doubt": lot.package.amount(lot.doubt)},
    )


def _count_over(lot: Lot, allowed: Fraction, doubt: Content, times: int) -> int:
    shortages = [lot.package.marked.exact - content - doubt for content in lot.contents]
    above, most = times * allowed, TWICE * allowed
    return sum(short > above and (times == TWICE or short <= most) for short in shortages)


def _steps(lot: Lot, plan: PrepackageSampling, spread: Spread, allowed: AllowedShortage) -> Iterable[Step]:
    amount = lot.package.amount
    marked = lot.package.marked
    yield allowed_step(lot.package, allowed)
    mean = amount(spread.mean)
    yield Step(code=LotStep.MEAN, facts={"count": spread.count, "total": amount(spread.total), "mean": mean})
    if not plan.lambda_thousandths:
        return
    deviation = amount(_root(spread.variance, is_up=False))
    yield Step(code=LotStep.DEVIATION, facts={"count": spread.count, "deviation": deviation})
    bound = amount(marked.exact - _root(_lambda(plan) ** 2 * spread.variance, is_up=False))
    printed = decimal_text(_lambda(plan), LAMBDA_PLACES)
    facts: dict[str, Amount | int | str] = {"marked": marked, "lambda": printed, "deviation": deviation}
    yield Step(code=LotStep.BOUND, facts=facts | {"bound": bound, "mean": mean})
