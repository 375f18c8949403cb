"""Reading the whole log again: every leaf hashed from its text, every stored subtree from its leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.faults import ERRORS, Fault, FaultCode, at
from server.audit.models import Leaf, TreeNode
from shared import tree
from shared.dates import instant_text

CHUNK = 500


@dataclass(frozen=True)
class ReadLeaf:
    """One leaf as it stands in the table; ``text`` and ``hash`` are worked out from its columns."""

    index: int
    kind: str
    ref_id: str
    salt: bytes
    salted_sha256: str
    leaf_sha256: str
    text: str
    hash: bytes


def _leaf(row: Row[Any]) -> ReadLeaf:
    text = tree.leaf_text(kind=row.kind, id=row.ref_id, at=instant_text(row.at), salted_sha256=row.salted_sha256)
    computed = tree.leaf_hash(text.encode())
    return ReadLeaf(row[0], row.kind, row.ref_id, row.salt, row.salted_sha256, row.leaf_sha256, text, computed)


@dataclass
class Log:
    """The hashes of the leaves in order, the full subtrees over them, and what is wrong with either."""

    hashes: list[bytes] = field(default_factory=list)
    levels: list[list[bytes]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    expected: int = 0

    @property
    def size(self) -> int:
        return len(self.hashes)

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` leaves."""
        pieces = audit.frontier(size)
        return audit.fold([self.levels[level][place] for level, place in pieces]) if pieces else tree.EMPTY_ROOT


def chunks(session: Session, faults: list[Fault]) -> Iterator[list[ReadLeaf]]:
    """Yield the leaves in order; a row that cannot be read is a fault and left out."""
    last: int | None = None
    while indexes := _next(session, last):
        yield _read(session, indexes, faults)
        last = indexes[-1]


def _next(session: Session, last: int | None) -> list[int]:
    query = select(Leaf.index).order_by(Leaf.index).limit(CHUNK)
    return list(session.scalars(query if last is None else query.where(Leaf.index > last)))


def _read(session: Session, indexes: list[int], faults: list[Fault]) -> list[ReadLeaf]:
    query = select(Leaf.__table__).where(Leaf.index.in_(indexes)).order_by(Leaf.index)
    try:
        return [_leaf(row) for row in session.execute(query)]
    except ERRORS:
        if len(indexes) == 1:
            faults.append(at(FaultCode.UNREADABLE, indexes[0]))
            return []
    middle = len(indexes) >> 1
    return _read(session, indexes[:middle], faults) + _read(session, indexes[middle:], faults)


def take(log: Log, leaves: list[ReadLeaf]) -> None:
    """Add the next leaves to the hashes; a gap before one is told."""
    for leaf in leaves:
        if leaf.index != log.expected:
            log.faults.append(at(FaultCode.MISSING, max(log.expected, 0)))
        log.expected = leaf.index + 1
        if leaf.hash.hex() != leaf.leaf_sha256:
            log.faults.append(at(FaultCode.LEAF, leaf.index, leaf.ref_id))
        log.hashes.append(leaf.hash)


def check_tree(session: Session, log: Log) -> None:
    """Compare the stored subtrees with those of the leaves, and the state with their number."""
    log.levels = [log.hashes]
    while len(log.levels[-1]) > 1:
        below = log.levels[-1]
        log.levels.append([tree.node_hash(*below[left : left + 2]) for left in range(0, len(below) - 1, 2)])
    wanted = {(level, place) for level in range(1, len(log.levels)) for place in range(len(log.levels[level]))}
    for level, place, stored in session.execute(select(TreeNode.level, TreeNode.index, TreeNode.hash)):
        if (level, place) not in wanted or stored != log.levels[level][place]:
            log.faults.append(_span(level, place, log.size))
        wanted.discard((level, place))
    log.faults += [_span(level, place, log.size) for level, place in sorted(wanted)]
    size = audit.state(session).size
    if size != log.size:
        log.faults.append(Fault(FaultCode.SIZE, 0, min(size, log.size), f"{size} told, {log.size} there"))


def _span(level: int, place: int, size: int) -> Fault:
    first = min(place << level, size)
    return Fault(FaultCode.NODE, first, max(first, min((place + 1 << level) - 1, size)), f"level {level}")
