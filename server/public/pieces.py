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

    ``constant`` follows the first nonce of many pages, such as their style sheets, and is kept once for all of them;
    ``version`` names what the page says, whatever its nonce.
    """

    __slots__ = ("_constant", "_pieces", "_squeezed", "version")

    def __init__(self, pieces: Sequence[bytes], constant: bytes, version: str) -> None:
        self._pieces, self._constant, self.version = pieces, constant, version
        self._squeezed: list[bytes] | None = None

    def plain(self, nonce: bytes) -> bytes:
        """Return the page."""
        first, *rest = self._pieces
        return b"".join((first, nonce, self._constant, nonce.join(rest)))

    def gzip(self, nonce: bytes) -> bytes:
        """Return the page compressed, as RFC 1952 says."""
        if self._squeezed is None:
            self._squeezed = [_blocks(piece) for piece in self._pieces]
        page = self.plain(nonce)
        as_it_is = struct.pack("<BHH", 0, len(nonce), len(nonce) ^ 0xFFFF) + nonce
        first, *rest = self._squeezed
        tail = LAST_BLOCK + struct.pack("<LL", zlib.crc32(page), len(page))
        return b"".join((GZIP_HEAD, first, as_it_is, _shared_blocks(self._constant), as_it_is.join(rest), tail))


def _blocks(content: bytes, level: int = FASTEST) -> bytes:
    squeezing = zlib.compressobj(level, zlib.DEFLATED, RAW)
    return squeezing.compress(content) + squeezing.flush(zlib.Z_FULL_FLUSH)


@lru_cache(maxsize=8)
def _shared_blocks(content: bytes) -> bytes:
    return _blocks(content, BEST)
