"""Is the verification of an instrument in date? Only trade use in use is due at all.

Periods: ``rules/cn/validity.toml``. A certificate of 2026-06-15 with twelve months is valid up to and including
2027-06-14.

>>> valid_until(date(2026, 6, 15), 12).isoformat()
'2027-06-14'
>>> state_on(date(2027, 6, 15), valid_until(date(2026, 6, 15), 12)).value
'overdue'
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from shared.dates import add_months

DUE_SOON_DAYS = 30


class Validity(StrEnum):
    """How an instrument stands with its verification on a day."""

    IN_DATE = "in_date"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    NEVER_VERIFIED = "never_verified"


def valid_until(done_on: date, months: int) -> date:
    """Return the last day of a verification's validity, inclusive: the day before the same day of a later month.

    Where that month has no such day, its last day is the end (民法典 article 202, from memory).

    >>> valid_until(date(2026, 8, 31), 6).isoformat()
    '2027-02-28'
    """
    same_day = add_months(done_on, months)
    return same_day if same_day.day < done_on.day else same_day - timedelta(days=1)


def state_on(day: date, until: date | None) -> Validity:
    """Say how an instrument stands on a civil day; ``until`` None: no verification is known."""
    if until is None:
        return Validity.NEVER_VERIFIED
    if day > until:
        return Validity.OVERDUE
    return Validity.DUE_SOON if (until - day).days < DUE_SOON_DAYS else Validity.IN_DATE


def is_due(*, use: str | None, status: str) -> bool:
    """Say whether mandatory verification counts: instruments in trade use that are in use, fair scales included."""
    return use in ("trade", "fair_scale") and status == "in_use"
