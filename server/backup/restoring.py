"""Making a server of a backup: everything is checked before and after it is loaded, and put in place last.

What is loaded lies beside its place, under another name, until nothing can be found wrong with it. PostgreSQL loads in
one transaction; where its rows then prove wrong, they are taken out again.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server import keyring
from server.administration import service as administration
from server.administration.service import ActKind
from server.audit import service as audit
from server.backup import manifest as manifests
from server.backup import parts, postgresql, sqlite, tables
from server.backup.errors import NotRestored
from server.backup.manifest import Manifest
from server.backup.parts import FolderSink, Source
from server.backup.places import Places, refuse_used
from server.backup.taking import EVIDENCE, KEYS, PARTS
from server.evidence import service as evidence
from server.mending import CannotDo
from server.settings import REPOSITORY
from shared.dates import instant_text
from shared.signing import encode_base64

MOST_TOLD = 20


@dataclass(frozen=True)
class Restored:
    """What phones must be told: from which state the log goes on, since when. ``root`` is base64."""

    log_id: str
    size: int
    root: str
    at: str

    def body(self) -> dict[str, object]:
        return asdict(self)


def restore(source: Source, places: Places, now: datetime) -> tuple[Manifest, Restored]:
    """Restore a backup where nothing is; raises NotRestored with all that is wrong, and leaves nothing behind."""
    manifest, sha256 = manifests.read(source)
    _refuse([*_unfit(manifest, places)])
    refuse_used(places)
    _refuse([*manifests.faults(source, manifest)])
    with ExitStack() as stack:
        keys = _keys(stack, source, manifest, places)
        photos = _evidence(stack, source, manifest, places)
        with _loaded(source, manifest, places) as connection:
            _refuse(_differing(connection, manifest))
            restored = make_known(Session(bind=connection), manifest, sha256, now)
            connection.commit()
            if photos is not None and places.evidence is not None:
                stack.enter_context(_placed(photos, places.evidence))
            stack.enter_context(_placed(keys, places.keys))
    return manifest, restored


def _refuse(faults: list[str]) -> None:
    if not faults:
        return
    more = f" And {len(faults) - MOST_TOLD} more." if len(faults) > MOST_TOLD else ""
    raise NotRestored(f"Nothing was restored. {' '.join(faults[:MOST_TOLD])}{more}")


def _unfit(manifest: Manifest, places: Places) -> Iterator[str]:
    if manifest.engine != places.engine:
        yield f"The backup is of {manifest.engine}, and the database to restore into is {places.engine}."
    ours = ScriptDirectory(str(REPOSITORY / "migrations")).get_current_head()
    if manifest.revision != ours:
        yield (
            f"The tables of the backup are of {manifest.revision}, those of this program of {ours}. "
            f"Restore with dingpan {manifest.version}, then put the new version in and run 'dingpan migrate'."
        )


def _differing(connection: Connection, manifest: Manifest) -> list[str]:
    """Compare what was loaded with what was backed up: the rows, and the log read again from its leaves."""
    try:
        told = tables.differing(manifest.tables, tables.of_all(connection))
        size, root = audit.read_again(Session(bind=connection))
    except (SQLAlchemyError, ValueError, TypeError, AttributeError) as error:
        return [f"The database cannot be read: {type(error).__name__}."]
    if (size, root.hex()) != (manifest.log.size, manifest.log.root):
        told.append(f"The log of {size} leaves is not the one of {manifest.log.size} that was backed up.")
    return told


@contextmanager
def _loaded(source: Source, manifest: Manifest, places: Places) -> Iterator[Connection]:
    """Load the database and yield a connection to it; it stays when the block ends well, and goes when it fails."""
    if manifest.engine == "sqlite":
        with parts.aside(places.file) as room:
            _copy(source, [sqlite.PART], FolderSink(room))
            sqlite.check(room / sqlite.PART)
            with sqlite.connected(room / sqlite.PART) as connection:
                yield connection
            parts.sync(room / sqlite.PART)
            (room / sqlite.PART).rename(places.file)
            parts.sync(places.file.parent)
        return
    with parts.aside(places.keys) as room:
        _copy(source, [postgresql.PART], FolderSink(room))
        postgresql.load(places.database_url, room / postgresql.PART)
    try:
        with postgresql.connected(places.database_url) as connection:
            yield connection
    except BaseException:
        postgresql.empty(places.database_url)
        raise


def _keys(stack: ExitStack, source: Source, manifest: Manifest, places: Places) -> Path:
    """Lay the keys out beside their place, and open them as the server will."""
    room = stack.enter_context(parts.aside(places.keys))
    _copy(source, [name for name in manifest.parts if name.startswith(f"{KEYS}/")], FolderSink(room))
    try:
        keyring.load(room / KEYS)
    except CannotDo as error:
        raise NotRestored(f"Nothing was restored. The keys of the backup cannot be used: {error}") from error
    return room / KEYS


def _evidence(stack: ExitStack, source: Source, manifest: Manifest, places: Places) -> Path | None:
    """Lay the evidence out beside its place; None when it went into a store that is no folder, which adds alone."""
    names = [name for name in manifest.parts if name.startswith(f"{EVIDENCE}/")]
    if places.evidence is not None:
        room = stack.enter_context(parts.aside(places.evidence))
        (room / EVIDENCE).mkdir(mode=0o700)
        _copy(source, names, FolderSink(room))
        return room / EVIDENCE
    if places.settings is None:
        raise AssertionError("a store that is no folder is named by settings")
    store = evidence.open_store(places.settings)
    for name in names:
        with source.open(name) as file:
            content, last = file.read(), PurePosixPath(name).name
        if name.startswith(f"{PARTS}/"):
            store.put_part(last, content)
        else:
            store.put(content)
    return None


def _copy(source: Source, names: list[str], into: FolderSink) -> None:
    for name in names:
        with source.open(name) as file:
            into.copy(name, file)


@contextmanager
def _placed(folder: Path, place: Path) -> Iterator[None]:
    """Put a folder in its place, and take it away again when what follows fails: nothing was there before."""
    try:
        _in_place(folder, place)
        yield
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _in_place(folder: Path, place: Path) -> None:
    """Put a folder where none is, or an empty one; other files that lie there stay, such as a lock."""
    if place.exists() and any(place.iterdir()):
        for path in sorted(folder.iterdir()):
            path.rename(place / path.name)
    else:
        folder.rename(place)
    parts.sync(place)
    parts.sync(place.parent)


def make_known(session: Session, manifest: Manifest, sha256: str, now: datetime) -> Restored:
    """Log the restore, and give the feed a new epoch, so that every phone fetches the register anew."""
    log = audit.state(session)
    root = encode_base64(bytes.fromhex(manifest.log.root))
    restored = Restored(log.log_id, manifest.log.size, root, instant_text(now))
    details: dict[str, str | int] = {"size": restored.size, "root": manifest.log.root, "backup": sha256}
    about = ("log", log.log_id)
    administration.record(
        session, ActKind.SERVER_RESTORED, by=None, about=about, now=now, made_at=manifest.made_at, **details
    )
    session.flush()
    audit.append(session)
    log.feed_epoch = secrets.token_hex(4)
    session.flush()
    return restored
