"""Settings: one frozen object, read once from ``DINGPAN_*`` when the program starts.

A missing or weak secret stops the start with a sentence that names the variable. Nothing reads the environment later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from server import data_keys, wires
from server.accounts import breached
from server.mending import CannotDo

_HOST = re.compile(r"[A-Z0-9.-]+")
REPOSITORY = Path(__file__).resolve().parent.parent
LOOPBACK = ("http://127.0.0.1:", "http://localhost:")


@dataclass(frozen=True, kw_only=True)
class S3:
    """An S3-compatible store of evidence; ``prefix`` is "" or ends with a slash."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Sms:
    """How codes travel: ``way`` is "none", "console" (the demo's log) or "http", a gateway at ``url``."""

    way: str = "none"
    url: str = ""
    secret: str = field(default="", repr=False)


class MissingSetting(CannotDo):
    """A setting without which the server must not start; the message says what to set."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the server is told from outside.

    ``public_url`` is where people reach it; ``seal_host`` is printed on labels. ``data_key`` encrypts identity numbers
    and contacts in the database; it knows its id and the older keys. ``evidence_dir`` keeps evidence, unless
    ``evidence_s3`` says where else. ``keys_dir`` holds the online signing keys and the signed key set. ``proxy_hops``
    is how many proxies in front are trusted to say who asks. ``breached_passwords`` None: there is no such list.
    """

    database_url: str
    secret: str = field(repr=False)
    data_key: bytes = field(repr=False)
    keys_dir: Path
    evidence_dir: Path
    public_url: str
    seal_host: str
    assets_dir: Path = REPOSITORY / "node_modules"
    trusted_hosts: tuple[str, ...] = ()
    proxy_hops: int = 0
    sqlite_busy_ms: int = 5_000
    snapshots_dir: Path | None = None
    limiter_storage: str = ""
    evidence_s3: S3 | None = None
    upload_bytes: int = 32 << 20
    import_bytes: int = 8 << 20
    rescue_bytes: int = 256 << 20
    tsa_url: str = ""
    tsa_certificates: Path | None = None
    sms: Sms = Sms()
    breached_passwords: Path | None = None
    least_app: str = ""
    is_demo: bool = False
    logs_as_json: bool = True

    @property
    def snapshots(self) -> Path:
        """Where first downloads are kept ready for phones: as named, or beside the keys. All of it can be made anew."""
        return self.snapshots_dir or self.keys_dir.parent / "snapshots"

    @property
    def cookies_are_secure(self) -> bool:
        """Cookies travel over HTTPS only, except in the demo on loopback."""
        return self.public_url.startswith("https://")

    @property
    def rate_store(self) -> str:
        """Where rate limits are counted: as named, or in the database; SQLite's one process counts for itself."""
        return self.limiter_storage or ("memory://" if self.database_url.startswith("sqlite") else "database://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read ``DINGPAN_*``; raises MissingSetting with a sentence."""
        public_url = _required(environ, "DINGPAN_PUBLIC_URL", "the address people use, such as https://example.gov.cn")
        is_demo = environ.get("DINGPAN_DEMO", "") == "1"
        if not public_url.startswith(("https://", *LOOPBACK)) or (public_url.startswith(LOOPBACK) and not is_demo):
            raise MissingSetting("DINGPAN_PUBLIC_URL must begin with https:// (only the demo runs on loopback).")
        database_url = _required(environ, "DINGPAN_DATABASE", "postgresql+psycopg://... or sqlite:////path")
        if not database_url.startswith("sqlite") and not wires.is_guarded_database(database_url):
            raise MissingSetting("DINGPAN_DATABASE leaves this machine: add ?sslmode=verify-full to it.")
        seal_host = _seal_host(environ)
        return cls(
            database_url=database_url,
            secret=_secret(environ),
            data_key=_data_key(environ),
            keys_dir=Path(_required(environ, "DINGPAN_KEYS", "the folder that 'dingpan keys publish' fills")),
            evidence_dir=Path(
                _required(environ, "DINGPAN_EVIDENCE", "the folder that keeps evidence files, or s3://bucket/prefix")
            ),
            public_url=public_url.rstrip("/"),
            seal_host=seal_host,
            assets_dir=Path(environ.get("DINGPAN_ASSETS", str(REPOSITORY / "node_modules"))),
            trusted_hosts=_hosts(environ, public_url, seal_host, is_demo=is_demo),
            proxy_hops=_whole(environ, "DINGPAN_PROXY_HOPS", 0),
            sqlite_busy_ms=_whole(environ, "DINGPAN_SQLITE_BUSY_MS", 5_000),
            snapshots_dir=_maybe_path(environ, "DINGPAN_SNAPSHOTS"),
            limiter_storage=_limiter_storage(environ, database_url),
            evidence_s3=_s3(environ),
            upload_bytes=_whole(environ, "DINGPAN_UPLOAD_BYTES", 32 << 20),
            import_bytes=_whole(environ, "DINGPAN_IMPORT_BYTES", 8 << 20),
            rescue_bytes=_whole(environ, "DINGPAN_RESCUE_BYTES", 256 << 20),
            tsa_url=_tsa_url(environ),
            tsa_certificates=_tsa_certificates(environ),
            sms=_sms(environ, is_demo=is_demo),
            breached_passwords=_breached_passwords(environ),
            least_app=_least_app(environ),
            is_demo=is_demo,
            logs_as_json=environ.get("DINGPAN_LOGS", "json") == "json",
        )


def _maybe_path(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name, "")
    return Path(text) if text else None


def _least_app(environ: Mapping[str, str]) -> str:
    text = environ.get("DINGPAN_LEAST_APP", "")
    if text and not re.fullmatch(r"(\d{1,6}\.){2}\d{1,6}", text, re.ASCII):
        raise MissingSetting("DINGPAN_LEAST_APP must be a version of the app, such as 1.2.0.")
    return text


def _tsa_url(environ: Mapping[str, str]) -> str:
    url = environ.get("DINGPAN_TSA_URL", "")
    if url and not url.startswith(("https://", "http://")):
        raise MissingSetting("DINGPAN_TSA_URL must be the http or https address of a timestamp authority (RFC 3161).")
    return url


def _tsa_certificates(environ: Mapping[str, str]) -> Path | None:
    path = environ.get("DINGPAN_TSA_CERTIFICATES", "")
    if bool(path) != bool(environ.get("DINGPAN_TSA_URL", "")):
        raise MissingSetting("DINGPAN_TSA_URL and DINGPAN_TSA_CERTIFICATES are set together, or neither is.")
    return Path(path) if path else None


def _breached_passwords(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("DINGPAN_BREACHED_PASSWORDS", "")
    if named and not breached.is_list(Path(named)):
        raise MissingSetting(
            "DINGPAN_BREACHED_PASSWORDS must be a file that can be read, with a SHA-1 on each line: deploy/README.md."
        )
    return Path(named) if named else None


def _sms(environ: Mapping[str, str], *, is_demo: bool) -> Sms:
    """Return how codes are sent; a console is everybody's who reads the log, so it is the demo's alone."""
    way = environ.get("DINGPAN_SMS", "") or "none"
    if way not in ("none", "console", "http"):
        raise MissingSetting("DINGPAN_SMS must be none, http, or in the demo console.")
    if way == "console" and not is_demo:
        raise MissingSetting(
            "DINGPAN_SMS=console writes codes into the log and is for the demo. Set it to http or none."
        )
    return _gateway(environ) if way == "http" else Sms(way=way)


def _gateway(environ: Mapping[str, str]) -> Sms:
    url = _required(environ, "DINGPAN_SMS_URL", "the https address of the SMS gateway")
    if not urlsplit(url).hostname or not wires.is_guarded(url, "https"):
        raise MissingSetting("DINGPAN_SMS_URL must begin with https:// (only a gateway on loopback needs none).")
    secret = _required(environ, "DINGPAN_SMS_SECRET", "at least 32 random characters that the gateway knows")
    if len(secret) < 32:
        raise MissingSetting("DINGPAN_SMS_SECRET is too short. Set it to at least 32 random characters.")
    return Sms(way="http", url=url, secret=secret)


def _required(environ: Mapping[str, str], name: str, what: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise MissingSetting(f"{name} is not set. Set it to {what}; see deploy/env.example.")
    return value


def _seal_host(environ: Mapping[str, str]) -> str:
    host = _required(environ, "DINGPAN_SEAL_HOST", "the host printed on labels, upper case")
    if not _HOST.fullmatch(host):
        raise MissingSetting("DINGPAN_SEAL_HOST must be the host alone in upper case, such as DINGPAN.EXAMPLE.GOV.CN.")
    return host


def _hosts(environ: Mapping[str, str], public_url: str, seal_host: str, *, is_demo: bool) -> tuple[str, ...]:
    """Return the hosts named, else those that people and labels use, and this machine; the demo answers to any."""
    named = tuple(filter(None, environ.get("DINGPAN_TRUSTED_HOSTS", "").split(",")))
    if named or is_demo:
        return named
    return (urlsplit(public_url).hostname or "", seal_host.lower(), "127.0.0.1", "localhost")


def _limiter_storage(environ: Mapping[str, str], database_url: str) -> str:
    named = environ.get("DINGPAN_LIMITER_STORAGE", "")
    if named and not named.startswith(("database://", "redis://", "rediss://", "memory://")):
        raise MissingSetting("DINGPAN_LIMITER_STORAGE must be database://, redis://host or memory://.")
    if named.startswith("redis://") and not wires.is_guarded(named, "rediss"):
        raise MissingSetting("DINGPAN_LIMITER_STORAGE leaves this machine: use rediss:// instead of redis://.")
    if named.startswith("memory://") and not database_url.startswith("sqlite"):
        raise MissingSetting(
            "DINGPAN_LIMITER_STORAGE is memory://, which each process counts by itself. Set it to database:// or Redis."
        )
    return named


def _s3(environ: Mapping[str, str]) -> S3 | None:
    """Return the store that DINGPAN_EVIDENCE names as s3://bucket/prefix; None for a folder."""
    named = environ.get("DINGPAN_EVIDENCE", "")
    if not named.startswith("s3://"):
        return None
    bucket, _, prefix = named.removeprefix("s3://").partition("/")
    if not bucket:
        raise MissingSetting("DINGPAN_EVIDENCE names no bucket. Set it to s3://bucket or s3://bucket/prefix.")
    endpoint = environ.get("DINGPAN_EVIDENCE_ENDPOINT", "")
    if endpoint and not wires.is_guarded(endpoint, "https"):
        raise MissingSetting("DINGPAN_EVIDENCE_ENDPOINT leaves this machine: it must begin with https://.")
    return S3(
        bucket=bucket,
        prefix=f"{prefix.strip('/')}/" if prefix.strip("/") else "",
        endpoint=endpoint,
        region=environ.get("DINGPAN_EVIDENCE_REGION", "us-east-1"),
        key=_required(environ, "DINGPAN_EVIDENCE_KEY", "the access key of the store"),
        secret=_required(environ, "DINGPAN_EVIDENCE_SECRET", "the secret key of the store"),
    )


def _secret(environ: Mapping[str, str]) -> str:
    secret = _required(environ, "DINGPAN_SECRET", "at least 32 random characters")
    if len(secret) < 32:
        raise MissingSetting("DINGPAN_SECRET is too short. Set it to at least 32 random characters.")
    return secret


def _data_key(environ: Mapping[str, str]) -> bytes:
    try:
        return data_keys.read(one=environ.get("DINGPAN_DATA_KEY", ""), several=environ.get("DINGPAN_DATA_KEYS", ""))
    except data_keys.WrongKeys as error:
        raise MissingSetting(str(error)) from error


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal():
        raise MissingSetting(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def of_this_process() -> Settings:
    """Read the settings of the running process."""
    return Settings.from_env(os.environ)
