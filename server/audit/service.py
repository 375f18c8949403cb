"""The append-only log: leaves, proofs and the signed head (RFC 9162 hashing, see ``shared.tree``).

Leaves are made while the work is done and get their places in ``append``, the last step before commit, under the log's
lock. Hashes of full subtrees are stored, so that a root or a proof costs a few rows however long the log is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import Session

from server.audit.models import Leaf, LogState, TreeNode
from server.bulk import insert_rows
from server.keyring import Keyring
from shared import signing, tree
from shared.dates import civil_day, instant_text
from shared.keys import Purpose

__all__ = ["LogState"]

PENDING = "pending_leaves"
STATE_ID = 1
DECISION, RESTORE = "decision", "restore"
BATCH = 1000
# Asked at every request of a phone, and so put together once.
_STATE = select(LogState).where(LogState.id == STATE_ID).execution_options(populate_existing=True)
_SIZE = select(LogState.log_id, LogState.size).where(LogState.id == STATE_ID)
_NODES = select(TreeNode.level, TreeNode.index, TreeNode.hash).where(
    tuple_(TreeNode.level, TreeNode.index).in_(bindparam("places", expanding=True))
)
_LEAVES = select(Leaf.index, Leaf.leaf_sha256).where(Leaf.index.in_(bindparam("places", expanding=True)))


@dataclass(frozen=True)
class NewLeaf:
    """A leaf that has no place yet."""

    kind: str
    ref_id: str
    at: datetime
    salt: bytes
    salted_sha256: str
    leaf_sha256: str


def make_leaf(*, kind: str, ref_id: str, at: datetime, stands_for: bytes) -> NewLeaf:
    """Return a leaf over a record's bytes, with a fresh salt."""
    salt = os.urandom(16)
    salted = tree.salted_sha256(salt, stands_for)
    text = tree.leaf_text(kind=kind, id=ref_id, at=instant_text(at), salted_sha256=salted)
    return NewLeaf(kind, ref_id, at, salt, salted, tree.leaf_hash(text.encode()).hex())


def add_leaf(session: Session, leaf: NewLeaf) -> None:
    """Put a leaf up for the end of this transaction."""
    session.info.setdefault(PENDING, []).append(leaf)


def record_decision(session: Session, *, ref_id: str, at: datetime, stands_for: bytes, kind: str = DECISION) -> NewLeaf:
    """Log a decision made at a desk: the bytes say who decided what. RESTORE: the server was made from a backup."""
    leaf = make_leaf(kind=kind, ref_id=ref_id, at=at, stands_for=stands_for)
    add_leaf(session, leaf)
    return leaf


def state(session: Session) -> LogState:
    """Return the log's state row; it is made by the first migration."""
    return session.scalars(_STATE).one()


def append(session: Session) -> None:
    """Give the pending leaves their places. The caller holds the log's lock; nothing slow may follow."""
    leaves: list[NewLeaf] = session.info.pop(PENDING, [])
    if not leaves:
        return
    log = state(session)
    first = log.size
    rows = [leaf.__dict__ | {"index": first + place} for place, leaf in enumerate(leaves)]
    insert_rows(session, Leaf, rows)
    insert_rows(session, TreeNode, _new_nodes(session, first, [bytes.fromhex(leaf.leaf_sha256) for leaf in leaves]))
    log.size = first + len(leaves)


def _new_nodes(session: Session, first: int, hashes: list[bytes]) -> list[dict[str, object]]:
    """Return the full subtrees that some new leaves complete."""
    known = _hashes(session, frontier(first))
    known |= {(0, first + place): leaf for place, leaf in enumerate(hashes)}
    nodes: list[dict[str, object]] = []
    for index in range(first, first + len(hashes)):
        level, place = 0, index
        while place & 1:
            node = tree.node_hash(known[level, place - 1], known[level, place])
            level, place = level + 1, place >> 1
            known[level, place] = node
            nodes.append({"level": level, "index": place, "hash": node})
    return nodes


def frontier(size: int) -> list[tuple[int, int]]:
    """Return (level, index) of the full subtrees that make up a tree of a size, largest first.

    >>> frontier(6)
    [(2, 0), (1, 2)]
    """
    pieces, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            pieces.append((level, start >> level))
            start += 1 << level
    return pieces


def _hashes(session: Session, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Read the hashes of full subtrees; level 0 are the leaves themselves."""
    places = list(wanted)
    found: dict[tuple[int, int], bytes] = {}
    inner = [place for place in places if place[0] > 0]
    if inner:
        found |= {(level, index): hash_ for level, index, hash_ in session.execute(_NODES, {"places": inner})}
    outer = [index for level, index in places if level == 0]
    if outer:
        leaves = session.execute(_LEAVES, {"places": outer})
        found |= {(0, index): bytes.fromhex(sha256) for index, sha256 in leaves}
    return found


def root(session: Session, size: int) -> bytes:
    """Return the root of the first ``size`` leaves."""
    pieces = frontier(size)
    if not pieces:
        return tree.EMPTY_ROOT
    hashes = _hashes(session, pieces)
    node = hashes[pieces[-1]]
    for piece in reversed(pieces[:-1]):
        node = tree.node_hash(hashes[piece], node)
    return node


def read_again(session: Session) -> tuple[int, bytes]:
    """Return size and root of the log worked out from the texts of its leaves alone: no stored hash is believed."""
    query = select(Leaf.kind, Leaf.ref_id, Leaf.at, Leaf.salted_sha256).order_by(Leaf.index)
    size, pieces = 0, list[tuple[int, bytes]]()
    for kind, ref_id, at, salted in session.execute(query.execution_options(yield_per=BATCH)):
        text = tree.leaf_text(kind=kind, id=ref_id, at=instant_text(at), salted_sha256=salted)
        level, node, size = 0, tree.leaf_hash(text.encode()), size + 1
        while pieces and pieces[-1][0] == level:
            level, node = level + 1, tree.node_hash(pieces.pop()[1], node)
        pieces.append((level, node))
    return size, fold([node for _, node in pieces]) if pieces else tree.EMPTY_ROOT


def head(session: Session, keyring: Keyring, now: datetime) -> tree.TreeHead:
    """Return the log's state, signed now."""
    log_id, size = session.execute(_SIZE).one()
    key_id, signer = keyring.signer(Purpose.TREE, civil_day(now))
    unsigned = tree.TreeHead(log_id, size, root(session, size), instant_text(now), key_id)
    return tree.TreeHead(**unsigned.__dict__ | {"signature": signer.sign(signing.TREE_HEAD, unsigned.message)})


def head_json(head: tree.TreeHead) -> dict[str, object]:
    """Return a head as it travels."""
    return {
        "log_id": head.log_id,
        "size": head.size,
        "root": signing.encode_base64(head.root),
        "signed_at": head.signed_at,
        "key_id": head.key_id,
        "signature": signing.encode_base64(head.signature),
    }


def inclusion_path(session: Session, index: int, size: int) -> list[bytes]:
    """Return the audit path of a leaf in the tree of a size (RFC 9162, 2.1.3.1)."""
    return _subtree_hashes(session, _path(index, 0, size))


def consistency_path(session: Session, first: int, second: int) -> list[bytes]:
    """Return the proof that a tree of ``second`` leaves appended to one of ``first`` (RFC 9162, 2.1.4.1)."""
    if not 0 < first < second:
        return []
    return _subtree_hashes(session, _subproof(first, 0, second, is_whole=True))


def _path(index: int, start: int, end: int) -> list[tuple[int, int]]:
    if end - start == 1:
        return []
    split = start + _largest_power_below(end - start)
    if index < split:
        return [*_path(index, start, split), (split, end)]
    return [*_path(index, split, end), (start, split)]


def _subproof(size: int, start: int, end: int, *, is_whole: bool) -> list[tuple[int, int]]:
    if size == end:
        return [] if is_whole else [(start, end)]
    split = start + _largest_power_below(end - start)
    if size <= split:
        return [*_subproof(size, start, split, is_whole=is_whole), (split, end)]
    return [*_subproof(size, split, end, is_whole=False), (start, split)]


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _subtree_hashes(session: Session, ranges: list[tuple[int, int]]) -> list[bytes]:
    """Return the hash over each range of leaves, read from full subtrees in one go."""
    pieces = {wanted: _pieces_of_range(*wanted) for wanted in ranges}
    hashes = _hashes(session, {piece for parts in pieces.values() for piece in parts})
    return [fold([hashes[piece] for piece in pieces[wanted]]) for wanted in ranges]


def _pieces_of_range(start: int, end: int) -> list[tuple[int, int]]:
    """Cover an aligned range by full subtrees, left to right."""
    pieces = []
    for level, place in frontier(end - start):
        pieces.append((level, (start >> level) + place))
    return pieces


def fold(hashes: list[bytes]) -> bytes:
    node = hashes[-1]
    for sibling in reversed(hashes[:-1]):
        node = tree.node_hash(sibling, node)
    return node


def index_of(session: Session, ref_id: str, leaf_sha256: str) -> int | None:
    """Return the place in the log of a leaf that stands for something: of several, that of the hash."""
    return session.scalar(select(Leaf.index).where(Leaf.ref_id == ref_id, Leaf.leaf_sha256 == leaf_sha256))


def leaf_about(session: Session, ref_id: str) -> Leaf | None:
    """Return the leaf of a decision by the id of what was decided."""
    return session.scalar(select(Leaf).where(Leaf.ref_id == ref_id, Leaf.kind == "decision"))


def leaves_about(session: Session, ref_id: str) -> list[int]:
    """Return the places of all leaves that stand for a record; an op in conflict shares the id of the first."""
    return list(session.scalars(select(Leaf.index).where(Leaf.ref_id == ref_id).order_by(Leaf.index)))


def leaf_text(session: Session, index: int) -> str:
    """Return the published text of a leaf."""
    leaf = session.get_one(Leaf, index)
    return tree.leaf_text(kind=leaf.kind, id=leaf.ref_id, at=instant_text(leaf.at), salted_sha256=leaf.salted_sha256)
