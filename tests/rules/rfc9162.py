"""RFC 9162, 2.1, word for word and slow: MTH, PATH and PROOF, with which the quick verifier is compared."""

from __future__ import annotations

from hashlib import sha256


def mth(leaves: list[bytes]) -> bytes:
    """2.1.1: the Merkle tree hash."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = below(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def below(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """2.1.3.1: the inclusion path of leaf m."""
    if len(leaves) == 1:
        return []
    k = below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: list[bytes]) -> list[bytes]:
    """2.1.4.1: the consistency proof from the first m leaves, 0 < m < n."""
    return subproof(m, leaves, is_complete=True)


def subproof(m: int, leaves: list[bytes], *, is_complete: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if is_complete else [mth(leaves)]
    k = below(n)
    if m <= k:
        return [*subproof(m, leaves[:k], is_complete=is_complete), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], is_complete=False), mth(leaves[:k])]
