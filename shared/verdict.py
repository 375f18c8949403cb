"""The verdict of a field test, worked out alike on phone, server and public page.

A field test says within, beyond or indeterminate, always with its reasons, and never 合格 or 不合格: those belong to
a verification by an authorised body. Fewer than three loads decide nothing. A point counts as beyond only when its
error passes the limit by more than the doubt of the standards and half a digit of the display, so that no one is
suspected for a rounding; between the limit and that it is in doubt. With standards that are past their certificate or
too coarse for the scale nothing is concluded at all. The order of readings never matters.

>>> from shared.rules import rules_on
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> points = [Reading(10_000_000, 10_025_000), Reading(1_000_000, 1_000_000), Reading(5_000_000, 5_010_000)]
>>> verdict = judge(ScaleCheck(scale, tuple(points)), rules_on(date(2026, 11, 21)))
>>> verdict.code.value, [(reason.code.value, reason.error_mg, reason.limit_mg) for reason in verdict.reasons]
('beyond', [('point_within', 0, 5000), ('point_within', 10000, 10000), ('point_beyond', 25000, 10000)])
>>> verdict.harmed.value
'buyer'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shared.errors import NoRule, TooFine
from shared.quantities import mass_text
from shared.rules import Rules, first_days_between, rules_on
from shared.rules.rows import FieldTest, Row, ScaleTest
from shared.scales import M1, Scale, fewest_weights, permissible_error


class Code(StrEnum):
    """What a field test can say."""

    WITHIN = "within"
    BEYOND = "beyond"
    INDETERMINATE = "indeterminate"


class Harmed(StrEnum):
    """Who loses by an error."""

    NOBODY = "nobody"
    BUYER = "buyer"
    SELLER = "seller"


class ReasonCode(StrEnum):
    """Why a verdict says what it says."""

    POINT_WITHIN = "point_within"
    POINT_IN_DOUBT = "point_in_doubt"
    POINT_BEYOND = "point_beyond"
    TOO_FEW_POINTS = "too_few_points"
    RULE_CHANGES = "rule_changes"
    NO_RULE = "no_rule"
    STANDARD_EXPIRED = "standard_expired"
    WEIGHTS_TOO_COARSE = "weights_too_coarse"


_POINTS = frozenset({ReasonCode.POINT_WITHIN, ReasonCode.POINT_IN_DOUBT, ReasonCode.POINT_BEYOND})


@dataclass(frozen=True, order=True)
class Reading:
    """What the scale showed under a known load; milligrams.

    ``added_mg`` are the small weights laid on until the display flashed over to the next figure: they tell where
    between two figures the scale stands (flash point, OIML R 76-1:2006, A.4.4.3). -1: not looked for.
    """

    load_mg: int
    shown_mg: int
    added_mg: int = -1


@dataclass(frozen=True)
class Standard:
    """The weights used: their class, and the last day of their certificate."""

    weight_class: str
    valid_until: date


@dataclass(frozen=True)
class ScaleCheck:
    """The scale as its nameplate describes it, the readings taken, and the weights they were taken with.

    Without ``standards`` the weights count as class M1 with a certificate that holds.
    """

    scale: Scale
    readings: tuple[Reading, ...]
    standards: tuple[Standard, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One ground of a verdict: milligrams for points; ``limit`` and ``value`` are counts for TOO_FEW_POINTS."""

    code: ReasonCode
    load_mg: int = 0
    shown_mg: int = 0
    error_mg: int = 0
    limit_mg: int = 0
    margin_mg: int = 0
    doubt_mg: int = 0
    weights_mg: int = 0
    value: int = 0
    limit: int = 0
    document: str = ""
    clause: str = ""
    is_confirmed: bool = True

    @property
    def is_point(self) -> bool:
        """Say whether this is a measured point; zero is a load too."""
        return self.code in _POINTS

    @property
    def harmed(self) -> Harmed:
        """Who loses by this error: a scale that shows too much harms the buyer."""
        if not self.error_mg:
            return Harmed.NOBODY
        return Harmed.BUYER if self.error_mg > 0 else Harmed.SELLER


@dataclass(frozen=True)
class Verdict:
    """The conclusion, its reasons in order of load, and the ruleset it was judged by."""

    code: Code
    reasons: tuple[Reason, ...]
    ruleset: str

    @property
    def is_confirmed(self) -> bool:
        """False when any figure used is from memory or unknown: shown as unconfirmed, never as law."""
        return all(reason.is_confirmed for reason in self.reasons)

    @property
    def harmed(self) -> Harmed:
        """Who loses by what is beyond its limit; the buyer first, who does not see the display from behind."""
        if self.code is not Code.BEYOND:
            return Harmed.NOBODY
        found = {reason.harmed for reason in self.reasons if reason.code is ReasonCode.POINT_BEYOND}
        return Harmed.BUYER if Harmed.BUYER in found else Harmed.SELLER

    @property
    def worst(self) -> Reason | None:
        """The point with the least margin; None before any point."""
        points = [reason for reason in self.reasons if reason.is_point]
        return min(points, key=lambda reason: reason.margin_mg, default=None)


def judge(check: ScaleCheck, rules: Rules) -> Verdict:
    """Judge a check by the rules of one day. Raises LoadOutOfRange for a load the table does not cover."""
    try:
        weight_class = _coarsest(check.standards, rules)
        points = tuple(judge_point(check.scale, reading, rules, weight_class) for reading in sorted(check.readings))
        hindrances = tuple(_hindrances(check, points, rules))
    except NoRule:
        return Verdict(Code.INDETERMINATE, (Reason(code=ReasonCode.NO_RULE, is_confirmed=False),), rules.ruleset)
    code = Code.INDETERMINATE if hindrances else _conclude(points)
    is_sure = all(row.confidence.is_confirmed for row in rests_on(rules))
    reasons = [reason if is_sure else replace(reason, is_confirmed=False) for reason in (*points, *hindrances)]
    return Verdict(code, tuple(reasons), rules.ruleset)


def rests_on(rules: Rules) -> tuple[Row, ...]:
    """Return the rows that let a check conclude: how fine the weights must be, and how many loads; raises NoRule."""
    return _share_of_limit(rules), _field_test(rules)


def _hindrances(check: ScaleCheck, points: tuple[Reason, ...], rules: Rules) -> Iterable[Reason]:
    """Yield what keeps a check from concluding anything."""
    expired = [standard.valid_until for standard in check.standards if standard.valid_until < rules.day]
    if expired:
        yield Reason(code=ReasonCode.STANDARD_EXPIRED, value=len(expired), limit=0)
    share = _share_of_limit(rules)
    for point in points:
        if point.weights_mg * share.denominator > point.limit_mg * share.numerator:
            yield replace(point, code=ReasonCode.WEIGHTS_TOO_COARSE)
            break
    loads, wanted = len({reading.load_mg for reading in check.readings if reading.load_mg > 0}), loads_wanted(rules)
    if loads < wanted:
        yield Reason(code=ReasonCode.TOO_FEW_POINTS, value=loads, limit=wanted)


def _coarsest(standards: tuple[Standard, ...], rules: Rules) -> str:
    """Return the coarsest class among the weights used, by what a kilogram of it may err."""
    classes = {standard.weight_class for standard in standards}
    if not classes:
        return M1
    return max(classes, key=lambda name: sum(row.mpe_ug for row, _ in fewest_weights(1_000_000, rules, name)))


def _share_of_limit(rules: Rules) -> ScaleTest:
    """The part of the limit that weights may err at most (OIML R 76-1:2006, 3.7.1)."""
    return scale_test("weights_of_limit", rules)


def scale_test(name: str, rules: Rules) -> ScaleTest:
    """Return the row of one test of a scale; raises NoRule."""
    for row in reversed(rules.all_of(ScaleTest)):
        if row.test == name:
            return row
    raise NoRule(what=name, day=rules.day.isoformat())


def loads_wanted(rules: Rules) -> int:
    """Return how many different loads a field test needs; raises NoRule."""
    return _field_test(rules).min_points


def _field_test(rules: Rules) -> FieldTest:
    rows = [row for row in rules.all_of(FieldTest) if row.kind == "scale"]
    if not rows:
        raise NoRule(what="field_test", day=rules.day.isoformat())
    return rows[-1]


def _conclude(points: Iterable[Reason]) -> Code:
    codes = {point.code for point in points}
    if ReasonCode.POINT_BEYOND in codes:
        return Code.BEYOND
    return Code.INDETERMINATE if ReasonCode.POINT_IN_DOUBT in codes else Code.WITHIN


def judge_point(scale: Scale, reading: Reading, rules: Rules, weight_class: str = M1) -> Reason:
    """Compare one reading with the limit in service at its load; alone it decides nothing.

    With a flash point the error is I + d/2 - added - load and only the weights are doubted; without it half a digit of
    the display is doubted too. Raises TooFine where half a digit is no whole milligram.
    """
    limit = permissible_error(scale, reading.load_mg, rules, in_service=True)
    weights = fewest_weights(reading.load_mg, rules, weight_class)
    weights_mg = -(-sum(count * row.mpe_ug for row, count in weights) // 1000)
    half_digit_mg = _half_digit_mg(scale, reading)
    error_mg = reading.shown_mg - reading.load_mg
    if reading.added_mg >= 0:
        error_mg += half_digit_mg - reading.added_mg
        doubt_mg = weights_mg
    else:
        doubt_mg = half_digit_mg + weights_mg
    if abs(error_mg) <= limit.limit_mg:
        code = ReasonCode.POINT_WITHIN
    elif abs(error_mg) - limit.limit_mg <= doubt_mg:
        code = ReasonCode.POINT_IN_DOUBT
    else:
        code = ReasonCode.POINT_BEYOND
    return Reason(
        code=code,
        load_mg=reading.load_mg,
        shown_mg=reading.shown_mg,
        error_mg=error_mg,
        limit_mg=limit.limit_mg,
        margin_mg=limit.limit_mg - abs(error_mg),
        doubt_mg=doubt_mg,
        weights_mg=weights_mg,
        document=limit.regulation.document,
        clause=limit.clause,
        is_confirmed=limit.is_confirmed and all(row.confidence.is_confirmed for row, _ in weights),
    )


def _half_digit_mg(scale: Scale, reading: Reading) -> int:
    d_mg = scale.part(reading.shown_mg).d_mg
    if d_mg % 2 and reading.added_mg >= 0:
        raise TooFine(text=mass_text(d_mg, unit="g"), smallest="2 mg")
    return d_mg // 2


def judge_between(check: ScaleCheck, first: date, last: date, region: str = "") -> Verdict:
    """Judge by the rules of every day a doubtful clock allows; where they differ, nothing is concluded.

    Where all agree the last unconfirmed one is returned, or the last: what one day cannot confirm is not confirmed.
    """
    verdicts = [judge(check, rules_on(day, region)) for day in first_days_between(first, last)]
    if len({verdict.code for verdict in verdicts}) == 1:
        return next((verdict for verdict in reversed(verdicts) if not verdict.is_confirmed), verdicts[-1])
    changes = Reason(code=ReasonCode.RULE_CHANGES, is_confirmed=False)
    return replace(verdicts[-1], code=Code.INDETERMINATE, reasons=(*verdicts[-1].reasons, changes))
