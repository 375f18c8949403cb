"""Sealing to a case group: the server can seal, and only who knows the group's passphrase can open.

A group has an X25519 pair (RFC 7748). Its private half is wrapped by the passphrase: Argon2id (RFC 9106) makes a key of
it, ChaCha20-Poly1305 (RFC 8439) does the wrapping, and the parameters stand in the wrapped form so that later ones may
be stronger. A message has a pair of its own; HKDF-SHA256 (RFC 5869) of the shared secret, with both public halves as
salt and a context, is its key. What a message is about is bound to it. Texts are filled up to steps of 256 bytes, so
that their length tells nothing of a name or an address.
"""

from __future__ import annotations

import os
import struct
import unicodedata
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
CONTEXT = b"dingpan sealed contact v1\0"
WRAPPING = b"dingpan case group v1\0"
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12
STEP = 256
LARGEST_TEXT = 8 << 10
SINGLE_USE_NONCE = bytes(NONCE_BYTES)  # every message has a key of its own
_COSTS = struct.Struct(">III")
_LENGTH = struct.Struct(">I")


class NotOpened(Exception):
    """The passphrase or the place is wrong, or the bytes were changed: these cannot be told apart."""


class TooLong(ValueError):
    """A text is longer than anything that is meant as a contact."""


@dataclass(frozen=True)
class Costs:
    """What Argon2id spends: passes, memory in KiB, lanes. RFC 9106 section 4, the second recommended option."""

    passes: int = 3
    memory_kib: int = 64 << 10
    lanes: int = 4


def new_pair(group_id: str, passphrase: str, costs: Costs | None = None) -> tuple[bytes, bytes]:
    """Return a public half, and the private half wrapped by a passphrase."""
    private, costs = X25519PrivateKey.generate(), costs or Costs()
    head = VERSION + _COSTS.pack(costs.passes, costs.memory_kib, costs.lanes) + os.urandom(SALT_BYTES)
    nonce = os.urandom(NONCE_BYTES)
    bound_to = WRAPPING + group_id.encode() + head
    secret = ChaCha20Poly1305(_key_of(passphrase, head)).encrypt(nonce, private.private_bytes_raw(), bound_to)
    return private.public_key().public_bytes_raw(), head + nonce + secret


def unwrap(group_id: str, wrapped: bytes, passphrase: str) -> bytes:
    """Return the private half; slow on purpose. Raises NotOpened."""
    head_bytes = len(VERSION) + _COSTS.size + SALT_BYTES
    head, nonce, secret = wrapped[:head_bytes], wrapped[head_bytes:][:NONCE_BYTES], wrapped[head_bytes + NONCE_BYTES :]
    try:
        return ChaCha20Poly1305(_key_of(passphrase, head)).decrypt(nonce, secret, WRAPPING + group_id.encode() + head)
    except InvalidTag as error:
        raise NotOpened from error


def _key_of(passphrase: str, head: bytes) -> bytes:
    """Return the key that a passphrase makes; the same words count however a keyboard wrote them (NFKC)."""
    passes, memory_kib, lanes = _COSTS.unpack(head[len(VERSION) :][: _COSTS.size])
    words, salt = unicodedata.normalize("NFKC", passphrase.strip()).encode(), head[-SALT_BYTES:]
    return hash_secret_raw(words, salt, passes, memory_kib, lanes, KEY_BYTES, Type.ID)


def seal(public: bytes, text: bytes, about: bytes) -> bytes:
    """Return version, the message's public half and the ciphertext; raises TooLong."""
    once, theirs = X25519PrivateKey.generate(), X25519PublicKey.from_public_bytes(public)
    ours = once.public_key().public_bytes_raw()
    key = _message_key(once.exchange(theirs), ours, public)
    return VERSION + ours + ChaCha20Poly1305(key).encrypt(SINGLE_USE_NONCE, _padded(text), CONTEXT + about)


def open_sealed(private: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return the text; raises NotOpened."""
    mine, ours = X25519PrivateKey.from_private_bytes(private), sealed[1 : 1 + KEY_BYTES]
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(ours))
        key = _message_key(shared, ours, mine.public_key().public_bytes_raw())
        padded = ChaCha20Poly1305(key).decrypt(SINGLE_USE_NONCE, sealed[1 + KEY_BYTES :], CONTEXT + about)
    except (InvalidTag, ValueError) as error:
        raise NotOpened from error
    (length,) = _LENGTH.unpack_from(padded)
    return padded[_LENGTH.size :][:length]


def _message_key(shared: bytes, once: bytes, theirs: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=once + theirs, info=CONTEXT).derive(shared)


def _padded(text: bytes) -> bytes:
    if len(text) > LARGEST_TEXT:
        raise TooLong
    whole = _LENGTH.pack(len(text)) + text
    return whole + bytes(-len(whole) % STEP)
