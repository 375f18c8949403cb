"""Proof that a receipt's leaf stands in the log: the path to the root of a tree head that the phone itself checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldapp.store.store import Store
from fieldapp.sync.failures import Refused, is_suspension
from fieldapp.sync.push import receipt_of
from fieldapp.sync.token import Session
from shared.signing import decode_base64
from shared.tree import inclusion_is_proven


class ProofCode(StrEnum):
    """What came of it; the sentence is ``record.proof_<code>``."""

    PROVEN = "proven"
    FAILED = "failed"
    TOO_EARLY = "too_early"


@dataclass(frozen=True)
class Proof:
    """Where the leaf stands, in a log of how many leaves."""

    code: ProofCode
    index: int = 0
    size: int = 0


def prove(store: Store, session: Session, op_id: str) -> Proof:
    """Fetch and check the proof; raises a SyncFailure when it cannot be fetched."""
    entry, head = store.outbox.entry(op_id), store.heads.last_consistent()
    receipt = receipt_of(entry) if entry else None
    if receipt is None or head is None:
        return Proof(ProofCode.TOO_EARLY)
    try:
        answer = session.call(lambda client: client.get("/log/inclusion", op_id=op_id, size=head.size))
        index = int(answer["index"])
        path = [decode_base64(node) for node in answer["path"]]
    except Refused as refusal:
        if is_suspension(refusal):
            raise
        return Proof(ProofCode.FAILED, size=head.size)
    except (KeyError, TypeError, ValueError):
        return Proof(ProofCode.FAILED, size=head.size)
    leaf = bytes.fromhex(receipt.leaf_sha256)
    is_proven = inclusion_is_proven(leaf=leaf, index=index, size=head.size, path=path, root=head.root)
    return Proof(ProofCode.PROVEN if is_proven else ProofCode.FAILED, index, head.size)
