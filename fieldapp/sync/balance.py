"""The balance: proof that phone and server hold the same operations of a day, or exactly how many are not confirmed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from fieldapp.store.facts import Fact
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.sync.token import Session


@dataclass(frozen=True)
class Balance:
    """How a day stands. ``is_equal`` only when the server's hash over the day's stretch of the chain is ours."""

    made: int
    received: int
    is_equal: bool

    @property
    def unconfirmed(self) -> int:
        """How many are not confirmed by a receipt yet."""
        return self.made - self.received


def ask_balance(store: Store, session: Session) -> None:
    """Ask for the server's hash over today's operations and keep it; a day without any needs no question."""
    day = store.today().isoformat()
    count, device = store.outbox.day_count(day), store.kept.device
    if count is None:
        return
    if device is None:
        raise NotEnrolled
    query = {"device_id": device.id, "first": count.first, "last": count.last}
    answer = session.call(lambda client: client.get("/sync/balance", **query))
    kept = {"day": day, "sha256": str(answer.get("sha256", "")), **asdict(count)}
    store.facts.set(Fact.BALANCE, kept)


def balance_of_today(store: Store) -> Balance:
    """Return how today stands by the last answer; equal only if nothing was made since and the hashes are the same."""
    day = store.today().isoformat()
    count = store.outbox.day_count(day)
    if count is None:
        return Balance(0, 0, is_equal=True)
    kept = store.facts.get(Fact.BALANCE) or {}
    is_equal = (
        count.received == count.made
        and (kept.get("day"), kept.get("first"), kept.get("last")) == (day, count.first, count.last)
        and kept.get("sha256") == store.outbox.balance(count.first, count.last)
    )
    return Balance(count.made, count.received, is_equal)
