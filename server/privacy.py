"""Identity numbers at rest: AES-256-GCM under the server's data key, bound to the row they belong to."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12


def seal_text(key: bytes, text: str, *, row_id: str) -> bytes:
    """Return version, nonce and ciphertext; the row's id is authenticated with it, so that cells cannot be swapped."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, text.encode(), row_id.encode())


def open_text(key: bytes, sealed: bytes, *, row_id: str) -> str:
    """Return the text; raises cryptography's InvalidTag for another key, row or a changed cell."""
    nonce, content = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    return AESGCM(key).decrypt(nonce, content, row_id.encode()).decode()
