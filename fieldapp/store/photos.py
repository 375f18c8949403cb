"""Photos: sealed files beside the database, named by the sha256 of what they show.

The file is written, synced and renamed, and its folder synced, before the row that names it is committed: a row never
lacks its file. The folder's own name is synced with the journal of the first row. A file without a row is what a crash
in between leaves; the sweeper removes it after a day.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

from fieldapp.crashpoint import crashpoint
from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from fieldapp.store.trouble import StorageTrouble, Trouble, told
from shared.signing import sha256_hex

SWEPT_AFTER = timedelta(days=1)


class Photos:
    """Keeps and returns photos by their sha256."""

    def __init__(self, database: Database, sealer: Sealer, folder: Path) -> None:
        self._database, self._sealer, self._folder = database, sealer, folder

    def keep(self, content: bytes) -> str:
        """Keep a photo and return its sha256; raises StorageTrouble, and then nothing names it."""
        sha256 = sha256_hex(content)
        with told():
            self._write(sha256, self._sealer.seal(f"photo/{sha256}", content))
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO photo (sha256, bytes) VALUES (?, ?)", (sha256, len(content)))
        crashpoint("photo.kept")
        return sha256

    def _write(self, name: str, sealed: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{name}.part"
        try:
            with unfinished.open("wb") as file:
                file.write(sealed)
                file.flush()
                crashpoint("photo.written")
                os.fsync(file.fileno())
            crashpoint("photo.synced")
            unfinished.rename(self._folder / name)
            crashpoint("photo.renamed")
            sync_folder(self._folder)
            crashpoint("photo.file_kept")
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def get(self, sha256: str | None) -> bytes | None:
        """Return a photo; None when it was not downloaded yet.

        Raises StorageTrouble, DAMAGED for a file that is gone.
        """
        if not sha256 or self._database.row("SELECT 1 FROM photo WHERE sha256 = ?", sha256) is None:
            return None
        with told():
            try:
                sealed = (self._folder / sha256).read_bytes()
            except FileNotFoundError as error:
                raise StorageTrouble(Trouble.DAMAGED) from error
        content = self._sealer.open(f"photo/{sha256}", sealed)
        if sha256_hex(content) != sha256:
            raise StorageTrouble(Trouble.DAMAGED)
        return content

    def drop(self, sha256: str) -> None:
        """Remove a photo that no record names: it was taken anew."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM photo WHERE sha256 = ?", (sha256,))
        crashpoint("photo.forgotten")
        self.remove_files([sha256])

    def remove_files(self, names: Iterable[str]) -> None:
        """Remove the files of photos whose rows are gone; what a crash leaves here the sweeper removes."""
        with told():
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> int:
        """Remove files without a row that are older than a day, and return how many."""
        known = {found[0] for found in self._database.rows("SELECT sha256 FROM photo")}
        oldest = (now - SWEPT_AFTER).timestamp()
        with told():
            stray = [path for path in self._files() if path.name not in known and changed_at(path) < oldest]
            for path in stray:
                path.unlink(missing_ok=True)
                crashpoint("photo.swept")
        return len(stray)

    def _files(self) -> Iterator[Path]:
        return iter(self._folder.iterdir()) if self._folder.is_dir() else iter(())


def changed_at(path: Path) -> float:
    """Return when a file was written; never, for one that was renamed or removed by another thread meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return inf


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
