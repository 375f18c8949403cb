"""A notice that the root signed tells a restore of the server from a roll-back of its log."""

from __future__ import annotations

from fieldapp.store.facts import Fact
from fieldapp.store.heads import HeadState
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.sync.consistency import hangs_together, only_appended
from fieldapp.sync.failures import Refused
from fieldapp.sync.token import Session
from shared.dates import instant_text
from shared.restores import Notice, open_notice
from shared.tree import TreeHead


def state_by_notice(store: Store, session: Session, held: TreeHead, head: TreeHead) -> HeadState:
    """Return what a head is that does not hang together with the one held: BROKEN, unless the root excuses it.

    Then every head of what was lost becomes LOST, and this phone is to compare what the server has of its records.
    """
    lost, new = sorted((held, head), key=lambda one: one.signed_at)
    for notice in _notices(store, session):
        if notice.excuses(lost, new) and _goes_on(store, session, notice, new):
            at = instant_text(notice.at)
            store.heads.lose(notice.log_id, notice.size, at)
            store.facts.set(Fact.RESTORED_AT, at)
            store.facts.set(Fact.RESTORE_NEWS, at)
            return HeadState.CONSISTENT if head is new else HeadState.LOST
    return HeadState.BROKEN


def _goes_on(store: Store, session: Session, notice: Notice, new: TreeHead) -> bool:
    """Say whether the log went on from what was restored, and from every head that this phone held of that part."""
    if not only_appended(session, notice.size, notice.root, new):
        return False
    before = store.heads.last_up_to(notice.log_id, notice.size)
    return before is None or hangs_together(session, before, new)


def _notices(store: Store, session: Session) -> list[Notice]:
    """Fetch the notices that the pinned root signed; a server that publishes none has none."""
    bureau = store.kept.bureau
    if bureau is None:
        raise NotEnrolled
    try:
        told = session.call(lambda client: client.get("/restored")).get("notices")
    except Refused:
        return []
    opened = [open_notice(document, bureau.root) for document in told] if isinstance(told, list) else []
    return [notice for notice in opened if notice is not None]
