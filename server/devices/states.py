"""How phones stand: what each said last of itself, and what about it wants somebody's attention.

An older app says nothing but its version; then only when it was on line last is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Person
from server.administration import service as administration
from server.administration.service import ActKind
from server.app_versions import is_too_old
from server.devices.lost import PhoneLine
from server.devices.models import Device, DeviceState
from shared.dates import CLOCK_LIMIT, parse_instant

SILENT_AFTER = timedelta(days=7)
WAITS_AFTER = timedelta(days=2)
STALE_AFTER = timedelta(days=7)
LITTLE_BYTES = 500 << 20
UNSURE_S = 86_400
ANEW = ("blocked", "quarantined")


class Concern(StrEnum):
    """Why somebody should look at a phone; the words are ``phone_concern.<code>``, the gravest first."""

    ALARM = "alarm"
    ASIDE = "aside"
    CLOCK = "clock"
    CLOCK_UNSURE = "clock_unsure"
    WAITS = "waits"
    SILENT = "silent"
    TOO_OLD = "too_old"
    STALE = "stale"
    FULL = "full"
    PUT_ASIDE = "put_aside"


@dataclass(frozen=True)
class Aside:
    """Some records that a phone set aside, by how they stand there and the slug of the reason."""

    state: str
    reason: str
    count: int


@dataclass(frozen=True)
class Standing:
    """A phone with what it said last; ``state`` None: it never said anything."""

    line: PhoneLine
    state: DeviceState | None
    aside: tuple[Aside, ...]
    put_aside: int
    concerns: tuple[Concern, ...]

    @property
    def aside_count(self) -> int:
        """How many records the phone set aside."""
        return sum(one.count for one in self.aside)

    @property
    def may_ask_again(self) -> bool:
        """Whether sending anew may change something: some of it has no final answer."""
        return not self.line.device.is_suspended and any(one.state in ANEW for one in self.aside)

    @property
    def is_asked(self) -> bool:
        """Whether the phone was asked to send anew and has not said yet that it did."""
        asked_at, did_at = self.line.device.again_asked_at, self.state.again_at if self.state else None
        return asked_at is not None and (did_at is None or did_at < asked_at.replace(microsecond=0))


def take_state(
    session: Session, device: Device, told: Mapping[str, Any], *, app: str, now: datetime
) -> datetime | None:
    """Keep how a phone says that it stands; return when the desk last asked it to send anew."""
    state = session.get(DeviceState, device.id) or DeviceState(device_id=device.id)
    for name in ("waiting", "photos", "alarms", "clock_offset_s", "clock_doubt_s", "free_bytes"):
        setattr(state, name, told[name])
    state.told_at = now
    state.oldest_at, state.pulled_at = _ago(now, told["oldest_age_s"]), _ago(now, told["pulled_age_s"])
    state.aside = json.dumps(told["aside"], separators=(",", ":"))
    state.again_at = parse_instant(told["again"]) if told["again"] else None
    session.add(state)
    device.seen_at, device.app = now, app or device.app
    return device.again_asked_at


def _ago(now: datetime, age_s: int | None) -> datetime | None:
    """Return when that was; nothing that a phone holds is older than 1970."""
    if age_s is None:
        return None
    return now - timedelta(seconds=min(age_s, int(now.timestamp())))


def ask_again(session: Session, device: Device, *, by: Person, now: datetime) -> None:
    """Ask a phone to send anew, when it is on line next, what it set aside without a final answer."""
    device.again_asked_at = now
    administration.record(session, ActKind.DEVICE_ASKED, by=by.id, about=("device", device.id), now=now)


def standings(
    session: Session, lines: Iterable[PhoneLine], put_aside: Mapping[str, int], *, least: str, now: datetime
) -> list[Standing]:
    """Return how some phones stand, those that want attention first; an app older than ``least`` may not read."""
    lines = list(lines)
    query = select(DeviceState).where(DeviceState.device_id.in_([line.device.id for line in lines]))
    states = {state.device_id: state for state in session.scalars(query)}
    found = [_standing(line, states.get(line.device.id), put_aside[line.device.id], least, now) for line in lines]
    return sorted(found, key=lambda one: (_gravity(one), not one.line.device.is_suspended))


def _gravity(standing: Standing) -> tuple[int, int]:
    order = list(Concern)
    first = order.index(standing.concerns[0]) if standing.concerns else len(order)
    return first, -len(standing.concerns)


def _standing(line: PhoneLine, state: DeviceState | None, put_aside: int, least: str, now: datetime) -> Standing:
    aside = tuple(Aside(**row) for row in json.loads(state.aside)) if state else ()
    concerns = [*_told(state, aside, now)] if state else []
    concerns += _known(line.device, put_aside, least, now)
    return Standing(line, state, aside, put_aside, tuple(sorted(concerns, key=list(Concern).index)))


def _told(state: DeviceState, aside: tuple[Aside, ...], now: datetime) -> Iterator[Concern]:
    """Name what a phone said itself."""
    if state.alarms:
        yield Concern.ALARM
    if aside:
        yield Concern.ASIDE
    if state.clock_doubt_s is not None and state.clock_doubt_s >= UNSURE_S:
        yield Concern.CLOCK_UNSURE
    elif abs(state.clock_offset_s or 0) > CLOCK_LIMIT.total_seconds():
        yield Concern.CLOCK
    if state.oldest_at is not None and now - state.oldest_at > WAITS_AFTER:
        yield Concern.WAITS
    if state.pulled_at is not None and now - state.pulled_at > STALE_AFTER:
        yield Concern.STALE
    if state.free_bytes is not None and state.free_bytes < LITTLE_BYTES:
        yield Concern.FULL


def _known(device: Device, put_aside: int, least: str, now: datetime) -> Iterator[Concern]:
    """Name what the server knows; a phone that is out of use need not come."""
    if put_aside:
        yield Concern.PUT_ASIDE
    if device.is_suspended:
        return
    if now - (device.seen_at or device.enrolled_at) > SILENT_AFTER:
        yield Concern.SILENT
    if is_too_old(device.app, least):
        yield Concern.TOO_OLD
