"""Where a restored server shall stand, and whether nothing is there yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from server.backup import postgresql
from server.backup.errors import NotRestored
from server.settings import Settings

DATABASE, LOCK = "dingpan.db", ".lock"


@dataclass(frozen=True)
class Places:
    """The database's address, the folder of keys, and the folder of evidence; None: the S3 store of ``settings``."""

    database_url: str
    keys: Path
    evidence: Path | None
    settings: Settings | None = None

    @property
    def engine(self) -> str:
        return make_url(self.database_url).get_backend_name()

    @property
    def file(self) -> Path:
        """The file of a database on SQLite."""
        return Path(make_url(self.database_url).database or "")


def of_settings(settings: Settings) -> Places:
    """Return the places that a server of these settings reads."""
    folder = None if settings.evidence_s3 else settings.evidence_dir
    return Places(settings.database_url, settings.keys_dir, folder, settings)


def in_folder(folder: Path, database_url: str | None) -> Places:
    """Return places within a new folder; without an address the database lies there as well."""
    url = database_url or f"sqlite:///{(folder / DATABASE).resolve()}"
    return Places(url, folder / "keys", folder / "evidence")


def refuse_used(places: Places) -> None:
    """Raise NotRestored where anything is that a restore would overwrite; what is there may be all that is left."""
    used = []
    if places.engine == "sqlite" and any(path.exists() for path in _with_journals(places.file)):
        used.append(str(places.file))
    if places.engine == "postgresql" and not postgresql.is_empty(places.database_url):
        used.append("the database")
    if places.keys.exists() and any(path.name != LOCK for path in places.keys.iterdir()):
        used.append(str(places.keys))
    if places.evidence is not None and places.evidence.exists() and any(places.evidence.iterdir()):
        used.append(str(places.evidence))
    if used:
        raise NotRestored(f"Not empty: {', '.join(used)}. A restore overwrites nothing: move it away, or use --into.")


def _with_journals(file: Path) -> list[Path]:
    return [file, *(file.with_name(file.name + end) for end in ("-journal", "-wal"))]
