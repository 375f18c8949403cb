"""The flash memory of a phone whose battery may be taken out: a disk that says afterwards what may have survived.

Everything that SQLite does to its files is written down in order. A cut may be made at any place of that log: what was
synced is there; of what was not, each write, each 512 bytes of one, and each truncation may be there or not. Names are
like those of ext4 and f2fs: a file made or removed is so after a power cut only if the folder was synced since, and of
several such changes the earlier ones come first. SQLite syncs the folder with a new journal's first sync, and, with
``synchronous=EXTRA`` alone, after the removal of one (``os_unix.c``: UNIXFILE_DIRSYNC, unixDelete; ``pager.c``:
extraSync). What this model leaves out: a disk that lies about syncing, and more than one connection.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import apsw

SECTOR = 512
NEW_JOURNAL = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL | apsw.SQLITE_OPEN_WAL

Image = dict[str, bytes]
Event = tuple[Any, ...]


@dataclass(eq=False)
class Inode:
    """What a file holds as the program sees it."""

    content: bytearray = field(default_factory=bytearray)


class Flash:
    """Files by name, with the log of what was done to them; ``fail`` may raise before anything is done.

    ``is_logged`` False: no cut will be made, so nothing is written down.
    """

    def __init__(self, image: Image | None = None, *, is_logged: bool = True) -> None:
        self._is_logged = is_logged
        self.names = {name: Inode(bytearray(content)) for name, content in (image or {}).items()}
        self.begin = {inode: bytes(inode.content) for inode in self.names.values()}
        self.begin_names = dict(self.names)
        self.log: list[Event] = []
        self.room: int | None = None

    def fail(self, act: str) -> None:
        """Let a test break something."""

    def note(self, *event: Any) -> None:
        """Write down what was done."""
        if self._is_logged:
            self.log.append(event)

    def mark(self, *what: Any) -> None:
        """Write down that something was told as done."""
        self.note("mark", *what)

    def sync_folder(self) -> None:
        self.note("sync folder")

    def used(self) -> int:
        """Return how many bytes all files have."""
        return sum(len(inode.content) for inode in self.names.values())

    def image(self) -> Image:
        """Return the files as the program sees them."""
        return {name: bytes(inode.content) for name, inode in self.names.items()}

    def open(self, name: str | None, flags: list[int]) -> File:
        is_new = name is None or name not in self.names
        if is_new and not flags[0] & apsw.SQLITE_OPEN_CREATE:
            raise failure(apsw.CantOpenError, apsw.SQLITE_CANTOPEN)
        inode = Inode() if name is None or is_new else self.names[name]
        if is_new and name is not None:
            self.fail("create")
            self.names[name] = inode
            self.note("name", name, inode)
        flags[1] = flags[0]
        return File(self, inode, is_unsynced_name=is_new and bool(flags[0] & NEW_JOURNAL))

    def remove(self, name: str, *, sync_folder: bool) -> None:
        if name not in self.names:
            raise failure(apsw.IOError, apsw.SQLITE_IOERR_DELETE_NOENT)
        self.fail("remove")
        del self.names[name]
        self.note("name", name, None)
        if sync_folder:
            self.fail("sync")
            self.sync_folder()


class File:
    """One open file, in the form that apsw asks for."""

    def __init__(self, flash: Flash, inode: Inode, *, is_unsynced_name: bool) -> None:
        self._flash, self._inode, self._is_unsynced_name = flash, inode, is_unsynced_name

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - as apsw calls it, like all below
        return bytes(self._inode.content[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        flash, content, end = self._flash, self._inode.content, offset + len(data)
        flash.fail("write")
        if flash.room is not None and end > len(content) and flash.used() + end - len(content) > flash.room:
            raise failure(apsw.FullError, apsw.SQLITE_FULL)
        data = bytes(data)
        flash.note("write", self._inode, offset, data)
        put(content, offset, data)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._flash.fail("truncate")
        self._flash.note("truncate", self._inode, size)
        cut(self._inode.content, size)

    def xSync(self, _: int) -> None:  # noqa: N802
        self._flash.fail("sync")
        self._flash.note("sync", self._inode)
        if self._is_unsynced_name:
            self._is_unsynced_name = False
            self._flash.sync_folder()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._inode.content)

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)  # as SQLite takes every Unix disk to be

    def xFileControl(self, *_: object) -> bool:  # noqa: N802
        return False

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xLock(self, _: int) -> None:  # noqa: N802
        """There is one connection."""

    xUnlock = xLock  # noqa: N815

    def xClose(self) -> None:  # noqa: N802
        """Nothing is held."""


class Cutter:
    """Walks through a log and says what a cut at any place may leave; places only go up."""

    def __init__(self, flash: Flash) -> None:
        self._log, self._at = flash.log, 0
        self._durable = {inode: bytearray(content) for inode, content in flash.begin.items()}
        self._names = dict(flash.begin_names)
        self._waiting: dict[Inode, list[Event]] = {}
        self._renamed: list[Event] = []

    def to(self, place: int) -> None:
        """Go on to a place of the log: everything before it happened."""
        for event in self._log[self._at : place]:
            self._step(event)
        self._at = place

    def _step(self, event: Event) -> None:
        if event[0] in ("write", "truncate"):
            self._waiting.setdefault(event[1], []).append(event)
        elif event[0] == "sync":
            content = self._durable.setdefault(event[1], bytearray())
            for waiting in self._waiting.pop(event[1], ()):
                _redo(content, waiting)
        elif event[0] == "name":
            self._renamed.append(event)
        elif event[0] == "sync folder":
            for _, name, inode in self._renamed:
                _name(self._names, name, inode)
            self._renamed.clear()

    def survivors(self, rng: random.Random) -> Image:
        """Return what a cut here leaves, drawn anew each time."""
        names = dict(self._names)
        for _, name, inode in self._renamed[: rng.randint(0, len(self._renamed))]:
            _name(names, name, inode)
        return {name: self._survivor(inode, rng) for name, inode in names.items()}

    def _survivor(self, inode: Inode, rng: random.Random) -> bytes:
        content = bytearray(self._durable.get(inode, b""))
        share = rng.choice((0.0, 0.5, 0.9, 1.0))
        for event in self._waiting.get(inode, ()):
            for piece in _pieces(event) if rng.random() < 0.5 else (event,):
                if rng.random() < share:
                    _redo(content, piece)
        return bytes(content)


def _pieces(event: Event) -> Iterator[Event]:
    """Yield a write sector by sector: a cut may tear it."""
    if event[0] == "truncate":
        yield event
        return
    _, inode, offset, data = event
    first = SECTOR - offset % SECTOR
    for start in (0, *range(first, len(data), SECTOR)):
        end = first if start == 0 else start + SECTOR
        yield ("write", inode, offset + start, data[start:end])


def _redo(content: bytearray, event: Event) -> None:
    if event[0] == "write":
        put(content, event[2], event[3])
    else:
        cut(content, event[2])


def _name(names: dict[str, Inode], name: str, inode: Inode | None) -> None:
    if inode is None:
        names.pop(name, None)
    else:
        names[name] = inode


def failure(kind: type[apsw.Error], code: int) -> apsw.Error:
    """Return what a disk says that fails."""
    error = kind()
    error.extendedresult = code
    return error


def put(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def cut(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))
