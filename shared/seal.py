"""The label: an ordinary link that any phone camera opens, signed so that a phone can check it with no network.

83 bytes: 19 of payload and 64 of Ed25519 signature over ``DINGPAN-SEAL-v1\\0`` + payload, written as 133 characters of
RFC 4648 base32 without padding, in ``HTTPS://<HOST>/V/<133>``. The text is compared whole, byte for byte: nothing is
trimmed, no lower case, no port, no query; the unused bit of the base32 is zero. See ``docs/seal.md``.

A label tells nothing of the verification of the instrument, and a photographed copy verifies as well as the original:
whoever shows a verdict always shows what the label belongs to.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache

from shared import signing
from shared.errors import BadShortCode, NotASeal
from shared.keys import ED25519, KeySet, Revocations

VERSION = 1
EPOCH = date(2020, 1, 1)
PAYLOAD_BYTES = 19
CONTENT_BYTES = PAYLOAD_BYTES + signing.SIGNATURE_BYTES
BINDING_BYTES = 4
TEXT_LENGTH = 133
STALE_AFTER_DAYS = 7

_REGION = re.compile(r"[0-9]{6}")
_LINK = re.compile(r"HTTPS://([A-Z0-9.-]+)/V/([A-Z2-7]{133})", re.ASCII)
_TEXT = re.compile(r"[A-Z2-7]{133}", re.ASCII)
# What each letter of RFC 4648 is to ``int`` with base 32: ten times faster than the decoder of the standard library.
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ISO_7064 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


class Kind(IntEnum):
    """What a label is made for; six and above are other instruments."""

    STOCK = 0
    SCALE = 1
    FUEL_NOZZLE = 2
    GAS_NOZZLE = 3
    CHARGER = 4
    TAXIMETER = 5
    OTHER = 6


class LabelVerdict(StrEnum):
    """What the signature alone tells, in the order in which it is decided."""

    NOT_A_SEAL = "not_a_seal"
    WRONG_HOST = "wrong_host"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    KEY_COMPROMISED = "key_compromised"
    KEY_NOT_VALID = "key_not_valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    GENUINE_STALE = "genuine_stale"
    GENUINE = "genuine"


@dataclass(frozen=True)
class Payload:
    """The 19 signed bytes. ``last_day`` None: for life. ``binding`` zero on stock labels."""

    key_id: int
    serial: int
    region: str
    kind: int
    issued: date
    last_day: date | None
    binding: bytes
    version: int = VERSION
    alg: int = ED25519

    @property
    def prefix(self) -> str:
        """The first four digits of the region, which with the key id name the key."""
        return self.region[:4]

    def to_bytes(self) -> bytes:
        """Return the 19 bytes; raises ValueError when a field does not fit."""
        if not self._is_of_the_form():
            raise ValueError("a field of the label is not of the form")
        last = (self.last_day - EPOCH).days if self.last_day else 0
        parts = [(self.version << 4 | self.alg, 1), (self.key_id, 1), (self.serial, 5), (int(self.region), 3)]
        parts += [(self.kind, 1), ((self.issued - EPOCH).days, 2), (last, 2)]
        try:
            return b"".join(value.to_bytes(size, "big") for value, size in parts) + self.binding
        except OverflowError as error:
            raise ValueError("a field of the label is out of range") from error

    def _is_of_the_form(self) -> bool:
        nibbles = all(0 <= nibble <= 15 for nibble in (self.version, self.alg))
        days = self.last_day is None or (self.issued <= self.last_day and self.last_day != EPOCH)
        return nibbles and days and len(self.binding) == BINDING_BYTES and _REGION.fullmatch(self.region) is not None


@dataclass(frozen=True)
class Seal:
    """A label of the right form: its 133 characters, host and payload, and what the signature tells today."""

    text: str
    host: str
    payload: Payload
    verdict: LabelVerdict

    @property
    def short(self) -> str:
        return short_code(self.payload.serial)


def open_seal(
    link: str,
    keys: KeySet,
    revoked: Revocations | None,
    day: date,
    issued: Callable[[int], str | None] | None = None,
) -> Seal:
    """Return the label with its verdict on a civil day; raises NotASeal on any deviation from the form.

    ``revoked`` None: no list was ever received, so a good label is stale. ``day`` is the later of the phone's day
    and that of the last verified tree head. ``issued`` is for whoever signed the labels: it returns the text that was
    made for a serial, and a label that is the same, character for character, is not verified once more.
    """
    found = _LINK.fullmatch(link)
    if not found:
        raise NotASeal
    host, text = found.groups()
    content = _decode(text)
    payload = _payload(content[:PAYLOAD_BYTES])

    def is_signed(public: bytes) -> bool:
        if issued is not None and issued(payload.serial) == text:
            return True
        return signing.verify(public, signing.SEAL, content[:PAYLOAD_BYTES], content[PAYLOAD_BYTES:])

    return Seal(text, host, payload, _verdict(host, payload, is_signed, keys, revoked, day))


def serial_in(text: str) -> int | None:
    """Return the serial that a label's 133 characters name, whoever signed them; None when they are not of the form.

    >>> serial_in("A" * 132)
    """
    try:
        return _payload(_decode(text)[:PAYLOAD_BYTES]).serial if _TEXT.fullmatch(text) else None
    except NotASeal:
        return None


def _decode(text: str) -> bytes:
    """Return the 83 bytes of 133 letters of base32, of which the last holds one bit that is no part of them."""
    number = int(text.translate(_DIGITS), 32)
    if number & 1:
        raise NotASeal
    return (number >> 1).to_bytes(CONTENT_BYTES, "big")


def _payload(content: bytes) -> Payload:
    region, kind = int.from_bytes(content[7:10], "big"), content[10]
    issued, last = content[11] << 8 | content[12], content[13] << 8 | content[14]
    if region > 999_999 or (last and last < issued):
        raise NotASeal
    return Payload(
        version=content[0] >> 4,
        alg=content[0] & 0x0F,
        key_id=content[1],
        serial=int.from_bytes(content[2:7], "big"),
        region=f"{region:06d}",
        kind=kind,
        issued=_day(issued),
        last_day=_day(last) if last else None,
        binding=content[15:19],
    )


@lru_cache(maxsize=4_096)
def _day(number: int) -> date:
    """Labels are issued on few days."""
    return EPOCH + timedelta(days=number)


def _verdict(
    host: str,
    payload: Payload,
    is_signed: Callable[[bytes], bool],
    keys: KeySet,
    revoked: Revocations | None,
    day: date,
) -> LabelVerdict:
    if host not in keys.hosts:
        return LabelVerdict.WRONG_HOST
    if payload.version != VERSION or payload.alg != ED25519:
        return LabelVerdict.UNKNOWN_ALGORITHM
    key = keys.seal_key(payload.prefix, payload.key_id, payload.alg)
    if key is None:
        return LabelVerdict.UNKNOWN_KEY
    if not is_signed(key.public) or not key.covers(payload.serial):
        return LabelVerdict.FORGED
    if key.is_compromised:
        return LabelVerdict.KEY_COMPROMISED
    if not key.is_valid_on(payload.issued) or payload.issued > day + timedelta(days=1):
        return LabelVerdict.KEY_NOT_VALID
    if revoked and payload.serial in revoked.serials:
        return LabelVerdict.REVOKED
    if payload.last_day and day > payload.last_day:
        return LabelVerdict.EXPIRED
    if revoked is None or day > revoked.issued + timedelta(days=STALE_AFTER_DAYS) or day > keys.next:
        return LabelVerdict.GENUINE_STALE
    return LabelVerdict.GENUINE


def make_link(payload: Payload, signer: signing.Signer, host: str) -> str:
    """Return the link to print for a payload; raises ValueError when a field or the host does not fit."""
    signed = payload.to_bytes()
    content = signed + signer.sign(signing.SEAL, signed)
    text = base64.b32encode(content).decode().rstrip("=")
    link = f"HTTPS://{host}/V/{text}"
    if not _LINK.fullmatch(link):
        raise ValueError(f"no label can name the host {host!r}")
    return link


def binding_of(serial: str, nozzle: str | None = None) -> bytes:
    """Return the four bytes that tie a label to a maker's serial, for nozzles with the painted number.

    >>> binding_of("ACS-30  2024 0311").hex()
    'cf399214'
    """
    return hashlib.sha256(normal_serial(serial, nozzle).encode()).digest()[:BINDING_BYTES]


def normal_serial(serial: str, nozzle: str | None = None) -> str:
    """Return the normal form of a serial: NFKC, upper case, NFKC, without white space.

    >>> normal_serial("税控2019-77", "３")
    '税控2019-77#3'
    """
    whole = serial if nozzle is None else f"{serial}#{nozzle}"
    upper = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", whole).upper())
    return "".join(character for character in upper if not character.isspace())


def short_code(serial: int) -> str:
    """Return the code people read out: eight base32 characters and an ISO 7064 mod 37,36 check character.

    >>> short_code(1_000_001)
    'AAAA6QSB9'
    """
    text = base64.b32encode(serial.to_bytes(5, "big")).decode()
    return text + _check_character(text)


def parse_short_code(text: str) -> int:
    """Return the serial of a typed short code; case, spaces and hyphens are forgiven. Raises BadShortCode.

    >>> parse_short_code("aaaa-6qsb 9")
    1000001
    """
    normal = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    body, check = normal[:8], normal[8:]
    if len(normal) != 9 or any(character not in _BASE32 for character in body) or check != _check_character(body):
        raise BadShortCode(text=text)
    return int.from_bytes(base64.b32decode(body), "big")


def _check_character(text: str) -> str:
    rest = 36
    for character in text:
        rest = (rest + _ISO_7064.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return _ISO_7064[(37 - rest) % 36]
