"""The rescue package: what a phone could not send, sealed to the bureau's rescue key for any hand to carry.

Layout in ``docs/sync.md``. A head of 45 bytes names the key and brings a public half of its own; X25519 with the rescue
key and HKDF-SHA256 (RFC 5869) over both public halves make the one key of the package. What is sealed follows in
chunks of 64 KiB under ChaCha20-Poly1305 (RFC 8439): the number of a chunk is its nonce, and the head, that number and
whether it is the last are authenticated with it, so nothing can be cut off, changed or put in another order unseen.
Inside are sections, operations first: whoever opens a package never holds more than one of them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import RefusedRescue
from shared.ops import MAX_PUSH_BYTES

MAGIC = b"DPRESCUE"
VERSION = 1
CONTEXT = b"DINGPAN-RESCUE-v1\0"
ONCE = b"DINGPAN-RESCUE-ONCE-v1\0"

KEY_BYTES = 32
TAG_BYTES = 16
CHUNK_BYTES = 64 << 10
MOST_BYTES = 256 << 20
MOST_OPS_BYTES = MAX_PUSH_BYTES + 1024  # deflate may make a little more of what cannot be squeezed

_HEAD = struct.Struct(">8sBI32s")
_PLACE = struct.Struct(">IB")
_NONCE = struct.Struct(">QI")
_SECTION = struct.Struct(">BI")
_PHOTO = struct.Struct(">16s32s")
HEAD_BYTES = _HEAD.size
PHOTO_HEAD_BYTES = _PHOTO.size
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES


class Kind(IntEnum):
    """What a section holds."""

    OPS = 1
    PHOTO = 2


class Source(Protocol):
    """What a package is read from."""

    def read(self, size: int, /) -> bytes:
        """Return that many bytes; fewer only at the end."""


@dataclass(frozen=True)
class Ops:
    """The body of a push, as it would have been sent."""

    content: bytes


@dataclass(frozen=True)
class Photo:
    """A photo, and the id of the record that names it."""

    record: str
    sha256: str
    content: bytes


Section = Ops | Photo
SecretOf = Callable[[int], bytes | None]


def head_of(key_id: int, once: bytes) -> bytes:
    """Return the head of a package; ``once`` is the public half made for it alone."""
    return _HEAD.pack(MAGIC, VERSION, key_id, once)


def key_id_of(head: bytes) -> int:
    """Return the id of the key that a package is sealed to; raises RefusedRescue for what is no package of ours."""
    return _read_head(head)[0]


def _read_head(head: bytes) -> tuple[int, bytes]:
    if len(head) != HEAD_BYTES or not head.startswith(MAGIC):
        raise RefusedRescue(why="form")
    _, version, key_id, once = _HEAD.unpack(head)
    if version != VERSION:
        raise RefusedRescue(why="version")
    return key_id, once


def ops_section(content: bytes) -> bytes:
    """Return the section that holds the body of a push."""
    packed = zlib.compress(content, 9)
    return _SECTION.pack(Kind.OPS, len(packed)) + packed


def photo_section(record: str, sha256: str, bytes_: int) -> bytes:
    """Return what stands before the bytes of a photo in its section."""
    names = _PHOTO.pack(bytes.fromhex(record.replace("-", "")), bytes.fromhex(sha256))
    return _SECTION.pack(Kind.PHOTO, len(names) + bytes_) + names


def once_secret(device_secret: bytes, public: bytes, names: Iterable[bytes]) -> bytes:
    """Return the private half for one package, drawn from the phone's secret and from what the package holds.

    ``names`` are the sections of operations whole, and what stands before each photo, which names its bytes. So the
    same content makes the same package, with the same id, and no key ever seals two contents.
    """
    digest = HKDF(SHA256(), KEY_BYTES, salt=public, info=ONCE)
    return digest.derive(device_secret + b"".join(names))


def seal(key_id: int, public: bytes, secret: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a package of some sections in pieces; ``secret`` must never have sealed anything else."""
    mine = X25519PrivateKey.from_private_bytes(secret)
    once = mine.public_key().public_bytes_raw()
    head = head_of(key_id, once)
    cipher = _cipher(mine.exchange(X25519PublicKey.from_public_bytes(public)), once, public)
    yield head
    for number, (chunk, is_last) in enumerate(_chunks(pieces)):
        yield cipher.encrypt(_NONCE.pack(0, number), chunk, head + _PLACE.pack(number, is_last))


def _chunks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield what is sealed at once, with whether it is the last; no chunk but the last is short, and none is empty."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) > CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES]), False
            del held[:CHUNK_BYTES]
    if held:
        yield bytes(held), True


def _cipher(shared: bytes, once: bytes, public: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), KEY_BYTES, salt=once + public, info=CONTEXT).derive(shared))


def unseal(source: Source, secret_of: SecretOf) -> Iterator[bytes]:
    """Yield what was sealed, chunk by chunk, each checked before it is yielded; raises RefusedRescue.

    ``secret_of`` returns the private half of a rescue key, None for one that is not here.
    """
    head = source.read(HEAD_BYTES)
    key_id, once = _read_head(head)
    secret = secret_of(key_id)
    if secret is None:
        raise RefusedRescue(why="key")
    mine = X25519PrivateKey.from_private_bytes(secret)
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(once))
    except ValueError as error:
        raise RefusedRescue(why="damaged") from error
    cipher = _cipher(shared, once, mine.public_key().public_bytes_raw())
    sealed, number, is_last = source.read(SEALED_BYTES), 0, False
    while not is_last:
        following = source.read(SEALED_BYTES)
        is_last = not following
        try:
            yield cipher.decrypt(_NONCE.pack(0, number), sealed, head + _PLACE.pack(number, is_last))
        except (InvalidTag, ValueError) as error:
            raise RefusedRescue(why="damaged") from error
        sealed, number = following, number + 1


def sections(chunks: Iterable[bytes], *, most_photo_bytes: int) -> Iterator[Section]:
    """Yield the sections of a package that was unsealed; raises RefusedRescue for any other form.

    Operations stand before photos. A photo is told as it is: whether it is what it says is another's to judge.
    """
    reader, has_photos = _Reader(chunks), False
    while not reader.is_at_end():
        kind, size = _SECTION.unpack(reader.take(_SECTION.size))
        if kind == Kind.OPS and size <= MOST_OPS_BYTES and not has_photos:
            yield Ops(_unpacked(reader.take(size)))
        elif kind == Kind.PHOTO and PHOTO_HEAD_BYTES < size <= PHOTO_HEAD_BYTES + most_photo_bytes:
            has_photos = True
            record, sha256 = _PHOTO.unpack(reader.take(PHOTO_HEAD_BYTES))
            yield Photo(_uuid_text(record), sha256.hex(), reader.take(size - PHOTO_HEAD_BYTES))
        else:
            raise RefusedRescue(why="form")


def _unpacked(packed: bytes) -> bytes:
    decoder = zlib.decompressobj()
    try:
        content = decoder.decompress(packed, MAX_PUSH_BYTES + 1)
    except zlib.error as error:
        raise RefusedRescue(why="form") from error
    if len(content) > MAX_PUSH_BYTES or not decoder.eof or decoder.unused_data:
        raise RefusedRescue(why="form")
    return content


def _uuid_text(raw: bytes) -> str:
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class _Reader:
    """Takes bytes off the front of chunks."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._held = iter(chunks), bytearray()

    def is_at_end(self) -> bool:
        """Say whether nothing is left."""
        while not self._held:
            following = next(self._chunks, None)
            if following is None:
                return True
            self._held += following
        return False

    def take(self, size: int) -> bytes:
        """Return exactly so many bytes; raises RefusedRescue where fewer are left."""
        while len(self._held) < size:
            following = next(self._chunks, None)
            if following is None:
                raise RefusedRescue(why="form")
            self._held += following
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken
