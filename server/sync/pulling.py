"""What a phone is told when it asks for changes: rows, regions that left its scope, and regions that came.

A cursor names the regions that its phone holds whole. While these are all that it is to hold, it reads on. Regions that
left are named to be dropped at once. Of those that came, one at a time is given as a snapshot, once the rows of those
held were read; the cursor beside it counts that region in, and goes back as far as the snapshot. A phone that could not
load it says so by ``again``, and is believed to hold that region in part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from server import feed
from server.accounts.service import Scope
from server.audit import service as audit
from server.keyring import Keyring
from server.sync import snapshots
from server.sync.snapshots import Snapshot


@dataclass(frozen=True)
class Answer:
    """One page, its rows as in ``feed.Page``; ``refill`` are snapshots to be loaded before the next is asked for."""

    text: str
    cursor: str
    more: bool
    drop: list[str] = field(default_factory=list)
    refill: list[Snapshot] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """Where snapshots come from."""

    folder: Path
    keyring: Keyring
    now: datetime


def pull(session: Session, scope: Scope, cursor: str, limit: int) -> Answer:
    """Answer a phone that loads no snapshots: when its regions change, it reads everything anew."""
    return Answer(*feed.page(session, scope, cursor, limit))


def pull_refilling(
    session: Session, scope: Scope, cursor: str, limit: int, *, again: Iterable[str], source: Source
) -> Answer:
    """Answer a phone that loads snapshots."""
    wanted = feed.fewest(scope.regions)
    place = feed.place_of(audit.state(session), cursor)
    if len(feed.BETWEEN.join(wanted)) > feed.LONGEST_MARK // 2:
        return pull(session, scope, cursor, limit)
    if place is None:
        text, after, more = feed.page(session, Scope(()), "", limit)
        return Answer(text, after, more or bool(wanted))
    claimed, partly = place.regions, tuple(again)
    held = both([region for region in claimed if not feed.is_within(region, partly)], wanted)
    drop = _left(session, (*claimed, *partly), wanted)
    before = replace(place, mark=feed.mark_of(Scope(held)))
    text, after, more = feed.page(session, Scope(held), str(before), limit)
    if more or held == wanted:
        return Answer(text, after, more, drop)
    added = next(region for region in wanted if not feed.is_within(region, held))
    snapshot = snapshots.ready(session, source.folder, source.keyring, added, Scope(held), source.now)
    last = int(after.rpartition(".")[2])
    whole = feed.mark_of(Scope(feed.fewest((*held, added))))
    after = str(replace(place, mark=whole, seq=min(last, snapshot.manifest.seq)))
    return Answer(text, after, more=True, drop=drop, refill=[snapshot])


def _left(session: Session, had: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    """Return the regions that a phone may have rows of and is not to hold: those it named, and all within them."""
    left = {region for region in had if not feed.is_within(region, wanted)}
    if not left:
        return []
    known = feed.regions_with_rows(session)
    return sorted(left | {one for one in known if feed.is_within(one, tuple(left)) and not feed.is_within(one, wanted)})


def both(some: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return the regions that lie within both of two scopes.

    >>> both(("4116",), ("411602", "4117"))
    ('411602',)
    """
    ours, theirs = tuple(some), tuple(others)
    common = [one for one in ours if feed.is_within(one, theirs)] + [one for one in theirs if feed.is_within(one, ours)]
    return feed.fewest(common)
