"""The signed public documents a phone must hold: the key set and the list of void labels.

Both are verified again whenever they are read, and a roll-back is refused: a lower sequence, or the same with other
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldapp.store.database import Database
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.keys import KeySet, Revocations, open_key_set, open_revocations, takes_over

KEYS = "keys"
REVOKED = "revoked"

Held = dict[str, Any]


class Documents:
    """Keeps the newest of each; the one held stays when a new one cannot be trusted."""

    def __init__(self, database: Database, root_public: bytes) -> None:
        self._database, self._root = database, root_public
        self._keys: tuple[Held, KeySet] | None = None
        self._revoked: tuple[Held, KeySet, Revocations] | None = None

    def _held(self, name: str) -> Held | None:
        found = self._database.row("SELECT seq, body, key_id, signature FROM document WHERE name = ?", name)
        return dict(zip(("seq", "body", "key_id", "signature"), found, strict=True)) if found else None

    def _keep(self, name: str, seq: int, document: Mapping[str, Any]) -> None:
        values = (name, seq, document["body"], document.get("key_id"), document["signature"])
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO document (name, seq, body, key_id, signature) VALUES (?, ?, ?, ?, ?)", values
            )

    @property
    def keys(self) -> KeySet | None:
        """The key set; None before the first."""
        held = self._held(KEYS)
        if held is None:
            return None
        if self._keys is None or self._keys[0] != held:
            self._keys = held, open_key_set(held, self._root)
        return self._keys[1]

    @property
    def revoked(self) -> Revocations | None:
        """The list of void labels; None when none was received that a key of today's set signed."""
        held, keys = self._held(REVOKED), self.keys
        if held is None or keys is None:
            return None
        if self._revoked is None or self._revoked[:2] != (held, keys):
            try:
                self._revoked = held, keys, open_revocations(held, keys)
            except RefusedRevocations:
                return None
        return self._revoked[2]

    def take_keys(self, document: Mapping[str, Any]) -> None:
        """Verify and keep a key set; raises RefusedKeySet, and the one held stays."""
        new, held = open_key_set(document, self._root), self._held(KEYS)
        if not _takes_over(held, new.seq, document["body"]):
            raise RefusedKeySet(why="sequence")
        self._keep(KEYS, new.seq, document)

    def take_revoked(self, document: Mapping[str, Any]) -> None:
        """Verify and keep a list of void labels; raises RefusedRevocations, and the one held stays."""
        keys, held = self.keys, self._held(REVOKED)
        if keys is None:
            raise RefusedRevocations(why="key")
        new = open_revocations(document, keys)
        if not _takes_over(held, new.seq, document["body"]):
            raise RefusedRevocations(why="sequence")
        self._keep(REVOKED, new.seq, document)

    def seq(self, name: str) -> int | None:
        """Return the sequence held of a document; None when none is."""
        held = self._held(name)
        return held["seq"] if held else None


def _takes_over(held: Held | None, seq: int, body: str) -> bool:
    held_seq, held_body = (held["seq"], held["body"]) if held else (None, "")
    return takes_over(held_seq=held_seq, held_body=held_body, seq=seq, body=body)
