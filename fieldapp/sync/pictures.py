"""Fetching the pictures that the register names, so that an instrument can be compared with its photo off line."""

from __future__ import annotations

from fieldapp.crashpoint import crashpoint
from fieldapp.store.store import Store
from fieldapp.sync.failures import Refused
from fieldapp.sync.token import Session
from shared.signing import sha256_hex

AT_ONCE = 50


def fetch_pictures(store: Store, session: Session, at_most: int = AT_ONCE) -> int:
    """Fetch some missing pictures, places with tasks first; return how many came.

    What the server does not give out, or gives wrongly, is left for another time: a picture is never worth a round.
    """
    return sum(_fetch(store, session, sha256) for sha256 in store.register.photos_wanted()[:at_most])


def _fetch(store: Store, session: Session, sha256: str) -> bool:
    try:
        content = session.call(lambda client: client.fetch(f"/evidence/{sha256}"))
    except Refused:
        return False
    if sha256_hex(content) != sha256:
        return False
    crashpoint("picture.fetched")
    store.photos.keep(content)
    return True
