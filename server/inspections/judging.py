"""Judging again what a phone concluded: on the day of the record by the phone's corrected clock.

A record keeps the phone's time, the last measured offset (server minus phone) and its doubt, and when it was received.
A corrected time after the receipt is impossible: then the day of the receipt is taken, and the doubt reaches back to
the phone's own day. Where the rules of two possible days differ, nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from shared.dates import CLOCK_LIMIT, civil_day, parse_instant
from shared.errors import RuleError
from shared.rules import ruleset_name
from shared.scales import Scale
from shared.verdict import Code, Reading, Reason, ReasonCode, ScaleCheck, Standard, Verdict, judge_between

UNKNOWN_DOUBT = timedelta(days=1)
CLOCK_SLACK = CLOCK_LIMIT


@dataclass(frozen=True)
class RuleDays:
    """The civil day of a record, and the days on which it may have been made."""

    day: date
    first: date
    last: date
    is_doubtful: bool


def rule_days(made_at: datetime, offset_s: int | None, doubt_s: int | None, received_at: datetime) -> RuleDays:
    """Return the days whose rules may apply to a record."""
    try:
        made = made_at + timedelta(seconds=offset_s or 0)
        doubt = UNKNOWN_DOUBT if offset_s is None else timedelta(seconds=doubt_s or 0)
        first, last = civil_day(made - doubt), civil_day(min(made + doubt, received_at + CLOCK_SLACK))
    except OverflowError:
        made, first, last = received_at + timedelta(days=1), civil_day(received_at), civil_day(received_at)
    if made > received_at + CLOCK_SLACK:
        received = civil_day(received_at)
        return RuleDays(received, min(first, received), received, is_doubtful=True)
    return RuleDays(civil_day(made), first, max(first, last), is_doubtful=doubt >= UNKNOWN_DOUBT)


def judge_again(check: dict[str, Any], standards: Sequence[Standard], days: RuleDays, region: str) -> Verdict:
    """Judge a check of the wire, taken with these weights; what no table covers is indeterminate, never an error."""
    plate = check["nameplate"]
    scale = Scale(**plate)
    readings = tuple(Reading(row["load_mg"], row["shown_mg"]) for row in check["readings"])
    try:
        return judge_between(ScaleCheck(scale, readings, tuple(standards)), days.first, days.last, region)
    except RuleError:
        return Verdict(Code.INDETERMINATE, (Reason(code=ReasonCode.NO_RULE, is_confirmed=False),), ruleset_name())


def standards_of(rows: Sequence[dict[str, Any]]) -> list[Standard]:
    """Return the weights of the wire as the rules know them."""
    return [Standard(row["weight_class"], date.fromisoformat(row["valid_until"])) for row in rows]


def instant(text: str) -> datetime:
    """Read an instant of the wire that its schema has accepted."""
    return parse_instant(text)
