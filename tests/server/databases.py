"""Databases for tests: a migrated SQLite file to copy, and a private PostgreSQL on a socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "'64MB'",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'4GB'",
    "autovacuum": "off",
}


SERVED = Path(__file__).parents[2] / "deploy/postgresql.conf"


class NoPostgres(Exception):
    """The PostgreSQL programs are not installed; ``make install`` brings them."""


def programs() -> Path:
    """Return the folder of initdb and postgres; Debian keeps it out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NoPostgres("PostgreSQL's initdb was not found: run 'make install'.")
    return Path(on_path).resolve().parent


@contextmanager
def postgres(**more: str) -> Iterator[str]:
    """Run a PostgreSQL of our own with more settings; yields the socket's folder. Nothing listens on a network."""
    folder = Path(tempfile.mkdtemp(prefix="dp-pg-"))
    if os.getuid() == 0:
        os.chown(folder, *_postgres_user())
    try:
        _run(["initdb", "-D", str(folder / "data"), "-U", "dingpan", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
        options = " ".join(f"-c {name}={value}" for name, value in (SETTINGS | more).items()) + f" -k {folder}"
        _run(["pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield str(folder)
        finally:
            _run(["pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_served() -> dict[str, str]:
    """Return the settings that a bureau's own PostgreSQL is given."""
    lines = (line.partition("#")[0].partition("=") for line in SERVED.read_text(encoding="utf-8").splitlines())
    return {name.strip(): value.strip() for name, is_set, value in lines if is_set}


def _postgres_user() -> tuple[int, int]:
    user = pwd.getpwnam("postgres")
    return user.pw_uid, user.pw_gid


def _run(command: list[str]) -> None:
    """Run one of PostgreSQL's programs, which refuse to run as root."""
    whole = [str(programs() / command[0]), *command[1:]]
    if os.getuid() == 0:
        whole = ["runuser", "-u", "postgres", "--", *whole]
    subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")


def copied(name: str, template: str) -> str:
    """Return the statement that makes a database as another stands: file by file, for nobody would replay a log."""
    return f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"


def url_of(socket: str, database: str) -> str:
    return f"postgresql+psycopg://dingpan@/{database}?host={socket}"
