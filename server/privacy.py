"""Personal cells at rest: AES-256-GCM under the server's data keys, bound to the row and column they stand in.

A sealed cell is version (1 byte), key id (2 bytes), nonce (12 bytes) and ciphertext with its tag. The associated data
are the version and key id, the column and the row's id, so that a cell opens in its own place only. Version 1, of when
there was one key, has no key id: it is key 1, bound to the row's id alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FIRST_VERSION, VERSION = b"\x01", b"\x02"
FIRST_KEY_ID = 1
KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES = 32, 2, 12
HEADER_BYTES = 1 + KEY_ID_BYTES
INDEX_INFO = b"dingpan blind index v1"


class NoSuchKey(LookupError):
    """A cell is sealed under a key that the settings do not name; the message says which."""


class DataKey(bytes):
    """The data key that seals now, with its ``id``, and by id every key that still opens."""

    id: int
    by_id: Mapping[int, bytes]

    def __new__(cls, keys: Mapping[int, bytes]) -> DataKey:
        """Make it of keys by their ids, the current one first."""
        current = next(iter(keys))
        made = super().__new__(cls, keys[current])
        made.id, made.by_id = current, dict(keys)
        return made

    def __reduce__(self) -> tuple[type[DataKey], tuple[dict[int, bytes]]]:
        """Travel to another process with all keys, not as the bytes of one."""
        return DataKey, (dict(self.by_id),)

    def __repr__(self) -> str:
        """Name the ids alone: a key that is shown is a key that is lost."""
        return f"DataKey({', '.join(map(str, self.by_id))})"


def data_key(key: bytes) -> DataKey:
    """Return a data key with its id and elders; bare bytes are key 1 and have none."""
    return key if isinstance(key, DataKey) else DataKey({FIRST_KEY_ID: key})


def seal_text(key: bytes, text: str, *, row_id: str, column: str = "") -> bytes:
    """Return a text sealed under the current key, for one row and column alone."""
    of, nonce = data_key(key), os.urandom(NONCE_BYTES)
    header = VERSION + of.id.to_bytes(KEY_ID_BYTES, "big")
    return header + nonce + AESGCM(of).encrypt(nonce, text.encode(), _place(header, column, row_id))


def open_text(key: bytes, sealed: bytes, *, row_id: str, column: str = "") -> str:
    """Return the text; raises NoSuchKey, and cryptography's InvalidTag for another place or a changed cell."""
    secret = _secret(key, key_id_of(sealed))
    if sealed[:1] == FIRST_VERSION:
        nonce, content, place = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], row_id.encode()
    else:
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        nonce, content, place = rest[:NONCE_BYTES], rest[NONCE_BYTES:], _place(header, column, row_id)
    return AESGCM(secret).decrypt(nonce, content, place).decode()


def key_id_of(sealed: bytes) -> int:
    """Return the id of the key that a cell is sealed under."""
    return FIRST_KEY_ID if sealed[:1] == FIRST_VERSION else int.from_bytes(sealed[1:HEADER_BYTES], "big")


def is_current(key: bytes, sealed: bytes) -> bool:
    """Say whether a cell is sealed under the current key, in the present form."""
    return sealed[:1] == VERSION and key_id_of(sealed) == data_key(key).id


def blind_indexes(key: bytes, text: str) -> list[str]:
    """Return the keyed hashes by which a text is found, one for each data key, the current key's first."""
    return [_keyed_hash(secret, text) for secret in data_key(key).by_id.values()]


def _keyed_hash(secret: bytes, text: str) -> str:
    index_key = HKDF(SHA256(), KEY_BYTES, salt=None, info=INDEX_INFO).derive(secret)
    return hmac.new(index_key, text.encode(), hashlib.sha256).hexdigest()


def _secret(key: bytes, key_id: int) -> bytes:
    try:
        return data_key(key).by_id[key_id]
    except KeyError as error:
        raise NoSuchKey(f"There is data sealed under key {key_id}, which DINGPAN_DATA_KEYS does not name.") from error


def _place(header: bytes, column: str, row_id: str) -> bytes:
    return header + column.encode() + b"\0" + row_id.encode()
