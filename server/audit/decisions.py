"""What the leaves of decisions stand for: the records made at a desk, written again as they were logged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from server.administration import service as administration
from server.audit import service as audit
from server.audit.faults import ERRORS, Fault, FaultCode, at
from server.audit.leaves import ReadLeaf
from server.certificates import service as certificates
from server.physical_seals import service as physical_seals
from server.pledges import service as pledges
from server.seals import service as seals
from shared import tree

Texts = Callable[[Session, list[str]], dict[str, bytes]]
Ids = Callable[[Session], set[str]]

# A feature that logs decisions says here how those of some ids are written again, and which there are.
EXPLAINERS: dict[str, tuple[Texts, Ids]] = {
    "administration": (administration.decisions, administration.decided),
    "certificates": (certificates.decisions, certificates.decided),
    "physical_seals": (physical_seals.decisions, physical_seals.decided),
    "pledges": (pledges.decisions, pledges.decided),
    "seals": (seals.decisions, seals.decided),
}


@dataclass
class Decisions:
    """Reads the records behind the leaves, chunk by chunk."""

    session: Session
    faults: list[Fault] = field(default_factory=list)
    logged: set[str] = field(default_factory=set)

    def check(self, leaves: list[ReadLeaf]) -> None:
        """Check the decisions of some leaves."""
        wanted = [leaf for leaf in leaves if leaf.kind in (audit.DECISION, audit.RESTORE)]
        ids = [leaf.ref_id for leaf in wanted]
        found = {id_: text for texts, _ in EXPLAINERS.values() for id_, text in self._read(texts, ids).items()}
        for leaf in wanted:
            self.logged.add(leaf.ref_id)
            if leaf.ref_id not in found:
                self.faults.append(at(FaultCode.RECORD_GONE, leaf.index, leaf.ref_id))
            elif tree.salted_sha256(leaf.salt, found[leaf.ref_id]) != leaf.salted_sha256:
                self.faults.append(at(FaultCode.RECORD, leaf.index, leaf.ref_id))

    def _read(self, texts: Texts, ids: list[str]) -> dict[str, bytes]:
        """Read some records; those that cannot be read are as good as gone."""
        try:
            return texts(self.session, ids)
        except ERRORS:
            if len(ids) == 1:
                return {}
        middle = len(ids) >> 1
        return self._read(texts, ids[:middle]) | self._read(texts, ids[middle:])

    def finish(self, size: int) -> None:
        """Tell the decisions that no leaf stands for."""
        for feature, (_, ids) in EXPLAINERS.items():
            for id_ in sorted(ids(self.session) - self.logged):
                self.faults.append(Fault(FaultCode.NOT_LOGGED, 0, size, f"{feature} {id_}"))
