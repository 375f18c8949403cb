"""Making rescue packages: every operation without an answer that stands, and the photos that the server lacks.

Nothing here changes anything that is kept: what was carried out stays in the outbox until its receipt comes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fieldapp.store.outbox import Entry
from fieldapp.store.photos import sync_folder
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.store.trouble import StorageTrouble, Trouble, told
from fieldapp.store.uploads import Upload
from fieldapp.sync.client import json_body
from fieldapp.sync.push import batches
from shared import rescue
from shared.keys import Key, Purpose

ENDING = ".dprescue"
MOST_PHOTO_BYTES = 128 << 20  # in one file: half of what a server takes
SERIES_OPS, SERIES_BYTES = 30, 96 << 10  # in one series of codes: about a minute of film


class NoRescueKey(Exception):
    """The bureau published no key to seal to, or this phone has not heard of it: nothing can be carried out."""


@dataclass(frozen=True)
class Holdings:
    """What would be carried out."""

    entries: tuple[Entry, ...]
    photos: tuple[Upload, ...]


@dataclass(frozen=True)
class Sealed:
    """A package that lies in a file of our own; ``lost`` photos could not be read and are not in it."""

    path: Path
    sha256: str
    lost: int


class _Unreadable(Exception):
    """A photo that the phone has lost."""

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256)
        self.sha256 = sha256


def holdings(store: Store) -> Holdings:
    """Return what the server has not answered for."""
    return Holdings(tuple(store.outbox.left()), tuple(store.uploads.left()))


def rescue_key(store: Store) -> Key:
    """Return the key to seal to; raises NoRescueKey."""
    keys = store.documents.keys
    key = keys.current(Purpose.RESCUE, store.label_day()) if keys else None
    if key is None:
        raise NoRescueKey
    return key


def portions(photos: Iterable[Upload], most_bytes: int = MOST_PHOTO_BYTES) -> list[tuple[Upload, ...]]:
    """Return the photos of each file; a phone full of them makes several files, and each has all operations."""
    files: list[list[Upload]] = [[]]
    for photo in photos:
        if files[-1] and sum(one.bytes for one in files[-1]) + photo.bytes > most_bytes:
            files.append([])
        files[-1].append(photo)
    return [tuple(photos_of_one) for photos_of_one in files]


def seal_file(store: Store, held: Holdings, folder: Path) -> Sealed:
    """Write a package with these operations and photos into a folder of our own, under its name.

    Raises NoRescueKey and StorageTrouble, and then no file is left.
    """
    key, lost = rescue_key(store), set[str]()
    while True:
        photos = [photo for photo in held.photos if photo.sha256 not in lost]
        try:
            path, sha256 = _write(_pieces(store, key, held.entries, photos), folder)
        except _Unreadable as unreadable:
            lost.add(unreadable.sha256)
        else:
            return Sealed(path, sha256, len(held.photos) - len(photos))


def seal_series(store: Store, entries: Iterable[Entry]) -> list[bytes]:
    """Return packages of operations alone, each small enough for a series of codes; raises NoRescueKey."""
    key = rescue_key(store)
    cut = batches(entries, most_ops=SERIES_OPS, most_bytes=SERIES_BYTES)
    return [b"".join(_pieces(store, key, batch, [])) for batch in cut]


def _pieces(store: Store, key: Key, entries: Iterable[Entry], photos: list[Upload]) -> Iterator[bytes]:
    device = store.kept.device
    if device is None:
        raise NotEnrolled
    pushes = [rescue.ops_section(_push(store, batch, device.id)) for batch in batches(entries)]
    names = [rescue.photo_section(photo.record, photo.sha256, photo.bytes) for photo in photos]
    secret = rescue.once_secret(device.secret, key.public, [*pushes, *names])

    def _content() -> Iterator[bytes]:
        yield from pushes
        for name, photo in zip(names, photos, strict=True):
            yield name
            yield _photo(store, photo)

    return rescue.seal(key.id, key.public, secret, _content())


def _push(store: Store, batch: list[Entry], device_id: str) -> bytes:
    return json_body({"ops": [store.outbox.op(entry, device_id).to_wire() for entry in batch]})


def _photo(store: Store, photo: Upload) -> bytes:
    """Return a photo; raises _Unreadable for one that no later try would bring back."""
    try:
        content = store.photos.get(photo.sha256)
    except StorageTrouble as trouble:
        if trouble.code is not Trouble.DAMAGED:
            raise
        content = None
    if content is None or len(content) != photo.bytes:
        raise _Unreadable(photo.sha256)
    return content


def _write(pieces: Iterator[bytes], folder: Path) -> tuple[Path, str]:
    unfinished, digest = folder / "sealing.part", hashlib.sha256()
    with _none_left(unfinished), told():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"*{ENDING}"):  # of a saving that was broken off
            old.unlink()
        with unfinished.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        path = folder / f"dingpan-{digest.hexdigest()[:16]}{ENDING}"
        unfinished.rename(path)
        sync_folder(folder)
    return path, digest.hexdigest()


@contextmanager
def _none_left(unfinished: Path) -> Iterator[None]:
    """Leave no file behind that was not finished."""
    try:
        yield
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
