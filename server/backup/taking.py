"""Taking a backup of a server that goes on serving.

The database comes first, in one snapshot, and the evidence after it: files are only ever added, so every file that a
row of the snapshot names is there. Whatever is not is named in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.backup import postgresql, sqlite, tables
from server.backup.manifest import MANIFEST, Log, Manifest
from server.backup.parts import Sink, written
from server.evidence import service as evidence
from server.keyring import Keyring
from server.keys import service as keys
from server.registry import service as registry
from server.settings import Settings
from shared import __version__
from shared.dates import instant_text
from shared.signing import sha256_hex

SETTINGS, KEYS, EVIDENCE, PARTS = "settings.env", "keys", "evidence", "evidence/parts"


@dataclass(frozen=True)
class Taken:
    """A backup that was made: its manifest, and the SHA-256 of the manifest's file."""

    manifest: Manifest
    sha256: str
    is_log_sound: bool


def take(settings: Settings, keyring: Keyring, to: Path, now: datetime) -> Taken:
    """Make a backup at a place where nothing is yet; raises NoBackup, and StoreDown when evidence cannot be read."""
    with written(to) as sink:
        manifest, named, is_log_sound = _database(settings, keyring, sink, now)
        missing = _evidence(settings, named, sink)
        for name, content in keys.backed_up(settings.keys_dir).items():
            sink.put(f"{KEYS}/{name}", content)
        sink.put(SETTINGS, _lines(settings).encode())
        manifest = replace(manifest, missing=tuple(missing), parts=dict(sink.parts))
        text = manifest.text().encode()
        sink.put(MANIFEST, text)
        return Taken(manifest, sha256_hex(text), is_log_sound)


@dataclass(frozen=True)
class Named:
    """The files that rows of the snapshot name: those that came, and the parts of uploads on their way."""

    files: list[str]
    parts: list[str]


def _database(settings: Settings, keyring: Keyring, sink: Sink, now: datetime) -> tuple[Manifest, Named, bool]:
    """Keep the database; return the manifest so far, the files to keep, and whether the log agrees with itself."""
    with _snapshot(settings, sink) as (connection, part):
        session = Session(bind=connection)
        size, root = audit.read_again(session)
        state, head = audit.state(session), audit.head(session, keyring, now)
        files = evidence.kept_files(session) | set(registry.photos(session).values())
        named = Named(sorted(files), evidence.kept_parts(session))
        manifest = Manifest(
            version=__version__,
            made_at=instant_text(now),
            engine=connection.dialect.name,
            engine_version=".".join(map(str, connection.dialect.server_version_info or ())),
            revision=tables.revision(connection),
            log=Log(state.log_id, size, root.hex(), state.feed_epoch),
            tree_head=audit.head_json(head),
            tables=tables.of_all(connection),
            parts={},
            missing=(),
            secrets=tuple(_secrets(settings)),
        )
    sink.take(part)
    return manifest, named, (head.size, head.root) == (size, root)


@contextmanager
def _snapshot(settings: Settings, sink: Sink) -> Iterator[tuple[Connection, str]]:
    """Write the database into the sink's room; yield a connection that sees the same, and the name of the part."""
    if settings.database_url.startswith("sqlite"):
        path = sink.room / sqlite.PART
        sqlite.copy(Path(make_url(settings.database_url).database or ""), path)
        with sqlite.connected(path) as connection:
            yield connection, sqlite.PART
    else:
        with postgresql.snapshot(settings.database_url, sink.room / postgresql.PART) as connection:
            yield connection, postgresql.PART


def _evidence(settings: Settings, named: Named, sink: Sink) -> list[str]:
    """Keep the files; return those that are not there, or are not what their names say. No transaction is open."""
    store, missing = evidence.open_store(settings), []
    for sha256 in named.files:
        try:
            content = store.get(sha256)
        except evidence.Damaged:
            content = None
        if content is None:
            missing.append(sha256)
        else:
            sink.put(f"{EVIDENCE}/{sha256[:2]}/{sha256}", content)
    for name in named.parts:
        part = store.get_part(name)  # one that is gone belongs to an upload that came to its end meanwhile
        if part is not None:
            sink.put(f"{PARTS}/{name}", part)
    return missing


def _lines(settings: Settings) -> str:
    """Return the settings to serve with again, as lines of an environment file; no secret is among them."""
    s3 = settings.evidence_s3
    told = {
        "DINGPAN_PUBLIC_URL": settings.public_url,
        "DINGPAN_SEAL_HOST": settings.seal_host,
        "DINGPAN_DATABASE": _without_password(settings.database_url),
        "DINGPAN_KEYS": str(settings.keys_dir),
        "DINGPAN_EVIDENCE": f"s3://{s3.bucket}/{s3.prefix}" if s3 else str(settings.evidence_dir),
        "DINGPAN_EVIDENCE_ENDPOINT": s3.endpoint if s3 else "",
        "DINGPAN_EVIDENCE_REGION": s3.region if s3 else "",
        "DINGPAN_TRUSTED_HOSTS": ",".join(settings.trusted_hosts),
        "DINGPAN_PROXY_HOPS": str(settings.proxy_hops),
        "DINGPAN_LIMITER_STORAGE": _without_password(settings.limiter_storage),
        "DINGPAN_UPLOAD_BYTES": str(settings.upload_bytes),
        "DINGPAN_IMPORT_BYTES": str(settings.import_bytes),
        "DINGPAN_RESCUE_BYTES": str(settings.rescue_bytes),
        "DINGPAN_SQLITE_BUSY_MS": str(settings.sqlite_busy_ms),
        "DINGPAN_TSA_URL": settings.tsa_url,
        "DINGPAN_TSA_CERTIFICATES": str(settings.tsa_certificates or ""),
        "DINGPAN_SMS": settings.sms.way,
        "DINGPAN_SMS_URL": settings.sms.url,
        "DINGPAN_BREACHED_PASSWORDS": str(settings.breached_passwords or ""),
    }
    return "".join(f"{name}={value}\n" for name, value in told.items() if value)


def _without_password(address: str) -> str:
    """Return an address with whatever it says of a password taken out."""
    if "://" not in address:
        return address
    scheme, host, path, query, _ = urlsplit(address)
    user, at, rest = host.rpartition("@")
    kept = "&".join(pair for pair in query.split("&") if not pair.startswith("password="))
    return urlunsplit((scheme, f"{user.partition(':')[0]}{at}{rest}", path, kept, "")) if host or query else address


def _secrets(settings: Settings) -> list[str]:
    """Name the settings that a restored server needs and that must be kept elsewhere."""
    named = ["DINGPAN_SECRET", "DINGPAN_DATA_KEY (or DINGPAN_DATA_KEYS)"]
    if _without_password(settings.database_url) != settings.database_url:
        named.append("the password in DINGPAN_DATABASE")
    if _without_password(settings.limiter_storage) != settings.limiter_storage:
        named.append("the password in DINGPAN_LIMITER_STORAGE")
    if settings.evidence_s3:
        named += ["DINGPAN_EVIDENCE_KEY", "DINGPAN_EVIDENCE_SECRET"]
    if settings.sms.secret:
        named.append("DINGPAN_SMS_SECRET")
    return named
