"""A page in pieces: between them stands the nonce of each answer, which is never sent twice.

Compressed, each piece is a run of deflate blocks of its own (RFC 1951) that ends on a whole byte, and the nonce stands
between them as it is: so the bytes of a page are compressed once, and only the checksum is new in each answer.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LAST_BLOCK = b"\x03\x00"
RAW = -15
FASTEST, BEST = 1, 9


def name_version(pieces: Iterable[bytes]) -> str:
    """Return the name of what a page says, whatever its nonce: the ``ETag``, weak because the bytes differ."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()[:32]


class Pieces:
    """One page, ready to be sent with any nonce. ``constant`` is what many pages share, such as their style sheets."""

    __slots__ = ("_constant", "_plain", "_squeezed", "version")

    def __init__(self, plain: Sequence[bytes], constant: bytes) -> None:
        self._plain, self._constant = plain, constant
        self._squeezed: list[bytes] | None = None
        self.version = name_version(plain)

    def plain(self, nonce: bytes) -> bytes:
        """Return the page."""
        return nonce.join(self._plain)

    def gzip(self, nonce: bytes) -> bytes:
        """Return the page compressed, as RFC 1952 says."""
        if self._squeezed is None:
            self._squeezed = [_squeeze(piece, self._constant) for piece in self._plain]
        checksum, length = 0, len(nonce) * (len(self._plain) - 1)
        for place, piece in enumerate(self._plain):
            checksum = zlib.crc32(piece, zlib.crc32(nonce, checksum) if place else checksum)
            length += len(piece)
        as_it_is = struct.pack("<BHH", 0, len(nonce), len(nonce) ^ 0xFFFF) + nonce
        tail = LAST_BLOCK + struct.pack("<LL", checksum, length & 0xFFFFFFFF)
        return GZIP_HEAD + as_it_is.join(self._squeezed) + tail


def _squeeze(piece: bytes, constant: bytes) -> bytes:
    """Compress what is new as fast as may be, and what many pages share once and well."""
    before, shared, after = piece.partition(constant) if constant else (piece, b"", b"")
    return b"".join((_blocks(before), _shared_blocks(shared), _blocks(after)))


def _blocks(content: bytes, level: int = FASTEST) -> bytes:
    if not content:
        return b""
    squeezing = zlib.compressobj(level, zlib.DEFLATED, RAW)
    return squeezing.compress(content) + squeezing.flush(zlib.Z_FULL_FLUSH)


@lru_cache(maxsize=8)
def _shared_blocks(content: bytes) -> bytes:
    return _blocks(content, BEST)
