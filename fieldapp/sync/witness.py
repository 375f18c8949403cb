"""Witnessing the server's log: every signed tree head is kept, and must only have appended to the last.

A log that was cut, changed or forked cannot give such a proof. It is told loudly and kept as evidence; recording and
sending go on, because the inspector's records are safe either way.
"""

from __future__ import annotations

from typing import Any

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.heads import HeadState, head_from_wire
from fieldapp.store.store import Store
from fieldapp.sync.failures import Refused
from fieldapp.sync.papers import refresh_keys
from fieldapp.sync.token import Session
from shared.dates import civil_day, parse_instant
from shared.keys import Key, Purpose
from shared.signing import decode_base64, sha256_hex
from shared.tree import TreeHead, consistency_is_proven


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
        last = store.heads.last_consistent()
        state = HeadState.CONSISTENT if last is None or _hangs_together(session, last, head) else HeadState.BROKEN
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


def _hangs_together(session: Session, held: TreeHead, new: TreeHead) -> bool:
    """Say whether two heads are of one log that only grew; an older head than the one held may come late."""
    if new.log_id != held.log_id:
        return False
    first, second = sorted((held, new), key=lambda head: head.size)
    if new.size < held.size and new.signed_at > held.signed_at:
        return False
    return consistency_is_proven(
        first_size=first.size,
        second_size=second.size,
        first_root=first.root,
        second_root=second.root,
        path=_path(session, first.size, second.size),
    )


def _path(session: Session, first: int, second: int) -> list[bytes]:
    """Fetch the proof; a server that refuses one has none, which an empty path shows."""
    if first == second or first == 0:
        return []
    try:
        answer = session.call(lambda client: client.get("/log/consistency", first=first, second=second))
        return [decode_base64(node) for node in answer["path"]]
    except (Refused, KeyError, TypeError, ValueError):
        return []
