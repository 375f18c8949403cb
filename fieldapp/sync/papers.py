"""Fetching the key set and the list of void labels; what cannot be trusted is refused, told, and the old one stays."""

from __future__ import annotations

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.documents import KEYS, REVOKED
from fieldapp.store.store import Store
from fieldapp.sync.token import Session
from shared.errors import RefusedKeySet, RefusedRevocations


def refresh_keys(store: Store, session: Session) -> None:
    """Fetch the key set."""
    document = session.call(lambda client: client.get("/keys"))
    try:
        store.documents.take_keys(document)
    except RefusedKeySet as error:
        store.alarms.ring(AlarmCode.KEYS_REFUSED, store.clock.now(), **error.values)


def refresh_revoked(store: Store, session: Session) -> None:
    """Fetch the list of void labels."""
    document = session.call(lambda client: client.get("/revoked"))
    try:
        store.documents.take_revoked(document)
    except RefusedRevocations as error:
        store.alarms.ring(AlarmCode.REVOKED_REFUSED, store.clock.now(), **error.values)


def refresh_if_newer(store: Store, session: Session, *, keys_seq: object, revoked_seq: object) -> None:
    """Fetch what the server says has a higher sequence than ours; keys first, they sign the other."""
    if _is_newer(keys_seq, store.documents.seq(KEYS)):
        refresh_keys(store, session)
    if _is_newer(revoked_seq, store.documents.seq(REVOKED)) or store.documents.revoked is None:
        refresh_revoked(store, session)


def _is_newer(theirs: object, ours: int | None) -> bool:
    return isinstance(theirs, int) and (ours is None or theirs > ours)
