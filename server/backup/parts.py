"""The parts of a backup in a folder or in one tar file: written aside, synced, renamed; read by their names alone.

A name never leaves the backup: what a manifest names is checked before it is opened.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import shutil
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from server.backup.errors import NoBackup, NotRestored

CHUNK = 1 << 20
TAR = ".tar"
_NAME = re.compile(r"(?:[a-z0-9-]+/){0,2}[a-z0-9][a-z0-9._-]*", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """How many bytes a part has, and the SHA-256 over them in hex."""

    bytes: int
    sha256: str


def is_name(name: str) -> bool:
    """Say whether a text may name a part.

    >>> is_name("evidence/ab/ab12"), is_name("keys/../root.json"), is_name("/etc/passwd")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None and ".." not in name


def measured(content: IO[bytes], into: IO[bytes] | None = None) -> Part:
    """Read to the end and return what was there; copies it where ``into`` is given."""
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if into is not None:
            into.write(chunk)
    return Part(size, digest.hexdigest())


class Sink(ABC):
    """Takes the parts of a backup in the making. ``room`` is a folder that goes with it when it fails."""

    def __init__(self, room: Path) -> None:
        self.room, self.parts = room, dict[str, Part]()

    def put(self, name: str, content: bytes) -> None:
        """Keep a part that is at hand."""
        self._keep(name, io.BytesIO(content), len(content))

    def take(self, name: str) -> None:
        """Keep a part that was written into the room under its own name."""
        path = self.room / name
        with path.open("rb") as file:
            self._keep(name, file, path.stat().st_size)

    @abstractmethod
    def _keep(self, name: str, content: IO[bytes], size: int) -> None:
        """Keep the content of a part."""


class FolderSink(Sink):
    """The room itself becomes the backup."""

    def _keep(self, name: str, content: IO[bytes], size: int) -> None:
        if (self.room / name).exists():  # the database, which was written in place
            self.parts[name] = measured(content)
            sync(self.room / name)
        else:
            self.copy(name, content)

    def copy(self, name: str, content: IO[bytes]) -> None:
        """Keep a part that is read from elsewhere."""
        path = self.room / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _private(path) as file:
            self.parts[name] = measured(content, file)
            file.flush()
            os.fsync(file.fileno())


class TarSink(Sink):
    """The room holds the tar, and the database until it is in there."""

    def __init__(self, room: Path) -> None:
        super().__init__(room)
        self.file = _private(room / "backup.tar")
        self._tar = tarfile.open(fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by ``finish``

    def _keep(self, name: str, content: IO[bytes], size: int) -> None:
        self.parts[name] = measured(content)
        content.seek(0)
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, content)
        (self.room / name).unlink(missing_ok=True)

    def finish(self) -> Path:
        """Write the end of the tar, have the disk keep it, and return where it lies."""
        self._tar.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        return self.room / "backup.tar"

    def close(self) -> None:
        """Let go of the file, whole or not."""
        with suppress(OSError):
            self.file.close()


@contextmanager
def written(to: Path) -> Iterator[Sink]:
    """Yield a sink whose parts stand at ``to`` when the block ends, and nowhere when it fails; raises NoBackup."""
    if to.exists():
        raise NoBackup(f"{to} is there already. A backup overwrites nothing: name a new folder or file.")
    with aside(to) as room:
        if to.suffix == TAR:
            with closing(TarSink(room)) as sink:
                yield sink
                sink.finish().rename(to)
        else:
            yield FolderSink(room)
            for folder in sorted(path for path in room.rglob("*") if path.is_dir()):
                sync(folder)
            sync(room)
            room.rename(to)
        sync(to.parent)


@contextmanager
def aside(to: Path) -> Iterator[Path]:
    """Yield a new folder beside a place, for its owner alone; what is left of it afterwards goes."""
    room = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Source(Protocol):
    """A backup that is read."""

    def open(self, name: str) -> IO[bytes]:
        """Open a part; raises KeyError where there is none, OSError or tarfile.TarError where it cannot be read."""


class FolderSource:
    """A backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> IO[bytes]:
        path = self._folder / name
        if not is_name(name) or not path.is_file():
            raise KeyError(name)
        return path.open("rb")


class TarSource:
    """A backup in one tar."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members = {member.name: member for member in tar}  # read once: the tar looks a name up from its end

    def open(self, name: str) -> IO[bytes]:
        member = self._members.get(name) if is_name(name) else None
        found = self._tar.extractfile(member) if member else None
        if found is None:
            raise KeyError(name)
        return found


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a backup until the block ends; raises NotRestored where there is none."""
    if path.is_dir():
        yield FolderSource(path)
        return
    try:
        tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed below, apart from the errors of opening it
    except FileNotFoundError as error:
        raise NotRestored(f"{path} is not there. Give the folder or file of a backup.") from error
    except (tarfile.TarError, EOFError) as error:
        raise NotRestored(f"{path} is no whole tar: it was cut off, or is no backup. Take another one.") from error
    with closing(tar):
        try:
            source = TarSource(tar)
        except (tarfile.TarError, EOFError) as error:
            raise NotRestored(f"{path} was cut off. Take another backup.") from error
        yield source
