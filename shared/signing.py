"""Ed25519 signatures, each over a context of its own, and the strict base64 and hex of the wire.

A context is a prefix that ends in a zero byte, so that a signature made for one purpose is worthless for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEAL = b"DINGPAN-SEAL-v1\0"
KEYS = b"DINGPAN-KEYS-v1\0"
REVOKED = b"DINGPAN-REVOKED-v1\0"
OP = b"DINGPAN-OP-v1\0"
RECEIPT = b"DINGPAN-RECEIPT-v1\0"
TREE_HEAD = b"DINGPAN-STH-v1\0"
TOKEN = b"DINGPAN-TOKEN-v1\0"
REFRESH = b"DINGPAN-REFRESH-v1\0"
ENROL = b"DINGPAN-ENROL-v1\0"
PACKAGE = b"DINGPAN-PACKAGE-v1\0"
INVITATION = b"DINGPAN-INVITATION-v1\0"
RESTORE = b"DINGPAN-RESTORE-v1\0"
SNAPSHOT = b"DINGPAN-SNAPSHOT-v1\0"

SIGNATURE_BYTES = 64


class Signer:
    """A private Ed25519 key that signs; its 32 secret bytes never leave it but by ``secret``."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, context: bytes, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over context and message."""
        return self._key.sign(context + message)


def verify(public: bytes, context: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature is good; a malformed key or signature is simply not good."""
    try:
        _public_key(public).verify(signature, context + message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _public_key(public: bytes) -> Ed25519PublicKey:
    """Labels of a region name a handful of keys, phones one each; raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(public)


def x25519_public(secret: bytes) -> bytes:
    """Return the public half of an X25519 key, to which rescued records are encrypted."""
    key = X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def encode_base64(content: bytes) -> str:
    """Write standard, padded base64."""
    return base64.b64encode(content).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Read standard, padded base64 in its one spelling; raises ValueError on any other.

    >>> decode_base64("AB==")
    Traceback (most recent call last):
    ValueError: not canonical base64
    """
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if encode_base64(content) != text:
        raise ValueError("not canonical base64")
    return content
