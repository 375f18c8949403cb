"""A rescue package as a series of QR codes, for phones that have nothing between them but a screen and a camera.

A code is a text of QR's alphanumeric set, ``DPR1:<id>:<number>:<count>:<part>``: the first 16 hex digits of the
package's SHA-256, which code of how many it is, and the part in base45 (RFC 9285), which that set carries in 5.5 bits a
character. A part is of 360 bytes: with what stands before it at most 570 characters, a QR code of version 15 at level
M. Its 77 modules are 0.7 mm wide on the screen of a phone, which a camera reads from a hand's length away; larger ones
would be finer than that, smaller ones make the series longer.

Codes are collected in any order and any number of times.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MARK = "DPR1"
ID_DIGITS = 16
PART_BYTES = 360
MOST_CODES = 400
LONGEST_CODE = 600
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
MOST_SERIES = 8

_FORM = re.compile(
    rf"{MARK}:([0-9A-F]{{{ID_DIGITS}}}):([1-9][0-9]{{0,2}}):([1-9][0-9]{{0,2}}):([0-9A-Z $%*+./:-]+)", re.ASCII
)


class TooLong(ValueError):
    """The package needs more codes than anybody would film."""


@dataclass(frozen=True)
class Code:
    """One code that was read: ``number`` of ``count`` of the package whose SHA-256 begins with ``id``."""

    id: str
    number: int
    count: int
    part: bytes


def encode_base45(content: bytes) -> str:
    """Write bytes in base45.

    >>> encode_base45(b"ietf!")
    'QED8WEX0'
    """
    text = []
    for place in range(0, len(content), 2):
        pair = content[place : place + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text.append(BASE45[digit])
    return "".join(text)


def decode_base45(text: str) -> bytes:
    """Read base45; raises ValueError for any text that no bytes make.

    >>> decode_base45("QED8WEX0")
    b'ietf!'
    >>> decode_base45("GGW")
    Traceback (most recent call last):
    ValueError: not base45
    """
    content = bytearray()
    for place in range(0, len(text), 3):
        digits = text[place : place + 3]
        value = sum(BASE45.index(digit) * 45**power for power, digit in enumerate(digits))
        size = len(digits) - 1
        if not size or value >> 8 * size:
            raise ValueError("not base45")
        content += value.to_bytes(size, "big")
    return bytes(content)


def id_of(package: bytes) -> str:
    """Return what names a package in its codes."""
    return hashlib.sha256(package).hexdigest()[:ID_DIGITS].upper()


def codes_of(package: bytes) -> list[str]:
    """Return the texts of a package's codes, in order; raises TooLong."""
    parts = [package[start : start + PART_BYTES] for start in range(0, len(package), PART_BYTES)]
    if len(parts) > MOST_CODES:
        raise TooLong
    name = id_of(package)
    return [f"{MARK}:{name}:{number}:{len(parts)}:{encode_base45(part)}" for number, part in enumerate(parts, start=1)]


def read_code(text: str) -> Code | None:
    """Return what a text says; None where it is no code of such a series."""
    found = _FORM.fullmatch(text)
    if found is None or len(text) > LONGEST_CODE:
        return None
    number, count = int(found[2]), int(found[3])
    if number > count or count > MOST_CODES:
        return None
    try:
        part = decode_base45(found[4])
    except ValueError:
        return None
    return Code(found[1], number, count, part)


class Series:
    """The codes of one package as far as they were seen."""

    def __init__(self, code: Code) -> None:
        self.id, self.count = code.id, code.count
        self._parts: dict[int, bytes] = {}

    def take(self, code: Code) -> bool:
        """Take a code; False for one that was seen before."""
        is_new = code.number not in self._parts
        self._parts.setdefault(code.number, code.part)
        return is_new

    @property
    def missing(self) -> list[int]:
        """The numbers that were not seen yet."""
        return [number for number in range(1, self.count + 1) if number not in self._parts]

    def package(self) -> bytes | None:
        """Return the package of a whole series; None where its parts do not belong together."""
        whole = b"".join(self._parts[number] for number in range(1, self.count + 1))
        return whole if id_of(whole) == self.id else None


class Collection:
    """Series that are being filmed, the last one seen first; a camera may see those of several phones."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, int], Series] = {}

    @property
    def last(self) -> Series | None:
        """The series that was seen last."""
        return next(reversed(self._series.values()), None)

    def take(self, code: Code) -> tuple[Series, bool]:
        """Take a code; return its series, and whether it was new."""
        key = code.id, code.count
        series = self._series.pop(key, None) or Series(code)
        self._series[key] = series
        while len(self._series) > MOST_SERIES:
            self._series.pop(next(iter(self._series)))
        return series, series.take(code)

    def forget(self, series: Series) -> None:
        """Begin a series anew, or be done with it."""
        self._series.pop((series.id, series.count), None)
