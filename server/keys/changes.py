"""What the root may decide about the keys: each change is the rows of the next key set, and the new private halves.

Rows are only ever added, shortened or marked; none is taken out, because the labels and receipts of old keys live on.
Ids are given once: a label has one byte for its key's, so the seal keys have 1 to 255 to themselves and all other new
keys count from 256.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from server.keys.errors import KeysRefused
from server.keys.papers import Body, Ranges, Wanted, row
from shared.keys import SERIAL_BITS, Purpose

LASTS_DAYS = 3 * 365
OVERLAP_DAYS = 14
LARGEST_SEAL_ID = 255


@dataclass(frozen=True)
class Change:
    """The keys of the next set, and the private halves made for it by key id."""

    keys: list[Body]
    secrets: dict[int, bytes]


def issue(body: Body, wanted: Iterable[Wanted]) -> Change:
    """Add a new key for each that is wanted; raises KeysRefused."""
    change = Change([*body["keys"]], {})
    for one in wanted:
        _check(one)
        key_id, secret = _next_id(change.keys, one.purpose), os.urandom(32)
        change.keys.append(row(key_id, one, secret))
        change.secrets[key_id] = secret
    return change


def rotate(body: Body, key_id: int, successor: Wanted, *, until: date | None, day: date) -> Change:
    """Add the successor of a key and shorten the key's days; raises KeysRefused.

    ``until`` None: fourteen days from today, in which the new set must reach the server. What the key signed by then
    stays good. Purpose and prefix of the successor are the key's, its serials too where none are given.
    """
    old = _row_of(body, key_id)
    last, days_left = date.fromisoformat(old["to"]), min(day + timedelta(days=OVERLAP_DAYS), date.max)
    until = until or min(last, days_left)
    if old.get("compromised") or last < day:
        raise KeysRefused(f"Key {key_id} is compromised or over, so nothing is to be shortened. Issue a new key.")
    if not day <= until <= last:
        raise KeysRefused(f"Key {key_id} can end from {day} to {last}, not on {until}.")
    if successor.first_day > until + timedelta(days=1):
        raise KeysRefused(f"Between {until} and {successor.first_day} no key would be valid. Let the new one start.")
    serials = successor.serials if successor.serials is not None else _ranges(old)
    new = replace(successor, purpose=Purpose(old["purpose"]), prefix=old["prefix"], serials=serials)
    shortened = [{**one, "to": str(until)} if one is old else one for one in body["keys"]]
    return issue({**body, "keys": shortened}, [new])


def compromise(body: Body, key_ids: Iterable[int]) -> Change:
    """Mark keys as compromised, for good; raises KeysRefused for one that is not there."""
    marked = [_row_of(body, key_id) for key_id in key_ids]
    return Change([{**one, "compromised": True} if one in marked else one for one in body["keys"]], {})


def _row_of(body: Body, key_id: int) -> Body:
    keys: list[Body] = body["keys"]
    found = [one for one in keys if one["id"] == key_id]
    if len(found) != 1:
        raise KeysRefused(f"There is no key {key_id} in this safe. 'dingpan keys show' lists the keys.")
    return found[0]


def _ranges(old: Body) -> Ranges | None:
    return tuple((first, last) for first, last in old["serials"]) if "serials" in old else None


def _next_id(keys: list[Body], purpose: Purpose) -> int:
    """Return an id that no key ever had."""
    used = [int(one["id"]) for one in keys]
    if purpose is not Purpose.SEAL:
        return max([LARGEST_SEAL_ID, *used]) + 1
    found = max([0, *(one for one in used if one <= LARGEST_SEAL_ID)]) + 1
    if found > LARGEST_SEAL_ID:
        raise KeysRefused("All 255 ids that a label can name are used. A new version of the label is needed.")
    return found


def _check(wanted: Wanted) -> None:
    if wanted.last_day < wanted.first_day:
        raise KeysRefused(f"The last day {wanted.last_day} is before the first, {wanted.first_day}.")
    is_seal = wanted.purpose is Purpose.SEAL
    if is_seal != bool(wanted.prefix):
        raise KeysRefused("Seal keys need a region prefix, other keys have none.")
    if wanted.serials is not None and not is_seal:
        raise KeysRefused("Only seal keys have ranges of serials.")
    for first, last in wanted.serials or ():
        if not 0 <= first <= last < 1 << SERIAL_BITS:
            raise KeysRefused(f"{first}-{last} is no range of serials. Give the lower first, below 2^40.")
