"""PostgreSQL: ``pg_dump`` and a reader of ours look at one snapshot; ``pg_restore`` loads all of it or nothing.

The custom format is compressed, and ``pg_restore`` reads it in one transaction. See the manual's pages of ``pg_dump``
(``--snapshot``), ``pg_restore`` (``--single-transaction``) and ``pg_export_snapshot``.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from server.backup.errors import NoBackup, NotRestored

PART = "database.dump"
DUMP, LOAD = "pg_dump", "pg_restore"
_MAJOR = re.compile(r"\(PostgreSQL\) (\d+)")
WORDS_KEPT = 400


@contextmanager
def snapshot(url: str, into: Path) -> Iterator[Connection]:
    """Dump a database, and yield a connection that sees exactly what the dump holds; raises NoBackup."""
    with connected(url, isolation="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        server = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
        if (ours := major(DUMP)) < server:
            raise NoBackup(
                f"{DUMP} is of PostgreSQL {ours} and cannot read a server of {server}. "
                f"Install postgresql-client-{server}."
            )
        name = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        failed = _run(DUMP, url, "--format=custom", f"--snapshot={name}", f"--file={into}", *_PLAIN)
        if failed:
            raise NoBackup(f"{DUMP} failed: {failed}. Mend that and try again.")
        yield connection


def load(url: str, dump: Path) -> None:
    """Load a dump into an empty database; raises NotRestored, and the database is as empty as it was."""
    major(LOAD)
    failed = _run(LOAD, url, "--single-transaction", "--exit-on-error", *_PLAIN, str(dump))
    if failed:
        raise NotRestored(f"{LOAD} failed: {failed}. Nothing was loaded.")


_PLAIN = ("--no-owner", "--no-privileges", "--no-password")


@contextmanager
def connected(url: str, *, isolation: str = "READ COMMITTED") -> Iterator[Connection]:
    """Open a database for one connection."""
    engine = create_engine(url, poolclass=NullPool, isolation_level=isolation)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Say whether a database holds no table of anybody's; raises NotRestored when it cannot be asked."""
    try:
        with connected(url) as connection:
            return not inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise NotRestored(f"The database to restore into cannot be used: {_first_line(str(error))}") from error


def empty(url: str) -> None:
    """Take out what was loaded into a database that was empty before."""
    with connected(url) as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
        connection.commit()


def major(program: str) -> int:
    """Return the major version of a program of PostgreSQL's; raises NoBackup where it is not installed."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - a name of ours
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoBackup(
            f"{program} was not found. Install PostgreSQL's client programs of the server's version."
        ) from error
    found = _MAJOR.search(told.stdout)
    if found is None:
        raise NoBackup(f"{program} does not say its version. Install PostgreSQL's client programs.")
    return int(found[1])


def _run(program: str, url: str, *options: str) -> str:
    """Run a program on a database, its password in no list of processes; return its first words when it failed."""
    named = make_url(url)
    address = URL.create(
        "postgresql", named.username, None, named.host, named.port, named.database, named.query
    ).render_as_string(hide_password=False)
    environ = {**os.environ, "LC_ALL": "C"} | ({"PGPASSWORD": named.password} if named.password else {})
    command = [program, f"--dbname={address}", *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environ, check=False)  # noqa: S603 - a list of ours, and no shell
    return _first_line(done.stderr) or f"exit code {done.returncode}" if done.returncode else ""


def _first_line(told: str) -> str:
    return told.strip().splitlines()[0][:WORDS_KEPT] if told.strip() else ""
