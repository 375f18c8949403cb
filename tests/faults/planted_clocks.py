"""Bugs of a clock, each planted in the phone: the weeks of ``wrong_clocks`` must see every one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from fieldapp import clock
from fieldapp.clock import Moment, Offset
from fieldapp.store import store
from fieldapp.store.chain import Author
from fieldapp.store.outbox import Outbox
from fieldapp.sync import token
from shared.dates import civil_day

Patch = pytest.MonkeyPatch


def offset_with_the_wrong_sign(patch: Patch) -> None:
    """The phone's time minus the server's."""

    def _measure(asked: Moment, answered: Moment, server_time: datetime) -> Offset:
        found = clock.measure(asked, answered, server_time)
        return replace(found, seconds=-found.seconds)

    patch.setattr(token, "measure", _measure)


def sent_by_the_wall_clock(patch: Patch) -> None:
    """What bears the earlier time is sent first."""
    real = Outbox.due

    def _due(self: Any, now: datetime, *, longest_s: int) -> Any:
        return sorted(real(self, now, longest_s=longest_s), key=lambda entry: entry.made_at)

    patch.setattr(Outbox, "due", _due)
    patch.setattr(Author, "at", property(lambda self: self.now))


def clock_that_is_never_set(patch: Patch) -> None:
    """The offset of the last contact is taken for today's, whatever was done to the clock since."""
    patch.setattr(store, "carried", lambda measured, now: measured)


def new_start_is_not_noticed(patch: Patch) -> None:
    """After a new start of the phone the old offset is as sure as before."""
    patch.setattr(clock, "_guessed", lambda measured, now: replace(measured, measured_at=now))


def reset_is_not_noticed(patch: Patch) -> None:
    """A clock that an empty battery sets to the same moment at each start is taken for one that nothing has touched."""
    patch.setattr(clock, "_may_be_one_start", lambda measured, now: True)


def due_by_the_phone_s_day(patch: Patch) -> None:
    """Today is what the phone's clock says."""
    patch.setattr(store.Store, "today", lambda self: civil_day(self.clock.now()))


def ids_by_the_phone_s_clock(patch: Patch) -> None:
    """The ids of operations tell the time that the phone shows."""
    real = clock.PhoneClock.new_id
    patch.setattr(clock.PhoneClock, "new_id", lambda self, offset=None: real(self))


def nobody_is_warned(patch: Patch) -> None:
    """A wrong clock is corrected in silence."""
    patch.setattr(clock.Offset, "is_large", property(lambda self: False))


PLANTS: dict[str, Callable[[Patch], None]] = {
    plant.__name__: plant
    for plant in (
        offset_with_the_wrong_sign,
        sent_by_the_wall_clock,
        clock_that_is_never_set,
        new_start_is_not_noticed,
        due_by_the_phone_s_day,
        ids_by_the_phone_s_clock,
        nobody_is_warned,
    )
}
