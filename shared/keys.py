"""The key set and the revocation list: what a phone must hold to judge a label with no network.

The key set is signed by the bureau's offline root, which a phone pins when it is enrolled; the revocation list by a
key of the set. Either is refused whole when its signature, form or sequence is wrong, and the one held stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared import signing
from shared.errors import RefusedKeySet, RefusedRevocations, RuleError

ED25519 = 1
X25519 = 0


class Purpose(StrEnum):
    """What a key may sign (or, for RESCUE, be encrypted to)."""

    SEAL = "seal"
    RECEIPT = "receipt"
    TREE = "tree"
    REVOCATION = "revocation"
    RESCUE = "rescue"


@dataclass(frozen=True)
class Key:
    """One public key. Days are inclusive; ``serials`` None: any serial."""

    prefix: str
    id: int
    alg: int
    public: bytes
    purpose: Purpose
    first_day: date
    last_day: date
    serials: tuple[tuple[int, int], ...] | None = None
    is_compromised: bool = False

    def is_valid_on(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def covers(self, serial: int) -> bool:
        return self.serials is None or any(first <= serial <= last for first, last in self.serials)


@dataclass(frozen=True)
class KeySet:
    """A verified key set."""

    seq: int
    issued: date
    next: date
    hosts: tuple[str, ...]
    keys: tuple[Key, ...]

    def seal_key(self, prefix: str, key_id: int, alg: int) -> Key | None:
        """Return the key that signs labels of a region prefix; None when there is none of that algorithm."""
        wanted = (Purpose.SEAL, prefix, key_id, alg)
        return next((key for key in self.keys if (key.purpose, key.prefix, key.id, key.alg) == wanted), None)

    def key(self, purpose: Purpose, key_id: int) -> Key | None:
        """Return a key other than a seal key, which its id alone names."""
        return next((key for key in self.keys if key.purpose is purpose and key.id == key_id), None)

    def current(self, purpose: Purpose, day: date) -> Key | None:
        """Return the key of a purpose that is valid on a day and not compromised."""
        usable = (key for key in self.keys if key.purpose is purpose and key.is_valid_on(day))
        return next((key for key in usable if not key.is_compromised), None)


def open_key_set(document: Mapping[str, Any], root_public: bytes) -> KeySet:
    """Return the key set of ``{"body", "signature"}``; raises RefusedKeySet with why."""
    try:
        body, signature = document["body"], signing.decode_base64(document["signature"])
        if not signing.verify(root_public, signing.KEYS, body.encode(), signature):
            raise RefusedKeySet(why="signature")
        return _key_set(json.loads(body))
    except RuleError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedKeySet(why="form") from error


def _key_set(body: Mapping[str, Any]) -> KeySet:
    keys = tuple(key for key in map(_key, body["keys"]) if key)
    names = [(key.prefix if key.purpose is Purpose.SEAL else "", key.id) for key in keys]
    if len(set(names)) != len(names):
        raise RefusedKeySet(why="names")
    hosts = tuple(str(host) for host in body["hosts"])
    return KeySet(
        _whole(body["seq"]), date.fromisoformat(body["issued"]), date.fromisoformat(body["next"]), hosts, keys
    )


def _key(row: Mapping[str, Any]) -> Key | None:
    known = {purpose.value: X25519 if purpose is Purpose.RESCUE else ED25519 for purpose in Purpose}
    if known.get(row["purpose"]) != row["alg"]:
        return None
    serials = tuple((_whole(first), _whole(last)) for first, last in row["serials"]) if "serials" in row else None
    return Key(
        prefix=str(row["prefix"]),
        id=_whole(row["id"]),
        alg=_whole(row["alg"]),
        public=signing.decode_base64(row["public"]),
        purpose=Purpose(row["purpose"]),
        first_day=date.fromisoformat(row["from"]),
        last_day=date.fromisoformat(row["to"]),
        serials=serials,
        is_compromised=bool(row.get("compromised", False)),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("not a whole number")
    return value


@dataclass(frozen=True)
class Revocations:
    """A verified list of revoked serials."""

    seq: int
    issued: date
    next: date
    serials: frozenset[int]


def open_revocations(document: Mapping[str, Any], keys: KeySet) -> Revocations:
    """Return the list of ``{"body", "key_id", "signature"}``; raises RefusedRevocations with why."""
    try:
        body, signature = document["body"], signing.decode_base64(document["signature"])
        key = keys.key(Purpose.REVOCATION, document["key_id"])
        if not key or key.is_compromised:
            raise RefusedRevocations(why="key")
        if not signing.verify(key.public, signing.REVOKED, body.encode(), signature):
            raise RefusedRevocations(why="signature")
        fields = json.loads(body)
        issued = date.fromisoformat(fields["issued"])
        if not key.is_valid_on(issued):
            raise RefusedRevocations(why="key")
        serials = decode_serials(signing.decode_base64(fields["serials"]))
        return Revocations(_whole(fields["seq"]), issued, date.fromisoformat(fields["next"]), frozenset(serials))
    except RuleError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedRevocations(why="form") from error


def encode_serials(serials: Iterable[int]) -> bytes:
    """Write serials as unsigned LEB128: the lowest first, then the steps between them.

    >>> decode_serials(encode_serials([70_000_000_000, 5, 300]))
    [5, 300, 70000000000]
    """
    content, previous = bytearray(), 0
    for place, serial in enumerate(sorted(set(serials))):
        value = serial if place == 0 else serial - previous
        previous = serial
        while value > 0x7F:
            content.append(value & 0x7F | 0x80)
            value >>= 7
        content.append(value)
    return bytes(content)


def decode_serials(content: bytes) -> list[int]:
    """Read serials; raises RefusedRevocations unless every number has its shortest form and the list rises."""
    serials: list[int] = []
    value = shift = 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            continue
        if (byte == 0 and shift > 7) or (serials and value == 0):
            raise RefusedRevocations(why="form")
        serial = value + (serials[-1] if serials else 0)
        if value >= 1 << 40 or serial >= 1 << 40:
            raise RefusedRevocations(why="form")
        serials.append(serial)
        value = shift = 0
    if shift:
        raise RefusedRevocations(why="form")
    return serials


def takes_over(*, held_seq: int | None, held_body: str, seq: int, body: str) -> bool:
    """Say whether a newly verified document replaces the one held: a higher sequence, or the very same bytes.

    A lower sequence, or the same with other bytes, is a roll-back or a fork: refused, and told to the person.
    """
    return held_seq is None or seq > held_seq or (seq == held_seq and body == held_body)
