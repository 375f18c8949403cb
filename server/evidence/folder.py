"""Evidence in a folder: ``ab/abcdef...``, and ``parts/<name>`` for uploads on their way.

A file is written aside, synced, renamed, and its folder synced: no half file ever has a final name.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from server.evidence.store import StoreDown, checked, is_sha256

PARTS = "parts"


class FolderStore:
    """Keeps evidence in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        if self.get(sha256) is None:
            with _told():
                _write(self._path(sha256), content)
        return sha256

    def get(self, sha256: str) -> bytes | None:
        content = _read(self._path(sha256)) if is_sha256(sha256) else None
        return None if content is None else checked(sha256, content)

    def put_part(self, name: str, content: bytes) -> None:
        with _told():
            _write(self._folder / PARTS / name, content)

    def get_part(self, name: str) -> bytes | None:
        return _read(self._folder / PARTS / name)

    def drop_part(self, name: str) -> None:
        with _told():
            (self._folder / PARTS / name).unlink(missing_ok=True)

    def parts(self) -> Iterator[tuple[str, datetime]]:
        folder = self._folder / PARTS
        with _told():
            found = list(folder.iterdir()) if folder.is_dir() else []
            written = [(path.name, path.stat().st_mtime) for path in found]
        return iter([(name, datetime.fromtimestamp(at, UTC)) for name, at in written])

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


@contextmanager
def _told() -> Iterator[None]:
    """Sort what the disk says."""
    try:
        yield
    except OSError as error:
        raise StoreDown(error.strerror) from error


def _read(path: Path) -> bytes | None:
    with _told():
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
