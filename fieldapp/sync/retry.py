"""When to try again: full jitter, a timer that survives a restart, and the server's own wish before everything.

Full jitter: a pause is drawn evenly between nothing and a bound that doubles with each failure, so that a thousand
phones that come back on line together do not come back together. Nor do those whom a server told the same Retry-After.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fieldapp.store.facts import Fact, Facts

FIRST_S = 2
LONGEST_S = 15 * 60
EVERY_S = 60


@dataclass(frozen=True)
class Timer:
    """How many rounds failed in a row, when the next may start, and until when the server asked us to rest."""

    failures: int
    at: datetime
    rests_until: datetime | None = None


def pause_s(failures: int, chance: float) -> float:
    """Return the pause after some failures; ``chance`` is drawn evenly from 0 to 1.

    >>> [pause_s(failures, 0.5) for failures in (1, 2, 5, 50)]
    [1.0, 2.0, 16.0, 450.0]
    """
    return chance * min(FIRST_S << min(failures - 1, 20), LONGEST_S)


class Retry:
    """Keeps the timer in the database."""

    def __init__(self, facts: Facts, chance: Callable[[], float]) -> None:
        self._facts, self._chance = facts, chance

    def timer(self) -> Timer | None:
        """Return the timer; None when the last round went well."""
        found = self._facts.get(Fact.RETRY)
        if not found:
            return None
        rests_until = found.get("rests_until")
        rest = None if rests_until is None else datetime.fromtimestamp(rests_until, UTC)
        return Timer(found["failures"], datetime.fromtimestamp(found["at"], UTC), rest)

    def failed(self, now: datetime, retry_after_s: int | None) -> Timer:
        """Set the timer after a failed round; the server's wish wins, and is never cut short."""
        before = self.timer()
        failures = (before.failures if before else 0) + 1
        wait_s = pause_s(failures, self._chance()) if retry_after_s is None else self._rest_s(retry_after_s)
        rest = None if retry_after_s is None else now + timedelta(seconds=retry_after_s)
        timer = Timer(failures, now + timedelta(seconds=wait_s), rest)
        kept = {"failures": failures, "at": timer.at.timestamp(), "rests_until": rest and rest.timestamp()}
        self._facts.set(Fact.RETRY, kept)
        return timer

    def _rest_s(self, retry_after_s: int) -> float:
        """Rest as long as was asked for, and some of that again: all were told the same, and would come as one."""
        return retry_after_s + self._chance() * min(retry_after_s, LONGEST_S)

    def went_well(self) -> None:
        """Forget the timer."""
        if self.timer() is not None:
            self._facts.set(Fact.RETRY, None)

    def may_start(self, now: datetime, *, is_asked: bool) -> bool:
        """Say whether a round may start; a person who asks need not wait for our own pause, only for the server's.

        A timer further away than the longest pause was set by a clock that has since been put back: it is over.
        """
        timer = self.timer()
        if timer is None or timer.at <= now:
            return True
        if timer.rests_until is not None and now < timer.rests_until:
            return timer.at - now > timedelta(days=1, seconds=LONGEST_S)
        return is_asked or timer.at - now > timedelta(seconds=LONGEST_S)
