"""Days, times and the state of the sync in words."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING

from fieldapp.clock import Offset
from fieldapp.sync.balance import Balance
from fieldapp.sync.metered import until
from shared.dates import SHANGHAI
from shared.texts import Texts

if TYPE_CHECKING:
    from fieldapp.sync.status import SyncStatus

MOST_NAMED = 5


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
    """Say whether phone and server hold the same of today, or which are not confirmed; then what else is not done."""
    told = [_today(texts, kept)]
    told += [texts("balance.refused", count=kept.refused)] if kept.refused else []
    told += [texts("balance.earlier", count=kept.earlier)] if kept.earlier else []
    return "\n".join(told)


def _today(texts: Texts, kept: Balance) -> str:
    if not kept.made:
        return texts("balance.nothing")
    if kept.lost:
        return texts("balance.lost", count=len(kept.lost))
    if kept.is_equal and kept.settled:
        return texts("balance.equal_but", made=kept.made, count=kept.received, settled=kept.settled)
    if kept.is_equal:
        return texts("balance.equal", count=kept.made)
    if not kept.unconfirmed:
        return texts("balance.uncompared", count=kept.made)
    which = texts("balance.comma").join(str(number) for number in kept.open[:MOST_NAMED])
    key = "balance.unequal_many" if len(kept.open) > MOST_NAMED else "balance.unequal_which"
    return texts(key, count=kept.unconfirmed, which=which)


def in_short(texts: Texts, status: SyncStatus) -> str:
    """Say the same in words that leave room for a day's work: how many, and not which; nothing open is left out."""
    kept = status.balance
    is_open = kept.made and kept.unconfirmed and not kept.lost
    told = [texts("balance.unequal", count=kept.unconfirmed) if is_open else _today(texts, kept)]
    told += [texts("balance.earlier", count=kept.earlier)] if kept.earlier else []
    photos_left = int(status.photos_waiting + status.photos_refused)
    told += [texts("photos.left", count=photos_left)] if photos_left else []
    return "\n".join(told)


def photos(texts: Texts, status: SyncStatus) -> str:
    """Say what photos are on their way, or wait and for what, or were refused; "" where all have come."""
    told = [_on_the_way(texts, status)]
    told += [texts("photos.refused", count=int(status.photos_refused))] if status.photos_refused else []
    return "\n".join(part for part in told if part)


def _on_the_way(texts: Texts, status: SyncStatus) -> str:
    if status.photo is not None:
        return texts("photos.sending", sent=size(texts, status.photo.sent), bytes=size(texts, status.photo.bytes))
    held = status.photos_held
    if held:
        total = size(texts, sum(upload.bytes - upload.sent for upload in held))
        return texts("photos.held", count=len(held), bytes=total, at=moment(texts, until(held)))
    return texts("photos.waiting", count=int(status.photos_waiting)) if status.photos_waiting else ""


def sentence(texts: Texts, reason: str) -> str:
    """Return somebody else's words as a sentence of their own."""
    end = reason.rstrip()[-1:]
    return reason if not end or unicodedata.category(end) == "Po" else reason + texts("app.stop")


def size(texts: Texts, count: int) -> str:
    """Write how large a file is, never as less than it is."""
    if count < 1 << 20:
        return texts("size.kb", count=-(-count >> 10))
    tenths = -(-count * 10 >> 20)
    return texts("size.mb", count=f"{tenths // 10}.{tenths % 10}")


def reason(problem: object) -> str:
    """Return the server's own words of why it refused something; "" where it gave none."""
    told = problem if isinstance(problem, dict) else {}
    return str(told.get("detail") or told.get("title") or "")


def word(texts: Texts, table: str, code: str) -> str:
    """Return the word of a closed list; a code of a newer server is shown as it is."""
    return texts.messages.get(f"{table}.{code}", code)
