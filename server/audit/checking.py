"""Checking the whole log: its leaves, its tree, what the leaves stand for, the photos, and the heads others kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.decisions import Decisions
from server.audit.faults import Fault, FaultCode, first_bad
from server.audit.heads import check_heads
from server.audit.leaves import Log, check_tree, chunks, take
from server.audit.ops import Ops
from server.evidence import service as evidence
from server.evidence.service import Damaged, Store
from server.registry import service as registry
from shared.keys import KeySet
from shared.tree import TreeHead


@dataclass(frozen=True)
class Report:
    """What a check found; ``gaps`` are the ops whose device had sent one before that never came."""

    size: int
    root: bytes
    ops: int
    photos: int
    gaps: int
    faults: list[Fault] = field(default_factory=list)

    @property
    def first(self) -> Fault | None:
        """The fault that shows the first bad leaf most closely."""
        return first_bad(self.faults)


def check(session: Session, keys: KeySet, store: Store, heads: Sequence[TreeHead] = ()) -> Report:
    """Read everything again and say what is wrong; changes nothing. Raises StoreDown when photos cannot be read."""
    log, ops, decisions = Log(), Ops(session, keys), Decisions(session)
    for leaves in chunks(session, log.faults):
        take(log, leaves)
        ops.check(leaves)
        decisions.check(leaves)
    check_tree(session, log)
    ops.finish(log.size)
    decisions.finish(log.size)
    photos = Photos(store, evidence.came(session) | set(registry.photos(session).values()))
    photos.check(ops.photos)
    against = check_heads(log, audit.state(session).log_id, heads)
    faults = [*log.faults, *ops.faults, *decisions.faults, *photos.faults, *against]
    return Report(log.size, log.root(log.size), len(ops.explained), photos.read, ops.gaps, faults)


@dataclass
class Photos:
    """Reads the files again; one of those ``due``, which came, must be there; others may still be on their way."""

    store: Store
    due: set[str]
    read: int = 0
    faults: list[Fault] = field(default_factory=list)

    def check(self, named: dict[str, int]) -> None:
        """Check every file that came or that an operation names, which is then the leaf to tell."""
        for sha256 in sorted(self.due | named.keys()):
            try:
                is_there = self.store.get(sha256) is not None
            except Damaged:
                self._tell(sha256, named)
                continue
            self.read += is_there
            if not is_there and sha256 in self.due:
                self._tell(sha256, named)

    def _tell(self, sha256: str, named: dict[str, int]) -> None:
        index = named.get(sha256)
        self.faults.append(Fault(FaultCode.PHOTO, index, index, sha256))
