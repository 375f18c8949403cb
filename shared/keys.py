"""The key set and the revocation list: what a phone must hold to judge a label with no network.

The key set is signed by the bureau's offline root, which a phone pins when it is enrolled; the revocation list by a
key of the set. Either is refused whole when its signature, form or sequence is wrong, and the one held stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from shared import signing
from shared.errors import RefusedKeySet, RefusedRevocations, RuleError
from shared.wire.json_text import read_json

ED25519 = 1
X25519 = 0
SERIAL_BITS = 40

T = TypeVar("T")


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
        for key in self.keys:
            if key.id == key_id and key.prefix == prefix and key.purpose is Purpose.SEAL and key.alg == alg:
                return key
        return None

    def key(self, purpose: Purpose, key_id: int) -> Key | None:
        """Return a key other than a seal key, which its id alone names."""
        return next((key for key in self.keys if key.purpose is purpose and key.id == key_id), None)

    def current(self, purpose: Purpose, day: date) -> Key | None:
        """Return the key of a purpose that is valid on a day and not compromised: of several the newest."""
        usable = [key for key in self.keys if key.purpose is purpose and key.is_valid_on(day)]
        good = (key for key in usable if not key.is_compromised)
        return max(good, key=lambda key: (key.first_day, key.id), default=None)


def open_key_set(document: Mapping[str, Any], root_public: bytes) -> KeySet:
    """Return the key set of ``{"body", "signature"}``; raises RefusedKeySet with why."""
    try:
        body, signature = document["body"], signing.decode_base64(document["signature"])
        if not signing.verify(root_public, signing.KEYS, body.encode(), signature):
            raise RefusedKeySet(why="signature")
        return _key_set(read_json(body))
    except RuleError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedKeySet(why="form") from error


def _key_set(body: Mapping[str, Any]) -> KeySet:
    keys = tuple(key for key in map(_key, _exactly(list, body["keys"])) if key)
    names = [(key.prefix if key.purpose is Purpose.SEAL else "", key.id) for key in keys]
    if len(set(names)) != len(names):
        raise RefusedKeySet(why="names")
    hosts = tuple(_exactly(str, host) for host in _exactly(list, body["hosts"]))
    return KeySet(_whole(body["seq"]), _day(body["issued"]), _day(body["next"]), hosts, keys)


def _key(row: Mapping[str, Any]) -> Key | None:
    known = {(purpose.value, X25519 if purpose is Purpose.RESCUE else ED25519) for purpose in Purpose}
    if (row["purpose"], row["alg"]) not in known:
        return None
    serials = tuple((_whole(first), _whole(last)) for first, last in row["serials"]) if "serials" in row else None
    return Key(
        prefix=_exactly(str, row["prefix"]),
        id=_whole(row["id"]),
        alg=_whole(row["alg"]),
        public=signing.decode_base64(row["public"]),
        purpose=Purpose(row["purpose"]),
        first_day=_day(row["from"]),
        last_day=_day(row["to"]),
        serials=serials,
        is_compromised=_exactly(bool, row.get("compromised", False)),
    )


def _exactly(kind: type[T], value: Any) -> T:
    """Return the value if it is of this very type: true is no number, and a text is no list of letters."""
    if type(value) is not kind:
        raise ValueError(f"not {kind.__name__}")
    return value


def _whole(value: object) -> int:
    if _exactly(int, value) < 0:
        raise ValueError("less than nothing")
    return _exactly(int, value)


def _day(value: object) -> date:
    day = date.fromisoformat(_exactly(str, value))
    if day.isoformat() != value:
        raise ValueError("not YYYY-MM-DD")
    return day


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
        fields = read_json(body)
        issued = _day(fields["issued"])
        if not key.is_valid_on(issued):
            raise RefusedRevocations(why="key")
        serials = decode_serials(signing.decode_base64(fields["serials"]))
        return Revocations(_whole(fields["seq"]), issued, _day(fields["next"]), frozenset(serials))
    except RuleError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedRevocations(why="form") from error


def encode_serials(serials: Iterable[int]) -> bytes:
    """Write serials as unsigned LEB128: the lowest first, then the steps between them.

    Raises ValueError for a number that is no serial.

    >>> decode_serials(encode_serials([70_000_000_000, 5, 300]))
    [5, 300, 70000000000]
    """
    content, previous = bytearray(), 0
    for place, serial in enumerate(sorted(set(serials))):
        if serial < 0 or serial >> SERIAL_BITS:
            raise ValueError("a serial is out of range")
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
        if value >> SERIAL_BITS or shift > SERIAL_BITS + 7:
            raise RefusedRevocations(why="form")
        if byte & 0x80:
            continue
        if (byte == 0 and shift > 7) or (serials and value == 0):
            raise RefusedRevocations(why="form")
        serial = value + (serials[-1] if serials else 0)
        if serial >> SERIAL_BITS:
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
