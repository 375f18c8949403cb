"""The phone's clock, and how far it is known to be wrong.

A phone's clock is never trusted alone: ``Offset`` is the server's time minus the phone's, as last measured, with the
doubt of that measurement. Nothing is ordered by it; it only finds the civil day whose rules hold.

A clock can be set, and a counter of the seconds since the phone was started cannot. While the counter runs on, what was
measured is carried forward by it, whatever the clock says meanwhile. A phone that was started anew has lost the count:
then its time is the likeliest guess, and in doubt by a day or more, until the server tells the time again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from shared.dates import CLOCK_LIMIT, civil_day
from shared.ids import uuid7

LARGE_S = int(CLOCK_LIMIT.total_seconds())
DAY_S = 86_400
LONGEST_AWAY_S = 60 * DAY_S  # nobody works longer without the network than records are kept for
SAME_START_S = 2  # so far two readings of one clock and one counter may differ
DRIFT = 10_000  # a quartz clock gains or loses at most a second in ten thousand (100 ppm)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RUN = "run "  # begins the name of a run of the app, where the system names no starts


@dataclass(frozen=True)
class Offset:
    """Server minus phone in whole seconds, how far that may be wrong, and when (by the phone) it was measured.

    ``ticks_s`` is the counter at that moment, None on a phone without one; ``boot`` names the start it counts from.
    """

    seconds: int
    doubt_s: int
    measured_at: datetime
    ticks_s: float | None = None
    boot: str = ""

    @property
    def is_large(self) -> bool:
        """Whether the inspector has to be warned."""
        return abs(self.seconds) > LARGE_S

    @property
    def is_unsure(self) -> bool:
        """Whether it is not known which day it is."""
        return self.doubt_s >= DAY_S

    def doubt_at(self, now: datetime) -> int:
        """Return the doubt today: the measurement's own, and what the clock may have drifted since."""
        age_s = abs(int((now - self.measured_at).total_seconds()))
        return self.doubt_s + age_s // DRIFT


@dataclass(frozen=True)
class Moment:
    """What clock and counter say at one moment; ``ticks_s`` None: there is no counter."""

    at: datetime
    ticks_s: float | None = None
    boot: str = ""


def measure(asked: Moment, answered: Moment, server_time: datetime) -> Offset:
    """Return the offset that a server's answer shows; half the time on the way is doubt, and the cut-off second."""
    way = timedelta(seconds=max(_way_s(asked, answered), 0))
    seconds = round((server_time - (answered.at - way / 2)).total_seconds())
    return Offset(seconds, int(way.total_seconds() / 2) + 1, answered.at, answered.ticks_s, answered.boot)


def _way_s(asked: Moment, answered: Moment) -> float:
    """Return how long an answer took, by the counter where there is one: the clock may be set meanwhile."""
    if asked.ticks_s is None or answered.ticks_s is None:
        return (answered.at - asked.at).total_seconds()
    return answered.ticks_s - asked.ticks_s


def carried(measured: Offset, now: Moment) -> Offset:
    """Return the offset of the clock as it is set now, from the one measured last; without a counter it is that one."""
    if measured.ticks_s is None or now.ticks_s is None:
        return measured
    ticked_s = now.ticks_s - measured.ticks_s
    set_by_s = (now.at - measured.measured_at).total_seconds() - ticked_s
    drift_s = int(abs(ticked_s)) // DRIFT
    is_untouched = ticked_s >= 0 and abs(set_by_s) <= SAME_START_S + drift_s
    if measured.boot != now.boot and not (is_untouched and _may_be_one_start(measured, now)):
        return _guessed(measured, now.at)
    seconds, doubt_s = measured.seconds - round(set_by_s), measured.doubt_s + drift_s + (round(set_by_s) != 0)
    return Offset(seconds, doubt_s, now.at, now.ticks_s, now.boot)


def _may_be_one_start(measured: Offset, now: Moment) -> bool:
    """Say whether two names can be of one start: of what the system names they cannot, of runs of the app they can.

    A clock that was a day behind may be one that an empty battery sets to the same moment each time: it agrees with the
    counter in every start, so that this proves nothing.
    """
    return any(name.startswith(RUN) for name in (measured.boot, now.boot)) and measured.seconds < DAY_S


def _guessed(measured: Offset, now: datetime) -> Offset:
    """Return the likeliest offset after a new start: as it was, or none because somebody set the clock right.

    It cannot be earlier than when the server was last heard, and is unlikely to be much later; where neither will do,
    it is taken for that moment.
    """
    heard_at = measured.measured_at + timedelta(seconds=measured.seconds)
    since = {seconds: (now - heard_at).total_seconds() + seconds for seconds in (measured.seconds, 0)}
    possible = [seconds for seconds in since if since[seconds] >= -LARGE_S]
    likely = [seconds for seconds in possible if since[seconds] <= LONGEST_AWAY_S]
    nearest = sorted(possible, key=lambda seconds: since[seconds])
    found = [*likely, *nearest, round((heard_at - now).total_seconds())][0]
    spread_s = max(abs(found - seconds) for seconds in (*possible, found))
    return Offset(found, DAY_S + spread_s + measured.doubt_s, now)


def corrected(now: datetime, offset: Offset | None) -> datetime:
    """Return the time that it most likely is."""
    return now + timedelta(seconds=offset.seconds if offset else 0)


def likely_day(now: datetime, offset: Offset | None) -> date:
    """Return the civil day that it most likely is: by it things are due."""
    return civil_day(corrected(now, offset))


def rule_days(now: datetime, offset: Offset | None) -> tuple[date, date]:
    """Return the first and last civil day that it may be; the phone's own day when no offset was ever measured."""
    if offset is None:
        return civil_day(now), civil_day(now)
    best, doubt = corrected(now, offset), timedelta(seconds=offset.doubt_at(now))
    return civil_day(best - doubt), civil_day(best + doubt)


def since_start() -> float:
    """Return the seconds since this phone was started, those asleep too where the system counts them."""
    asleep_too = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(asleep_too)


def this_start() -> str:
    """Return what names the phone's last start; where the system does not say, a name for this run of the app."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return RUN + os.urandom(16).hex()


class PhoneClock:
    """Tells the time and makes ids; tests hand in their own ``wall`` and ``randomness``.

    ``ticks`` counts the seconds since the start that ``boot`` names; None: this phone has no such counter.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        randomness: Callable[[int], bytes] = os.urandom,
        *,
        ticks: Callable[[], float] | None = None,
        boot: str = "",
    ) -> None:
        self._wall, self._randomness, self._ticks, self._boot = wall, randomness, ticks, boot

    def now(self) -> datetime:
        """Return the phone's own time, aware and in UTC."""
        return self._wall()

    def moment(self) -> Moment:
        """Return the phone's own time with the counter."""
        at = self._wall()
        return Moment(at, self._ticks() if self._ticks else None, self._boot)

    def new_id(self, offset: Offset | None = None) -> str:
        """Return a new UUIDv7; its time is corrected by the offset, where one is known."""
        return uuid7(int(corrected(self.now(), offset).timestamp() * 1000), self._randomness(10))
