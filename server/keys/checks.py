"""Whether a new key set may take the place of the one a server has: every fault is a sentence.

Nothing valid is lost: a key stays, with its public half, its days and its serials; days may be cut down to today, and
a key may be marked as compromised, never unmarked. What the server signs with is there, with its private half.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from server.keys.papers import Ranges, public_of
from shared.keys import SERIAL_BITS, Key, KeySet, Purpose

NEEDED = (Purpose.RECEIPT, Purpose.TREE, Purpose.REVOCATION)


def faults(new: KeySet, secrets: Mapping[int, bytes], held: KeySet | None, *, day: date) -> list[str]:
    """Return what is wrong with a set and the private halves that would lie beside it; nothing is good."""
    found = [*_dates(new, day), *_halves(new, secrets, day), *_needed(new, day)]
    return found + (list(_losses(held, new, day)) if held else [])


def _dates(new: KeySet, day: date) -> Iterator[str]:
    if new.issued > day + timedelta(days=1):
        yield f"The set is of {new.issued}, which is to come. Check both clocks."
    if new.next < day:
        yield f"The set should have been followed by {new.next}. Sign it again with 'dingpan keys renew'."


def _halves(new: KeySet, secrets: Mapping[int, bytes], day: date) -> Iterator[str]:
    for key in new.keys:
        secret = secrets.get(key.id)
        is_used = not key.is_compromised and key.last_day >= day and key.purpose is not Purpose.RESCUE
        if secret is None and is_used:
            yield f"The private half of key {key.id} ({key.purpose}) is missing. Carry it with the set."
        if secret is not None and public_of(key.purpose, secret) != key.public:
            yield f"The private half of key {key.id} is of another key. The id was used twice, or a file is damaged."


def _needed(new: KeySet, day: date) -> Iterator[str]:
    for purpose in NEEDED:
        usable = (key for key in new.keys if key.purpose is purpose and not key.is_compromised)
        if not any(key.is_valid_on(day) for key in usable):
            yield f"No {purpose} key is valid today. Issue one before the set is published."


def _losses(held: KeySet, new: KeySet, day: date) -> Iterator[str]:
    for host in set(held.hosts) - set(new.hosts):
        yield f"Labels name the host {host}, and the new set does not."
    by_name = {_name(key): key for key in new.keys}
    for old in held.keys:
        key = by_name.get(_name(old))
        if key is None:
            yield f"Key {old.id} ({old.purpose}) is gone. Keys are never taken out."
        elif (key.public, key.alg) != (old.public, old.alg):
            yield f"Key {old.id} has another public half: its id was used twice. Start again from the server's set."
        elif old.is_compromised and not key.is_compromised:
            yield f"Key {old.id} is compromised and would count as good again."
        elif not key.is_compromised:
            yield from _cuts(old, key, day)


def _name(key: Key) -> tuple[Purpose, str, int]:
    return key.purpose, key.prefix if key.purpose is Purpose.SEAL else "", key.id


def _cuts(old: Key, new: Key, day: date) -> Iterator[str]:
    if new.first_day > old.first_day or new.last_day < min(old.last_day, day):
        yield f"Key {old.id} was valid on days that the new set takes from it. It may end today at the earliest."
    if new.serials is not None and not _covers_all(old, new):
        yield f"Key {old.id} covered serials that the new set takes from it."


def _covers_all(old: Key, new: Key) -> bool:
    """Say whether the ranges of the old key, all serials where it has none, lie within those of the new."""
    every = ((0, (1 << SERIAL_BITS) - 1),)
    wanted = every if old.serials is None else old.serials
    return all(_is_covered(first, last, new.serials or ()) for first, last in wanted)


def _is_covered(first: int, last: int, ranges: Ranges) -> bool:
    """Say whether a whole range lies within others, which may touch."""
    for start, end in sorted(ranges):
        if start <= first <= end:
            first = end + 1
    return first > last
