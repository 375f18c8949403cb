"""Which photos wait for a network that costs nothing: large ones, for a day at most. Records never wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldapp.store.facts import Fact
from fieldapp.store.store import Store
from fieldapp.store.uploads import Upload

LARGE_BYTES = 1 << 20
LONGEST = timedelta(days=1)


def waits(upload: Upload, now: datetime) -> bool:
    """Say whether a photo waits while the network is metered, unless the person chose otherwise.

    A record that is more than a day away from now, either way, was made long ago, or by a clock that was set since.
    """
    return upload.bytes > LARGE_BYTES and not upload.is_urgent and abs(now - upload.made_at) < LONGEST


def wait_for_wifi(store: Store) -> bool:
    """Say what the person chose: whether large photos wait on metered networks. They do unless somebody chose."""
    return bool(store.facts.get(Fact.PHOTOS_WAIT, otherwise=True))


def held(store: Store, now: datetime) -> list[Upload]:
    """Return the photos that a metered network would hold up now, though their records have come."""
    if not wait_for_wifi(store):
        return []
    return [upload for upload in store.uploads.ready() if waits(upload, now)]


def until(uploads: list[Upload]) -> datetime:
    """Return when the last of some photos goes over any network."""
    return max(upload.made_at for upload in uploads) + LONGEST
