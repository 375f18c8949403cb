"""What a rule concludes when the day is in doubt: a phone whose clock may be wrong allows more than one.

Each of those days has its rules. What all of them conclude is concluded; where they differ, or where some have no rule,
nothing is. The scale's own verdict has the same in ``shared.verdict.judge_between``.

>>> from datetime import timedelta
>>> from functools import partial
>>> from shared.energy_dispensers import EnergyKind, judge_clock
>>> judge = partial(judge_clock, EnergyKind.DC_CHARGER, [400, 401, 402])
>>> first = date(2022, 12, 28)  # the first day with a rule for the clock of a charger
>>> conclude_between(judge, first, first + timedelta(days=3)).code.value
'beyond'
>>> told = conclude_between(judge, first - timedelta(days=1), first + timedelta(days=3))
>>> told.code.value, told.grounds[-1].code.value, told.is_confirmed
('indeterminate', 'rule_changes', False)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from enum import StrEnum

from shared.conclusion import Code, Conclusion, Ground, undecided
from shared.errors import NoRule
from shared.rules import Rules, first_days_between, rules_on


class DayGround(StrEnum):
    """What a doubtful day adds to a conclusion."""

    RULE_CHANGES = "rule_changes"


def conclude_between(judge: Callable[[Rules], Conclusion], first: date, last: date, region: str = "") -> Conclusion:
    """Judge by the rules of every day a doubtful clock allows, of one region ("" the national ones alone).

    Where all agree the last unconfirmed conclusion is returned, or the last: what one day cannot confirm is not
    confirmed. Where they differ its grounds decide nothing, and one more says why. Raises NoRule where no day has a
    rule, and what ``judge`` raises.
    """
    told: list[Conclusion] = []
    missing: list[NoRule] = []
    for day in first_days_between(first, last):
        try:
            told.append(judge(rules_on(day, region)))
        except NoRule as error:
            missing.append(error)
    if not told:
        raise missing[-1]
    least_sure = next((one for one in reversed(told) if not one.is_confirmed), told[-1])
    if not missing and len({one.code for one in told}) == 1:
        return least_sure
    changes = Ground(code=DayGround.RULE_CHANGES, outcome=Code.INDETERMINATE, is_ruled=False)
    return replace(least_sure, code=Code.INDETERMINATE, grounds=(*map(undecided, least_sure.grounds), changes))
