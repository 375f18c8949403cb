"""Days, times and the state of the sync in words."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

from fieldapp.clock import Offset
from fieldapp.sync.balance import Balance
from shared.dates import SHANGHAI
from shared.texts import Texts


def day(texts: Texts, on: date) -> str:
    """Write a civil day with its weekday."""
    return texts("date.day", month=on.month, day=on.day, weekday=texts(f"date.weekday_{on.isoweekday()}"))


def moment(texts: Texts, at: datetime) -> str:
    """Write an instant in the bureau's time."""
    local = at.astimezone(SHANGHAI)
    return texts("date.moment", month=local.month, day=local.day, time=f"{local:%H:%M}")


def due(texts: Texts, on: date | None, today: date) -> str:
    """Say when something is due."""
    if on is None:
        return ""
    days = (on - today).days
    if days == 0:
        return texts("date.today")
    return texts("date.late", days=-days) if days < 0 else texts("date.short", month=on.month, day=on.day)


def clock_warning(texts: Texts, offset: Offset | None) -> str:
    """Say that the phone's clock is wrong, or that nobody knows, and what to do; "" where there is nothing to say."""
    if offset is None:
        return ""
    if offset.is_unsure:
        return texts("clock.unsure")
    return texts("clock.wrong", by=_span(texts, abs(offset.seconds))) if offset.is_large else ""


def _span(texts: Texts, seconds: int) -> str:
    """Write how long something is in the unit that tells most of it."""
    for unit, size, least in (("days", 86_400, 2), ("hours", 3_600, 2), ("minutes", 60, 0)):
        if seconds >= least * size:
            return texts(f"clock.{unit}", count=seconds // size)
    return ""


def balance(texts: Texts, kept: Balance) -> str:
    """Say whether phone and server hold the same of today, or how many are not confirmed."""
    if not kept.made:
        return texts("balance.nothing")
    if kept.is_equal:
        return texts("balance.equal", count=kept.made)
    if kept.unconfirmed:
        return texts("balance.unequal", count=kept.unconfirmed)
    return texts("balance.uncompared", count=kept.made)


def sentence(texts: Texts, reason: str) -> str:
    """Return somebody else's words as a sentence of their own."""
    end = reason.rstrip()[-1:]
    return reason if not end or unicodedata.category(end) == "Po" else reason + texts("app.stop")


def size(texts: Texts, count: int) -> str:
    """Write how large a file is, never as less than it is."""
    if count < 1 << 20:
        return texts("size.kb", count=-(-count >> 10) or 1)
    tenths = -(-count * 10 >> 20)
    return texts("size.mb", count=f"{tenths // 10}.{tenths % 10}")


def word(texts: Texts, table: str, code: str) -> str:
    """Return the word of a closed list; a code of a newer server is shown as it is."""
    return texts.messages.get(f"{table}.{code}", code)
