"""Witnessing the server's log: every signed tree head is kept, and must only have appended to the last.

A log that was cut, changed or forked cannot give such a proof. It is told loudly and kept as evidence, unless the root
signed a notice that the server was restored from a backup; recording and sending go on, because the inspector's records
are safe either way.
"""

from __future__ import annotations

from typing import Any

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.heads import HeadState, head_from_wire
from fieldapp.store.store import Store
from fieldapp.sync.consistency import hangs_together
from fieldapp.sync.papers import refresh_keys
from fieldapp.sync.restores import state_by_notice
from fieldapp.sync.token import Session
from shared.dates import civil_day, parse_instant
from shared.keys import Key, Purpose
from shared.signing import sha256_hex
from shared.tree import TreeHead


def take_head(store: Store, session: Session, fields: Any) -> None:
    """Verify and keep the head of an answer; raises Unreachable when it cannot be proven now, and it stays SEEN."""
    now = store.clock.now()
    try:
        head = head_from_wire(fields)
    except (KeyError, TypeError, ValueError):
        store.alarms.ring(AlarmCode.BAD_HEAD, now, head=sha256_hex(repr(fields).encode()))
        return
    if not _is_signed(store, session, head):
        store.alarms.ring(AlarmCode.BAD_HEAD, now, size=head.size, signed_at=head.signed_at, key_id=head.key_id)
        return
    store.heads.keep(head, HeadState.SEEN, now)
    prove_pending(store, session)


def prove_pending(store: Store, session: Session) -> None:
    """Prove each head that was seen and not proven yet."""
    for head in store.heads.unproven():
        last, state = store.heads.last_consistent(), HeadState.CONSISTENT
        if last is not None and not hangs_together(session, last, head):
            state = state_by_notice(store, session, last, head)
        if state is HeadState.BROKEN and last is not None:
            sizes = {"held_size": last.size, "size": head.size}
            store.alarms.ring(
                AlarmCode.LOG_CHANGED, store.clock.now(), **sizes, held_at=last.signed_at, at=head.signed_at
            )
        store.heads.keep(head, state, store.clock.now())


def _is_signed(store: Store, session: Session, head: TreeHead) -> bool:
    """Check the signature; a key we do not know yet is looked for once in a fresh key set."""
    key = _tree_key(store, head)
    if key is None:
        refresh_keys(store, session)
        key = _tree_key(store, head)
    return key is not None and head.is_signed_by(key.public)


def _tree_key(store: Store, head: TreeHead) -> Key | None:
    keys = store.documents.keys
    key = keys.key(Purpose.TREE, head.key_id) if keys else None
    day = civil_day(parse_instant(head.signed_at))
    return key if key and not key.is_compromised and key.is_valid_on(day) else None
