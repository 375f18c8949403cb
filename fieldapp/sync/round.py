"""One round of the sync: send records, fetch, prove, compare, send photos and packages, fetch pictures, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from fieldapp.crashpoint import crashpoint
from fieldapp.store.facts import Fact
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble
from fieldapp.store.wipe import wipe
from fieldapp.sync.balance import ask_balance
from fieldapp.sync.carrying import send_carried
from fieldapp.sync.failures import TOO_OLD, Refused, SignInAgain, Unreachable, is_suspension
from fieldapp.sync.pictures import fetch_pictures
from fieldapp.sync.pull import pull_all
from fieldapp.sync.push import push_all
from fieldapp.sync.resending import send_what_was_lost
from fieldapp.sync.retry import Retry
from fieldapp.sync.state import tell_state
from fieldapp.sync.token import Session
from fieldapp.sync.uploads import Tell, upload_all
from fieldapp.sync.witness import prove_pending
from shared.dates import instant_text


class Result(StrEnum):
    """How a round ended; the sentence is ``sync.<code>`` of the catalogue.

    LATER: our server said it cannot now. SUSPENDED: it takes what this phone has to leave, and gives nothing.
    TOO_OLD: the same for an app that must be brought up to date.
    """

    DONE = "done"
    OFFLINE = "offline"
    LATER = "later"
    SIGN_IN_AGAIN = "sign_in_again"
    REFUSED = "refused"
    STORAGE = "storage"
    SUSPENDED = "suspended"
    TOO_OLD = "too_old"


@dataclass(frozen=True)
class Outcome:
    """How a round ended; ``why`` are the server's words where it gave some, or the code of a storage trouble."""

    result: Result
    why: str = ""
    has_more: bool = False


class Round:
    """Runs a round; every failure sets the timer, and nothing recorded is ever lost by one."""

    def __init__(
        self, store: Store, session: Session, retry: Retry, *, is_metered: Callable[[], bool] = lambda: False
    ) -> None:
        self._store, self._session, self._retry, self._is_metered = store, session, retry, is_metered

    def run(self, progress: Callable[[int], None] | None = None, tell_photo: Tell | None = None) -> Outcome:
        """Run one round and say how it ended; faults of the program are not caught."""
        now = self._store.clock.now()
        try:
            outcome = self._steps(progress, tell_photo)
            if tell_state(self._store, self._session):
                outcome = replace(outcome, has_more=True)
        except Unreachable as failure:
            self._retry.failed(now, failure.retry_after_s)
            return Outcome(Result.LATER, failure.sentence) if failure.sentence else Outcome(Result.OFFLINE)
        except SignInAgain as failure:
            self._retry.failed(now, None)
            return Outcome(Result.SIGN_IN_AGAIN, str(failure))
        except Refused as refusal:
            self._retry.failed(now, None)
            if is_suspension(refusal):
                return self._suspended()
            return Outcome(Result.REFUSED, refusal.sentence)
        except StorageTrouble as trouble:
            return Outcome(Result.STORAGE, trouble.code.value)
        if outcome.result is Result.DONE:
            self._retry.went_well()
        else:
            self._retry.failed(now, None)
        return outcome

    def _steps(self, progress: Callable[[int], None] | None, tell_photo: Tell | None) -> Outcome:
        store, session = self._store, self._session
        session.begin()
        self._heed()
        push_all(store, session)
        crashpoint("round.pushed")
        if session.is_suspended:
            self._upload(tell_photo)
            send_carried(store, session)
            return self._suspended()
        try:
            pull_all(store, session, progress)
        except Refused as refusal:
            if refusal.slug != TOO_OLD:
                raise
            self._upload(tell_photo)
            send_carried(store, session)
            return Outcome(Result.TOO_OLD, refusal.sentence)
        prove_pending(store, session)
        send_what_was_lost(store, session)
        ask_balance(store, session)
        crashpoint("round.balanced")
        store.facts.set(Fact.SYNCED_AT, instant_text(store.now()))
        self._upload(tell_photo)
        send_carried(store, session)
        return Outcome(Result.DONE, has_more=fetch_pictures(store, session) > 0)

    def _upload(self, tell: Tell | None) -> None:
        upload_all(self._store, self._session, tell, is_metered=self._is_metered)

    def _heed(self) -> None:
        """Do at once what the server said with the token: remove the register, or go on with what had to wait."""
        if self._session.is_suspended:
            self._suspended()
        elif self._store.facts.get(Fact.SUSPENDED_AT):
            self._store.outbox.wake()
            self._store.carried.wake()
            self._store.facts.set(Fact.SUSPENDED_AT, None)

    def _suspended(self) -> Outcome:
        """Remove the register, once. Our server alone can ask for it: over HTTPS, in its answer to our own signature.

        Nothing that was made here goes, so an answer that was wrong would cost a download and nothing else.
        """
        if not self._store.facts.get(Fact.SUSPENDED_AT):
            wipe(self._store, suspended_at=self._store.clock.now())
        return Outcome(Result.SUSPENDED)
