"""Snapshots: the live rows of a region in one file, made when a phone first needs them and kept for the next.

A folder holds ``<sha256>.gz`` and beside it ``<sha256>.json``, the signed manifest (``shared.snapshots``). A file is
written aside, synced and renamed, its manifest after it. All of it can be made anew: what is too old is removed.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from server import feed
from server.accounts.service import Scope
from server.audit import service as audit
from server.keyring import Keyring
from server.problems import SnapshotBeingMade
from shared import signing
from shared.dates import civil_day, instant_text, parse_instant
from shared.keys import KeySet, Purpose
from shared.snapshots import Manifest, open_manifest

MOST_BEHIND = 1_000  # rows that a phone reads after a snapshot rather than having another made
KEPT = timedelta(days=1)  # how long a download of one that was followed by another may take
LEVEL = 1  # half the size that is possible, in a fifth of the time
ENDING, MANIFEST, LOCK = ".gz", ".json", "making.lock"


@dataclass(frozen=True)
class Snapshot:
    """A file with its manifest, as it was signed and as it says."""

    path: Path
    document: dict[str, Any]
    manifest: Manifest


def find(folder: Path, keys: KeySet, sha256: str, scope: Scope) -> Snapshot | None:
    """Return a snapshot within a scope; None where there is none of that name."""
    found = next((one for one in _all(folder, keys) if one.manifest.sha256 == sha256), None)
    return found if found and scope.covers(found.manifest.scope) else None


def ready(session: Session, folder: Path, keyring: Keyring, region: str, held: Scope, now: datetime) -> Snapshot:
    """Return a snapshot of a region that a phone can go on from which holds some others; one is made where none is.

    One at a time is made: raises SnapshotBeingMade for whoever else needs one, so that threads are left for others.
    """
    reads = Scope((*held.regions, region))
    found = _near(session, folder, keyring, region, reads)
    if found is None:
        with _alone(folder):
            found = _near(session, folder, keyring, region, reads)
            if found is None:
                found = _make(session, folder, keyring, region, now)
                tidy(folder, keyring.key_set, now)
    return found


def _near(session: Session, folder: Path, keyring: Keyring, region: str, reads: Scope) -> Snapshot | None:
    """Return the newest snapshot of a region after which few rows changed, by the feed as it is now."""
    session.rollback()
    log = audit.state(session)
    for one in _of(folder, keyring.key_set, log, region):
        if one.manifest.seq >= log.feed_horizon and _is_near(session, reads, one.manifest.seq):
            return one
    return None


def _is_near(session: Session, reads: Scope, seq: int) -> bool:
    return feed.rows_changed(session, reads, seq) <= MOST_BEHIND


def _of(folder: Path, keys: KeySet, log: audit.LogState, region: str) -> list[Snapshot]:
    """Return the snapshots of a region in the feed as it is, the newest first."""
    wanted = (log.log_id, log.feed_epoch, region)
    found = [one for one in _all(folder, keys) if _feed_of(one.manifest) == wanted and one.manifest.seq <= log.feed_seq]
    return sorted(found, key=lambda one: one.manifest.seq, reverse=True)


def _feed_of(manifest: Manifest) -> tuple[str, str, str]:
    return manifest.log_id, manifest.epoch, manifest.scope


def _all(folder: Path, keys: KeySet) -> Iterator[Snapshot]:
    """Yield every snapshot that is whole and signed by a key that still holds."""
    for path in sorted(folder.glob(f"*{MANIFEST}")):
        try:
            document = json.loads(path.read_text("utf-8"))
            manifest, file = open_manifest(document, keys), path.with_suffix(ENDING)
            if manifest is not None and file.stat().st_size == manifest.bytes:
                yield Snapshot(file, document, manifest)
        except (FileNotFoundError, ValueError):  # removed just now, or not ours
            continue


def _make(session: Session, folder: Path, keyring: Keyring, region: str, now: datetime) -> Snapshot:
    log = audit.state(session)
    log_id, epoch, seq = log.log_id, log.feed_epoch, log.feed_seq
    with _aside(folder) as file:
        written = _Measured(file)
        with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=written, mtime=0) as squeezed:
            rows = 0
            for count, lines in feed.live_lines(session, region):
                squeezed.write(lines)
                rows += count
        sha256 = written.digest.hexdigest()
        os.fsync(file.fileno())
        Path(file.name).rename(folder / f"{sha256}{ENDING}")
    manifest = Manifest(log_id, epoch, region, seq, rows, written.bytes, sha256, instant_text(now))
    document = _signed(manifest, keyring, now)
    with _aside(folder) as file:
        file.write(json.dumps(document).encode())
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).rename(folder / f"{sha256}{MANIFEST}")
    return Snapshot(folder / f"{sha256}{ENDING}", document, manifest)


def _signed(manifest: Manifest, keyring: Keyring, now: datetime) -> dict[str, Any]:
    key_id, signer = keyring.signer(Purpose.TREE, civil_day(now))
    signature = signer.sign(signing.SNAPSHOT, manifest.body.encode())
    return {"body": manifest.body, "key_id": key_id, "signature": signing.encode_base64(signature)}


class _Measured:
    """A file that is hashed and counted as it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest, self.bytes = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.bytes += len(content)
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()


def tidy(folder: Path, keys: KeySet, now: datetime) -> int:
    """Remove every snapshot that was followed by another a day ago, or is a day old and not whole; returns how many."""
    newest: dict[tuple[str, str, str], Snapshot] = {}
    for one in _all(folder, keys):
        best = newest.get(_feed_of(one.manifest))
        if best is None or one.manifest.seq > best.manifest.seq:
            newest[_feed_of(one.manifest)] = one
    kept = {one.manifest.sha256 for one in newest.values()}
    made = {one.manifest.sha256: parse_instant(one.manifest.made_at) for one in _all(folder, keys)}
    names = {path.name.partition(".")[0] for path in folder.glob("*") if path.suffix in (ENDING, MANIFEST)}
    gone = {name for name in names - kept if now - made.get(name, datetime.min.replace(tzinfo=now.tzinfo)) > KEPT}
    for name in gone:
        for ending in (MANIFEST, ENDING):
            (folder / f"{name}{ending}").unlink(missing_ok=True)
    return len(gone)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process and thread at a time make a snapshot; raises SnapshotBeingMade for any other."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise SnapshotBeingMade from busy
        yield


@contextmanager
def _aside(folder: Path) -> Iterator[IO[bytes]]:
    """Open a file that nobody reads before it is whole and renamed; what failed is removed."""
    path = folder / f".{secrets.token_hex(8)}"
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            yield file
    finally:
        path.unlink(missing_ok=True)
