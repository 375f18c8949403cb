"""The verdict of a field test, worked out alike on phone, server and public page.

A field test says within, beyond or indeterminate, always with its reasons, and never 合格 or 不合格: those belong to
a verification by an authorised body. Fewer than three loads decide nothing. A point counts as beyond only when its
error passes the limit by more than the doubt of the standards and half a digit of the display, so that no one is
suspected for a rounding; between the limit and that it is in doubt. The order of readings never matters.

>>> from shared.rules import rules_on
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> points = [Reading(10_000_000, 10_025_000), Reading(1_000_000, 1_000_000), Reading(5_000_000, 5_010_000)]
>>> verdict = judge(ScaleCheck(scale, tuple(points)), rules_on(date(2026, 11, 21)))
>>> verdict.code.value, [(reason.code.value, reason.error_mg, reason.limit_mg) for reason in verdict.reasons]
('beyond', [('point_within', 0, 5000), ('point_within', 10000, 10000), ('point_beyond', 25000, 10000)])
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shared.errors import NoRule
from shared.rules import Rules, first_days_between, rules_on
from shared.rules.rows import FieldTest
from shared.scales import Scale, permissible_error, weights_doubt_mg


class Code(StrEnum):
    """What a field test can say."""

    WITHIN = "within"
    BEYOND = "beyond"
    INDETERMINATE = "indeterminate"


class ReasonCode(StrEnum):
    """Why a verdict says what it says."""

    POINT_WITHIN = "point_within"
    POINT_IN_DOUBT = "point_in_doubt"
    POINT_BEYOND = "point_beyond"
    TOO_FEW_POINTS = "too_few_points"
    RULE_CHANGES = "rule_changes"
    NO_RULE = "no_rule"


_POINTS = frozenset({ReasonCode.POINT_WITHIN, ReasonCode.POINT_IN_DOUBT, ReasonCode.POINT_BEYOND})


@dataclass(frozen=True, order=True)
class Reading:
    """What the scale showed under a known load; milligrams."""

    load_mg: int
    shown_mg: int


@dataclass(frozen=True)
class ScaleCheck:
    """The scale as its nameplate describes it, and the readings taken."""

    scale: Scale
    readings: tuple[Reading, ...]


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
    value: int = 0
    limit: int = 0
    document: str = ""
    clause: str = ""
    is_confirmed: bool = True

    @property
    def is_point(self) -> bool:
        """Say whether this is a measured point; zero is a load too."""
        return self.code in _POINTS


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
    def worst(self) -> Reason | None:
        """The point with the least margin; None before any point."""
        points = [reason for reason in self.reasons if reason.is_point]
        return min(points, key=lambda reason: reason.margin_mg, default=None)


def judge(check: ScaleCheck, rules: Rules) -> Verdict:
    """Judge a check by the rules of one day. Raises LoadOutOfRange for a load the table does not cover."""
    try:
        points = tuple(judge_point(check.scale, reading, rules) for reading in sorted(check.readings))
        wanted = _loads_wanted(rules)
    except NoRule:
        return Verdict(Code.INDETERMINATE, (Reason(code=ReasonCode.NO_RULE, is_confirmed=False),), rules.ruleset)
    loads = len({reading.load_mg for reading in check.readings if reading.load_mg > 0})
    if loads < wanted:
        few = Reason(code=ReasonCode.TOO_FEW_POINTS, value=loads, limit=wanted)
        return Verdict(Code.INDETERMINATE, (*points, few), rules.ruleset)
    return Verdict(_conclude(points), points, rules.ruleset)


def _loads_wanted(rules: Rules) -> int:
    rows = [row for row in rules.all_of(FieldTest) if row.kind == "scale"]
    if not rows:
        raise NoRule(what="field_test", day=rules.day.isoformat())
    return rows[-1].min_points


def _conclude(points: Iterable[Reason]) -> Code:
    codes = {point.code for point in points}
    if ReasonCode.POINT_BEYOND in codes:
        return Code.BEYOND
    return Code.INDETERMINATE if ReasonCode.POINT_IN_DOUBT in codes else Code.WITHIN


def judge_point(scale: Scale, reading: Reading, rules: Rules) -> Reason:
    """Compare one reading with the limit in service at its load; alone it decides nothing."""
    limit = permissible_error(scale, reading.load_mg, rules, in_service=True)
    error_mg = reading.shown_mg - reading.load_mg
    doubt_mg = scale.d_mg // 2 + weights_doubt_mg(reading.load_mg, rules)
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
        document=limit.regulation.document,
        clause=f"{limit.band.document} {limit.band.clause}",
        is_confirmed=limit.is_confirmed,
    )


def judge_between(check: ScaleCheck, first: date, last: date, region: str = "") -> Verdict:
    """Judge by the rules of every day a doubtful clock allows; where they differ, nothing is concluded."""
    verdicts = [judge(check, rules_on(day, region)) for day in first_days_between(first, last)]
    if len({verdict.code for verdict in verdicts}) == 1:
        return verdicts[-1]
    changes = Reason(code=ReasonCode.RULE_CHANGES, is_confirmed=False)
    return replace(verdicts[-1], code=Code.INDETERMINATE, reasons=(*verdicts[-1].reasons, changes))
