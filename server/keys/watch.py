"""A running server takes over what was published: before each request it looks whether the files are other ones.

Files are put in place by renaming, which shows in the time of their folder: one call of ``stat`` a request. What was
copied over a file that stays the same one shows in the file alone, and is seen within a second.
What cannot be read, is older, or is of another root is logged once, and the server goes on with what it has.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from threading import Lock

import structlog
from flask import Flask

from server import keyring
from server.keyring import FILES, Keyring, MissingKeys
from shared.keys import takes_over

log = structlog.get_logger(__name__)

Look = tuple[tuple[int, int, int] | None, ...]
WATCH = "dingpan_watch"
EVERY_S = 1.0


def look(folder: Path) -> Look:
    """Return what the files look like from outside; None for one that is missing."""
    return tuple(map(_look, _paths(folder)))


def _paths(folder: Path) -> tuple[str, ...]:
    return tuple(os.fspath(folder / name) for name in FILES)


def _look(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _renamed(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def register(app: Flask, folder: Path, seen: Look) -> None:
    """Watch the folder that the app's keyring was read from; ``seen`` is how it looked before."""
    watch = Watch(folder, seen)
    app.extensions[WATCH] = watch
    app.before_request(lambda: watch.take_over(app))


class Watch:
    """Remembers what it saw last. Several threads may ask at once: one reads, the others go on with what there is."""

    def __init__(self, folder: Path, seen: Look) -> None:
        self._folder, self._seen, self._lock = folder, seen, Lock()
        self._paths = _paths(folder)  # joined once: looking is done at every request
        self._place, self._renamed, self._look_at = os.fspath(folder), 0, 0.0

    def take_over(self, app: Flask) -> None:
        """Put a newer keyring in the place of the one the app holds."""
        now, renamed = time.monotonic(), _renamed(self._place)
        if renamed == self._renamed and now < self._look_at:
            return
        found = tuple(map(_look, self._paths))
        if found != self._seen:
            if not self._lock.acquire(blocking=False):
                return
            self._read(app, found)
        self._renamed, self._look_at = renamed, now + EVERY_S

    def _read(self, app: Flask, found: Look) -> None:
        try:
            self._seen = found
            dingpan = app.extensions["dingpan"]
            new = keyring.load(self._folder)
            if why := _refused(dingpan.keyring, new):
                log.error("keys_not_taken_over", why=why, keys_seq=new.key_set.seq, revoked_seq=new.revoked.seq)
                return
            app.extensions["dingpan"] = replace(dingpan, keyring=new)
            log.info("keys_taken_over", keys_seq=new.key_set.seq, revoked_seq=new.revoked.seq)
        except (MissingKeys, OSError) as error:
            log.error("keys_not_taken_over", why=str(error))
        finally:
            self._lock.release()


def _refused(held: Keyring, new: Keyring) -> str:
    """Say why a keyring may not follow the one held; empty when it may."""
    if new.root_public != held.root_public:
        return "another root: start the server anew"
    of_keys = (held.key_set.seq, held.key_set_document, new.key_set.seq, new.key_set_document)
    of_list = (held.revoked.seq, held.revoked_document, new.revoked.seq, new.revoked_document)
    for held_seq, held_document, seq, document in (of_keys, of_list):
        if not takes_over(held_seq=held_seq, held_body=held_document["body"], seq=seq, body=document["body"]):
            return "a lower number, or the same with other bytes"
    return ""
