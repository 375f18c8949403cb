"""Instants and civil days.

Instants are aware and in UTC; a naive time is refused. A civil day is the day in Asia/Shanghai, which has been UTC+8
without daylight saving since 1991-09-15, so a fixed offset serves on phones that carry no zone database. An instant of
the wire lies in the years 1970 to 2999, so that correcting it by any clock offset still gives a day.

>>> civil_day(parse_instant("2026-11-21T16:30:00Z")).isoformat()
'2026-11-22'
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from shared.errors import BadInstant

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
CLOCK_LIMIT = timedelta(minutes=5)  # a phone that is further off is told so, at the desk too

_INSTANT = re.compile(r"(19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")


def civil_day(at: datetime) -> date:
    """Return the civil day of an aware instant; raises BadInstant on a naive one."""
    if at.tzinfo is None:
        raise BadInstant(text=at.isoformat())
    return at.astimezone(SHANGHAI).date()


def parse_instant(text: str) -> datetime:
    """Return the instant named by ``YYYY-MM-DDTHH:MM:SSZ`` and by no other spelling.

    >>> parse_instant("2026-11-21 08:00")
    Traceback (most recent call last):
    shared.errors.BadInstant: ('bad_instant', {'text': '2026-11-21 08:00'})
    """
    if not _INSTANT.fullmatch(text):
        raise BadInstant(text=text)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInstant(text=text) from error


def instant_text(at: datetime) -> str:
    """Write an aware instant in the one spelling of the wire, whole seconds, rounded down."""
    if at.tzinfo is None:
        raise BadInstant(text=at.isoformat())
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day.

    >>> add_months(date(2026, 8, 31), 6).isoformat()
    '2027-02-28'
    """
    years, month0 = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month0 + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - timedelta(days=1)).day))
