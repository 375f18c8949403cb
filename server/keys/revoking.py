"""The list of revoked labels, signed on the server by the online revocation key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from server import keyring
from server.keyring import MissingKeys
from server.keys import files, papers
from server.keys.errors import KeysRefused
from server.keys.publishing import REVOKED
from shared.keys import Purpose, Revocations, open_revocations


def revoke(folder: Path, serials: Iterable[int], *, day: date, seq: int | None = None) -> Revocations:
    """Sign and install the list with more serials, or with none more: again for seven days.

    ``seq`` is a number above the held one to go on from, for phones that were given a higher one by a thief of the
    key. Raises MissingKeys and KeysRefused.
    """
    if not folder.is_dir():
        raise MissingKeys(f"{folder} is missing. Publish keys there, see docs/keys.md, or restore it.")
    with files.alone(folder):
        ring = keyring.load(folder)
        following = ring.revoked.seq + 1 if seq is None else seq
        if following <= ring.revoked.seq:
            raise KeysRefused(f"The list has number {ring.revoked.seq}. Give a higher one.")
        key_id, signer = ring.signer(Purpose.REVOCATION, day)
        every = ring.revoked.serials | frozenset(serials)
        document = papers.sign_revocations(signer, key_id, every, seq=following, day=day)
        opened = open_revocations(document, ring.key_set)
        files.install(folder, {REVOKED: document})
        return opened
