"""Files known by their SHA-256, in a folder: ``ab/abcdef...``. A stored file never changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

HEX_DIGITS = frozenset("0123456789abcdef")


def path_of(folder: Path, sha256: str) -> Path | None:
    """Return where a file lies; None when the name is no SHA-256 or no such file is stored."""
    if len(sha256) != 64 or not HEX_DIGITS.issuperset(sha256):
        return None
    path = folder / sha256[:2] / sha256
    return path if path.is_file() else None


def store(folder: Path, content: bytes) -> str:
    """Keep a file and return its SHA-256. Written aside first, so that no half file ever has a final name."""
    sha256 = hashlib.sha256(content).hexdigest()
    if path_of(folder, sha256) is None:
        target = folder / sha256[:2]
        target.mkdir(parents=True, exist_ok=True)
        aside = target / f".{sha256}.{os.getpid()}"
        aside.write_bytes(content)
        aside.replace(target / sha256)
    return sha256
