"""The phone's clock, and how far it is known to be wrong.

A phone's clock is never trusted alone: ``Offset`` is the server's time minus the phone's, as last measured, with the
doubt of that measurement. Nothing is ordered by it; it only finds the civil day whose rules hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.dates import civil_day
from shared.ids import uuid7

LARGE_S = 5 * 60
DRIFT = 10_000  # a quartz clock gains or loses at most a second in ten thousand (100 ppm)


@dataclass(frozen=True)
class Offset:
    """Server minus phone in whole seconds, how far that may be wrong, and when (by the phone) it was measured."""

    seconds: int
    doubt_s: int
    measured_at: datetime

    @property
    def is_large(self) -> bool:
        """Whether the inspector has to be warned."""
        return abs(self.seconds) > LARGE_S

    def doubt_at(self, now: datetime) -> int:
        """Return the doubt today: the measurement's own, and what the clock may have drifted since."""
        age_s = abs(int((now - self.measured_at).total_seconds()))
        return self.doubt_s + age_s // DRIFT


def measure(*, asked_at: datetime, answered_at: datetime, server_time: datetime) -> Offset:
    """Return the offset that a server's answer shows; half the time on the way is doubt, and the cut-off second."""
    way = max(answered_at - asked_at, timedelta(0))
    middle = asked_at + way / 2
    seconds = round((server_time - middle).total_seconds())
    return Offset(seconds, int(way.total_seconds() / 2) + 1, answered_at)


def rule_days(now: datetime, offset: Offset | None) -> tuple[date, date]:
    """Return the first and last civil day that it may be; the phone's own day when no offset was ever measured."""
    if offset is None:
        return civil_day(now), civil_day(now)
    best, doubt = now + timedelta(seconds=offset.seconds), timedelta(seconds=offset.doubt_at(now))
    return civil_day(best - doubt), civil_day(best + doubt)


class PhoneClock:
    """Tells the time and makes ids; tests hand in their own ``wall`` and ``randomness``."""

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._wall, self._randomness = wall, randomness

    def now(self) -> datetime:
        """Return the phone's own time, aware and in UTC."""
        return self._wall()

    def new_id(self) -> str:
        """Return a new UUIDv7."""
        return uuid7(int(self.now().timestamp() * 1000), self._randomness(10))
