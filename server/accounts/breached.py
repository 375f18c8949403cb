"""Passwords that are known from breaches, looked up in a list on this machine: no password is asked about elsewhere.

The list is a text file as the downloader of "Pwned Passwords" writes it: on each line the SHA-1 of a password in 40
upper-case hexadecimal digits, a colon, and how often it was seen, sorted by the digits. It may have a thousand million
lines; some forty of them are read. SHA-1 only names a line here, and protects nothing.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

DIGITS = 40
_LINE = re.compile(rb"[0-9A-F]{40}(:[0-9]+)?\r?\n?")


def is_list(path: Path) -> bool:
    """Say whether a file can be read and begins as such a list does."""
    try:
        with path.open("rb") as file:
            return _LINE.fullmatch(file.readline()) is not None
    except OSError:
        return False


def is_listed(path: Path, password: str) -> bool:
    """Say whether a password stands in the list; raises OSError when the file has gone."""
    name = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            line = _line_from(file, middle)
            low, high = (middle + 1, high) if line and line < name else (low, middle)
        return _line_from(file, low) == name


def _line_from(file: BinaryIO, at: int) -> bytes:
    """Return the digits of the first line that begins at a byte or after it; none at the end."""
    file.seek(max(at - 1, 0))
    if at:
        file.readline()
    return file.readline()[:DIGITS]
