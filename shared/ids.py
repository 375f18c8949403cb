"""UUID version 7, made where a record is born (RFC 9562, 5.7).

The clock and the randomness are handed in: this package has neither.

>>> uuid7(1_763_712_000_000, bytes(10))
'019aa56d-6000-7000-8000-000000000000'
"""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def uuid7(unix_ms: int, randomness: bytes) -> str:
    """Return the lower-case text of a UUIDv7 from milliseconds since 1970 and ten random bytes."""
    a, b = int.from_bytes(randomness[:2], "big"), int.from_bytes(randomness[2:10], "big")
    value = (unix_ms & (1 << 48) - 1) << 80 | 7 << 76 | (a & 0xFFF) << 64 | 2 << 62 | b & (1 << 62) - 1
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def unix_ms(uuid7_text: str) -> int:
    """Return the milliseconds since 1970 at which a UUIDv7 was made, by the clock of its maker.

    >>> unix_ms("019aa56d-6000-7000-8000-000000000000")
    1763712000000
    """
    return int(uuid7_text.replace("-", "")[:12], 16)


def is_uuid(text: str) -> bool:
    """Say whether the text is a UUID in the wire's one spelling: lower case, with hyphens."""
    return _UUID.fullmatch(text) is not None


def is_uuid7(text: str) -> bool:
    """Say whether the text is a UUIDv7 in the wire's one spelling."""
    return _UUID7.fullmatch(text) is not None
