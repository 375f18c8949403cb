"""Sealing of what is stored: AES-256-GCM under the phone's data key.

The place of a thing (``register/instrument/<id>``) is bound into it, so that a sealed row cannot be passed off as
another.
"""

from __future__ import annotations

import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fieldapp.store.trouble import StorageTrouble, Trouble

KEY_BYTES = 32
NONCE_BYTES = 12
_SHORT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Sealer:
    """Seals and opens bytes and JSON values under one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, place: str, content: bytes) -> bytes:
        """Return nonce and sealed content."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Return the content; raises StorageTrouble for anything this key did not seal for this place."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise StorageTrouble(Trouble.DAMAGED) from error

    def seal_json(self, place: str, value: Any) -> bytes:
        """Seal a JSON value."""
        return self.seal(place, _SHORT.encode(value).encode())

    def open_json(self, place: str, sealed: bytes) -> Any:
        """Open a JSON value."""
        return json.loads(self.open(place, sealed))
