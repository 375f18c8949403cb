"""Whether two states of the log hang together: the server proves that the longer only appended to the shorter."""

from __future__ import annotations

from fieldapp.sync.failures import Refused
from fieldapp.sync.token import Session
from shared.signing import decode_base64
from shared.tree import TreeHead, consistency_is_proven


def hangs_together(session: Session, held: TreeHead, new: TreeHead) -> bool:
    """Say whether two heads are of one log that only grew; an older head than the one held may come late."""
    if new.log_id != held.log_id:
        return False
    first, second = sorted((held, new), key=lambda head: head.size)
    if new.size < held.size and new.signed_at > held.signed_at:
        return False
    return only_appended(session, first.size, first.root, second)


def only_appended(session: Session, size: int, root: bytes, new: TreeHead) -> bool:
    """Say whether a log went on from a state of ``size`` leaves with that root to a head."""
    return consistency_is_proven(
        first_size=size,
        second_size=new.size,
        first_root=root,
        second_root=new.root,
        path=_path(session, size, new.size),
    )


def _path(session: Session, first: int, second: int) -> list[bytes]:
    """Fetch the proof; a server that refuses one has none, which an empty path shows."""
    if first == second or first == 0:
        return []
    try:
        answer = session.call(lambda client: client.get("/log/consistency", first=first, second=second))
        return [decode_base64(node) for node in answer["path"]]
    except (Refused, KeyError, TypeError, ValueError):
        return []
