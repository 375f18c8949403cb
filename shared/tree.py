"""The append-only log: RFC 9162 hashing, proofs, and the signed tree head.

A leaf is ``SHA-256(0x00 + leaf)``, a node ``SHA-256(0x01 + left + right)``; the empty tree is the hash of nothing. The
prefixes keep a node from passing for a leaf. A leaf shows only a salted hash of what it stands for: the log can be
published while the records stay private.

>>> root([b"a", b"b"]) == node_hash(leaf_hash(b"a"), leaf_hash(b"b"))
True
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared import signing

EMPTY_ROOT = hashlib.sha256(b"").digest()

_LOG_ID = re.compile(r"[0-9a-f]{32}")


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 9162, 2.1.1: the hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_text(*, kind: str, id: str, at: str, salted_sha256: str) -> str:
    """Return the JSON text of a leaf, without white space, in the fixed order."""
    leaf = {"kind": kind, "id": id, "at": at, "salted_sha256": salted_sha256}
    return json.dumps(leaf, separators=(",", ":"), ensure_ascii=False)


def salted_sha256(salt: bytes, stands_for: bytes) -> str:
    """Return what a leaf shows of a record: the hash of 16 bytes of salt and the record's bytes."""
    return signing.sha256_hex(salt + stands_for)


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the bytes of some leaves."""
    return root_of_hashes([leaf_hash(leaf) for leaf in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """Return the root over some leaf hashes: split at the largest power of two below their number."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = _split(len(hashes))
    return node_hash(root_of_hashes(hashes[:split]), root_of_hashes(hashes[split:]))


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def inclusion_is_proven(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2); ``leaf`` is the leaf hash."""
    if not 0 <= index < size:
        return False
    first, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            node = node_hash(sibling, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and node == root


def consistency_is_proven(
    *, first_size: int, second_size: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Check that the second tree only appended to the first (RFC 9162, 2.1.4.2)."""
    if not 0 <= first_size <= second_size:
        return False
    if first_size == second_size:
        return not path and first_root == second_root
    if first_size == 0:
        return not path and first_root == EMPTY_ROOT
    nodes = list(path)
    if first_size & (first_size - 1) == 0:
        nodes.insert(0, first_root)
    if not nodes:
        return False
    return _consistent(nodes, first_size - 1, second_size - 1, first_root, second_root)


def _consistent(nodes: list[bytes], first: int, second: int, first_root: bytes, second_root: bytes) -> bool:
    while first & 1:
        first, second = first >> 1, second >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            old, new = node_hash(node, old), node_hash(node, new)
            while not first & 1 and first:
                first, second = first >> 1, second >> 1
        else:
            new = node_hash(new, node)
        first, second = first >> 1, second >> 1
    return second == 0 and old == first_root and new == second_root


@dataclass(frozen=True)
class TreeHead:
    """The state of the log at one moment, as the server signs it. ``signed_at`` is an instant of the wire."""

    log_id: str
    size: int
    root: bytes
    signed_at: str
    key_id: int
    signature: bytes = b""

    @property
    def message(self) -> bytes:
        """The signed bytes after the context: log id, size, root, time."""
        return bytes.fromhex(self.log_id) + self.size.to_bytes(8, "big") + self.root + self.signed_at.encode()

    @property
    def is_of_the_form(self) -> bool:
        """Say whether each field has its fixed length: else the same signed bytes could be read as another head."""
        is_sized = 0 <= self.size < 1 << 64 and len(self.root) == len(EMPTY_ROOT)
        return is_sized and _LOG_ID.fullmatch(self.log_id) is not None and self.signed_at.isascii()

    def is_signed_by(self, public: bytes) -> bool:
        return self.is_of_the_form and signing.verify(public, signing.TREE_HEAD, self.message, self.signature)
