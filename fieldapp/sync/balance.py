"""The balance: proof that phone and server hold the same operations of a day, or exactly which are not confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from fieldapp.store.facts import Fact
from fieldapp.store.outbox import DayCount
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.sync.token import Session
from shared.ops import balance_sha256


@dataclass(frozen=True)
class Balance:
    """How a day stands. ``is_equal`` only when the server's hash over the day's stretch of the chain is ours.

    ``open`` are the places in the chain of what has no receipt; ``settled`` is how many more have none and were
    edited and sent again. ``lost`` are the operations whose receipt we hold and which the server lacks by its own
    hashes. ``refused`` came and were not accepted. ``earlier`` is how many of other days have no receipt.
    """

    made: int
    received: int
    is_equal: bool
    open: tuple[int, ...] = ()
    settled: int = 0
    lost: tuple[str, ...] = ()
    refused: int = 0
    earlier: int = 0

    @property
    def unconfirmed(self) -> int:
        """How many of the day are not confirmed by a receipt yet, nor sent again in another operation."""
        return self.made - self.received - self.settled


def ask_balance(store: Store, session: Session) -> None:
    """Ask for the server's hash over today's operations and keep it, with what it lacks; no operations, no question."""
    day = store.today().isoformat()
    count = store.outbox.day_count(day)
    if count is None:
        return
    ours = store.outbox.receipted(count.first, count.last)
    theirs, held = _hash_of(session, store, count.first, count.last)
    # A server that holds more than we have receipts for has answers that never came: they are waited for first.
    is_less = theirs != balance_sha256(ours) and held <= len(ours)
    lost = list(lacking(store, session, count.first, count.last)) if is_less else []
    store.facts.set(Fact.BALANCE, {"day": day, "sha256": theirs, "lost": lost, **asdict(count)})


def lacking(store: Store, session: Session, first: int, last: int) -> Iterator[str]:
    """Yield the ids of the operations from one place of the chain to another whose receipts the server lost."""
    ours = store.outbox.receipted(first, last)
    if not ours:
        return
    theirs, count = _hash_of(session, store, first, last)
    if theirs == balance_sha256(ours):
        return
    if first == last or count == 0:
        yield from (op_id for op_id, _ in ours)
        return
    middle = (first + last) // 2
    yield from lacking(store, session, first, middle)
    yield from lacking(store, session, middle + 1, last)


def _hash_of(session: Session, store: Store, first: int, last: int) -> tuple[str, int]:
    """Return the server's hash over a stretch of this phone's chain, and of how many operations it is."""
    device = store.kept.device
    if device is None:
        raise NotEnrolled
    answer = session.call(lambda client: client.get("/sync/balance", device_id=device.id, first=first, last=last))
    counts = dict(answer.get("counts") or {"unknown": 1})
    return str(answer.get("sha256", "")), sum(counts.values())


def balance_of_today(store: Store) -> Balance:
    """Return how today stands by the last answer; equal only if nothing was made since and the hashes are the same."""
    day = store.today().isoformat()
    count = store.outbox.day_count(day)
    earlier = store.outbox.unconfirmed_but(day)
    if count is None:
        return Balance(0, 0, is_equal=earlier == 0, earlier=earlier)
    waiting, settled = store.outbox.unconfirmed_of(day), count.made - count.received
    kept = store.facts.get(Fact.BALANCE) or {}
    is_of_this = (kept.get("day"), kept.get("first"), kept.get("last")) == (day, count.first, count.last)
    return Balance(
        made=count.made,
        received=count.received,
        is_equal=is_of_this and not waiting and kept.get("sha256") == _ours(store, count),
        open=tuple(waiting),
        settled=settled - len(waiting),
        lost=tuple(kept.get("lost", ())) if kept.get("day") == day else (),
        refused=store.outbox.refused_of(day),
        earlier=earlier,
    )


def _ours(store: Store, count: DayCount) -> str:
    return balance_sha256(store.outbox.receipted(count.first, count.last))
