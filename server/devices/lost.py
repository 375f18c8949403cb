"""Phones that are out of use: shutting one out, letting it in again, and who may do so.

A suspended phone is let in to leave its records and to be told so, and for nothing else (``server/policy.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from server.accounts.service import Person, Scope, staff_within
from server.administration import service as administration
from server.administration.service import ActKind
from server.devices import tokens
from server.devices.models import Device, DevicePerson
from server.problems import NotOneself


class SuspendedWhy(StrEnum):
    """Why a phone is out of use."""

    LOST = "lost"
    STOLEN = "stolen"
    HANDED_IN = "handed_in"
    BROKEN = "broken"


@dataclass(frozen=True)
class PhoneLine:
    """A phone with the people who sign with it now, in order of name."""

    device: Device
    people: tuple[Person, ...]


def suspend(session: Session, device: Device, why: SuspendedWhy, *, by: Person, now: datetime) -> None:
    """Shut a phone out; one that is out already stays as it is."""
    session.refresh(device, with_for_update={"key_share": True})
    if device.is_suspended:
        return
    tokens.end_families(session, device.id, "suspended", now)
    device.is_suspended, device.suspended_at, device.suspended_why = True, now, why
    device.wipe_told_at = None
    _record(session, ActKind.DEVICE_SUSPENDED, device, by, now, why=why.value)


def restore(session: Session, device: Device, *, by: Person, now: datetime) -> None:
    """Let a phone in again; one that is in already stays as it is. Raises NotOneself: nobody lets the own one in."""
    session.refresh(device, with_for_update={"key_share": True})
    if not device.is_suspended:
        return
    if session.get(DevicePerson, (device.id, by.id)) is not None:
        raise NotOneself
    device.is_suspended, device.suspended_at, device.suspended_why = False, None, ""
    device.wipe_told_at = None
    _record(session, ActKind.DEVICE_RESTORED, device, by, now)


def _record(session: Session, kind: ActKind, device: Device, by: Person, now: datetime, **details: str) -> None:
    administration.record(session, kind, by=by.id, about=("device", device.id), now=now, **details)


def phones_within(session: Session, scope: Scope) -> list[PhoneLine]:
    """Return the phones of the people whose unit is responsible for a region of a scope, the newest first."""
    return _lines(session, DevicePerson.person_id.in_(staff_within(scope)))


def devices_within(scope: Scope) -> Select[str]:
    """Return the query for the ids of the phones that are, or were, of the people of a scope."""
    return select(DevicePerson.device_id).where(DevicePerson.person_id.in_(staff_within(scope)))


def phone_of(session: Session, device_id: str, *, scope: Scope, person_id: str) -> PhoneLine | None:
    """Return a phone of a scope or of a person; None for any other."""
    theirs = DevicePerson.person_id.in_(staff_within(scope)) | (DevicePerson.person_id == person_id)
    return next(iter(_lines(session, theirs & (DevicePerson.device_id == device_id))), None)


def _lines(session: Session, condition: ColumnElement[bool]) -> list[PhoneLine]:
    found = select(DevicePerson.device_id).where(condition, DevicePerson.ended_at.is_(None))
    devices = list(session.scalars(select(Device).where(Device.id.in_(found)).order_by(Device.enrolled_at.desc())))
    people = _people(session, [device.id for device in devices])
    return [PhoneLine(device, tuple(people[device.id])) for device in devices]


def _people(session: Session, ids: list[str]) -> Mapping[str, list[Person]]:
    query = select(DevicePerson.device_id, Person).join(Person, Person.id == DevicePerson.person_id)
    query = query.where(DevicePerson.ended_at.is_(None))
    people: dict[str, list[Person]] = defaultdict(list)
    for device_id, person in session.execute(query.where(DevicePerson.device_id.in_(ids)).order_by(Person.name)):
        people[device_id].append(person)
    return people
