"""A page in pieces: between them stands the nonce of each answer, which is never sent twice.

Compressed, each piece is a run of deflate blocks of its own (RFC 1951) that ends on a whole byte, and the nonce stands
between them as it is: so the bytes of a page are compressed once, and only the checksum is new in each answer.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LAST_BLOCK = b"\x03\x00"
RAW = -15
FASTEST, BEST = 1, 9


class Pieces:
    """One page, ready to be sent with any nonce.

    ``constant`` is what a piece of many pages begins with; ``version`` names what the page says, whatever its nonce.
    """

    __slots__ = ("_constant", "_plain", "_squeezed", "version")

    def __init__(self, plain: Sequence[bytes], constant: bytes, version: str) -> None:
        self._plain, self._constant, self.version = plain, constant, version
        self._squeezed: list[bytes] | None = None

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
    if not piece.startswith(constant):
        return _blocks(piece)
    return _shared_blocks(constant) + _blocks(piece[len(constant) :])


def _blocks(content: bytes, level: int = FASTEST) -> bytes:
    squeezing = zlib.compressobj(level, zlib.DEFLATED, RAW)
    return squeezing.compress(content) + squeezing.flush(zlib.Z_FULL_FLUSH)


@lru_cache(maxsize=8)
def _shared_blocks(content: bytes) -> bytes:
    return _blocks(content, BEST)
