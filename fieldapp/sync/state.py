"""Telling the desk how this phone stands: what waits here, what is set aside and why, how wrong the clock is.

It closes a round, so that it can stop nothing. Figures only: no names, no ids, nothing of a record. A server that does
not know the question, or does not like the answer, is left alone.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from fieldapp.store.facts import Fact
from fieldapp.store.outbox import NEEDS_A_LOOK, Entry, OpState
from fieldapp.store.store import Store
from fieldapp.store.uploads import UploadState
from fieldapp.sync.failures import Refused
from fieldapp.sync.token import Session, measure_clock
from shared.dates import instant_text, parse_instant
from shared.errors import BadInstant
from shared.wire.state import LONGEST_REASON, MOST_REASONS

TOLD_EVERY = timedelta(minutes=10)
FIGURES = ("waiting", "photos", "aside", "alarms", "again")
LONGEST_S = 10**10


def tell_state(store: Store, session: Session) -> bool:
    """Tell how the phone stands, when that has changed or was not told lately; return whether there is more to send.

    The desk may have asked for what was set aside to be sent anew; that is heeded once.
    """
    state, now = state_of(store), store.now()
    if not _is_news(store.facts.get(Fact.STATE_TOLD), state, now):
        return False
    store.facts.set(Fact.STATE_TOLD, {"at": instant_text(now)} | {name: state[name] for name in FIGURES})
    try:
        answer = measure_clock(store, lambda: session.call(lambda client: client.post("/sync/state", state)))
    except Refused:
        return False
    return _heed(store, answer.get("send_again"))


def state_of(store: Store) -> dict[str, Any]:
    """Return the figures as they travel."""
    counts, photos = store.outbox.counts(), store.uploads.counts()
    now, offset = store.now(), store.offset()
    waiting_since = [at for at in (store.outbox.oldest(), store.uploads.oldest()) if at is not None]
    return {
        "waiting": counts.get(OpState.WAITING, 0),
        "photos": photos.get(UploadState.WAITING, 0),
        "oldest_age_s": _age_s(min(waiting_since, default=None), now),
        "aside": _aside(store.outbox.in_states(NEEDS_A_LOOK)),
        "alarms": len(store.alarms.all()),
        "clock_offset_s": offset.seconds if offset else None,
        "clock_doubt_s": min(offset.doubt_at(store.clock.now()), LONGEST_S) if offset else None,
        "pulled_age_s": _age_s(store.facts.instant(Fact.PULLED_AT), now),
        "free_bytes": shutil.disk_usage(store.folder).free,
        "again": store.facts.get(Fact.SENT_AGAIN),
    }


def _is_news(told: dict[str, Any] | None, state: dict[str, Any], now: datetime) -> bool:
    if told is None or any(told.get(name) != state[name] for name in FIGURES):
        return True
    return abs(now - parse_instant(told["at"])) >= TOLD_EVERY


def _age_s(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else min(max(int((now - since).total_seconds()), 0), LONGEST_S)


def _aside(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Count by state and the server's reason; the most frequent reasons, where there are very many."""
    found = Counter((entry.state.value, _reason(entry)) for entry in entries)
    rows = [{"state": state, "reason": reason, "count": count} for (state, reason), count in found.most_common()]
    return rows[:MOST_REASONS]


def _reason(entry: Entry) -> str:
    problem = entry.answer.get("problem")
    kind = problem.get("type") if isinstance(problem, dict) else ""
    return str(kind or "").rsplit("/", 1)[-1][:LONGEST_REASON]


def _heed(store: Store, asked: Any) -> bool:
    """Put back into the queue what has no final answer, once for each wish of the desk."""
    if not isinstance(asked, str) or asked == store.facts.get(Fact.SENT_AGAIN):
        return False
    try:
        parse_instant(asked)
    except BadInstant:
        return False
    with store.database.write() as connection:
        count = store.outbox.all_again(connection)
        store.facts.put(connection, Fact.SENT_AGAIN, asked)
    return count > 0
