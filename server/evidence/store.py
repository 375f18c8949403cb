"""Where evidence lies: files by SHA-256 that never change, and beside them the parts of those still on their way.

Two adapters keep this promise, a folder and an S3-compatible store; which one is a matter of the settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from server.settings import Settings

HEX_DIGITS = frozenset("0123456789abcdef")


class Damaged(Exception):
    """A stored file is not what its name says."""


class StoreDown(Exception):
    """The store cannot be reached, or cannot take anything now."""


class Store(Protocol):
    """Keeps evidence. Every method may raise StoreDown."""

    def put(self, content: bytes) -> str:
        """Keep a file for good and return its SHA-256; one that is there stays. Raises Damaged if that is another."""

    def get(self, sha256: str) -> bytes | None:
        """Return a file, None when there is none; raises Damaged when it is not what its name says."""

    def put_part(self, name: str, content: bytes) -> None:
        """Keep a part of an upload under a name nobody has used."""

    def get_part(self, name: str) -> bytes | None:
        """Return a part; None when there is none."""

    def drop_part(self, name: str) -> None:
        """Remove a part, if it is there."""

    def parts(self) -> Iterator[tuple[str, datetime]]:
        """Yield the name of every part and when it was written."""


def is_sha256(text: str) -> bool:
    """Say whether a text is a SHA-256 in its one spelling."""
    return len(text) == 64 and HEX_DIGITS.issuperset(text)


def checked(sha256: str, content: bytes) -> bytes:
    """Return a file that was read if it is what its name says; raises Damaged."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged(sha256)
    return content


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name."""
    if settings.evidence_s3 is not None:
        from server.evidence.s3 import S3Store

        return S3Store.of(settings.evidence_s3)
    from server.evidence.folder import FolderStore

    return FolderStore(settings.evidence_dir)
